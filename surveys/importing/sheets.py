"""From a row of text to a telling, for each kind of spreadsheet."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from parsing.errors import UnreadableValue
from surveys import services
from surveys.importing.columns import OF_KIND, Column
from surveys.importing.tables import Table
from surveys.rules import Problems
from surveys.services import CaseTold, CheckTold, MeetingTold, VoteTold

Told = Any
Tell = Callable[[list[str]], tuple[Told, Problems]]


@dataclass(frozen=True)
class Sheet:
    """One kind of spreadsheet: its columns, and the service that records its rows."""

    kind: str
    columns: tuple[Column, ...]
    record: Callable[..., list[services.RowResult]]
    blank: Callable[[], Told]
    part_of: Callable[[Told, Column], Any] | None = None


def _vote_or_meeting(told: Told, column: Column) -> Any:
    return told[0] if column.part == "meeting" else told[1]


SHEETS = {
    "cases": Sheet("cases", OF_KIND["cases"], services.record_cases, CaseTold),
    "checks": Sheet("checks", OF_KIND["checks"], services.record_checks, CheckTold),
    "votes": Sheet(
        "votes",
        OF_KIND["votes"],
        services.record_vote_rows,
        lambda: (MeetingTold(), VoteTold()),
        _vote_or_meeting,
    ),
}


def teller(sheet: Sheet, table: Table) -> Tell:
    """A function from a row of the table to what it tells and what in it cannot be read."""
    plan = [
        (table.places[column.name], column, column.read, column.name)
        for column in sheet.columns
        if column.name in table.places
    ]
    width = len(table.headers)
    part_of = sheet.part_of

    def tell(row: list[str]) -> tuple[Told, Problems]:
        told = sheet.blank()
        problems = Problems()
        if len(row) > width and any(row[width:]):
            problems.say("row", _("It has more cells than there are headers."))
        cells = len(row)
        for place, column, read, name in plan:
            text = row[place].strip() if place < cells else ""
            if not text:
                continue
            try:
                setattr(part_of(told, column) if part_of else told, name, read(text))
            except UnreadableValue as error:
                problems.say(name, str(error))
        return told, problems

    return tell
