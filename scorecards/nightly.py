"""Every night the scores are computed a second way, and any difference raises an alarm.

Each province reads its observations and its stored scores in one snapshot, computes the
scores from nothing in pandas (``scorecards.recount``) and compares cell by cell. The
stored figure stays as it is: nobody knows yet which of the two is wrong. Cells whose
changes still wait to be computed are left for the next night.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date

import numpy as np
import pandas as pd
from django.db import connection, transaction
from django.utils import timezone

from scorecards import partitions, periods, recount
from scorecards.computing import calendar, recompute
from scorecards.computing.recompute import Work
from scorecards.computing.storing import Stored
from scorecards.models import ScoreAlarm, ScoringRun
from scorecards.recount import CELL, COUNTED, NUMBERS

CLOSE = 1e-9
"""SQL and numpy may differ in the last bit of a division, and in nothing more."""

HOLIDAYS_REACH_BACK = 120
"""Days before an edited holiday in which requests may have been waiting across it."""


def check_province(code: str, *, run: ScoringRun | None = None) -> Stored:
    """Recompute one province in pandas and compare: how many cells, how many differ.

    Before that, what time alone has changed (open cases grow older, a holiday was
    decreed) is computed the quick way: that is no difference.
    """
    today = timezone.localdate()
    let_time_pass(code, today)
    cells, found = 0, [_nothing()]
    with _one_snapshot():
        seen = recount.read(code, today)
        waiting = _waiting(code)
        for period in _periods(seen.months()):
            if waiting & set(period.months):
                continue
            fresh = recount.recount(seen, period)
            cells += len(fresh)
            found.append(differences(_stored(code, period), fresh).assign(period=period.code))
    alarms = pd.concat(found, ignore_index=True)
    _settle(code, alarms, run)
    return Stored(cells, len(alarms))


def check_sums(*, run: ScoringRun | None = None) -> int:
    """Add the communes up to provinces and the nation in pandas; how many sums differ."""
    found = [_nothing()]
    for code in partitions.parts(partitions.SCORES):
        with _one_snapshot():
            period = periods.parse(code)
            communes = _rows("period = %s AND level = 'commune'", [code])
            stored = _rows("period = %s AND level IN ('province', 'nation')", [code])
        sums = [_sum(communes, communes["place_code"].str[:2]), _sum(communes, "")]
        fresh = recount.with_shares(pd.concat(sums, ignore_index=True), period)
        stored = stored.assign(median=np.nan)
        found.append(differences(stored, fresh).assign(period=code))
    alarms = pd.concat(found, ignore_index=True)
    _settle(None, alarms, run)
    return len(alarms)


def differences(stored: pd.DataFrame, fresh: pd.DataFrame) -> pd.DataFrame:
    """Cells in which two tables of CELL and NUMBERS disagree: field, stored, recomputed.

    One row a cell, naming the first column that differs; a cell that only one of the
    tables has differs in "cell". A missing number equals a missing number.
    """
    both = stored.merge(fresh, how="outer", on=CELL, suffixes=("_old", "_new"), indicator="where")
    field = np.where(both["where"] == "both", "", "cell").astype(object)
    old_text = both["where"].map({"both": "", "left_only": "stored", "right_only": "none"})
    new_text = both["where"].map({"both": "", "left_only": "none", "right_only": "recomputed"})
    told, found = old_text.to_numpy(dtype=object), new_text.to_numpy(dtype=object)
    for name in NUMBERS:
        old = both[f"{name}_old"].to_numpy(dtype=np.float64, na_value=np.nan)
        new = both[f"{name}_new"].to_numpy(dtype=np.float64, na_value=np.nan)
        same = np.isclose(old, new, rtol=0.0, atol=CLOSE, equal_nan=True)
        differs = ~same & (field == "")
        field[differs] = name
        told[differs] = [f"{value:.10g}" for value in old[differs]]
        found[differs] = [f"{value:.10g}" for value in new[differs]]
    table = both[CELL].assign(field=field, stored=told, recomputed=found)
    differing: pd.DataFrame = table.loc[field != ""]
    return differing.reset_index(drop=True)


def let_time_pass(code: str, today: date) -> None:
    """Compute the months in which time alone changes a judgement, the quick way."""
    changed = calendar.refresh(today)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT month FROM {partitions.FACTS} WHERE province_code = %s "  # noqa: S608
            "AND (is_open OR asked_on >= %s)",
            [code, _reach(changed)],
        )
        months = {month for (month,) in cursor.fetchall()}
    if months:
        with transaction.atomic():
            recompute.recompute({code: Work(months)})


@contextmanager
def _one_snapshot() -> Iterator[None]:
    """A transaction that sees the database at one moment (inside another one: as that does)."""
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _reach(changed: date | None) -> date:
    if changed is None:
        return date.max
    return date.fromordinal(changed.toordinal() - HOLIDAYS_REACH_BACK)


def _periods(months: Iterable[str]) -> list[periods.Period]:
    stored = [code for code in partitions.parts(partitions.SCORES) if len(code) == 7]
    known = {code for code in stored if "Q" not in code}
    return periods.holding(set(months) | known)


def _waiting(code: str) -> set[str]:
    """Months of this province with changes that nobody has computed yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT to_char(month, 'YYYY-MM') FROM surveys_observationchange "
            "WHERE province_code = %s",
            [code],
        )
        return {month for (month,) in cursor.fetchall()}


def _stored(code: str, period: periods.Period) -> pd.DataFrame:
    return _rows(
        "period = %s AND province_code = %s AND level IN ('commune', 'provider')",
        [period.code, code],
    )


def _rows(where: str, values: list[str]) -> pd.DataFrame:
    columns = [*CELL, *NUMBERS]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(columns)} FROM {partitions.SCORES} WHERE {where}",  # noqa: S608
            values,
        )
        table = pd.DataFrame(cursor.fetchall(), columns=pd.Index(columns))
    table[NUMBERS] = table[NUMBERS].astype("float64")
    return table


def _sum(communes: pd.DataFrame, place: "pd.Series | str") -> pd.DataFrame:
    keys = ["indicator", "service", "provider_kind", "place_code", "self_assessment"]
    placed = communes.assign(place_code=place)
    sums = placed.groupby(keys, observed=True)[COUNTED].sum().reset_index()
    return sums.assign(provider_id=0, median=np.nan)


def _nothing() -> pd.DataFrame:
    return pd.DataFrame({name: [] for name in ["period", *CELL, "field", "stored", "recomputed"]})


def _settle(code: str | None, alarms: pd.DataFrame, run: ScoringRun | None) -> None:
    """Raise an alarm per cell that differs; those that agree again are resolved.

    ``code`` is a province; None are the sums of provinces and the nation.
    """
    with transaction.atomic():
        standing = ScoreAlarm.objects.select_for_update().filter(resolved_at=None)
        if code is None:
            standing = standing.filter(place_code__regex=r"^(\d\d)?$")
        else:
            standing = standing.filter(place_code__regex=rf"^{code}\d+$")
        known = {tuple(getattr(a, name) for name in ["period", *CELL]): a for a in standing}
        for row in alarms.to_dict("records"):
            key = tuple(row[name] for name in ["period", *CELL])
            told = {name: row[name] for name in ("field", "stored", "recomputed")}
            if (alarm := known.pop(key, None)) is None:
                alarm = ScoreAlarm(**{name: row[name] for name in ["period", *CELL]})
            for name, value in told.items():
                setattr(alarm, name, value)
            alarm.run = run
            alarm.save()
        for alarm in known.values():
            alarm.resolved_at = timezone.now()
            alarm.resolution = "agreed again"
            alarm.save(update_fields=["resolved_at", "resolution"])
