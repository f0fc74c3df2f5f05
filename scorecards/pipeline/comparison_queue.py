"""Queue of periods whose comparisons wait to be computed, written with the changed scores."""

from collections.abc import Iterable

from scorecards import periods
from scorecards.models import PendingComparison
from scorecards.periods import Period

BACK = 5
"""Periods that a trend uses, the last one included."""


def note(months: Iterable[str]) -> None:
    """Have every period compared again that uses figures of these months.

    Those too that have no figures yet: another transaction may just be storing them.
    """
    _note({later for period in periods.holding(months) for later in _row(period)})


def note_period(period: Period) -> None:
    """Have a period compared for the first time, and those that are compared with it."""
    _note(_row(period))


def note_older(months: Iterable[str]) -> None:
    """Have the periods of these months compared again: requests in them have grown older.

    No figure changed that another period is compared with.
    """
    _note(periods.holding(months))


def _note(wanted: Iterable[Period]) -> None:
    PendingComparison.objects.bulk_create(PendingComparison(period=one.code) for one in wanted)


def _row(period: Period) -> list[Period]:
    """Return the period and the later ones whose trends use it."""
    row = [period]
    while len(row) < BACK:
        row.append(row[-1].following)
    return row


def noted() -> dict[str, list[int]]:
    """Return the codes of the periods that wait, the longest and oldest first, and their notes."""
    keys_of: dict[str, list[int]] = {}
    for key, code in PendingComparison.objects.values_list("pk", "period"):
        keys_of.setdefault(code, []).append(key)
    return {code: keys_of[code] for code in sorted(keys_of, key=lambda code: (len(code), code))}


def done(notes: list[int]) -> None:
    """Delete these notes; what was noted meanwhile still waits."""
    PendingComparison.objects.filter(pk__in=notes).delete()
