"""Shares on time where requests are still open: Kaplan-Meier over the facts of a period."""

import numpy as np
import pandas as pd
from django.db import connection

from scorecards.method.estimates.timeliness import median_days_cells, on_time_cells
from scorecards.method.vocabulary import Outcome
from scorecards.models import Score
from scorecards.periods import Period
from scorecards.storage import partitions
from scorecards.storage.copy_out import copied
from standards.models import Service

INDICATOR = "CA-C2"
LEVELS = {"commune": 6, "province": 2, "nation": 0}
"""Levels by the length of their codes."""
_COLUMNS = [
    "place",
    "provider_kind",
    "service",
    "days",
    "days_max",
    "is_open",
    "time",
    "days_known",
]


def on_time_of(period: Period) -> pd.DataFrame:
    """Return columns of ``OnTime`` for every cell of places with a request too young to judge."""
    cases = _cases(period)
    if cases.empty:
        return pd.DataFrame()
    effects = _effects(period)
    tables = [
        _cells(
            cases.assign(
                place_code=cases["place"].str[:length],
                service=cases["service"] if single else "",
            ),
            effects,
        ).assign(level=level)
        for level, length in LEVELS.items()
        for single in (True, False)
    ]
    return pd.concat(tables, ignore_index=True)


def _effects(period: Period) -> "pd.Series[float]":
    """Return design effects of the plain shares, by kind of provider, service and place.

    Open requests came the same way, so their clusters are not counted separately.
    """
    stored = Score.objects.filter(period=period.code, indicator=INDICATOR, provider_id=0)
    keys = ["provider_kind", "service", "place_code"]
    rows = stored.values_list(*keys, "deff")
    table = pd.DataFrame(rows, columns=pd.Index([*keys, "deff"]))
    return table.set_index(keys)["deff"].astype(float)


def _cases(period: Period) -> pd.DataFrame:
    """Return the cases that are judged or still open; none at all where none is still open."""
    months = list(period.months)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM {partitions.FACTS} "  # noqa: S608 - a name of ours
            "WHERE month = ANY(%s) AND time = %s)",
            [months, int(Outcome.STILL_OPEN)],
        )
        if cursor.fetchone() != (True,):
            return pd.DataFrame(columns=pd.Index(_COLUMNS))
    table = copied(  # a year of the nation is millions of rows: as objects they would not fit
        "SELECT commune_code AS place, provider_kind, service_id AS service, days, days_max, "  # noqa: S608
        f"is_open, time, days_known FROM {partitions.FACTS} WHERE month = ANY(%s) "
        "AND time = ANY(%s)",
        [months, [int(Outcome.MET), int(Outcome.NOT_MET), int(Outcome.STILL_OPEN)]],
    ).astype({"place": object, "provider_kind": object, "is_open": bool, "days_known": bool})
    names = dict(Service.objects.values_list("pk", "code"))
    return table.assign(service=table["service"].map(names))


def _cells(cases: pd.DataFrame, effects: "pd.Series[float]") -> pd.DataFrame:
    """Return one row a cell that has a case still open."""
    keys = ["provider_kind", "service", "place_code"]
    groups = cases.groupby(keys, sort=True)
    number = groups.ngroup().to_numpy(dtype=np.int64)
    waiting = cases["time"].to_numpy() == Outcome.STILL_OPEN
    days, delivered = cases["days"].to_numpy(dtype=np.float64), ~cases["is_open"].to_numpy(bool)
    within = cases["days_max"].to_numpy(dtype=np.float64)
    sizes = groups.size().rename("cases")
    deff = effects.reindex(sizes.index).fillna(1.0).to_numpy()
    estimates = on_time_cells(number, days, delivered, within, cells=len(sizes), deff=deff)
    table = sizes.reset_index()
    table = table.assign(
        share=estimates["share"],
        low=estimates[["low", "share"]].min(axis=1).where(estimates["share"].notna()),
        high=estimates[["high", "share"]].max(axis=1).where(estimates["share"].notna()),
        median_days=median_days_cells(
            number, np.where(cases["days_known"], days, np.nan), delivered, cells=len(table)
        ),
        still_open=np.bincount(number[waiting], minlength=len(table)),
    )
    return table[table["still_open"] > 0].reset_index(drop=True)
