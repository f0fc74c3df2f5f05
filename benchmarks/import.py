"""Importing a spreadsheet of 200,000 cases, beside a bare COPY of the same rows.

``value`` is the seconds of ``manage.py import_cases`` from start to end, in a process of
its own whose peak memory is printed; ``against`` copies the same rows into a table of
text without constraints, indexes or reading, in the same run. Rows mix Khmer and Latin
digits and both ways to write a date; one in a hundred is wrong and has to be reported.
Goal: under 60 s and under 500 MB. ``--xlsx`` measures an Excel sheet instead;
``BENCH_ROWS`` asks for another size. The database is its own and goes away afterwards.
"""

import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from benchmarks.nation import ROOT, _connect, drop_unless_kept, say

HEADERS = [
    "case_id",
    "commune",
    "provider",
    "service",
    "option",
    "asked_on",
    "received_on",
    "status",
    "fee_paid",
    "currency",
    "documents_asked",
    "visits",
    "receipt",
    "channel",
    "facilitator",
    "sex",
    "age",
    "poor_card",
    "disability",
    "minority",
    "note",
]
SERVICES = ("birth-registration", "id-card", "certified-copy", "family-book", "residence-book")
MEGABYTES = 500
SECONDS = 60


def rows(count: int, communes: list[str]) -> list[list[str]]:
    """Return rows as many hands would type them; the same for every run."""
    from khmer.digits import to_khmer

    luck = random.Random(2)
    made = []
    for number in range(count):
        asked = date(2025, 1, 6) + timedelta(days=luck.randrange(600))
        received = asked + timedelta(days=luck.randrange(30))
        khmer = luck.random() < 0.3
        write = to_khmer if khmer else str
        made.append(
            [
                f"B-{number}",
                write(luck.choice(communes)),
                "",
                luck.choice(SERVICES),
                "standard",
                write(f"{asked:%d/%m/%Y}") if khmer else asked.isoformat(),
                write(f"{received:%d/%m/%Y}") if khmer else received.isoformat(),
                "received",
                write(f"{luck.choice((0, 500, 1000, 5000, 10_000)):,}"),
                "KHR",
                luck.choice(("family book", "original; copy", "family book; photograph", "")),
                write(str(luck.randrange(1, 5))),
                luck.choice(("បាទ", "ទេ") if khmer else ("yes", "no", "")),
                "",
                f"caf-{luck.randrange(3000)}",
                luck.choice(("ស្រី", "ប្រុស") if khmer else ("female", "male")),
                write(str(luck.randrange(15, 90))) if number % 100 else "200",
                luck.choice(("yes", "no", "")),
                "no",
                "no",
                "",
            ]
        )
    return made


def write_file(path: Path, content: list[list[str]]) -> None:
    """Write the rows as CSV or, by its name, as XLSX."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEADERS, *content])
        return
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate([HEADERS, *content]):
            sheet.write_row(place, 0, row)


_MEASURED = """
import json, os, sys
pid = os.posix_spawn(sys.executable, [sys.executable, *sys.argv[2:]], os.environ)
_pid, status, used = os.wait4(pid, 0)
result = [os.waitstatus_to_exitcode(status), used.ru_maxrss, used.ru_utime + used.ru_stime]
with open(sys.argv[1], "w") as file:
    json.dump(result, file)
"""


def import_it(path: Path) -> tuple[float, int, float, dict[str, int]]:
    """Seconds, peak KB, seconds of processor and counts of ``manage.py import_cases``.

    A small process of its own starts it: Linux counts to a new program's peak the memory of the
    process that started it, and this one holds all the rows.
    """
    from django.db import connection

    names = connection.settings_dict
    url = f"postgresql://{names['USER']}@/{names['NAME']}?host={names['HOST']}"
    if names["PORT"]:
        url += f"&port={names['PORT']}"
    environment = {**os.environ, "DATABASE_URL": url, "PGPASSWORD": str(names["PASSWORD"])}
    out, report = path.with_suffix(".out"), path.with_suffix(".used")
    command = [sys.executable, "-c", _MEASURED, str(report)]
    start = time.perf_counter()
    with out.open("w") as printed:
        subprocess.run(
            [*command, "manage.py", "import_cases", str(path)],
            cwd=ROOT,
            env=environment,
            stdout=printed,
            check=True,
        )
    taken = time.perf_counter() - start
    lines = out.read_text().splitlines()
    status, peak, processor = json.loads(report.read_text())
    if status:
        raise SystemExit("\n".join(lines[-5:]))
    return taken, peak, processor, json.loads(lines[-1])


def copy_it(content: list[list[str]]) -> float:
    """Return seconds of a bare COPY of the same text."""
    from django.db import connection

    columns = ", ".join(f"{name} text" for name in HEADERS)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare ({columns})")
        start = time.perf_counter()
        with cursor.cursor.copy("COPY bare FROM STDIN") as copy:
            for row in content:
                copy.write_row(row)
        taken = time.perf_counter() - start
        cursor.execute("DROP TABLE bare")
    return taken


def main() -> None:
    """Make the country and the file, import, copy, print."""
    count = int(os.environ.get("BENCH_ROWS", "200000"))
    _connect("bench_import")
    import django

    django.setup()
    from django.core.management import call_command

    from places.models import Place

    call_command("migrate", verbosity=0)
    with open(os.devnull, "w") as nowhere:
        call_command("load_country", stdout=nowhere)
    communes = sorted(Place.objects.communes().values_list("code", flat=True))
    with tempfile.TemporaryDirectory() as folder:
        suffix = "xlsx" if "--xlsx" in sys.argv else "csv"
        path = Path(folder) / f"cases.{suffix}"
        content = rows(count, communes)
        write_file(path, content)
        seconds, peak, processor, counts = import_it(path)
        bare = copy_it(content)
    drop_unless_kept()
    expected = {"read": count, "rejected": len(range(0, count, 100)), "conflicts": 0}
    assert expected.items() <= counts.items(), counts
    print(f"{counts['added']:,} added, {counts['rejected']:,} told, from .{suffix}")
    print(f"peak memory: {peak / 1024:.0f} MB (goal: under {MEGABYTES})")
    print(f"of its own processor time: {processor:.1f} s")
    print(f"bare COPY of the same rows: {bare:.2f} s")
    print(f"import: {seconds:.1f} s (goal: under {SECONDS})")
    say("import", seconds, "s", bare)


if __name__ == "__main__":
    main()
