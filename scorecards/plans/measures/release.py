"""Write the measures of plans into each published release, once.

Actions, rounds and communes are public one by one, so their counts are exact; numbers of people
are rounded like every released figure (disclosure.md), against all earlier releases of the quarter.
"""

import json
from typing import Any, Final

import numpy as np
import pandas as pd
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit import trail
from scorecards import periods
from scorecards.method.disclosure import rounding
from scorecards.models import Release
from scorecards.plans.measures import counts, table
from scorecards.plans.models import MeasureCell, MeasureRelease

_COLUMNS: Final = (
    *("measure", "split", "place_code", "numerator", "denominator"),
    *("share", "low", "high", "standing"),
)


def release_measures() -> int:
    """Add measures to published releases that have none; return how many releases got them.

    Safe to repeat and to race: the row of the release is locked while it is written.
    """
    waiting = Release.objects.filter(is_current=True, measure_release=None).order_by("period")
    return sum(_write(pk) for pk in waiting.values_list("pk", flat=True))


@transaction.atomic
def _write(pk: int) -> int:
    release = Release.objects.select_for_update().get(pk=pk)
    if not release.is_current or MeasureRelease.objects.filter(release=release).exists():
        return 0
    decided = decide_people(release.period)
    made = MeasureRelease.objects.create(
        release=release, period=release.period, private=_stored(decided)
    )
    cells = all_cells(release.period, decided)
    rows: list[Any] = cells.to_dict("records")
    MeasureCell.objects.bulk_create(
        (MeasureCell(made_for=made, **row) for row in rows), batch_size=2000
    )
    trail.record(
        by=None,
        job="measures",
        verb="plan.measures_released",
        subject=release,
        after={"cells": len(cells), "period": release.period},
    )
    return 1


def all_cells(period: str, decided: pd.DataFrame) -> pd.DataFrame:
    """Return every printed figure of a release.

    Exact ones as of the last day of the quarter at latest.
    """
    today = min(timezone.localdate(), periods.parse(period).last)
    exact = table.exact(counts.by_commune(today))
    exact = exact.loc[exact["share"].notna()]
    people = table.printed(decided)
    return pd.concat([exact[[*_COLUMNS]], people[[*_COLUMNS]]], ignore_index=True)


def decide_people(period: str) -> pd.DataFrame:
    """Round numbers of people of every place against the earlier releases of this quarter."""
    by_commune = counts.people_by_commune()
    values = ["met", "not_met", "met_key", "not_met_key"]
    cells = table.rolled_up(by_commune, values).assign(service="")
    for name in ("met_key", "not_met_key"):
        cells[name] = cells[name].to_numpy(dtype=np.uint64)
    earlier = MeasureRelease.objects.filter(period=period).order_by("pk")
    kept = [pd.DataFrame(rows) for rows in earlier.values_list("private", flat=True) if rows]
    return rounding.release(cells, kept or None, settings.ROUNDING_SECRET)


def _stored(decided: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the decided table as JSON; what is missing is null."""
    rows: list[dict[str, Any]] = json.loads(decided.to_json(orient="records"))
    return rows
