"""Exports as Central's clients ask for them: select-multiples split, paths shortened, old fields.

Without options the lines made before are copied; with any of them each record is read.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import QuerySet

from surveys.models import Form, FormVersion, Submission
from surveys.submissions.exports import csv_lines as stored_lines
from surveys.submissions.exports import formats
from surveys.submissions.exports.csv_lines import Layout
from surveys.submissions.exports.tables import Column, Table, Turn


@dataclass(frozen=True)
class ExportOptions:
    """The options of an export."""

    split_selects: bool = False
    """for each select-multiple, a column of 0 and 1 for each choice that was ever given"""
    group_paths: bool = True
    """names of columns begin with the groups they are in"""
    deleted_fields: bool = True
    """questions that only older versions have are exported too"""


USUAL = ExportOptions()
Choices = dict[tuple[str, ...], list[str]]
"""the choices given to a select-multiple, by its path from the root"""


@dataclass(frozen=True)
class Cells:
    """The writer of a table's cells under some options."""

    options: ExportOptions
    choices: Choices = field(default_factory=dict)

    def names(self, table: Table) -> list[str]:
        """Return the header of a table."""
        header: list[str] = []
        for column in table.columns:
            name = "-".join(column.path) if self.options.group_paths else column.path[-1]
            header += stored_lines.column_names(name, column)
            header += [f"{name}/{choice}" for choice in self._choices(table, column)]
        return header

    def of(self, turn: Turn) -> list[str]:
        """Return the cells of one row under ``names``, harmless to a spreadsheet."""
        row_cells: list[str] = []
        for column, cell in zip(turn.table.columns, turn.cells, strict=True):
            row_cells += stored_lines.column_cells(cell, column)
            chosen = cell.split()
            row_cells += [str(int(c in chosen)) for c in self._choices(turn.table, column)]
        return row_cells

    def _choices(self, table: Table, column: Column) -> list[str]:
        return self.choices.get((*table.path, *column.path), [])


def layout_of(form: Form, options: ExportOptions) -> Layout:
    """Return the tables of an export: of all published versions, or of the current one."""
    if options.deleted_fields or form.current_id is None:
        return stored_lines.layout(form.pk)
    return stored_lines.layout_of([FormVersion.objects.get(pk=form.current_id)])


def cells_of(submissions: QuerySet[Submission], place: Layout, options: ExportOptions) -> Cells:
    """Return the writer of cells; to split select-multiples, all records are read once."""
    if not options.split_selects:
        return Cells(options)
    given: dict[tuple[str, ...], set[str]] = {}
    for _name, turn in formats.rows_of(submissions, place):
        _gather(turn, given)
    return Cells(options, {path: sorted(words) for path, words in given.items()})


def _gather(turn: Turn, given: dict[tuple[str, ...], set[str]]) -> None:
    for column, cell in zip(turn.table.columns, turn.cells, strict=True):
        if column.control == "select_multiple" and cell:
            path = (*turn.table.path, *column.path)
            given.setdefault(path, set()).update(cell.split())
    for one in turn.turns:
        _gather(one, given)


def csv_lines(
    submissions: QuerySet[Submission], form: Form, options: ExportOptions
) -> Iterator[str]:
    """Yield the main table as CSV with a BOM, as ``formats.csv_lines`` writes it."""
    if options == USUAL:
        yield from formats.csv_lines(submissions, form)
        return
    place = layout_of(form, options)
    cells = cells_of(submissions, place, options)
    repeats = [
        f"{'-'.join(t.path) if options.group_paths else t.path[-1]}-count" for t in place.repeats
    ]
    first, *last = formats.SYSTEM_COLUMNS
    yield "\ufeff" + stored_lines.written([first, *cells.names(place.main), *repeats, *last])
    for system, turn in formats.rows_with_system(submissions, place):
        counts = [sum(t.table is table for t in turn.turns) for table in place.repeats]
        yield stored_lines.written([system[0], *cells.of(turn), *counts, *system[1:]])
