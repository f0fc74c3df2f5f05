"""Intervals for shares, also of clustered interviews (method, section 2)."""

from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from scorecards.method.arrays import Floats, floats, like, pick_template
from scorecards.method.estimates.clustering import design_effect, intraclass_correlation

__all__ = [
    "design_effect",
    "intraclass_correlation",
    "newcombe_difference",
    "normal_quantile",
    "wilson",
]


def normal_quantile(level: float) -> float:
    """Return the two-sided standard normal quantile of a level: 0.95 gives 1.96.

    Raises ``ValueError`` outside the open interval (0, 1).
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"a level lies between 0 and 1, not {level}")
    return NormalDist().inv_cdf(0.5 + level / 2.0)


def wilson(
    met: ArrayLike | pd.Series,
    judged: ArrayLike | pd.Series,
    level: float = 0.95,
    *,
    deff: ArrayLike | pd.Series = 1.0,
) -> tuple[Any, Any]:
    """Return the Wilson score interval of met / judged.

    Numbers, arrays or Series of one shape in; (low, high) as shares 0..1 in the same
    form out. NaN where nothing was judged or a count is missing. With ``deff`` above 1
    both counts are divided by it, so the interval is that of the effective sample.
    Raises ``ValueError`` where met is below 0 or above judged, or deff below 1.
    Source: Wilson 1927; Newcombe 1998, Statistics in Medicine 17, 857-872, method 3.
    """
    successes, trials = np.broadcast_arrays(floats(met), floats(judged))
    _refuse_impossible(successes, trials)
    low, high = _wilson_bounds(successes, trials, _effect(deff), normal_quantile(level))
    form = pick_template(met, judged)
    return like(form, low), like(form, high)


def newcombe_difference(
    met1: ArrayLike | pd.Series,
    n1: ArrayLike | pd.Series,
    met2: ArrayLike | pd.Series,
    n2: ArrayLike | pd.Series,
    level: float = 0.95,
    *,
    deff: ArrayLike | pd.Series = 1.0,
    deff2: ArrayLike | pd.Series | None = None,
) -> tuple[Any, Any]:
    """Return the hybrid score interval of met1 / n1 - met2 / n2, two independent groups.

    Numbers, arrays or Series of one shape in; (low, high) in -1..1, same form out. NaN where either
    group is empty. ``deff`` as in ``wilson``, of both groups, or of the first where ``deff2`` is
    that of the second. Raises ``ValueError`` for impossible counts. Source: Newcombe 1998,
    Statistics in Medicine 17, 873-890, method 10.
    """
    a, m, b, n = np.broadcast_arrays(floats(met1), floats(n1), floats(met2), floats(n2))
    _refuse_impossible(a, m)
    _refuse_impossible(b, n)
    z = normal_quantile(level)
    low1, high1 = _wilson_bounds(a, m, _effect(deff), z)
    low2, high2 = _wilson_bounds(b, n, _effect(deff if deff2 is None else deff2), z)
    with np.errstate(invalid="ignore", divide="ignore"):
        p, q = a / m, b / n
        low = p - q - np.sqrt((p - low1) ** 2 + (high2 - q) ** 2)
        high = p - q + np.sqrt((high1 - p) ** 2 + (q - low2) ** 2)
    form = pick_template(met1, n1, met2, n2)
    return like(form, low), like(form, high)


def _effect(deff: ArrayLike | pd.Series) -> Floats:
    effect = floats(deff)
    if (effect < 1.0).any():
        raise ValueError("a design effect is never below 1")
    return effect


def _refuse_impossible(met: Floats, judged: Floats) -> None:
    if ((met < 0) | (met > judged)).any():
        raise ValueError("met must lie between 0 and judged")


def _wilson_bounds(met: Floats, judged: Floats, deff: Floats, z: float) -> tuple[Floats, Floats]:
    """Return both bounds; the exact 0 and 1 are kept exact instead of a rounding error away."""
    with np.errstate(invalid="ignore", divide="ignore"):
        n = np.where(judged > 0, judged, np.nan) / deff
        p = met / judged
        centre = p + z * z / (2.0 * n)
        half = z * np.sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n))
        scale = 1.0 + z * z / n
        low = np.where(met == 0, 0.0 * n, (centre - half) / scale)
        high = np.where(met == judged, 1.0 + 0.0 * n, (centre + half) / scale)
    return np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)
