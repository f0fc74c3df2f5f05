"""Every night the scores are computed a second way, and any difference raises an alarm.

Each province reads its observations and its stored scores in one snapshot, computes the scores from
nothing in pandas (``verification.scores_in_pandas``) and compares cell by cell. The stored figure
stays as it is, because either of the two may be wrong. Cells whose changes still wait to be
computed are left for the next night.
"""

import logging
from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from django.db import connection, transaction
from django.utils import timezone
from numpy.typing import NDArray

from scorecards import periods
from scorecards.method.arrays import Floats, floats
from scorecards.method.vocabulary import Outcome
from scorecards.models import PendingRollUp, ScoreAlarm, ScoringRun
from scorecards.pipeline import comparison_queue, full_run, incremental, workday_table
from scorecards.pipeline.incremental import Work
from scorecards.pipeline.scope import Scope
from scorecards.storage import partitions
from scorecards.storage.copy_out import copied
from scorecards.storage.replace_rows import Stored
from scorecards.storage.snapshots import one_snapshot
from scorecards.verification import scores_in_pandas
from scorecards.verification.alarms import settle
from scorecards.verification.scores_in_pandas import CELL, COUNTED, NUMBERS
from surveys import observations

logger = logging.getLogger(__name__)

CLOSE = 1e-9
"""SQL and numpy may differ in the last bit of a division, and in nothing more."""


def check_province(code: str, *, run: ScoringRun | None = None) -> Stored:
    """Recompute one province in pandas and compare: how many cells, how many differ.

    What time alone has changed is computed before (``let_time_pass``), in every province: an
    office has cases of communes across the border of its province. The province's own
    sums are those of its stored communes.
    """
    today = timezone.localdate()
    with one_snapshot():
        seen = scores_in_pandas.read(code, today)
        wanted, left = _periods(seen.months(), _waiting(code))
        stored = _rows(
            "place_code >= %s AND place_code < %s AND province_code = %s AND period = ANY(%s)",
            [code, f"{int(code) + 1:02d}", code, [period.code for period in wanted]],
        )
        unsummed = _unsummed(code)
    fresh = scores_in_pandas.recount(seen, wanted)
    del seen
    sums = stored["place_code"] == code
    alarms = differences(stored[~sums], fresh)
    communes = stored[(stored["provider_id"] == 0) & ~sums]
    summed = _sum(communes.assign(place_code=code))
    current = [period.code for period in wanted if not unsummed & set(period.months)]
    different = differences(
        stored[sums & stored["period"].isin(current)], summed[summed["period"].isin(current)]
    )
    late = [period.code for period in wanted if period.code not in current]
    _settle(rf"^{code}\d+$", alarms, left, run)
    _settle(f"^{code}$", different, [*left, *late], run)
    return Stored(len(fresh), len(alarms) + len(different))


def check_sums(*, run: ScoringRun | None = None) -> int:
    """Add the provinces up to the nation in pandas; return how many sums differ."""
    codes = full_run.provinces_to_do()
    with one_snapshot():
        wanted, left = _periods([], _unsummed())
        stored = _rows(
            "place_code = ANY(%s) AND period = ANY(%s)",
            [["", *codes], [period.code for period in wanted]],
        )
    nation = stored["place_code"] == ""
    alarms = differences(stored[nation], _sum(stored[~nation].assign(place_code="")))
    _settle("^$", alarms, left, run)
    return len(alarms)


def differences(stored: pd.DataFrame, fresh: pd.DataFrame) -> pd.DataFrame:
    """Return cells in which two tables of CELL and NUMBERS disagree: field, stored, recomputed.

    One row a cell, naming the first column that differs; a cell that only one of the
    tables has differs in "cell". A missing number equals a missing number.
    """
    stored, fresh = (table.reset_index(drop=True) for table in (stored, fresh))
    names = _numbered(stored, fresh)
    both = (
        pd.DataFrame({"cell": names[: len(stored)], "old": np.arange(len(stored))})
        .merge(
            pd.DataFrame({"cell": names[len(stored) :], "new": np.arange(len(fresh))}),
            how="outer",
            on="cell",
        )
        .fillna(-1)
        .astype(np.int64)
    )
    old_row, new_row = both["old"].to_numpy(), both["new"].to_numpy()
    field = np.where((old_row < 0) | (new_row < 0), "cell", "").astype(object)
    values = np.where(old_row < 0, "none", np.where(new_row < 0, "stored", "")).astype(object)
    again = np.where(new_row < 0, "none", np.where(old_row < 0, "recomputed", "")).astype(object)
    for name in NUMBERS:
        old, new = _at(stored[name], old_row), _at(fresh[name], new_row)
        same = np.isclose(old, new, rtol=0.0, atol=CLOSE, equal_nan=True)
        differs = ~same & (field == "")
        field[differs] = name
        values[differs] = [f"{value:.10g}" for value in old[differs]]
        again[differs] = [f"{value:.10g}" for value in new[differs]]
    standing = np.flatnonzero((field != "") & (old_row >= 0))
    missing = np.flatnonzero(old_row < 0)
    cells = [
        table[CELL].iloc[rows].astype(dict.fromkeys(_TEXTS, object))
        for table, rows in ((stored, old_row[standing]), (fresh, new_row[missing]))
    ]
    picked = np.concatenate([standing, missing])
    return pd.concat(cells, ignore_index=True).assign(
        field=field[picked], stored=values[picked], recomputed=again[picked]
    )


_TEXTS = [name for name in CELL if name not in ("provider_id", "self_assessment")]


def _numbered(stored: pd.DataFrame, fresh: pd.DataFrame) -> NDArray[np.int64]:
    """Return a number for each row of both tables, the same for the same cell."""
    number = np.zeros(len(stored) + len(fresh), dtype=np.int64)
    for name in CELL:
        if name in _TEXTS:
            # Texts are numbered by their categories, of which there are few.
            pair = [table[name].astype("category").cat for table in (stored, fresh)]
            words = np.concatenate([np.asarray(part.categories, dtype=object) for part in pair])
            codes, distinct = pd.factorize(words)
            ends = (len(pair[0].categories), len(words))
            parts = (codes[: ends[0]][pair[0].codes], codes[ends[0] : ends[1]][pair[1].codes])
            own = np.concatenate(parts)
        else:
            pair_ = [table[name].to_numpy(dtype=np.int64) for table in (stored, fresh)]
            own, distinct = pd.factorize(np.concatenate(pair_))
        number = number * max(len(distinct), 1) + own
    return number


def _at(values: pd.Series, rows: NDArray[np.int64]) -> Floats:
    """Return the values of these rows; NaN for row -1."""
    return np.append(floats(values), np.nan)[rows]


def let_time_pass(code: str, today: date) -> None:
    """Compute the months of a province in which elapsed time alone changes a judgement, the quick
    way.

    Open cases grow older, a holiday was decreed: that is no difference. A request that is open a
    day longer and still within its promise changes no score, but the curve of deliveries: those
    months are compared again.
    """
    workday_table.refresh(today)
    # after a changed holiday, and other waiting changes
    while incremental.claim_and_recompute(code):
        pass
    where, place = Scope(code).sql("f")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT f.month FROM {partitions.FACTS} f WHERE {where} AND f.is_open",  # noqa: S608
            place,
        )
        months = set(periods.plausible(month for (month,) in cursor.fetchall()))
    if months:
        with transaction.atomic():
            incremental.recompute({code: Work(months)})
    incremental.roll_up_pending(code)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT f.month FROM {partitions.FACTS} f WHERE {where} "  # noqa: S608
            "AND f.month = ANY(%s) AND f.time = %s",
            [*place, sorted(months), int(Outcome.STILL_OPEN)],
        )
        comparison_queue.note_older(month for (month,) in cursor.fetchall())


def _periods(months: Iterable[str], waiting: set[str]) -> tuple[list[periods.Period], list[str]]:
    """Return the periods to check, and the codes of those of months that wait, left for now."""
    stored = [code for code in partitions.parts(partitions.SCORES) if len(code) == 7]
    months_and_years = {code for code in stored if "Q" not in code}
    to_check = periods.holding(set(months) | months_and_years)
    left = [period.code for period in to_check if waiting & set(period.months)]
    return [period for period in to_check if period.code not in left], left


def _waiting(code: str) -> set[str]:
    """Return months of this province with changes that are not computed yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT to_char(month, 'YYYY-MM') FROM surveys_observationchange "
            "WHERE province_code = %s",
            [code],
        )
        return {month for (month,) in cursor.fetchall()}


def _unsummed(code: str = "") -> set[str]:
    """Return months that changed, in this province or anywhere, and were not yet summed up."""
    notes = PendingRollUp.objects.filter(**({"province_code": code} if code else {}))
    return set(notes.values_list("month", flat=True).distinct())


def _rows(where: str, values: list[Any]) -> pd.DataFrame:
    columns = ", ".join([*CELL, *NUMBERS])
    table = copied(
        f"SELECT {columns} FROM {partitions.SCORES} WHERE {where}",  # noqa: S608 - names of ours
        values,
    )
    return table.astype({"self_assessment": bool})


def _sum(parts: pd.DataFrame) -> pd.DataFrame:
    """Return cells of one place added up; medians do not add up."""
    keys = ["period", "indicator", "service", "provider_kind", "place_code", "self_assessment"]
    sums = parts.groupby(keys, observed=True)[COUNTED].sum().reset_index()
    return scores_in_pandas.with_shares(sums.assign(provider_id=0, median=np.nan))


def report_implausible_days() -> int:
    """Log how many observations are in no figure because their day cannot be right."""
    outside = observations.outside(periods.observable())
    if outside:
        logger.warning("%s observations have a day that cannot be right; none is scored", outside)
    return outside


def _settle(places: str, alarms: pd.DataFrame, left: Iterable[str], run: ScoringRun | None) -> None:
    """Raise an alarm per cell that differs; those that agree again are resolved.

    ``places`` is a pattern of the codes that were compared, ``left`` the periods that
    were not.
    """
    compared = ScoreAlarm.objects.filter(
        about=ScoreAlarm.About.SCORE, place_code__regex=places
    ).exclude(period__in=list(left))
    settle(compared, alarms.assign(about=ScoreAlarm.About.SCORE.value), run)


def check_comparisons(*, run: ScoringRun | None = None) -> int:
    """Compute all that follows from the scores a second time; return how many cells differ."""
    return sum(check_period(code, run=run) for code in periods_compared())


def periods_compared() -> list[str]:
    """Return codes of the periods whose comparisons can be computed a second time."""
    # Its solver and draws take half a second to import, which would delay every start.
    from scorecards.verification import period_check

    return [period.code for period in period_check.periods_to_check()]


def check_period(code: str, *, run: ScoringRun | None = None) -> int:
    """Compute what is compared in one period a second time; return how many cells differ."""
    from scorecards.verification import period_check

    with one_snapshot():
        if code not in periods_compared():
            return 0  # it changed meanwhile, and its comparisons will follow
        table = period_check.differing(periods.parse(code), night=timezone.localdate().toordinal())
    once = table.drop_duplicates(["about", "indicator", "service", "provider_kind", "place_code"])
    apart = (ScoreAlarm.About.SCORE, ScoreAlarm.About.ROUNDING)
    others = ScoreAlarm.objects.filter(period=code).exclude(about__in=apart)
    settle(others, once.assign(period=code, provider_id=0, self_assessment=False), run)
    return len(once)
