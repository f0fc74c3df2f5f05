"""Verification of single periods: their choice, and every difference in one."""

import pandas as pd
from django.db import connection

from scorecards import periods
from scorecards.periods import Period
from scorecards.pipeline import comparison_queue
from scorecards.storage import partitions
from scorecards.verification import ranks_resampled
from scorecards.verification.statistics_in_sql import classes, comparisons, on_time, overall


def periods_to_check() -> list[Period]:
    """Return periods that have comparisons, none of which still wait to be computed."""
    codes = periods.plausible(partitions.parts(partitions.COMPARISONS))
    periods_stored = set(partitions.parts(partitions.SCORES)) - set(comparison_queue.noted())
    return [periods.parse(code) for code in codes if code in periods_stored]


def differing(period: Period, *, night: int) -> pd.DataFrame:
    """Return stored rows of one period that the second computation contradicts.

    Columns: about, indicator, service, provider_kind, place_code, field, stored, recomputed.
    ``night`` (a number of days) chooses the cube whose ranks are drawn again. Run in a
    transaction, for the rest of which tables are joined by hashing: of what a statement
    computed itself the planner foresees a row or two, and would compare a nation's places
    each with each.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
    tables = [
        comparisons.differing(period),
        classes.differing(period),
        overall.differing(period),
        overall.intervals(period),
        on_time.differing(period),
        ranks_resampled.differing(period, night=night),
    ]
    table = pd.concat(tables, ignore_index=True)
    return table.assign(
        indicator=table["indicator"].fillna(""), service=table["service"].fillna("")
    )
