"""Common parts of the benchmarks of submissions: database, forms, web server, client.

The client writes prepared bytes to raw sockets, because it runs on the same two cores as
the server it measures.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from typing import Any
from uuid import uuid4

from benchmarks.nation import ROOT, _connect

QUESTIONS = 59
BOUNDARY = "----bench"


def open_field(name: str) -> None:
    """Connect Django to a database of the benchmark's own, with its tables."""
    os.environ["BENCH_KEEP"] = ""
    _connect(name)
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def small_form() -> str:
    """Return a form of five questions."""
    rows = "\n".join(f"| | integer | q{n} | Question {n} |" for n in range(5))
    return _form("small", rows)


def large_form() -> str:
    """Return the 59 questions of a scorecard interview: numbers, choices, dates and text."""
    kinds = ("integer", "select_one yes_no", "text", "select_one faces", "date")
    rows = "\n".join(f"| | {kinds[n % 5]} | q{n} | Question number {n} |" for n in range(QUESTIONS))
    return _form("large", rows)


def _form(name: str, rows: str) -> str:
    faces = "\n".join(f"| | faces | {n} | {n} |" for n in range(1, 6))
    return (
        f"| survey |\n| | type | name | label |\n{rows}\n| choices |\n"
        f"| | list_name | name | label |\n| | yes_no | yes | Yes |\n| | yes_no | no | No |\n"
        f"{faces}\n| settings |\n| | form_id | version |\n| | {name} | 1 |\n"
    )


def prepare_forms() -> tuple[Any, str]:
    """Prepare a programme with both forms and a tablet; return the programme and the token."""
    from accounts.models import Programme
    from surveys.forms.publishing import prepare, publish, save_draft
    from surveys.forms.tablets import make_tablet

    programme = Programme.objects.create(code="bench", name_km="ល្បឿន", name_en="Bench")
    for text in (small_form(), large_form()):
        prepared = prepare(text.encode(), "md")
        publish(form=save_draft(programme=programme, prepared=prepared, by=None).form, by=None)
    _tablet, token = make_tablet(programme=programme, name="bench", by=None)
    return programme, token


def record(form: str, instance: str = "") -> bytes:
    """Return one filled form."""
    instance = instance or f"uuid:{uuid4()}"
    answers = {
        0: "31",
        1: "yes",
        2: "ចម្លើយជាអក្សរខ្មែរ និង English text of some length",
        3: "4",
        4: "2026-11-20",
    }
    count = QUESTIONS if form == "large" else 5
    pick = (lambda n: answers[n % 5]) if form == "large" else str
    inside = "".join(f"<q{n}>{pick(n)}</q{n}>" for n in range(count))
    return (
        f'<data xmlns:orx="http://openrosa.org/xforms" id="{form}" version="1">{inside}'
        f"<orx:meta><orx:instanceID>{instance}</orx:instanceID></orx:meta></data>"
    ).encode()


def request(path: str, xml: bytes) -> bytes:
    """Return a POST request of one record as bytes, as ODK Collect writes it."""
    body = (
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; "
        'name="xml_submission_file"; filename="record.xml"\r\n'
        "Content-Type: text/xml; charset=UTF-8\r\n\r\n"
    ).encode()
    body += xml + f"\r\n--{BOUNDARY}--\r\n".encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-OpenRosa-Version: 1.0\r\n"
        "User-Agent: org.odk.collect.android/bench\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Line:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, wire: bytes) -> int:
        """Send one request; return the status of the answer, read to its end."""
        self.socket.sendall(wire)
        answer = HTTPResponse(self.socket)
        answer.begin()
        answer.read()
        return answer.status


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def web_server(application: str = "config.wsgi:application") -> Iterator[int]:
    """Run granian as the platform does, with two workers and its static files; yield its port."""
    from django.core.management import call_command

    call_command("prepare_static", verbosity=0)
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", application]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "2", "--no-ws"]
    command += ["--blocking-threads", "4", "--log-level", "warning"]
    environment = {
        **os.environ,
        "DATABASE_URL": _database_url(),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
    }
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        until = time.monotonic() + 60
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit("the web server did not start")
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _database_url() -> str:
    from django.db import connection

    names = connection.settings_dict
    port = f"&port={names['PORT']}" if names["PORT"] else ""
    return f"postgresql://{names['USER']}@/{names['NAME']}?host={names['HOST']}{port}"


def measure(
    port: int, clients: int, seconds: float, wire: Callable[[], bytes]
) -> tuple[float, float]:
    """Return requests a second and p95 in milliseconds of so many clients.

    Any refusal ends the run.
    """
    taken: list[float] = []
    wrong: list[int] = []
    until = time.monotonic() + seconds

    def work() -> None:
        line = Line(port)
        mine: list[float] = []
        while time.monotonic() < until:
            sent = wire()
            start = time.perf_counter()
            status = line.ask(sent)
            mine.append(time.perf_counter() - start)
            if status != 201:
                wrong.append(status)
        taken.extend(mine)

    start = time.perf_counter()
    threads = [threading.Thread(target=work) for _client in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - start
    if wrong:
        raise SystemExit(f"answers other than 201: {sorted(set(wrong))}")
    taken.sort()
    return len(taken) / elapsed, 1000 * taken[int(len(taken) * 0.95)]
