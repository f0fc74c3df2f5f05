"""Embedded servers: joined, shared, stopped by the last process, whatever is killed."""

import fcntl
import json
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from config import servers
from config.embedded.holding import Hold
from config.embedded.sentences import ServersError
from conftest import wait_for
from tests.processes import processes_of
from tests.users_of_servers import ROOT, address_of, finish, use

pytestmark = pytest.mark.slow


def test_the_last_one_out_stops_the_server(var: Path) -> None:
    first, second = use("postgres", var), None
    address = address_of(first)
    second = use("postgres", var)
    assert address_of(second) == address
    finish(first)
    assert processes_of(var)
    finish(second)
    assert not processes_of(var)


@pytest.mark.parametrize("kind", ["postgres", "valkey"])
def test_a_lock_of_the_first_user_is_not_taken_along_by_the_server(
    var: Path, tmp_path: Path, kind: str
) -> None:
    lock = tmp_path / "lock"
    with lock.open("w") as taken:
        fcntl.flock(taken, fcntl.LOCK_EX)
        first = use(kind, var, pass_fds=[taken.fileno()])
        address = address_of(first)
    second = use(kind, var)
    assert address_of(second) == address
    with lock.open("w") as wanted:
        with pytest.raises(BlockingIOError):
            fcntl.flock(wanted, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finish(first)
        fcntl.flock(wanted, fcntl.LOCK_EX | fcntl.LOCK_NB)
    third = use(kind, var, stay=False)
    assert address_of(third) == address, "the server still runs"
    finish(third)
    finish(second)


def test_khmer_letters_are_letters_to_trigram_search(var: Path) -> None:
    import psycopg

    hold = Hold("postgres", var)
    with psycopg.connect(hold.join()) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        row = connection.execute("SELECT show_trgm('កំពត') <> '{}', lower('ÉCOLE')").fetchone()
    hold.leave()
    assert row == (True, "école")


def test_two_starts_at_once_share_one_server(var: Path) -> None:
    together = [use("valkey", var) for _ in range(4)]
    assert len({address_of(program) for program in together}) == 1
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


def test_after_a_stop_postgresql_reads_again_what_it_held(var: Path) -> None:
    import psycopg

    hold = Hold("postgres", var)
    with psycopg.connect(hold.join()) as connection:
        connection.execute("CREATE EXTENSION pg_buffercache")
        # Nobody else reads it: no statistics are gathered.
        connection.execute(
            "CREATE TABLE kept WITH (autovacuum_enabled = off) AS "
            "SELECT n FROM generate_series(1, 5000) n"
        )
    hold.leave()
    hold = Hold("postgres", var)
    held = (
        "SELECT count(*) FROM pg_buffercache WHERE relfilenode = pg_relation_filenode('kept')"
        " AND reldatabase = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    with psycopg.connect(hold.join(), autocommit=True) as connection:
        wait_for(
            lambda: (connection.execute(held).fetchone() or (0,))[0] >= 20,
            what="the pages of a table that nobody has read since the start",
        )
    hold.leave()


@pytest.mark.parametrize("kind", ["postgres", "valkey"])
def test_a_killed_user_leaves_no_server(var: Path, kind: str) -> None:
    program = use(kind, var)
    address_of(program)
    program.kill()
    program.communicate()
    wait_for(lambda: not processes_of(var), what="the server to stop")


@pytest.mark.parametrize("kind", ["postgres", "valkey"])
def test_a_killed_guardian_takes_its_server_along_and_the_next_start_works(
    var: Path, kind: str
) -> None:
    program = use(kind, var)
    address_of(program)
    state = json.loads((var / "servers" / f"{kind}.state.json").read_text())
    os.kill(state["guardian"], signal.SIGKILL)
    if sys.platform.startswith("linux"):
        wait_for(
            lambda: not [p for p in processes_of(var) if p.pid != program.pid],
            what="the server to follow its guardian",
        )
    again = use(kind, var)
    assert "://" in address_of(again)
    finish(program)
    finish(again)


@pytest.mark.parametrize("kind", ["postgres", "valkey"])
def test_everything_killed_at_once_leaves_files_that_do_not_disturb(var: Path, kind: str) -> None:
    program = use(kind, var)
    address_of(program)
    for process in processes_of(var):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    program.communicate()
    wait_for(lambda: not processes_of(var), what="the killed processes to be gone")
    again = use(kind, var)
    assert "://" in address_of(again)
    finish(again)
    assert not processes_of(var)


def test_a_pid_file_that_names_a_stranger_harms_nobody(var: Path) -> None:
    finish(use("postgres", var, stay=False))
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    lines = [str(stranger.pid), str(var / "postgres"), "1", "5432", "", "", "", "ready"]
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        (var / "postgres" / name).write_text("\n".join(lines) + "\n")
    again = use("postgres", var)
    assert address_of(again).startswith("postgresql://")
    assert stranger.poll() is None
    stranger.communicate(b"\n")
    finish(again)


def test_only_its_own_user_may_open_the_socket_and_the_address(var: Path) -> None:
    program, other = use("postgres", var), use("valkey", var)
    address_of(program)
    address_of(other)
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
