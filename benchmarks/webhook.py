"""The hotline with 50 calls in progress, each pressing a key every three seconds.

``value`` is the 95th percentile, in milliseconds, of the server's answers to signed steps,
while another process computes the scores of 20,000 cases. ``against`` is the same measure of
an unsigned request that the same server refuses in the same run, so ``ratio`` says what a
step costs beyond being answered at all. Goal: under 30 ms. ``BENCH_SECONDS`` of pressing (30).
"""

import http.client
import os
import subprocess
import sys
import threading
import time
import uuid
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from benchmarks import field
from benchmarks.nation import ROOT, drop_unless_kept, say

CALLS = 50
EVERY = 3.0
BASE = "http://localhost:8000"


class Caller(threading.Thread):
    """One call: presses 1, hears, presses on; redials when the call has ended."""

    def __init__(self, port: int, line: Any, token: str, until: float, number: int) -> None:
        super().__init__(daemon=True)
        self.port, self.line, self.token, self.until = port, line, token, until
        self.number = f"+855120{number:05d}"
        self.taken: list[float] = []
        self.refused: list[float] = []

    def ask(self, path: str, *, signed: bool = True, **more: str) -> tuple[int, bytes, float]:
        from twilio.request_validator import RequestValidator

        fields = {
            "AccountSid": self.line.account_sid,
            "CallSid": self.sid,
            "From": self.number,
            **more,
        }
        signature = RequestValidator(self.token).compute_signature(BASE + path, fields)
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        start = time.perf_counter()
        wire.request(
            "POST",
            path,
            urlencode(fields),
            {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Twilio-Signature": signature if signed else "none",
            },
        )
        answer = wire.getresponse()
        body = answer.read()
        taken = (time.perf_counter() - start) * 1000
        wire.close()
        return answer.status, body, taken

    def run(self) -> None:
        time.sleep((int(self.number[-5:]) % CALLS) * EVERY / CALLS)
        path = ""
        while time.monotonic() < self.until:
            began = time.monotonic()
            if not path:
                self.sid = str(uuid.uuid4())
                status, body, taken = self.ask(f"/ivr/v1/voice/{self.line.pk}")
            else:
                status, body, taken = self.ask(path, Digits="1")
            if status != 200:
                raise RuntimeError(f"the hotline answered {status}")
            self.taken.append(taken)
            gather = ElementTree.fromstring(body).find("Gather")
            path = str(gather.get("action")).removeprefix(BASE) if gather is not None else ""
            self.refused.append(self.ask(f"/ivr/v1/voice/{self.line.pk}", signed=False)[2])
            time.sleep(max(0.0, EVERY - (time.monotonic() - began)))


def percentile(values: list[float]) -> float:
    """The 95th percentile."""
    return sorted(values)[int(len(values) * 0.95)]


def main() -> None:
    """Make a country with cases, let it be scored, and let fifty people call."""
    seconds = float(os.environ.get("BENCH_SECONDS", "30"))
    field.open_field("bench_webhook")
    try:
        from django.core.management import call_command

        call_command("load_country", verbosity=0)
        call_command("demo", cases=20_000, provinces=3, seed=1, verbosity=0)
        from surveys.hotline import lines
        from surveys.hotline.models import Line
        from surveys.hotline.setting_up import load_hotline

        load_hotline()
        line = Line.objects.get(company=Line.Company.SIMULATOR)
        line.calls_at_once = 10 * CALLS
        line.minutes_a_day = 1_000_000
        lines.set_token(line, "bench")
        line.save()
        with field.web_server() as port:
            scoring = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "score"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            until = time.monotonic() + seconds
            callers = [Caller(port, line, "bench", until, n) for n in range(CALLS)]
            for caller in callers:
                caller.start()
            for caller in callers:
                caller.join()
            scoring.terminate()
            scoring.wait()
    finally:
        drop_unless_kept()
    taken = [t for caller in callers for t in caller.taken]
    refused = [t for caller in callers for t in caller.refused]
    print(f"{len(taken)} steps of {CALLS} calls, median {sorted(taken)[len(taken) // 2]:.1f} ms")
    say("webhook", percentile(taken), "ms", against=percentile(refused))


if __name__ == "__main__":
    main()
