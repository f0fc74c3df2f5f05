"""CSV of 8,000 records of the 59-question form, through the address that analysts use.

``value`` is the seconds from the request to the last byte, with a session's token as pyodk
shows it; ``against`` reads the same rows with a bare cursor and parses their XML. Goal: under
0.6 s (ODK Central: 1.7 to 2.7 s). Each record's line was made when it was observed; what the
export takes after a new version of the form, when no line fits, is printed too, and what it
takes a client that sends a password with every request.

Then every other export: OData and the list of records from the web server, JSON and XLSX as
background jobs, each with the most memory that its process held beyond what it held before.
``BENCH_RECORDS=132000`` shows that this does not grow with the number (goal: under 300 MB).
"""

import base64
import http.client
import json
import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from benchmarks import field
from benchmarks.nation import drop_unless_kept, say

NAME, PASSWORD = "bench", "bench-password-1"
MOST_MEMORY = 300


def _fill(programme_id: int, count: int) -> None:
    """Store one record that was received and observed, copied so many times."""
    from django.db import connection

    from surveys.models import Submission
    from surveys.submissions.intake.receive import Sender, receive
    from surveys.submissions.processing.derive import observe

    receive(sender=Sender(programme_id), xml=field.record("large", "uuid:0"))
    first = Submission.objects.get()
    if not observe(first.pk):
        raise SystemExit("the record could not be observed")
    names = ", ".join(
        f'"{f.column}"'
        for f in Submission._meta.local_concrete_fields
        if f.name not in {"id", "instance_id"}
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO surveys_submission (instance_id, {names})"
            f" SELECT 'uuid:' || n, {names} FROM surveys_submission, generate_series(1, %s) n",
            [count - 1],
        )
        cursor.execute("ANALYZE surveys_submission")


def _bare(programme_id: int) -> float:
    from django.db import connection
    from lxml import etree

    start = time.perf_counter()
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            "SELECT xml FROM surveys_submission s JOIN surveys_form f ON f.id = s.form_id"
            " WHERE f.programme_id = %s ORDER BY s.id",
            [programme_id],
        )
        for (xml,) in cursor:
            [child.text for child in etree.fromstring(bytes(xml))]
    return time.perf_counter() - start


def _forget_lines() -> None:
    from surveys.models import Submission

    Submission.objects.update(line_key="")


def _make_lines() -> None:
    """Make the lines, as after every observation."""
    from surveys.models import Form, Submission
    from surveys.submissions.exports import csv_lines

    Submission.objects.update(
        line_key=csv_lines.layout(Form.objects.get(xml_form_id="large").pk).key
    )


def _token(port: int) -> str:
    """Return a one-day session token, as pyodk gets it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    body = json.dumps({"email": NAME, "password": PASSWORD})
    connection.request("POST", "/v1/sessions", body, {"Content-Type": "application/json"})
    return str(json.load(connection.getresponse())["token"])


def _wake(port: int, header: str) -> None:
    """Send small requests until every worker has loaded what it needs."""
    for _time in range(16):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/v1/users/current", headers={"Authorization": header})
        connection.getresponse().read()
        connection.close()


def _download(port: int, path: str, header: str) -> tuple[float, int]:
    """Return seconds to the last byte, and how many records were in it (by their instance ids)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    start = time.perf_counter()
    connection.request("GET", path, headers={"Authorization": header})
    answer = connection.getresponse()
    size = lines = 0
    while block := answer.read(1 << 20):
        size += len(block)
        lines += block.count(b"\n")
    taken = time.perf_counter() - start
    if answer.status != 200:
        raise SystemExit(f"{path}: HTTP {answer.status}")
    print(f"{path.rpartition('/')[2]}: {size / 1e6:.1f} MB in {taken:.2f} s")
    return taken, lines


def _csv(port: int, path: str, header: str, wanted: int) -> float:
    taken, lines = _download(port, f"{path}/submissions.csv", header)
    if lines != wanted + 1:
        raise SystemExit(f"{lines} lines instead of {wanted + 1}")
    return taken


# -- memory ------------------------------------------------------------------------------------


class Watch:
    """Watches the most memory that processes hold while something works."""

    def __init__(self, processes: list[psutil.Process]) -> None:
        self._processes, self._stop = processes, threading.Event()
        self.before = self.most = self._now()
        self._thread = threading.Thread(target=self._look)

    def _now(self) -> float:
        held = 0
        for process in self._processes:
            try:
                held += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        return held / 1e6

    def _look(self) -> None:
        while not self._stop.wait(0.02):
            self.most = max(self.most, self._now())

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *trouble: object) -> None:
        self._stop.set()
        self._thread.join()

    def tell(self, what: str) -> float:
        """Print and return the megabytes beyond what was held before."""
        grown = self.most - self.before
        print(f"memory, {what}: at most {grown:.0f} MB beyond the {self.before:.0f} MB before")
        return grown


def _served() -> list[psutil.Process]:
    """Return the web server and its workers."""
    children = psutil.Process().children(recursive=True)
    return [p for p in children if any(n in p.name().lower() for n in ("granian", "python"))]


def _job(database: str, job_id: int, ready: object, go: object) -> None:
    """Do the worker's job for one message in a process of its own."""
    os.environ["DATABASE_URL"] = database
    import django

    django.setup()
    from surveys.tasks import make_export

    ready.set()  # type: ignore[attr-defined]
    go.wait()  # type: ignore[attr-defined]
    make_export(job_id)


def _in_background(format: str, count: int) -> float:
    """Return megabytes that a background job needs; its seconds are printed."""
    import media
    from accounts.models import User
    from surveys.models import ExportJob, Form
    from surveys.submissions.exports.formats import stored_name

    by = User.objects.get(username=NAME)
    form = Form.objects.get(xml_form_id="large")
    job = ExportJob.objects.create(form=form, format=format, asked_by=by, total=count)
    spawn = multiprocessing.get_context("spawn")
    ready, go = spawn.Event(), spawn.Event()
    process = spawn.Process(target=_job, args=(field._database_url(), job.pk, ready, go))
    process.start()
    ready.wait(60)
    start = time.perf_counter()
    with Watch([psutil.Process(process.pid)]) as watch:
        go.set()
        process.join()
    job.refresh_from_db()
    if job.done != count or job.error:
        raise SystemExit(f"{format}: {job.done} of {count} records; {job.error}")
    print(f"{format} as a background job: {time.perf_counter() - start:.2f} s")
    media.delete(stored_name(job))
    return watch.tell(f"the worker writing {format}")


@contextmanager
def _watched(what: str, grown: list[float]) -> Iterator[None]:
    with Watch(_served()) as watch:
        yield
    grown.append(watch.tell(what))


def _downloads(path: str, pair: str, count: int, times: int, grown: list[float]) -> list[float]:
    """Download from a web server in every way; return the seconds of the repeated CSV.

    ``grown`` gets the memory in MB that the server grew by in each way.
    """
    with field.web_server() as port:
        header = f"Bearer {_token(port)}"
        _wake(port, header)
        with _watched("the web server giving its first CSV", grown):
            _csv(port, path, header, count)
        with _watched("the web server giving CSV again", grown):
            takes = [_csv(port, path, header, count) for _time in range(times)]
        print("with a password in every request:")
        for _time in range(times):
            _csv(port, path, f"Basic {pair}", count)
        for address in (".svc/Submissions", "/submissions"):
            with _watched(f"the web server giving {address.strip('/')}", grown):
                _download(port, path + address, header)
        _forget_lines()
        print("without lines made beforehand:")
        with _watched("the web server giving CSV so", grown):
            _csv(port, path, header, count)
    return takes


def main() -> None:
    """Fill, download, and print last the line for machines."""
    count = int(os.environ.get("BENCH_RECORDS", "8000"))
    times = 3 if count <= 20_000 else 1
    field.open_field("bench_export")
    grown: list[float] = []
    try:
        from accounts.models import User

        programme, _key = field.prepare_forms()
        User.objects.create_superuser(NAME, PASSWORD, is_demo=True)  # no second factor
        _fill(programme.pk, count)
        pair = base64.b64encode(f"{NAME}:{PASSWORD}".encode()).decode()
        path = f"/v1/projects/{programme.pk}/forms/large"
        takes = _downloads(path, pair, count, times, grown)
        against = _bare(programme.pk)
        print(f"bare reading and parsing: {against:.2f} s")
        _make_lines()
        grown += [_in_background(format, count) for format in ("json", "xlsx")]
    finally:
        drop_unless_kept()
    print(f"most memory: {max(grown):.0f} MB (at most {MOST_MEMORY} MB)")
    if max(grown) > MOST_MEMORY:
        raise SystemExit("an export holds more memory than it may")
    say("export", min(takes), "seconds", against)


if __name__ == "__main__":
    main()
