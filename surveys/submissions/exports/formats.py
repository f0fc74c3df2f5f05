"""Exports: streaming CSV, XLSX and JSON of any form, in a request or as a background job."""

import json
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter
from django.db import OperationalError, transaction
from django.db.models import BigIntegerField, Count, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

import media
from accounts.models import User
from audit import trail
from jobs import attempts, messages
from surveys.forms.tablets import APP_USERS_FROM
from surveys.models import (
    ExportJob,
    Form,
    Submission,
    SubmissionAttachment,
    SubmissionVersion,
)
from surveys.submissions.exports import csv_lines as stored_lines
from surveys.submissions.exports.csv_lines import Layout, headers
from surveys.submissions.exports.tables import Table, Turn

TASK = "surveys.tasks.make_export"
MOST_AT_ONCE = {"csv": 50_000, "json": 50_000, "xlsx": 5_000}
"""Rows given in the answer itself; more become a background job with a link."""
KEEP_DAYS = 7
_CHUNK = 250
"""Records read at once: only one chunk is in memory, however long its texts are."""
_BLOCK = 100_000
"""Characters handed on at once: single lines would cost the web server more than they hold."""
_SAY = 1000
Progress = Callable[[int], None]
_FIRST = "SubmissionDate"
_LAST = (
    "KEY",
    "SubmitterID",
    "SubmitterName",
    "AttachmentsPresent",
    "AttachmentsExpected",
    "Status",
    "ReviewState",
    "DeviceID",
    "Edits",
    "FormVersion",
)
SYSTEM_COLUMNS = _META = (_FIRST, *_LAST)
"""The columns of the system as Central has them: one before the answers, the others after."""
BROKEN_OFF = "THE EXPORT BROKE OFF HERE AND IS NOT COMPLETE. ASK AGAIN."
_MANY_STALE = 1000
"""Lines made during one export from which a worker is asked to make them for the next."""


def _silent(done: int) -> None:
    """Ignore the progress."""


def _stream(submissions: QuerySet[Submission], *columns: Any) -> Iterator[tuple[Any, ...]]:
    """Yield each record's own columns, then those asked for, from a server-side cursor."""
    records = (
        submissions.order_by("id")
        .annotate(
            now_version=Coalesce("current__version__version", "version__version"),
            sender=Coalesce(
                ExpressionWrapper(F("app_user_id") + APP_USERS_FROM, BigIntegerField()),
                "submitter_id",
                output_field=BigIntegerField(),
            ),
        )
        .values_list(
            "pk",
            "received_at",
            "instance_id",
            "sender",
            Coalesce("person__display_name", "app_user__name", "submitter__display_name"),
            "missing_media__len",
            "version__encrypted",
            "state",
            "device_id",
            "now_version",
            *columns,
        )
    )
    rows = records.iterator(chunk_size=_CHUNK)
    while chunk := list(islice(rows, _CHUNK)):
        # counted for a chunk at once: asked row by row it would cost as much as all the rest
        edits, files = counts(chunk[0][0], chunk[-1][0])
        for pk, at, name, sender, who, missing, sealed, state, device, version, *more in chunk:
            present = files.get(pk, 0)
            status = "not decrypted" if sealed else ""
            about = (name, sender, who, present, present + missing, status, state, device)
            yield (_moment(at), *about, edits.get(pk, 0), version, *more)


def _moment(at: datetime) -> str:
    """Return a moment as JavaScript writes it; the database gives UTC."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def counts(first: int, last: int) -> tuple[dict[int, int], dict[int, int]]:
    """Count edits, and files of the current version, of the records from ``first`` to ``last``.

    Records without any are absent. A range, because a thousand ids take longer than the counting.
    """
    among = Q(submission__gte=first, submission__lte=last)
    edits = SubmissionVersion.objects.filter(among).order_by()
    standing = Q(edit=F("submission__current")) | Q(edit=None, submission__current=None)
    files = SubmissionAttachment.objects.filter(among, standing)
    by_edits, by_files = (
        dict(rows.values_list("submission").annotate(n=Count("pk")))
        for rows in (edits, files.order_by())
    )
    return by_edits, by_files


def _meta(columns: tuple[Any, ...]) -> list[str]:
    """Return the columns of the system as text."""
    return ["" if value is None else str(value) for value in columns[: len(_META)]]


def _rows(
    submissions: QuerySet[Submission], place: Layout, statement: Progress
) -> Iterator[tuple[list[str], Turn]]:
    """Yield each record's own columns and its answers.

    Its XML is read only where its line does not hold everything. ``statement`` is called now and
    then, and at the end, with how many were read.
    """
    count = 0
    for record in _stream(submissions, *place.line_or_xml(place.tells_all)):
        count += 1
        if count % _SAY == 0:
            statement(count)
        line, xml = record[-2:]
        yield _meta(record), place.turn_of_line(line) if line else place.turn_of_xml(xml)
    statement(count)


def rows_with_system(
    submissions: QuerySet[Submission], place: Layout
) -> Iterator[tuple[list[str], Turn]]:
    """Return each record's cells under ``SYSTEM_COLUMNS`` and its answers."""
    return _rows(submissions, place, _silent)


def rows_of(submissions: QuerySet[Submission], place: Layout) -> Iterator[tuple[str, Turn]]:
    """Yield each record's instance id and its answers."""
    for meta, turn in _rows(submissions, place, _silent):
        yield meta[1], turn


def csv_lines(
    submissions: QuerySet[Submission], form: Form, statement: Progress = _silent
) -> Iterator[str]:
    """Yield the main table as CSV with a BOM, so that Excel reads Khmer; repeats as their count.

    Lines made before are copied; only where none fits is the record itself read.
    """
    place = stored_lines.layout(form.pk)
    yield "\ufeff" + stored_lines.written([_FIRST, *place.names, *_LAST])
    block: list[str] = []
    size = count = stale = 0
    for record in _stream(submissions, *place.line_or_xml(place.fits)):
        count += 1
        line = record[-2]
        if line is None:
            stale += 1
            line = place.tail_of(record[-1])
        # the date stands before the answers, the rest of the system's columns behind them
        block.append(f"{record[0]}{line[:-2]},{stored_lines.written(list(record[1 : len(_META)]))}")
        size += len(block[-1])
        if size > _BLOCK:
            yield "".join(block)
            block.clear()
            size = 0
        if count % _SAY == 0:
            statement(count)
    yield "".join(block)
    statement(count)
    if stale >= _MANY_STALE:
        stored_lines.renew_soon(form)


def never_silently_cut(parts: Iterator[str]) -> Iterator[str]:
    """Yield a CSV given in an answer: when it breaks off, its last line says so.

    The status was sent long before, and a CSV, unlike JSON and a zip, looks complete when it is
    not.
    """
    try:
        yield from parts
    except Exception:
        yield f"\r\n{BROKEN_OFF}\r\n"
        raise


def nested(turn: Turn) -> dict[str, Any]:
    """Return a record as nested JSON: groups are objects, repeats are lists."""
    record: dict[str, Any] = {}
    for column, cell in zip(turn.table.columns, turn.cells, strict=True):
        inside = record
        for name in column.path[:-1]:
            inside = inside.setdefault(name, {})
        inside[column.path[-1]] = cell or None
    for child in turn.turns:
        path = child.table.path[len(turn.table.path) :]
        inside = record
        for name in path[:-1]:
            inside = inside.setdefault(name, {})
        inside.setdefault(path[-1], []).append(nested(child))
    return record


def json_lines(
    submissions: QuerySet[Submission], form: Form, statement: Progress = _silent
) -> Iterator[str]:
    """Yield a JSON list of records, one a line."""
    yield "["
    glue = "\n"
    for meta, turn in _rows(submissions, stored_lines.layout(form.pk), statement):
        body = {"__system": dict(zip(_META, meta, strict=True)), **nested(turn)}
        yield glue + json.dumps(body, ensure_ascii=False)
        glue = ",\n"
    yield "\n]\n"


def write_xlsx(
    submissions: QuerySet[Submission], form: Form, path: Path, statement: Progress = _silent
) -> None:
    """Write a workbook with a sheet for the main table and one for each repeat."""
    place = stored_lines.layout(form.pk)
    main = place.main
    every = list(main.all())
    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheets: dict[int, Any] = {}
    at: dict[int, int] = {}
    # in constant memory a sheet must be written row by row, each sheet to its own file
    for number, table in enumerate(every):
        title = "Submissions" if not number else f"{number} {table.path[-1]}"[:31]
        sheets[id(table)] = book.add_worksheet(title)
        own = headers(table)
        first = ["PARENT_KEY", *own] if number else [_FIRST, *own, *_LAST]
        sheets[id(table)].write_row(0, 0, first)
        at[id(table)] = 1
    for meta, turn in _rows(submissions, place, statement):
        _sheet_row(sheets, at, main, [meta[0], *turn.cells, *meta[1:]])
        _sheet_turns(sheets, at, turn, meta[1])
    book.close()


def _sheet_row(sheets: dict[int, Any], at: dict[int, int], table: Table, cells: list[str]) -> None:
    number = at[id(table)]
    if number >= 1_048_576:
        return
    sheet = sheets[id(table)]
    for column, cell in enumerate(cells):
        if cell:
            sheet.write_string(number, column, cell)
    at[id(table)] = number + 1


def _sheet_turns(sheets: dict[int, Any], at: dict[int, int], turn: Turn, key: str) -> None:
    for child in turn.turns:
        _sheet_row(sheets, at, child.table, [key, *child.cells])
        _sheet_turns(sheets, at, child, key)


# -- background jobs ---------------------------------------------------------------------------


def exportable(form: Form, user: User) -> QuerySet[Submission]:
    """Return the records of a form that this person may download."""
    return Submission.objects.standing().visible_to(user).filter(form=form)


@transaction.atomic
def ask(*, form: Form, format: str, by: User) -> ExportJob:
    """Ask for a file to be made in the background."""
    job = ExportJob.objects.create(
        form=form, format=format, asked_by=by, total=exportable(form, by).count()
    )
    trail.record(by=by, verb="export.asked", subject=job, after={"form": form.xml_form_id})
    messages.send_after_commit(TASK, job.pk)
    return job


@attempts.when_given_up(TASK)
def give_up(job_id: int) -> None:
    """Close an export that crashed its worker each time."""
    ExportJob.objects.filter(pk=job_id, finished_at=None).update(
        error="The worker was stopped each time.", finished_at=timezone.now()
    )


def waiting() -> list[int]:
    """Return exports to be made whose message may be lost, the oldest first."""
    late = ExportJob.objects.filter(finished_at=None, asked_at__lt=timezone.now() - attempts.LATE)
    return list(late.order_by("pk").values_list("pk", flat=True))


def waits_without_worker(job: ExportJob) -> bool:
    """Return whether no worker began with the export within half a minute."""
    waits = job.finished_at is None
    return waits and attempts.waits_without_worker(TASK, job.pk, job.asked_at)


def stored_name(job: ExportJob) -> str:
    """Return the name in the storage of a finished export."""
    return f"exports/{job.file}"


def run(job_id: int) -> int:
    """Make the file of a job; one that was done before is left alone. Return its rows."""
    unfinished = ExportJob.objects.filter(pk=job_id, finished_at=None)
    job = unfinished.select_related("form", "asked_by").first()
    if job is None:
        return 0
    # the name cannot be guessed, and it is served only to its owner
    name = f"{job.pk}-{secrets.token_hex(16)}.{job.format}"
    submissions = exportable(job.form, job.asked_by)

    count = 0

    def report_progress(done: int) -> None:
        nonlocal count
        count = done
        ExportJob.objects.filter(pk=job.pk).update(done=min(done, job.total))

    try:
        with TemporaryDirectory() as folder:
            path = Path(folder) / name
            if job.format == ExportJob.Format.XLSX:
                write_xlsx(submissions, job.form, path, report_progress)
            else:
                make = csv_lines if job.format == ExportJob.Format.CSV else json_lines
                with path.open("w", encoding="utf-8", newline="") as out:
                    out.writelines(make(submissions, job.form, report_progress))
            with path.open("rb") as finished:
                media.write(f"exports/{name}", finished)
    except OperationalError:
        raise  # the database does not answer: the export waits for another attempt
    except Exception as trouble:
        ExportJob.objects.filter(pk=job.pk).update(
            error=f"{type(trouble).__name__}: {trouble}"[:500], finished_at=timezone.now()
        )
        raise
    ExportJob.objects.filter(pk=job.pk).update(
        file=name, total=count, done=count, finished_at=timezone.now(), error=""
    )
    return count


def forget_old() -> int:
    """Delete the files of exports older than a week, and their rows."""
    old = ExportJob.objects.filter(asked_at__lt=timezone.now() - timedelta(days=KEEP_DAYS))
    count = 0
    for job in old:
        if job.file:
            media.delete(stored_name(job))
        job.delete()
        count += 1
    return count
