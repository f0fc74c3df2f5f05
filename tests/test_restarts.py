"""A program killed with SIGKILL is started again; nothing acknowledged is lost meanwhile.

The whole platform as `manage.py serve` runs it, with a tablet that sends records all the time.
"""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil
import pytest

from config.queues import QUEUES
from config.running.restarts import MOST, WITHIN, Restarts
from conftest import wait_for
from tests.processes import processes_of
from tests.test_serve import Run, checkout, environment

pytestmark = pytest.mark.slow

__all__ = ["checkout"]

SEED = """
import django, json
django.setup()
from surveys.submissions.tests import factories
programme = factories.programme()
factories.published(programme)
_tablet, token = factories.tablet(programme)
print(json.dumps({"path": f"/v1/key/{token}/projects/{programme.pk}/submission"}))
"""
STORED = """
import django, json
django.setup()
from surveys.models import Submission
rows = Submission.objects.values_list("instance_id", "observed_at")
print(json.dumps({instance: at is not None for instance, at in rows}))
"""


def in_checkout(checkout: Path, script: str) -> dict[str, object]:
    """The JSON that a script prints last which runs on the servers of the checkout."""
    completed = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        cwd=checkout,
        env=environment(
            DJANGO_SETTINGS_MODULE="config.settings",
            PYTHONPATH=f"{checkout}{os.pathsep}{checkout / 'platform'}",
        ),
        check=True,
        capture_output=True,
        text=True,
    )
    results: dict[str, object] = json.loads(completed.stdout.splitlines()[-1])
    return results


LATEST = 10.0
"""Seconds after a kill within which something new must have begun in its place."""
TICK = 0.02
"""Precision of the moment at which Linux says that a process began, in seconds."""


class Tablet(threading.Thread):
    """Sends one record after the other; remembers which were acknowledged, and reads a page."""

    def __init__(self, run: Run, path: str, record: Callable[[str], bytes]) -> None:
        super().__init__(daemon=True)
        self.base, self.path, self.record = f"http://127.0.0.1:{run.port}", path, record
        self.acknowledged: set[str] = set()
        self.pages = 0
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(0.05):
            instance = f"uuid:{uuid.uuid4()}"
            try:
                if self.send(instance) == 201:
                    self.acknowledged.add(instance)
                with urllib.request.urlopen(f"{self.base}/sign-in/", timeout=20) as page:
                    self.pages += page.status == 200
            except OSError:
                continue  # a tablet tries again later

    def send(self, instance: str) -> int:
        request = urllib.request.Request(
            self.base + self.path,
            data=self.record(instance),
            headers={
                "X-OpenRosa-Version": "1.0",
                "Content-Type": "multipart/form-data; boundary=here",
            },
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)


def multipart(instance: str) -> bytes:
    """A record of the tests' small form as a body."""
    from surveys.submissions.tests import factories

    xml = factories.record(instance=instance)
    return (
        b'--here\r\nContent-Disposition: form-data; name="xml_submission_file"; '
        b'filename="a.xml"\r\nContent-Type: text/xml\r\n\r\n' + xml + b"\r\n--here--\r\n"
    )


@pytest.fixture
def platform(checkout: Path) -> Iterator[Run]:
    run = Run(checkout, WORKERS_APART="1", WORKERS="1")
    try:
        run.wait_until_well()
        yield run
    finally:
        run.process.send_signal(signal.SIGINT)
        run.process.wait(120)


def started(run: Run) -> dict[str, int]:
    """The newest process of every program, as the log tells."""
    return {
        name: int(pid)
        for name, pid in re.findall(r"(\w+) started \(pid=(\d+)\)", run.log.read_text())
    }


def servers(run: Run) -> dict[str, psutil.Process]:
    """The guardians and the servers that they guard."""
    results = {}
    for process in processes_of(run.checkout):
        words = process.cmdline()
        if "config.embedded.guardian" in words:
            kind = words[words.index("config.embedded.guardian") + 1]
            results[f"guardian of {kind}"] = process
            for child in process.children():
                results[kind] = child
    return results


def web_workers(run: Run) -> list[psutil.Process]:
    """The processes that answer requests, oldest first."""
    children = psutil.Process(started(run)["web"]).children(recursive=True)
    return sorted(children, key=lambda one: one.create_time())


def newest(run: Run, name: str) -> psutil.Process | None:
    """The process that does this work now, as far as there is one."""
    with suppress(psutil.Error, LookupError):
        if name == "a web worker":
            return web_workers(run)[-1]
        if name == "tether":
            return psutil.Process(started(run)["heavy"]).parent()
        result = servers(run)
        return result[name] if name in result else psutil.Process(started(run)[name])
    return None


def now_as_of_processes() -> float:
    """This moment on the clock that says when processes began; the wall clock differs a little."""
    with psutil.Popen(["sleep", "0"]) as begun_now:
        return float(begun_now.create_time())


def kill_and_wait(run: Run, victims: dict[str, psutil.Process]) -> None:
    """Kill them all at once; wait until everything answers, with none of them.

    Each has a successor that was begun within ten seconds of the kill. That is read off the
    moments at which processes began: how often the test looks, and how soon the successor is
    ready on this machine, makes no difference.
    """
    killed_at = now_as_of_processes()
    for victim in victims.values():
        victim.kill()
    for victim in victims.values():
        wait_for(
            lambda one=victim: not one.is_running() or one.status() == psutil.STATUS_ZOMBIE,
            what="the killed to be gone",
        )
    begun: dict[str, float] = {}

    def has_successor(name: str) -> bool:
        process = newest(run, name)
        with suppress(psutil.Error):
            if process and process.pid != victims[name].pid:
                begun[name] = process.create_time() - killed_at
        return name in begun and begun[name] > -TICK

    for name in victims:
        wait_for(partial(has_successor, name), what=f"the successor of {name}")
    assert max(begun.values()) <= LATEST, begun
    wait_for(lambda: run.health() == 200, what=f"the platform without {[*victims]}", seconds=300)
    assert run.process.poll() is None, run.log.read_text()


def test_whatever_is_killed_comes_back_and_no_acknowledged_record_is_lost(platform: Run) -> None:
    path = str(in_checkout(platform.checkout, SEED)["path"])
    tablet = Tablet(platform, path, multipart)
    tablet.start()
    before = started(platform)
    assert {"web", "beat", *QUEUES} <= before.keys()

    # a web worker of granian's, and every program but the web itself
    programs = {name: psutil.Process(pid) for name, pid in before.items() if name != "web"}
    kill_and_wait(platform, {**programs, "a web worker": web_workers(platform)[-1]})
    now = started(platform)
    assert now["web"] == before["web"]
    assert all(now[name] != pid for name, pid in before.items() if name != "web")

    # the web as a whole, and the tether of another program
    tether = psutil.Process(now["heavy"]).parent()
    assert tether
    kill_and_wait(platform, {"web": psutil.Process(now["web"]), "tether": tether})

    first = servers(platform)
    kill_and_wait(platform, {kind: first[kind] for kind in ("postgres", "valkey")})
    again = servers(platform)
    assert first["postgres"].pid != again["postgres"].pid
    assert first["guardian of postgres"].pid == again["guardian of postgres"].pid
    wait_for(lambda: "Valkey was killed and has been" in platform.log.read_text(), what="the news")

    guardians = {kind: again[kind] for kind in again if kind.startswith("guardian")}
    kill_and_wait(platform, guardians)
    wait_for(lambda: len(servers(platform)) == 4, what="both servers and their guardians")

    so_far = len(tablet.acknowledged)
    wait_for(lambda: len(tablet.acknowledged) > so_far + 5, what="records after it all")
    tablet.ended.set()
    tablet.join()
    assert tablet.pages
    wait_for(
        lambda: all(in_checkout(platform.checkout, STORED).values()), what="records to be read"
    )
    assert tablet.acknowledged <= in_checkout(platform.checkout, STORED).keys()


def test_a_program_that_ends_again_and_again_ends_everything_with_a_sentence() -> None:
    script = """
import signal, sys
from config.running.supervisor import Supervisor
def well(supervisor): supervisor.is_well = True
commands = {"good": ["sleep", "1000"], "bad": ["sh", "-c", "sleep 0.3; echo so sad; exit 3"]}
sys.exit(Supervisor(when_started=well, watch=list).run(commands, dict(__import__("os").environ)))
"""
    root = Path(__file__).resolve().parents[1]
    run = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(PYTHONPATH=str(root / "platform")),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 1
    assert run.stdout.count("bad started (pid=") == MOST + 1
    assert f"bad ended more than {MOST} times within {WITHIN:.0f} seconds: stopping." in run.stdout
    assert "good stopped" in run.stdout
    assert "Traceback" not in run.stdout + run.stderr


def test_ends_are_forgotten_with_time() -> None:
    now = [0.0]
    restarts = Restarts(lambda: now[0])
    assert [restarts.pause() for _end in range(MOST + 1)] == [0.0, 0.5, 1.0, 2.0, 4.0, None]
    now[0] += WITHIN + 1
    assert restarts.pause() == 0.0


def test_a_slow_end_now_and_then_is_started_again_at_once() -> None:
    now = [0.0]
    restarts = Restarts(lambda: now[0])
    for _end in range(50):
        now[0] += WITHIN
        assert restarts.pause() in {0.0, 0.5}
