"""Against the national line: funnel limits, five classes, outliers (method, section 4)."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from scorecards.method.arrays import Booleans, Floats, floats, like, pick_template
from scorecards.method.estimates.intervals import normal_quantile
from scorecards.method.vocabulary import FunnelClass

WARNING_LEVEL = 0.95
ALARM_LEVEL = 0.998
LEAST_EXPECTED = 5.0


def funnel_limits(
    centre: ArrayLike | pd.Series,
    n: ArrayLike | pd.Series,
    level: float,
    *,
    tau_squared: float = 0.0,
) -> tuple[Any, Any]:
    """Return limits within which a place like all others falls with probability ``level``.

    ``centre`` is the national share (0..1), ``n`` the (effective) number judged; numbers,
    arrays or Series; (low, high) in 0..1 in the form of ``n``. Without over-dispersion
    the score test is inverted: p0 -+ z sqrt(p0 q0 / n). With ``tau_squared`` above zero
    (from ``overdispersion``) the limits are set on the arcsine scale, where it was
    estimated. NaN where n is 0 or missing. Source: Spiegelhalter 2005, Statistics in
    Medicine 24, 1185-1202.
    """
    line, size = np.broadcast_arrays(floats(centre), floats(n))
    z = normal_quantile(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        trials = np.where(size > 0, size, np.nan)
        if tau_squared > 0:
            half = z * np.sqrt(0.25 / trials + tau_squared)
            angle = np.arcsin(np.sqrt(line))
            low = np.sin(np.clip(angle - half, 0.0, np.pi / 2)) ** 2
            high = np.sin(np.clip(angle + half, 0.0, np.pi / 2)) ** 2
        else:
            half = z * np.sqrt(line * (1.0 - line) / trials)
            low, high = np.clip(line - half, 0.0, 1.0), np.clip(line + half, 0.0, 1.0)
    form = pick_template(n, centre)
    return like(form, low), like(form, high)


def overdispersion(
    met: ArrayLike | pd.Series,
    judged: ArrayLike | pd.Series,
    *,
    winsorised: float = 0.10,
    centre: float | None = None,
) -> tuple[float, float]:
    """Estimate how much more places differ than chance allows: (phi, tau_squared).

    ``met`` and ``judged`` (or both divided by the design effect), one entry per place.
    z-scores on the arcsine square root scale, y = asin(sqrt(p)), s = 1 / (2 sqrt(n)),
    are pulled in to their 10% and 90% quantiles; phi is their mean square and
    tau_squared >= 0 the variance between places on that scale, by moments. (NaN, 0)
    with fewer than two places. ``centre`` is the line (0..1), else the pooled share of the
    counts given. Source: Spiegelhalter 2005, appendix A.3; Spiegelhalter
    et al. 2012, JRSS A 175, 1-47.
    """
    successes, trials = floats(met).ravel(), floats(judged).ravel()
    kept = trials > 0
    successes, trials = successes[kept], trials[kept]
    places = trials.size
    if places < 2:
        return float("nan"), 0.0
    pooled = successes.sum() / trials.sum() if centre is None else centre
    line = np.arcsin(np.sqrt(pooled))
    z = (np.arcsin(np.sqrt(successes / trials)) - line) * 2.0 * np.sqrt(trials)
    z = np.clip(z, *np.quantile(z, [winsorised, 1.0 - winsorised]))
    phi = float((z**2).mean())
    weight = 4.0 * trials
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    return phi, max(0.0, float((places * phi - (places - 1)) / scale))


def funnel(
    met: ArrayLike | pd.Series,
    judged: ArrayLike | pd.Series,
    *,
    deff: ArrayLike | pd.Series = 1.0,
    centre: float | None = None,
    adjust: bool = True,
) -> pd.DataFrame:
    """Compare every place with the line; one row per place, the index of ``judged`` if a Series.

    Columns: share, n (judged / deff), centre, spread (tau squared), low_95, high_95, low_998,
    high_998, drawn (n p0 and n (1 - p0) are 5 or more), place (a ``FunnelClass``; "not_drawn" where
    not drawn), p_value and outlier (Benjamini-Hochberg at 5% among the places drawn). With
    ``adjust`` the limits make room for over-dispersion. ``centre`` defaults to the pooled share.
    ``deff`` is one number or one per place.
    """
    successes, trials = np.atleast_1d(floats(met)), np.atleast_1d(floats(judged))
    effect = floats(deff)
    n = np.nan_to_num(trials, nan=0.0) / effect
    pooled = np.nansum(successes) / max(np.nansum(trials), 1.0)
    line = float(pooled) if centre is None else centre
    tau = overdispersion(successes / effect, n, centre=line)[1] if adjust else 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(n > 0, successes / trials, np.nan)
    drawn = _is_drawn(n, line)
    near = funnel_limits(line, n, WARNING_LEVEL, tau_squared=tau)
    far = funnel_limits(line, n, ALARM_LEVEL, tau_squared=tau)
    p_value = np.where(drawn, _two_sided(share, line, n, tau), np.nan)
    form = pick_template(judged, met)
    return pd.DataFrame(
        {
            "share": share,
            "n": n,
            "centre": line,
            "spread": tau,
            "low_95": near[0],
            "high_95": near[1],
            "low_998": far[0],
            "high_998": far[1],
            "drawn": drawn,
            "place": _classes(share, drawn, near, far),
            "p_value": p_value,
            "outlier": outliers(p_value),
        },
        index=form.index if isinstance(form, pd.Series) else None,
    )


def outliers(p_values: ArrayLike | pd.Series, rate: float = 0.05) -> Booleans:
    """Mark places that differ after Benjamini-Hochberg at ``rate``; a missing value is False.

    Source: Benjamini and Hochberg 1995, JRSS B 57, 289-300.
    """
    values = floats(p_values)
    is_known = ~np.isnan(values)
    differs = np.zeros(values.shape, dtype=np.bool_)
    differs[is_known] = _discovered(values[is_known], rate)
    return differs


def _discovered(p_values: Floats, rate: float) -> Booleans:
    """Apply the step-up rule itself: mark everything up to the largest p below its own line.

    Written out because importing scipy.stats for it costs every web process a second.
    """
    order = np.argsort(p_values, kind="stable")
    lines = rate * np.arange(1, order.size + 1) / max(order.size, 1)
    below = np.flatnonzero(p_values[order] <= lines)
    values = np.zeros(p_values.shape, dtype=np.bool_)
    if below.size:
        values[order[: below[-1] + 1]] = True
    return values


def _two_sided(share: Floats, line: float, n: Floats, tau_squared: float) -> Floats:
    # Imported here because it would delay every start of every program by a third of a second.
    from scipy.special import ndtr  # type: ignore[import-untyped]

    with np.errstate(divide="ignore", invalid="ignore"):
        if tau_squared > 0:
            gap = np.arcsin(np.sqrt(share)) - np.arcsin(np.sqrt(line))
            z = gap / np.sqrt(0.25 / n + tau_squared)
        else:
            z = (share - line) / np.sqrt(line * (1.0 - line) / n)
    return np.asarray(2.0 * ndtr(-np.abs(z)), dtype=np.float64)


def _is_drawn(n: Floats, line: float) -> Booleans:
    return (n * line >= LEAST_EXPECTED) & (n * (1.0 - line) >= LEAST_EXPECTED)


def _classes(
    share: Floats, drawn: Booleans, near: tuple[Floats, Floats], far: tuple[Floats, Floats]
) -> NDArray[np.object_]:
    answer = np.full(share.shape, FunnelClass.AS_EXPECTED, dtype=object)
    answer[share < near[0]] = FunnelClass.BELOW
    answer[share > near[1]] = FunnelClass.ABOVE
    answer[share < far[0]] = FunnelClass.FAR_BELOW
    answer[share > far[1]] = FunnelClass.FAR_ABOVE
    answer[~drawn] = FunnelClass.NOT_DRAWN
    return answer
