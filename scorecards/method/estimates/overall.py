"""The overall score of a place, shown with its parts and its coverage (method, section 7)."""

import numpy as np
import pandas as pd

from scorecards.method.arrays import Booleans, Floats, floats
from scorecards.method.estimates.shares import LEAST_JUDGED
from scorecards.method.vocabulary import Colour, Status

LEAST_COVERAGE = 0.60
DRAWS = 2000
SEED = 2_019
GREEN_LINE = 80.0
RED_LINE = 50.0
LETTER_LINES: tuple[tuple[str, float], ...] = (("A", 80.0), ("B", 65.0), ("C", 50.0), ("D", 35.0))
LOWEST_LETTER = "E"
ROUNDING = 1e-9


def overall(
    parts: pd.DataFrame,
    weights: "pd.Series[float]",
    *,
    draws: int = DRAWS,
    seed: int = SEED,
) -> pd.DataFrame:
    """Return the weighted mean of a place's indicator shares, 0 to 100; one row a place, sorted.

    ``parts`` has one row per place and indicator: place, indicator, met, judged and,
    optionally, deff. ``weights`` maps every indicator that counts to its weight above
    zero; indicators without a weight are ignored. A part with fewer than ten judged
    cases is left out, never imputed. Columns: score, low, high (95%, propagating every
    part's uncertainty by ``draws`` draws from its Jeffreys posterior with a fixed
    seed), coverage (weight judged / weight total, 0..1), parts_judged, parts_total and
    status ("shown", or "too_few" without numbers below 60% coverage). Raises
    ``ValueError`` for a weight that is not above zero, or a part given twice.
    Source: Brown, Cai and DasGupta 2001, Statistical Science 16, 101-133 (Jeffreys).
    """
    if not (floats(weights) > 0).all():
        raise ValueError("a weight is a number above zero")
    counted = parts[parts["indicator"].isin(weights.index)]
    if counted.duplicated(["place", "indicator"]).any():
        raise ValueError("a part is given twice")
    met, judged, deff = (_grid(counted, name, weights.index) for name in ("met", "judged", "deff"))
    weight = floats(weights)
    used = np.nan_to_num(judged.to_numpy(), nan=0.0) >= LEAST_JUDGED
    share = np.where(used, met.to_numpy() / np.where(used, judged.to_numpy(), 1.0), 0.0)
    carried = used @ weight
    coverage = carried / weight.sum()
    shown = coverage >= LEAST_COVERAGE - ROUNDING
    score = 100.0 * (share @ weight) / np.where(shown, carried, np.nan)
    effect = np.where(used, deff.fillna(1.0).to_numpy(), 1.0)
    low, high = _propagate(
        met.to_numpy(), judged.to_numpy(), effect, used, weight, draws=draws, seed=seed
    )
    return pd.DataFrame(
        {
            "score": score,
            "low": np.where(shown, np.minimum(low, score), np.nan),
            "high": np.where(shown, np.maximum(high, score), np.nan),
            "coverage": coverage,
            "parts_judged": used.sum(axis=1),
            "parts_total": len(weight),
            "status": np.where(shown, Status.SHOWN, Status.TOO_FEW),
        },
        index=met.index,
    )


def colour(low: float, high: float, *, green: float = GREEN_LINE, red: float = RED_LINE) -> Colour:
    """Return the colour of an interval (0 to 100).

    Green only where the whole interval is above the green line, red only where it is below
    the red line; amber for everything between, grey where there is no interval.
    """
    if np.isnan(low) or np.isnan(high):
        return Colour.GREY
    if low > green:
        return Colour.GREEN
    return Colour.RED if high < red else Colour.AMBER


def letter(low: float, high: float) -> str:
    """Return the letter of the whole interval: "B", or "B-D" where it spans several.

    The text is empty where there is no interval.
    """
    if np.isnan(low) or np.isnan(high):
        return ""
    best, worst = _letter_at(high), _letter_at(low)
    return best if best == worst else f"{best}-{worst}"


def _letter_at(score: float) -> str:
    reached = (name for name, line in LETTER_LINES if score >= line)
    return next(reached, LOWEST_LETTER)


def _grid(parts: pd.DataFrame, value: str, indicators: pd.Index) -> pd.DataFrame:
    """Return a table with a row per place and a column per indicator; NaN for a missing part."""
    table = parts if value in parts.columns else parts.assign(**{value: 1.0})
    wide = table.pivot_table(index="place", columns="indicator", values=value, observed=True)
    return wide.reindex(
        index=pd.Index(sorted(parts["place"].unique()), name="place"), columns=indicators
    ).astype(np.float64)


def _propagate(
    met: Floats,
    judged: Floats,
    deff: Floats,
    used: Booleans,
    weight: Floats,
    *,
    draws: int,
    seed: int,
) -> tuple[Floats, Floats]:
    """Return the 2.5% and 97.5% points of the weighted mean of every place.

    Places with the same counts on an indicator share its draws: each place's interval is read by
    itself, so only its own parts must be drawn independently of each other.
    """
    generator = np.random.default_rng(seed)
    mean = np.zeros((len(met), draws), dtype=np.float32)
    carried = (used @ weight).astype(np.float32)
    for part in range(len(weight)):
        mine = np.flatnonzero(used[:, part])
        if mine.size == 0:
            continue
        good = met[mine, part] / deff[mine, part] + 0.5
        bad = (judged[mine, part] - met[mine, part]) / deff[mine, part] + 0.5
        pairs, which = np.unique(np.column_stack([good, bad]), axis=0, return_inverse=True)
        shape = pairs.astype(np.float32)
        size = (len(pairs), draws)
        hits = generator.standard_gamma(shape[:, :1], size, dtype=np.float32)
        misses = generator.standard_gamma(shape[:, 1:], size, dtype=np.float32)
        # A beta draw is a / (a + b) of two gamma draws; single precision is enough for them.
        drawn = hits / np.maximum(hits + misses, np.finfo(np.float32).tiny)
        mean[mine] += (np.float32(weight[part]) * drawn)[which.ravel()]
    low, high = np.full(len(met), np.nan), np.full(len(met), np.nan)
    some = carried > 0
    if some.any():
        ordered = np.sort(mean[some], axis=1)
        at = [round(share * (draws - 1)) for share in (0.025, 0.975)]
        for bound, place in ((low, at[0]), (high, at[1])):
            bound[some] = 100.0 * ordered[:, place] / carried[some]
    return low, high
