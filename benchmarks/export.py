"""CSV of 8,000 records of the 59-question form, through the address that analysts use.

``value`` is the seconds from the request to the last byte; ``against`` reads the same
rows with a bare cursor and parses their XML. Goal: under 0.6 s (ODK Central: 1.7 to 2.7 s).
Each record's line was made when it was observed; what the export takes after a new version
of the form, when no line fits, is printed too.
``BENCH_RECORDS=132000`` shows that the server's memory does not grow with the number.
"""

import base64
import http.client
import os
import time

import psutil

from benchmarks import field
from benchmarks.nation import drop_unless_kept, say


def _fill(programme_id: int, count: int) -> None:
    """One record that arrived and was observed as every record is, copied so many times."""
    from django.db import connection

    from surveys.models import Submission
    from surveys.submissions.arrive import Sender, receive
    from surveys.submissions.observe import observe

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


def _download(port: int, path: str, header: str, wanted: int) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    start = time.perf_counter()
    connection.request("GET", path, headers={"Authorization": header})
    answer = connection.getresponse()
    size = lines = 0
    while block := answer.read(1 << 20):
        size += len(block)
        lines += block.count(b"\n")
    taken = time.perf_counter() - start
    if answer.status != 200 or lines != wanted + 1:
        raise SystemExit(f"HTTP {answer.status}, {lines} lines instead of {wanted + 1}")
    print(f"{lines} lines, {size / 1e6:.1f} MB in {taken:.2f} s")
    return taken


def _memory() -> float:
    """Megabytes held by this process's children: the web server and its workers."""
    children = psutil.Process().children(recursive=True)
    return (
        float(
            sum(
                p.memory_info().rss
                for p in children
                if "granian" in p.name().lower() or "python" in p.name().lower()
            )
        )
        / 1e6
    )


def main() -> None:
    """Fill, download, and print last the line for machines."""
    count = int(os.environ.get("BENCH_RECORDS", "8000"))
    field.open_field("bench_export")
    try:
        from accounts.models import User

        programme, _token = field.prepare_forms()
        User.objects.create_superuser("bench", "bench-password-1")
        _fill(programme.pk, count)
        pair = base64.b64encode(b"bench:bench-password-1").decode()
        path = f"/v1/projects/{programme.pk}/forms/large/submissions.csv"
        with field.web_server() as port:
            _download(port, path, f"Basic {pair}", count)
            before = _memory()
            takes = [_download(port, path, f"Basic {pair}", count) for _time in range(3)]
            print(f"memory of the web server grew by {_memory() - before:.0f} MB")
            _forget_lines()
            print("without lines made beforehand:")
            _download(port, path, f"Basic {pair}", count)
        against = _bare(programme.pk)
        print(f"bare reading and parsing: {against:.2f} s")
    finally:
        drop_unless_kept()
    say("export", min(takes), "seconds", against)


if __name__ == "__main__":
    main()
