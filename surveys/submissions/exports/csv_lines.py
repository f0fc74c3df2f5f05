"""Each record's line in the CSV of its form, made once when the record is observed.

An export then copies lines instead of parsing records. A line is valid only for the layout it was
made for (the questions of every published version), whose key is stored with it: after a new
version the lines are made again.
"""

import csv
import hashlib
import sys
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.db import transaction
from django.db.models import BinaryField, Case, F, Q, When
from django.db.models.functions import Coalesce

from jobs import messages
from spreadsheets import FORMULA_STARTS, escape_text
from surveys.forms.safe_xml import parse
from surveys.models import Form, FormVersion, Submission
from surveys.submissions.exports.tables import Column, Table, Turn, read_row, tables_of_versions

_RULES = "2"
"""Increase it when the way a line is written changes."""
_BATCH = 500


class _Line:
    """A file for csv.writer that hands each line on."""

    def write(self, line: str) -> str:
        return line


_WRITER: Any = csv.writer(_Line())
# a line is read back below: a long story is one cell
csv.field_size_limit(sys.maxsize)
_NOW_XML = Coalesce("current__xml", "xml")


def written(cells: list[Any]) -> str:
    """Return one line of CSV, with its end."""
    return str(_WRITER.writerow(cells))


def headers(table: Table) -> list[str]:
    """Return column names as Central writes them: groups joined by a hyphen."""
    return ["-".join(column.path) for column in table.columns]


_POINT = ("Latitude", "Longitude", "Altitude", "Accuracy")


def column_names(name: str, column: Column) -> list[str]:
    """Return the names of a question's columns in a CSV.

    A place on the map has four, as in Central.
    """
    return [f"{name}-{part}" for part in _POINT] if column.type == "geopoint" else [name]


def column_cells(cell: str, column: Column) -> list[str]:
    """Return the cells of one answer under ``column_names``, harmless to a spreadsheet."""
    if column.type == "geopoint":
        return [escape_text(c) for c in [*cell.split(), "", "", "", ""][:4]]
    return [escape_text(cell)]


def csv_headers(table: Table) -> list[str]:
    """Return ``headers`` of a CSV, where a place on the map has four columns."""
    columns: list[str] = []
    for name, column in zip(headers(table), table.columns, strict=True):
        columns += column_names(name, column)
    return columns


def csv_cells(turn: Turn) -> list[str]:
    """Return the cells of one turn under ``csv_headers``, harmless to a spreadsheet."""
    cells = turn.cells
    if turn.table.points:
        cells = list(cells)
        for index in reversed(turn.table.points):
            cells[index : index + 1] = [*cells[index].split(), "", "", "", ""][:4]
    return [escape_text(c) if c[:1] in FORMULA_STARTS else c for c in cells]


@dataclass(frozen=True)
class Layout:
    """The columns of a form's CSV: every question of its versions, and a count of each repeat."""

    main: Table
    repeats: list[Table]
    names: list[str]
    key: str

    def tail(self, turn: Turn) -> str:
        """Return a record's cells as part of its line, from a comma to the end."""
        counts = [sum(t.table is table for t in turn.turns) for table in self.repeats]
        # a first cell, so that an empty single cell is written as it is inside a line
        return written(["-", *csv_cells(turn), *counts])[1:]

    def tail_of(self, xml: bytes) -> str:
        """Return ``tail`` of a record's XML, which was checked for safety when it arrived."""
        return self.tail(self.turn_of_xml(xml))

    def turn_of_xml(self, xml: bytes) -> Turn:
        """Return a record's answers, read from its XML."""
        return read_row(self.main, parse(bytes(xml)))

    def turn_of_line(self, line: str) -> Turn:
        """Return the same answers, read from a line that ``tells_all``: a tenth of the work."""
        cells = next(csv.reader([line]))[1:]
        for index in self.main.points:
            cells[index : index + 4] = [" ".join(filter(None, cells[index : index + 4]))]
        return Turn(self.main, cells[: len(self.main.columns)])

    @cached_property
    def fits(self) -> Q:
        """Return the condition on records whose line was made for this layout."""
        return Q(line_key=self.key)

    @cached_property
    def without_turns(self) -> Q:
        """Return the condition on records whose line says that no repeat has a turn."""
        return self.fits & Q(line__endswith=",0" * len(self.repeats) + "\r\n")

    @cached_property
    def tells_all(self) -> Q:
        """Return the condition on records whose line holds every answer.

        They have no turns, and no apostrophe that may be ours.
        """
        return self.without_turns & ~Q(line__contains="'")

    @staticmethod
    def line_or_xml(ready: Q) -> tuple[Case, Case]:
        """Return two columns of a query.

        They are the line of records that are ``ready``, and the XML of others.
        """
        return (
            Case(When(ready, then=F("line")), default=None),
            Case(When(ready, then=None), default=_NOW_XML, output_field=BinaryField()),
        )


def layout(form_id: int) -> Layout:
    """Return the layout of a form with its present versions: one small query."""
    versions = FormVersion.objects.filter(form_id=form_id).exclude(published_at=None)
    return _layout(tuple(versions.order_by("-id").values_list("pk", flat=True)))


@lru_cache(maxsize=128)
def _layout(version_ids: tuple[int, ...]) -> Layout:
    """Return the layout of published versions, which never change, so that it can be cached."""
    form_versions = FormVersion.objects.in_bulk(version_ids)
    return layout_of([form_versions[pk] for pk in version_ids])


def layout_of(versions: list[FormVersion]) -> Layout:
    """Return the layout of some versions of a form, the newest first."""
    main = tables_of_versions(versions)
    repeats = list(main.children.values())
    names = [*csv_headers(main), *(f"{'-'.join(t.path)}-count" for t in repeats)]
    seed = [
        _RULES,
        *("/".join((*c.path, c.type)) for c in main.columns),
        "",
        *("/".join(t.path) for t in repeats),
    ]
    key = hashlib.sha256("\n".join(seed).encode()).hexdigest()[:32]
    return Layout(main, repeats, names, key)


def put(submission: Submission, xml: bytes, place: Layout) -> None:
    """Make the line of a record (not yet saved), of its current wording."""
    submission.line, submission.line_key = place.tail_of(xml), place.key


def renew_soon(form: Form) -> None:
    """Ask the worker to make lines that no longer fit."""
    messages.send("surveys.tasks.renew_lines", form.pk)


def renew(form_id: int) -> int:
    """Make the lines of a form that are missing or no longer valid; return how many.

    Rows that another worker has locked are left to that worker.
    """
    place = layout(form_id)
    stale = Submission.objects.filter(form_id=form_id).exclude(line_key=place.key)
    done = last = 0
    while True:
        with transaction.atomic():
            rows = list(
                stale.filter(pk__gt=last, observed_at__isnull=False)
                .select_related("current")
                .select_for_update(of=("self",), skip_locked=True)
                .order_by("pk")[:_BATCH]
            )
            for row in rows:
                row.line = place.tail_of(bytes(row.current.xml if row.current else row.xml))
                row.line_key = place.key
            Submission.objects.bulk_update(rows, ["line", "line_key"])
        if not rows:
            return done
        done, last = done + len(rows), rows[-1].pk
