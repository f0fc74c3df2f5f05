"""The hotline with 50 calls in progress, each pressing a key every three seconds.

``value`` is the 95th percentile, in milliseconds, of the server's answers to signed steps over
a minute, while a Celery worker, started as the platform starts it, computes the scores of
20,000 cases again and again. ``against`` is the same measure of an unsigned request that the
same server refuses in the same run, so ``ratio`` says what a step costs beyond being answered
at all. Goal: under 30 ms. The first answer of the fresh server is printed apart, and so are the
first seconds, in which every worker of the server gets its first calls. ``BENCH_SECONDS`` (60).
"""

import http.client
import os
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from benchmarks import field as made
from benchmarks.nation import ROOT, drop_unless_kept, say

CALLS = 50
EVERY = 3.0
WARM_UP = 6.0
REFUSE_EVERY = 5
"""One in so many steps is followed by an unsigned request."""
BASE = "http://localhost:8000"
VALKEY_DATABASE = 5
"""Another one than the platform's, whose own workers must not take the benchmark's tasks."""


@dataclass
class Taken:
    """Milliseconds of answers: of steps before and after the warm-up, of refusals."""

    warming: list[float] = field(default_factory=list)
    steps: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    heard: set[str] = field(default_factory=set)


class Caller(threading.Thread):
    """One caller: presses 1, hears, presses on; dials again when the call has ended."""

    def __init__(self, port: int, line: Any, number: int, taken: Taken) -> None:
        super().__init__(daemon=True)
        self.port, self.line, self.taken = port, line, taken
        self.number = f"+855120{number:05d}"
        self.delay = number * EVERY / CALLS
        self.sid = self.path = ""
        self.warm_at = self.until = 0.0
        self.failed = ""

    def ask(self, path: str, *, signed: bool = True, **more: str) -> tuple[int, bytes, float]:
        """Send one request as a telephone company does: on a connection of its own, signed.

        Return status, content and milliseconds.
        """
        from twilio.request_validator import RequestValidator

        account = self.line.account_sid
        fields = {"AccountSid": account, "CallSid": self.sid, "From": self.number, **more}
        signature = RequestValidator("bench").compute_signature(BASE + path, fields)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signature if signed else "none",
        }
        body = urlencode(fields)
        start = time.perf_counter()
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        wire.request("POST", path, body, headers)
        answer = wire.getresponse()
        content = answer.read()
        milliseconds = (time.perf_counter() - start) * 1000
        wire.close()
        return answer.status, content, milliseconds

    def go_on(self) -> float:
        """Dial, or press 1 at the step where the call stands; how long the answer took."""
        if self.path:
            status, text, milliseconds = self.ask(self.path, Digits="1")
        else:
            self.sid = str(uuid.uuid4())
            status, text, milliseconds = self.ask(f"/ivr/v1/voice/{self.line.pk}")
        if status != 200:
            raise RuntimeError(f"the hotline answered {status}")
        document = ElementTree.fromstring(text)
        for sound in document.iter("Play"):
            self.hear(str(sound.text).removeprefix(BASE))
        gather = document.find("Gather")
        self.path = str(gather.get("action")).removeprefix(BASE) if gather is not None else ""
        return milliseconds

    def hear(self, path: str) -> None:
        """Fetch a sound that was not heard before, as the company's player: HEAD, then GET."""
        if path in self.taken.heard:
            return
        self.taken.heard.add(path)
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        for method in ("HEAD", "GET"):
            wire.request(method, path)
            answer = wire.getresponse()
            sound = answer.read()
            if answer.status != 200 or (method == "GET" and sound[:4] != b"RIFF"):
                raise RuntimeError(f"a sound could not be played: {answer.status}")
        wire.close()

    def run(self) -> None:
        """Call until the time is up."""
        time.sleep(self.delay)
        number = 0
        try:
            while (began := time.monotonic()) < self.until:
                milliseconds = self.go_on()
                warm = began > self.warm_at
                (self.taken.steps if warm else self.taken.warming).append(milliseconds)
                number += 1
                if warm and number % REFUSE_EVERY == 0:
                    refused = self.ask(f"/ivr/v1/voice/{self.line.pk}", signed=False)
                    self.taken.refused.append(refused[2])
                time.sleep(max(0.0, EVERY - (time.monotonic() - began)))
        except (OSError, RuntimeError) as error:
            self.failed = str(error) or type(error).__name__


def percentile(values: list[float]) -> float:
    """Return the 95th percentile."""
    return sorted(values)[int(len(values) * 0.95)]


def own_broker() -> None:
    """Queues of the benchmark's own, empty."""
    import redis

    from config import servers

    address = servers.broker().rsplit("/", 1)[0] + f"/{VALKEY_DATABASE}"
    servers.broker.cache_clear()
    os.environ["BROKER_URL"] = address
    with redis.Redis.from_url(address) as valkey:
        valkey.flushdb()


@contextmanager
def scoring() -> Iterator[list[int]]:
    """Run the platform's worker, which computes all scores again and again; yield its runs."""
    from config.running import programs

    environment = {
        **programs.environment(),
        "DATABASE_URL": made._database_url(),
        "BROKER_URL": os.environ["BROKER_URL"],
    }
    worker = subprocess.Popen(
        programs.commands("127.0.0.1", 0)["worker"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    finished: list[int] = []
    stop = threading.Event()
    keeper = threading.Thread(target=_keep_busy, args=(finished, stop), daemon=True)
    keeper.start()
    try:
        yield finished
    finally:
        stop.set()
        keeper.join()
        worker.terminate()
        try:
            worker.wait(20)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()


def _keep_busy(finished: list[int], stop: threading.Event) -> None:
    from django.db import connection

    from scorecards import runs, tasks
    from scorecards.models import ScoringRun

    run = None
    while not stop.is_set():
        if run is None or not ScoringRun.objects.filter(pk=run, state="running").exists():
            if run is not None:
                finished.append(run)
            run = runs.begin(kind="compute").pk
            tasks.start_run.delay(run)
        stop.wait(0.25)
    connection.close()


def open_line() -> Any:
    """Return the simulator's line, with a known secret, no budget in the way, and spoken in
    English.
    """
    from surveys.hotline import lines, speech_synthesis
    from surveys.hotline.models import Language, Line
    from surveys.hotline.setting_up import load_hotline

    load_hotline()
    Language.objects.filter(code="km").update(is_open=False)
    print(f"{speech_synthesis.speak_missing()} sentences spoken by machine")
    line = Line.objects.get(company=Line.Company.SIMULATOR)
    line.calls_at_once = 10 * CALLS
    line.minutes_a_day = 1_000_000
    lines.set_token(line, "bench")
    line.save()
    return line


def measure(port: int, line: Any, seconds: float) -> Taken:
    """Fifty calls at once, for so long after the warm-up."""
    taken = Taken()
    callers = [Caller(port, line, number, taken) for number in range(CALLS)]
    now = time.monotonic()
    for caller in callers:
        caller.warm_at, caller.until = now + WARM_UP, now + WARM_UP + seconds
        caller.start()
    for caller in callers:
        caller.join()
    if failed := {caller.failed for caller in callers if caller.failed}:
        raise SystemExit(f"calls were lost: {sorted(failed)}")
    return taken


def main() -> None:
    """Make a country with cases, let it be scored, and let fifty people call."""
    seconds = float(os.environ.get("BENCH_SECONDS", "60"))
    own_broker()
    made.open_field("bench_webhook")
    try:
        from django.core.management import call_command

        call_command("load_country", verbosity=0)
        call_command("demo", cases=20_000, provinces=3, seed=1, verbosity=0)
        line = open_line()
        with made.web_server() as port:
            cold = Caller(port, line, CALLS, Taken()).go_on()
            with scoring() as finished:
                taken = measure(port, line, seconds)
    finally:
        drop_unless_kept()
    steps = sorted(taken.steps)
    print(f"first answer of the fresh server {cold:.0f} ms")
    print(f"first {WARM_UP:.0f} s: p95 {percentile(taken.warming):.1f} ms")
    print(
        f"{len(steps)} steps of {CALLS} calls in {seconds:.0f} s: "
        f"median {steps[len(steps) // 2]:.1f} ms, slowest {steps[-1]:.1f} ms; "
        f"meanwhile all scores were computed {len(finished)} times"
    )
    say("webhook", percentile(steps), "ms", against=percentile(taken.refused))


if __name__ == "__main__":
    main()
