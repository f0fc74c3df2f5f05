"""Exports: streaming CSV, XLSX and JSON of any form, in a request or as a background job."""

import json
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import xlsxwriter
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import BinaryField, Case, Count, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from lxml import etree

from accounts.models import User
from audit import trail
from surveys.models import (
    ExportJob,
    Form,
    Submission,
    SubmissionAttachment,
    SubmissionVersion,
)
from surveys.submissions import lines
from surveys.submissions.lines import headers
from surveys.submissions.tables import Table, Turn, read_row, tables

MOST_AT_ONCE = {"csv": 50_000, "json": 50_000, "xlsx": 5_000}
"""Rows given in the answer itself; more become a background job with a link."""
KEEP_DAYS = 7
_CHUNK = 1000
_BLOCK = 500
Said = Callable[[int], None]
_META = (
    "KEY",
    "SubmissionDate",
    "SubmitterName",
    "ReviewState",
    "FormVersion",
    "Edits",
    "AttachmentsPresent",
    "DeviceID",
)
_MANY_STALE = 1000
"""So many lines to be made during one export, and the worker is asked to make them for the next."""


def _silent(done: int) -> None:
    """Nobody waits for news."""


def edits_counted() -> Any:
    """How often a record was edited, without grouping whole records."""
    mine = SubmissionVersion.objects.filter(submission=OuterRef("pk")).order_by()
    counted = mine.values("submission").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def files_counted() -> Any:
    """How many files stand with the current wording."""
    of_it = Q(edit=OuterRef("current")) | Q(edit=None, submission__current=None)
    mine = SubmissionAttachment.objects.filter(of_it, submission=OuterRef("pk")).order_by()
    counted = mine.values("submission").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def _found(submissions: QuerySet[Submission], *columns: Any) -> Iterator[tuple[Any, ...]]:
    """Each record's own columns, then those asked for, in chunks from a server-side cursor."""
    found = (
        submissions.order_by("id")
        .annotate(now_version=Coalesce("current__version__version", "version__version"))
        .values_list(
            "pk",
            "instance_id",
            "received_at",
            Coalesce("person__display_name", "app_user__name"),
            "state",
            "now_version",
            "device_id",
            *columns,
        )
    )
    rows = found.iterator(chunk_size=_CHUNK)
    while chunk := list(islice(rows, _CHUNK)):
        # counted for a chunk at once: asked row by row it would cost as much as all the rest
        edits, files = _counts(chunk[0][0], chunk[-1][0])
        for pk, name, at, who, state, version, device, *more in chunk:
            counted = edits.get(pk, 0), files.get(pk, 0)
            yield (name, at, who, state, version, *counted, device, *more)


def _counts(first: int, last: int) -> tuple[dict[int, int], dict[int, int]]:
    """How many edits the records from ``first`` to ``last`` have, and files with the wording
    that stands; none: absent. A range, because a thousand ids take longer than the counting."""
    among = Q(submission__gte=first, submission__lte=last)
    edits = SubmissionVersion.objects.filter(among).order_by()
    standing = Q(edit=F("submission__current")) | Q(edit=None, submission__current=None)
    files = SubmissionAttachment.objects.filter(among, standing)
    by_edits, by_files = (
        dict(rows.values_list("submission").annotate(n=Count("pk")))
        for rows in (edits, files.order_by())
    )
    return by_edits, by_files


_NOW_XML = Coalesce("current__xml", "xml")


def _meta(found: tuple[Any, ...]) -> list[str]:
    """The columns of the system as text."""
    meta = list(found[: len(_META)])
    meta[1] = meta[1].isoformat()
    return [_spelled(value) for value in meta]


def rows_of(
    submissions: QuerySet[Submission], main: Table, said: Said = _silent
) -> Iterator[tuple[list[str], Turn]]:
    """Each record's own columns and its answers.

    ``said`` hears now and then, and at the end, how many were read.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    count = 0
    for found in _found(submissions, _NOW_XML):
        count += 1
        if count % _CHUNK == 0:
            said(count)
        # what is stored was parsed safely once, when it arrived
        root = etree.fromstring(bytes(found[-1]), parser)
        yield _meta(found), read_row(main, root)
    said(count)


def _spelled(value: object) -> str:
    return "" if value is None else str(value)


def csv_lines(submissions: QuerySet[Submission], form: Form, said: Said = _silent) -> Iterator[str]:
    """The main table as CSV with a BOM, so that Excel reads Khmer; repeats as their count.

    Lines made beforehand are copied; only where none fits is the record itself read.
    """
    place = lines.layout(form.pk)
    yield "\ufeff" + lines.written([*_META, *place.names])
    fits = Q(line_key=place.key)
    ready = Case(When(fits, then=F("line")), default=None)
    xml = Case(When(fits, then=None), default=_NOW_XML, output_field=BinaryField())
    block: list[str] = []
    count = stale = 0
    for found in _found(submissions, ready, xml):
        count += 1
        line = found[-2]
        if line is None:
            stale += 1
            line = place.tail_of(found[-1])
        # the end of a line is the line's own
        block.append(lines.written(_meta(found))[:-2] + line)
        if len(block) == _BLOCK:
            yield "".join(block)
            block.clear()
            said(count)
    yield "".join(block)
    said(count)
    if stale >= _MANY_STALE:
        lines.renew_soon(form)


def nested(turn: Turn) -> dict[str, Any]:
    """A record as nested JSON: groups are objects, repeats are lists."""
    found: dict[str, Any] = {}
    for column, cell in zip(turn.table.columns, turn.cells, strict=True):
        inside = found
        for name in column.path[:-1]:
            inside = inside.setdefault(name, {})
        inside[column.path[-1]] = cell or None
    for child in turn.turns:
        path = child.table.path[len(turn.table.path) :]
        inside = found
        for name in path[:-1]:
            inside = inside.setdefault(name, {})
        inside.setdefault(path[-1], []).append(nested(child))
    return found


def json_lines(
    submissions: QuerySet[Submission], form: Form, said: Said = _silent
) -> Iterator[str]:
    """A JSON list of records, one a line."""
    yield "["
    glue = "\n"
    for meta, turn in rows_of(submissions, tables(form), said):
        body = {"__system": dict(zip(_META, meta, strict=True)), **nested(turn)}
        yield glue + json.dumps(body, ensure_ascii=False)
        glue = ",\n"
    yield "\n]\n"


def write_xlsx(
    submissions: QuerySet[Submission], form: Form, path: Path, said: Said = _silent
) -> None:
    """A workbook with a sheet for the main table and one for each repeat."""
    main = tables(form)
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
        first = [*_META, *headers(table)] if not number else ["PARENT_KEY", *headers(table)]
        sheets[id(table)].write_row(0, 0, first)
        at[id(table)] = 1
    for meta, turn in rows_of(submissions, main, said):
        _sheet_row(sheets, at, main, [*meta, *turn.cells])
        _sheet_turns(sheets, at, turn, meta[0])
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
    """The records of a form that this person may take out."""
    return Submission.objects.standing().visible_to(user).filter(form=form)


@transaction.atomic
def ask(*, form: Form, format: str, by: User) -> ExportJob:
    """Ask for a file to be made in the background."""
    job = ExportJob.objects.create(
        form=form, format=format, asked_by=by, total=exportable(form, by).count()
    )
    trail.record(by=by, verb="export.asked", subject=job, after={"form": form.xml_form_id})
    transaction.on_commit(
        lambda: current_app.send_task("surveys.tasks.make_export", args=[job.pk]), robust=True
    )
    return job


def folder() -> Path:
    """Where finished exports lie."""
    return Path(settings.MEDIA_ROOT) / "exports"


def run(job_id: int) -> int:
    """Make the file of a job; a job that was done before is left alone. Returns its rows."""
    job = ExportJob.objects.select_related("form", "asked_by").get(pk=job_id)
    if job.finished_at is not None:
        return job.done
    folder().mkdir(parents=True, exist_ok=True)
    # the name cannot be guessed, and nobody is served it without being asked who they are
    name = f"{job.pk}-{secrets.token_hex(16)}.{job.format}"
    submissions = exportable(job.form, job.asked_by)

    count = 0

    def said(done: int) -> None:
        nonlocal count
        count = done
        ExportJob.objects.filter(pk=job.pk).update(done=min(done, job.total))

    try:
        if job.format == ExportJob.Format.XLSX:
            write_xlsx(submissions, job.form, folder() / name, said)
        else:
            make = csv_lines if job.format == ExportJob.Format.CSV else json_lines
            with (folder() / name).open("w", encoding="utf-8", newline="") as out:
                out.writelines(make(submissions, job.form, said))
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
            (folder() / job.file).unlink(missing_ok=True)
        job.delete()
        count += 1
    return count
