"""Whole computations: a province, a period, everything; by task, by hand, by benchmark."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from places.models import Place
from scorecards import periods
from scorecards.pipeline import incremental, judge_cases, workday_table
from scorecards.pipeline.incremental import Work
from scorecards.pipeline.scope import Scope
from scorecards.storage.replace_rows import Stored


def provinces_to_do() -> list[str]:
    """Return the provinces of the nation, in order."""
    return list(Place.objects.provinces().order_by("code").values_list("code", flat=True))


def judge_province(code: str) -> None:
    """Judge every case of one province, a transaction a year."""
    workday_table.refresh(timezone.localdate())
    months = judge_cases.months_observed(Scope(code))
    for year in sorted({month[:4] for month in months}):
        with transaction.atomic():
            incremental.judge(code, [month for month in months if month.startswith(year)])


def compute_province(code: str, period: str = "", *, but: Collection[str] = ()) -> Stored:
    """Judge and count one province again: one period's months, or every month with data.

    A transaction per year, so that a killed run keeps what it finished and a second
    one finds little to write. ``but``: the codes of periods that were computed already; a
    year is left out if all of its periods were.
    """
    workday_table.refresh(timezone.localdate())
    months = (
        list(periods.parse(period).months) if period else judge_cases.months_observed(Scope(code))
    )
    done = Stored(0, 0)
    for year in sorted({month[:4] for month in months}):
        mine = {month for month in months if month.startswith(year)}
        if all(held.code in but for held in periods.holding(mine)):
            continue
        with transaction.atomic():
            done += incremental.recompute({code: Work(mine, True, True, True)})
    return done


def finish() -> None:
    """Sum what the provinces changed up to the nation."""
    while incremental.roll_up_pending():
        pass


def compute_everything(period: str = "") -> Stored:
    """Compute every province in turn, then the sums."""
    done = Stored(0, 0)
    for code in provinces_to_do():
        done += compute_province(code, period)
    finish()
    return done
