"""`make run` in use: started, started twice, stopped, killed; no process stays."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model

from accounts import demo
from config.embedded.sentences import ServersError
from config.embedded.valkey import free_port
from config.running import banner, ports, preparing
from conftest import wait_for
from tests.processes import passable_folder, processes_of

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]


def environment(**more: str) -> dict[str, str]:
    """Return our environment, without what would lead the program to the servers of these tests."""
    hidden = {"DATABASE_URL", "BROKER_URL", "PGOPTIONS", "DJANGO_SETTINGS_MODULE", "MAKELEVEL"}
    return {key: value for key, value in os.environ.items() if key not in hidden} | more


@contextmanager
def copy_of_checkout() -> Iterator[Path]:
    """A copy of this checkout's code, with an environment of its own in name."""
    with passable_folder() as folder:
        command = ["git", "ls-files", "-coz", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
        for name in filter(None, listed.stdout.decode().split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        programs = folder / ".venv" / "bin"
        programs.mkdir(parents=True)
        (programs / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        (programs / "python").chmod(0o755)
        (folder / ".venv" / ".run").touch()
        yield folder


@pytest.fixture(scope="module")
def checkout() -> Iterator[Path]:
    with copy_of_checkout() as folder:
        yield folder


class Run:
    """One start of the platform."""

    def __init__(self, checkout: Path, *, by_make: bool = False, **variables: str) -> None:
        self.checkout = checkout
        self.port = free_port()
        self.log = checkout / f"run-{self.port}.log"
        command = [sys.executable, "manage.py", "serve", "--bare"]
        if by_make:  # what is not about processes is left out: packages, front ends, demo data
            command = ["make", "-o", "front-ends", "-o", "words", "run", "ARGS=--bare"]
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                command,
                cwd=checkout,
                env=environment(PORT=str(self.port), **{"WORKERS_APART": "0"} | variables),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def health(self) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10) as r:
                return int(r.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def wait_until_well(self) -> None:
        wait_for(
            lambda: self.health() == 200 or self.process.poll() is not None,
            what="the platform to answer",
            seconds=600,
        )
        assert self.process.poll() is None, self.log.read_text()

    def nothing_left(self) -> None:
        wait_for(
            lambda: not processes_of(self.checkout), what="every process to be gone", seconds=60
        )


def test_started_greeted_and_stopped_by_ctrl_c(checkout: Path) -> None:
    run = Run(checkout)
    run.wait_until_well()
    wait_for(lambda: "Ready. Keep its word is at" in run.log.read_text(), what="the greeting")
    text = run.log.read_text()
    assert f"http://localhost:{run.port}/" in text
    assert "createsuperuser" in text
    for name in ("system", "web", "worker", "beat"):
        assert re.search(rf"\b{name} +\|", text) or f"{name} started" in text

    noise = [line for line in text.splitlines() if re.search("WARN|ERROR|Traceback", line)]
    assert not noise, noise

    second = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=checkout,
        env=environment(PORT=str(free_port())),
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert second.stderr.strip() == (
        "CommandError: This checkout is already being served: stop that one first."
    )

    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(120) == 0, run.log.read_text()
    assert not processes_of(checkout)
    assert "Traceback" not in run.log.read_text(), run.log.read_text()


def test_a_killed_supervisor_leaves_no_process(checkout: Path) -> None:
    run = Run(checkout)
    run.wait_until_well()
    run.process.kill()
    run.process.wait()
    run.nothing_left()


def test_a_kill_of_everything_but_the_programs_leaves_no_process(checkout: Path) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux tells a program that its relay died")
    run = Run(checkout)
    run.wait_until_well()
    os.killpg(run.process.pid, signal.SIGKILL)
    run.process.wait()
    run.nothing_left()


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_make_leaves_no_process(checkout: Path, by: signal.Signals) -> None:
    run = Run(checkout, by_make=True)
    run.wait_until_well()
    run.process.send_signal(by)
    run.process.wait(120)
    run.nothing_left()


def test_a_ctrl_c_before_it_is_ready_is_one_sentence(checkout: Path) -> None:
    run = Run(checkout)
    wait_for(
        lambda: "the database" in run.log.read_text(), what="the preparation to begin", seconds=300
    )
    run.process.send_signal(signal.SIGINT)
    run.process.wait(120)
    text = run.log.read_text()
    assert "Traceback" not in text, text
    run.nothing_left()


def test_a_program_that_cannot_start_ends_all_and_says_which(checkout: Path) -> None:
    run = Run(checkout, WEB_WORKERS="none")
    assert run.process.wait(300) == 1
    assert "web ended before the platform was ready: stopping." in run.log.read_text()
    run.nothing_left()


STRONG = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ" * 2


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"PORT": "http"}, "PORT must be a number from 1 to 65535, not 'http'."),
        ({"LIVE": "1"}, "LIVE=1 needs SECRET_KEY"),
        ({"LIVE": "1", "SECRET_KEY": "changeme"}, "LIVE=1 needs a longer SECRET_KEY"),
        ({"LIVE": "1", "SECRET_KEY": "long" * 20}, "LIVE=1 needs a longer SECRET_KEY"),
        (
            {"LIVE": "1", "SECRET_KEY": STRONG, "ALLOWED_HOSTS": "x", "CONTACT_KEY": "y"},
            "needs a longer CONTACT_KEY",
        ),
        ({"LIVE": "1", "SECRET_KEY": STRONG}, "LIVE=1 needs ALLOWED_HOSTS"),
        (
            {"LIVE": "1", "SECRET_KEY": STRONG, "ALLOWED_HOSTS": "x"},
            "LIVE=1 needs ROUNDING_SECRET",
        ),
        ({"LIVE": "1", "EMBEDDED_SERVERS": ""}, "LIVE=1 needs DATABASE_URL: a server of your own"),
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL must read postgresql://"),
        ({"BROKER_URL": "amqp://x/y"}, "name a Valkey or Redis in CACHE_URL too"),
    ],
)
def test_a_start_that_cannot_be_says_why_in_one_sentence(
    checkout: Path, variables: dict[str, str], sentence: str
) -> None:
    run = subprocess.run(
        [sys.executable, "manage.py", "serve", "--bare"],
        cwd=checkout,
        env=environment(**{"EMBEDDED_SERVERS": "1", **variables}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert sentence in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1
    assert not processes_of(checkout)


def test_an_occupied_port_is_one_clear_sentence() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServersError, match=f"^Port {port} is taken by another program"):
            ports.check_free("127.0.0.1", port)
    with pytest.raises(ServersError, match="is not an address of this machine"):
        ports.check_free("203.0.113.7", 8000)


def test_a_demo_database_is_refused_where_people_are_served(db: None) -> None:
    preparing.refuse_demo()
    get_user_model().objects.create_user("sok", "x", is_demo=True)
    with pytest.raises(ServersError, match="LIVE=1 refuses this database: it holds demo accounts"):
        preparing.refuse_demo()


def test_the_greeting_names_the_demo_accounts_of_a_demo_database(
    db: None, settings, tmp_path: Path
) -> None:
    settings.VAR = tmp_path
    account = {"username": "sok", "password": "open-sesame", "role": "donor"}
    (tmp_path / demo.ACCOUNTS_FILE).write_text(json.dumps({"accounts": [account]}))
    get_user_model().objects.create_user("real", "x")
    assert banner._accounts() == []
    get_user_model().objects.create_user("sok", "x", is_demo=True)
    shown = ["Demo accounts, all with the password open-sesame", "  sok  donor"]
    assert banner._accounts() == shown
    settings.LIVE = True
    assert banner._accounts() == []


def test_every_address_of_the_greeting_is_a_page(db: None, client) -> None:
    for path in banner.ADDRESSES.values():
        assert client.get(path).status_code in {200, 302}, path


def test_health_is_well_with_a_worker(client, celery_worker_process: str) -> None:
    answer = client.get("/healthz")
    assert json.loads(answer.content) == {"database": "ok", "broker": "ok", "worker": "ok"}
    assert answer.status_code == 200
