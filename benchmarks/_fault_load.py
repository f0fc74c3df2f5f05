"""The load on a running platform while `benchmarks.faults` breaks it."""

import http.client
import json
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SEED = """
import django, io, json
django.setup()
from django.core.management import call_command
from accounts import tokens
from accounts.tests.factories import join, make_user
from scorecards.tests.nation import draw_cases, draw_meetings, make_nation, make_person
from scorecards.tests.nation import tell_everything
from surveys.hotline import setting_up
from surveys.submissions.tests import factories
call_command("load_roles", stdout=io.StringIO())
make_nation()
draw_cases(2000)
draw_meetings(20)
tell_everything()
programme = factories.programme()
factories.published(programme)
_tablet, token = factories.tablet(programme)
coordinator = make_person("coordinator")
second = make_user(username="second")
_row, key = tokens.issue(user=coordinator, name="faults", with_second_factor=True)
print(json.dumps({
    "submission": f"/v1/key/{token}/projects/{programme.pk}/submission", "key": key,
    "by": coordinator.pk, "record": factories.record(instance="INSTANCE").decode(),
}))
"""
STORED = """
import django, json
django.setup()
from collections import Counter
from jobs.models import Attempt
import media
from surveys.models import Case, ObservationChange, Submission, SubmissionAttachment
from surveys.submissions.intake.files import name_of
files = SubmissionAttachment.objects.values_list("sha256", flat=True)
rows = Submission.objects.values_list("instance_id", "observed_at")
cases = Case.objects.filter(case_id__startswith="fault-").values_list("case_id", flat=True)
print(json.dumps({
    "records": dict(Counter(name for name, _at in rows)),
    "unread": [name for name, at in rows if at is None],
    "cases": dict(Counter(cases)),
    "changes": ObservationChange.objects.count(),
    "files_lost": sum(not media.exists(name_of(sha)) for sha in files),
}))
"""
ALARMS = """
import django, json
django.setup()
from scorecards.models import ScoreAlarm
names = [field.name for field in ScoreAlarm._meta.concrete_fields]
rows = ScoreAlarm.objects.filter(resolved_at=None).order_by("pk").values_list(*names)[:40]
print(json.dumps({"alarms": [str(dict(zip(names, map(str, row)))) for row in rows]}))
"""
RELEASE = """
import django
django.setup()
from accounts.models import User
from scorecards import tasks
from scorecards.releases import lifecycle
release = lifecycle.begun(by=User.objects.get(pk={by}), period="2026-Q1")
tasks.prepare_release.delay(release.pk)
"""


@dataclass
class Acknowledged:
    """The records and cases that the platform acknowledged, and its answers."""

    records: set[str] = field(default_factory=set)
    cases: set[str] = field(default_factory=set)
    pages: int = 0
    refused: int = 0
    last_answer: float = 0.0

    @property
    def acknowledged(self) -> int:
        """Records and cases together."""
        return len(self.records) + len(self.cases)


class Client(threading.Thread):
    """Does one thing repeatedly; what fails is tried again under another name."""

    def __init__(
        self,
        port: int,
        acknowledged: Acknowledged,
        seed: dict[str, Any],
        kind: str,
        host: str = "127.0.0.1",
    ) -> None:
        super().__init__(daemon=True)
        self.host, self.port, self.acknowledged = host, port, acknowledged
        self.seed, self.kind = seed, kind
        self.ended = threading.Event()

    def run(self) -> None:
        """Continue until ``ended`` is set."""
        act = getattr(self, self.kind)
        number = 0
        while not self.ended.wait(0.1):
            number += 1
            try:
                act(number)
            except (OSError, http.client.HTTPException):
                self.acknowledged.refused += 1

    def tablet(self, number: int) -> None:
        """Send a record with a photo; the clock of every second tablet is wrong by years."""
        instance = f"uuid:{uuid.uuid4()}"
        xml = self.seed["record"].replace("INSTANCE", instance).encode()
        if number % 2:
            wrong = b"1999-01-01" if number % 4 == 1 else b"2041-12-31"
            xml = xml.replace(b"2026-11-20", wrong)
        head = b'--here\r\nContent-Disposition: form-data; name="xml_submission_file"; '
        head += b'filename="a.xml"\r\nContent-Type: text/xml\r\n\r\n'
        headers = {
            "X-OpenRosa-Version": "1.0",
            "Content-Type": "multipart/form-data; boundary=here",
            "Date": "Fri, 01 Jan 1999 00:00:00 GMT",
        }
        photo = b'\r\n--here\r\nContent-Disposition: form-data; name="p.jpg"; '
        photo += b'filename="p.jpg"\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\xff\xe0'
        body = head + xml + photo + instance.encode() * 100 + b"\r\n--here--\r\n"
        if self._ask(self.seed["submission"], body, headers) in {201, 202}:
            self.acknowledged.records.add(instance)

    def case(self, number: int) -> None:
        """Record a case by the API, whose scores then change."""
        name = f"fault-{uuid.uuid4()}"
        fields = {
            "case_id": name,
            "commune": ["010201", "010202", "020101"][number % 3],
            "service": "birth-registration",
            "asked_on": "2026-03-02",
            "received_on": "2026-03-04",
            "status": "received",
            "fee_paid": 5000 * (number % 2),
            "visits": 1,
        }
        headers = {
            "Authorization": f"Bearer {self.seed['key']}",
            "Content-Type": "application/json",
        }
        if self._ask("/api/v1/cases/", json.dumps(fields).encode(), headers) == 201:
            self.acknowledged.cases.add(name)

    def page(self, number: int) -> None:
        """Read a page for everybody."""
        path = ["/", "/compare/", "/communes/", "/sign-in/"][number % 4]
        self.acknowledged.pages += self._ask(path, None, {}) == 200

    def call(self, number: int) -> None:
        """Send a telephone company's request without a valid signature: refused, and counted."""
        body = f"CallSid={uuid.uuid4()}&From=%2B85512000000&AccountSid=x".encode()
        try:
            self._ask("/ivr/v1/voice/1", body, {})
        except urllib.error.HTTPError as error:
            if error.code >= 500:
                raise

    def _ask(self, path: str, body: bytes | None, headers: dict[str, str]) -> int:
        address = f"http://{self.host}:{self.port}{path}"
        request = urllib.request.Request(address, data=body, headers=headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            answer.read()
            self.acknowledged.last_answer = time.monotonic()
            return int(answer.status)


def in_checkout(checkout: Path, script: str, environment: dict[str, str]) -> dict[str, Any]:
    """Return the JSON that a script prints last which runs on the servers of the checkout."""
    completed = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        cwd=checkout,
        env={
            **environment,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": f"{checkout}:{checkout / 'platform'}",
        },
        check=False,
        capture_output=True,
        text=True,
    )
    if completed.returncode:
        raise SystemExit(completed.stderr)
    lines = completed.stdout.splitlines()
    results: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    return results


LONGEST = 240.0
"""Seconds for which work may wait after the last fault."""


def settled(
    checkout: Path, acknowledged: Acknowledged, environment: dict[str, str]
) -> tuple[int, int]:
    """Count acknowledged records that are (missing, stored twice), once all work is done.

    Raises SystemExit where work never ends, a photo is lost, or a score differs from a second
    computation.
    """
    until = time.monotonic() + LONGEST
    while True:
        stored = in_checkout(checkout, STORED, environment)
        if not stored["unread"] and not stored["changes"]:
            break
        if time.monotonic() > until:
            raise SystemExit(
                f"work still waits: {len(stored['unread'])} records, {stored['changes']} changes"
            )
        time.sleep(1)
    if stored["files_lost"]:
        raise SystemExit(f"{stored['files_lost']} photos of acknowledged records are lost")
    there = {**stored["records"], **stored["cases"]}
    wanted = acknowledged.records | acknowledged.cases
    done = subprocess.run(
        [sys.executable, "manage.py", "score", "--check", "--waiting"],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    body = done.stdout + done.stderr
    print(body.strip())
    if done.returncode or re.search(r": [1-9][0-9]* differ", body):
        alarms = in_checkout(checkout, ALARMS, environment)["alarms"]
        raise SystemExit("\n".join(["scores differ from a second computation:", *alarms]))
    return len(wanted - there.keys()), sum(there[name] > 1 for name in wanted & there.keys())
