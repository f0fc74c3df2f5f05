"""PostgreSQL's own programs as docs/operation.md and docs/install say: any minute back; a replica."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.test import Client, RequestFactory
from django.urls import resolve

import replicas
from config.embedded.homes import Home, find_home
from config.servers import database_from
from conftest import wait_for
from standards.models import Service
from tests.processes import passable_folder

pytestmark = pytest.mark.slow


class Cluster:
    """A PostgreSQL of its own, on a socket in its own folder."""

    def __init__(self, folder: Path, home: Home) -> None:
        self.folder, self.home, self.data = folder, home, folder / "data"
        folder.mkdir()
        if home.account:
            os.chown(folder, home.account.uid, home.account.gid)
        self.address = f"postgresql://postgres@/postgres?host={folder}"

    def run(self, program: str, *arguments: str) -> None:
        account = self.home.account
        done = subprocess.run(
            [str(self.home.programs / program), *arguments],
            cwd=self.folder,
            env={"PATH": os.defpath, "LC_ALL": "C", "HOME": "/"},
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr + done.stdout

    def configure(self, **settings: str) -> None:
        with (self.data / "postgresql.auto.conf").open("a") as out:
            for name, value in settings.items():
                doubled = value.replace("'", "''")
                out.write(f"{name} = '{doubled}'\n")

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off"
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", str(self.data), "-l", log, "-o", options, "-w", "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-D", str(self.data), "-m", "immediate", "stop")

    def ask(self, statement: str) -> Any:
        with psycopg.connect(self.address, autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[arg-type]
            return cursor.fetchone() if cursor.description else None


@pytest.fixture
def bare_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database without Django's guard, which knows no second connection."""
    with django_db_blocker.unblock():
        yield
        connections["default"].close()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with passable_folder() as result:
        yield result


@pytest.fixture(scope="module")
def primary(folder: Path) -> Iterator[Cluster]:
    """A server that archives its journal, with a base backup of when it held one row."""
    (folder / "var").mkdir()
    cluster = Cluster(folder / "primary", find_home(folder / "var"))
    cluster.run(
        "initdb", "-D", str(cluster.data), "-A", "trust", "-U", "postgres", "-N", "-E", "UTF8"
    )
    archive = cluster.folder / "wal"
    archive.mkdir()
    if cluster.home.account:
        os.chown(archive, cluster.home.account.uid, cluster.home.account.gid)
    cluster.configure(
        wal_level="replica",
        archive_mode="on",
        archive_command=f"test ! -f {archive}/%f && cp %p {archive}/%f",
    )
    cluster.start()
    try:
        cluster.ask("CREATE TABLE said (what text)")
        cluster.ask("INSERT INTO said VALUES ('before the base backup')")
        base = str(cluster.folder / "base")
        connect = ["-h", str(cluster.folder), "-U", "postgres"]
        cluster.run("pg_basebackup", *connect, "-D", base, "-X", "none", "--checkpoint=fast")
        cluster.run("pg_verifybackup", "-n", base)
        yield cluster
    finally:
        cluster.stop()


def test_any_minute_can_be_brought_back(primary: Cluster, folder: Path) -> None:
    primary.ask("INSERT INTO said VALUES ('after the base backup')")
    (moment,) = primary.ask("SELECT clock_timestamp()")
    primary.ask("SELECT pg_sleep(0.01)")
    primary.ask("DELETE FROM said")
    (last,) = primary.ask("SELECT pg_walfile_name(pg_switch_wal())")
    archive = primary.folder / "wal"
    wait_for((archive / last).exists, what="the journal to be archived")

    again = Cluster(folder / "again", primary.home)
    shutil.move(primary.folder / "base", again.data)
    again.configure(
        restore_command=f"cp {archive}/%f %p",
        recovery_target_time=moment.isoformat(),
        recovery_target_action="promote",
        archive_mode="off",
    )
    (again.data / "recovery.signal").touch()
    again.start()
    try:
        wait_for(lambda: again.ask("SELECT pg_is_in_recovery()") == (False,), what="recovery")
        assert again.ask("SELECT count(*) FROM said") == (2,)
        assert primary.ask("SELECT count(*) FROM said") == (0,)
    finally:
        again.stop()


def test_public_pages_are_read_from_a_replica_and_without_it_from_the_database(
    primary: Cluster,
    folder: Path,
    settings: Any,
    bare_database: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    standby = Cluster(folder / "standby", primary.home)
    connect = ["-h", str(primary.folder), "-U", "postgres"]
    standby.run("pg_basebackup", *connect, "-D", str(standby.data), "-R", "-X", "stream")
    standby.start()
    try:
        primary.ask("INSERT INTO said VALUES ('to the replica')")
        wait_for(
            lambda: standby.ask("SELECT count(*) FROM said WHERE what = 'to the replica'") == (1,),
            what="the replica to follow",
        )
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            standby.ask("INSERT INTO said VALUES ('no')")
        described = {**connections.settings["default"], **database_from(standby.address)}
        described["CONN_MAX_AGE"] = 0
        monkeypatch.setitem(connections.settings, "replica", described)
        monkeypatch.setitem(settings.DATABASES, "replica", described)
        with replicas.reading_from_replica():
            with replicas.connection_for_reading().cursor() as cursor:
                cursor.execute("SELECT pg_is_in_recovery()")
                assert cursor.fetchone() == (True,)
            assert Service.objects.db == "replica"
        assert replicas.connection_for_reading().alias == "default"
        connections["replica"].close()
    finally:
        standby.stop()
    try:
        assert Client().get("/services/").status_code == 200
        assert time.monotonic() < replicas._asks_again_at, "it was not asked"
    finally:
        connections["replica"].close()
        monkeypatch.setattr(replicas, "_asks_again_at", 0.0)


def test_only_what_a_visitor_reads_goes_to_the_replica(
    rf: RequestFactory, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def there(path: str, method: str = "GET", **extra: Any) -> bool:
        request = rf.generic(method, path, **extra)
        request.resolver_match = resolve(path)
        return replicas._may_be_read_there(request)

    assert not there("/services/"), "no replica is named"
    monkeypatch.setitem(settings.DATABASES, "replica", {})
    assert there("/services/")
    assert there("/compare/", "HEAD")
    assert not there("/services/", "POST")
    assert not there("/services/", HTTP_COOKIE=f"{settings.SESSION_COOKIE_NAME}=x")
    assert not there("/services/", HTTP_AUTHORIZATION="Bearer x")
    assert not there("/sign-in/")
    assert not there("/healthz")
    router = replicas.Router()
    with replicas.reading_from_replica():
        assert router.db_for_read(Service) == "replica"
        assert router.db_for_write(Service) == "default"
    assert router.db_for_read(Service) is None
    assert not router.allow_migrate("replica", "surveys")
