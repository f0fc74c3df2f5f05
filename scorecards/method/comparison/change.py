"""Change between two periods, trends, and when an arrow may be drawn (section 5)."""

import math

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from scorecards.method.arrays import Booleans, Floats, booleans, floats, pick_template
from scorecards.method.comparison.funnel import ALARM_LEVEL
from scorecards.method.estimates.intervals import newcombe_difference
from scorecards.method.estimates.shares import LEAST_JUDGED
from scorecards.method.vocabulary import Change

LEAST_CHANGE = 0.05
ROUNDING = 1e-12


def trend(
    met: ArrayLike | pd.Series,
    judged: ArrayLike | pd.Series,
    scores: ArrayLike | pd.Series,
) -> tuple[float, float]:
    """Test for a trend of shares over periods by Cochran and Armitage: (z, two-sided p).

    One entry per period; ``scores`` place the periods in time (0, 1, 2 ...). z is positive where
    the share rises; no continuity correction. For clustered cases divide both counts by the design
    effect. (NaN, NaN) where all or none were met, or fewer than two periods have cases. Source:
    Armitage 1955, Biometrics 11, 375-386.
    """
    x, n, t = _periods(met, judged, scores)
    total = n.sum()
    if total == 0:
        return float("nan"), float("nan")
    share = x.sum() / total
    centred = t - (n * t).sum() / total
    variance = share * (1.0 - share) * (n * centred**2).sum()
    if not variance > 0:
        return float("nan"), float("nan")
    z = float((x * centred).sum() / np.sqrt(variance))
    return z, math.erfc(abs(z) / math.sqrt(2.0))


def clearly_differs(difference: Floats, low: Floats, high: Floats) -> Booleans:
    """Mark intervals that leave out zero with a difference of 5 points or more; NaN: False."""
    with np.errstate(invalid="ignore"):
        return ((low > 0) | (high < 0)) & (np.abs(difference) >= LEAST_CHANGE - ROUNDING)


def changes(
    met_before: ArrayLike | pd.Series,
    judged_before: ArrayLike | pd.Series,
    met_now: ArrayLike | pd.Series,
    judged_now: ArrayLike | pd.Series,
    *,
    new_standard: ArrayLike | pd.Series = False,
    deff: ArrayLike | pd.Series = 1.0,
    deff_before: ArrayLike | pd.Series | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare two periods of each series: change (now - before, -1..1), low, high, arrow, alarm.

    An arrow ("up", "down") only where Newcombe's interval excludes zero and the change
    is 5 points or more, else "no_clear_change"; "new_standard" where the standard
    changed in between (a break: no numbers); "not_comparable" where either period has
    fewer than ten judged cases (no numbers either). "alarm": the interval at 99.8% excludes
    zero too, as a sentence about one place needs. ``deff`` is the design effect of both
    periods, or of the later where ``deff_before`` is that of the earlier. The index of the
    input.
    """
    x1, n1, x2, n2 = (
        np.atleast_1d(floats(part)) for part in (met_before, judged_before, met_now, judged_now)
    )
    low, high = newcombe_difference(x2, n2, x1, n1, level, deff=deff, deff2=deff_before)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = x2 / n2 - x1 / n1
    broken = np.broadcast_to(booleans(new_standard), change.shape)
    enough = (n1 >= LEAST_JUDGED) & (n2 >= LEAST_JUDGED)
    shown = enough & ~broken
    arrow = np.full(change.shape, Change.NO_CLEAR_CHANGE, dtype=object)
    arrow[(low > 0) & (change >= LEAST_CHANGE - ROUNDING)] = Change.UP
    arrow[(high < 0) & (change <= -LEAST_CHANGE + ROUNDING)] = Change.DOWN
    arrow[~enough] = Change.NOT_COMPARABLE
    arrow[broken] = Change.NEW_STANDARD
    far = newcombe_difference(x2, n2, x1, n1, ALARM_LEVEL, deff=deff, deff2=deff_before)
    form = pick_template(met_before, judged_before, met_now, judged_now)
    return pd.DataFrame(
        {
            "change": np.where(shown, change, np.nan),
            "low": np.where(shown, low, np.nan),
            "high": np.where(shown, high, np.nan),
            "arrow": arrow,
            "alarm": shown & clearly_differs(change, *far),
        },
        index=form.index if isinstance(form, pd.Series) else None,
    )


def series_change(
    met: ArrayLike | pd.Series,
    judged: ArrayLike | pd.Series,
    scores: ArrayLike | pd.Series,
    *,
    standard: ArrayLike | pd.Series | None = None,
    deff: float = 1.0,
) -> Change:
    """Classify the change over one series of periods, given oldest first.

    Only the periods since the standard last changed count (``standard`` is its version
    in each period), and of those the ones with ten judged cases or more. Two of them:
    the rule of ``changes``. Three or more: Cochran-Armitage at 5% and a fitted change
    from first to last of 5 points or more. One: "new_standard" after a break, else
    "not_comparable".
    """
    x, n, t = (np.atleast_1d(floats(part)) for part in (met, judged, scores))
    current, broken = _since_break(standard, x.size)
    kept = current & (n >= LEAST_JUDGED)
    x, n, t = x[kept], n[kept], t[kept]
    if x.size < 2:
        return Change.NEW_STANDARD if broken else Change.NOT_COMPARABLE
    if x.size == 2:
        pair = changes(x[:1], n[:1], x[1:], n[1:], deff=deff)
        return Change(pair["arrow"].iloc[0])
    _, p = trend(x / deff, n / deff, t)
    centred = t - (n * t).sum() / n.sum()
    fitted = (x * centred).sum() / (n * centred**2).sum() * (t[-1] - t[0])
    if not p < 0.05 or abs(fitted) < LEAST_CHANGE - ROUNDING:
        return Change.NO_CLEAR_CHANGE
    return Change.UP if fitted > 0 else Change.DOWN


def trends(
    met: NDArray[np.float64],
    judged: NDArray[np.float64],
    comparable: NDArray[np.bool_],
    *,
    deff: ArrayLike = 1.0,
) -> pd.DataFrame:
    """Compute ``series_change`` of three or more periods for many places at once.

    ``met`` and ``judged`` have a row per place and a column per period, oldest first;
    ``comparable`` says which periods are under the last period's standard. Columns: trend (a
    ``Change``; "not_comparable" where the last period or fewer than three periods have ten judged
    cases), periods (how many were used) and alarm (a trend that is clear at 99.8% too). ``deff`` is
    one number or one per place and period: counts are divided by it.
    """
    from scipy.special import ndtr  # type: ignore[import-untyped]

    kept = comparable & (np.nan_to_num(judged) >= LEAST_JUDGED)
    effect = np.where(kept, np.broadcast_to(floats(deff), met.shape), 1.0)
    x, n = np.where(kept, met, 0.0) / effect, np.where(kept, judged, 0.0) / effect
    time = np.arange(met.shape[1], dtype=np.float64)
    periods = kept.sum(axis=1)
    first = np.argmax(kept, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = n.sum(axis=1)
        share = x.sum(axis=1) / total
        centred = time[None, :] - ((n * time).sum(axis=1) / total)[:, None]
        spread = (n * centred**2).sum(axis=1)
        rise = (x * centred).sum(axis=1)
        z = rise / np.sqrt(share * (1.0 - share) * spread)
        fitted = rise / spread * (time[-1] - time[first])
    is_tested = (periods >= 3) & kept[:, -1]
    p_value = 2.0 * ndtr(-np.abs(z))
    clear = is_tested & (p_value < 0.05) & (np.abs(fitted) >= LEAST_CHANGE - ROUNDING)
    answer = np.full(len(met), Change.NOT_COMPARABLE, dtype=object)
    answer[is_tested] = Change.NO_CLEAR_CHANGE
    answer[clear & (fitted > 0)] = Change.UP
    answer[clear & (fitted < 0)] = Change.DOWN
    alarm = clear & (p_value < 1.0 - ALARM_LEVEL)
    return pd.DataFrame({"trend": answer, "periods": periods, "alarm": alarm})


def _since_break(
    standard: ArrayLike | pd.Series | None, periods: int
) -> tuple[NDArray[np.bool_], bool]:
    """Find the periods since the standard last changed: (mask of them, whether it changed)."""
    if standard is None or periods == 0:
        return np.ones(periods, dtype=np.bool_), False
    versions = pd.factorize(np.asarray(standard).ravel(), use_na_sentinel=False)[0]
    others = np.flatnonzero(versions != versions[-1])
    first = int(others[-1]) + 1 if others.size else 0
    return np.arange(periods) >= first, first > 0


def _periods(
    met: ArrayLike | pd.Series, judged: ArrayLike | pd.Series, scores: ArrayLike | pd.Series
) -> tuple[Floats, Floats, Floats]:
    x, n, t = (np.atleast_1d(floats(part)) for part in (met, judged, scores))
    if not x.shape == n.shape == t.shape:
        raise ValueError("each period needs met, judged and its score")
    kept = n > 0
    return x[kept], n[kept], t[kept]
