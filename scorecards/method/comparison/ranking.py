"""Fair ranks: shares of small places shrink to the mean, and a rank is an interval (section 4)."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import betaln, digamma, expit, logit  # type: ignore[import-untyped]

from scorecards.method.arrays import Floats, floats, pick_template

DRAWS = 2000
SEED = 20_130_711
STRONGEST = 1e6
FAINT = 0.2
"""A gamma draw of a smaller shape is often too small for a number: its logarithm is drawn.

Numbers that vanish are ties, and ties would rank places by the order of their codes.
"""
LEAST_GAIN = 0.01
"""Gain in log likelihood that is needed before places count as different."""
FINE = {"ftol": 1e-13, "xtol": 1e-9, "maxfun": 400}


def shrink(
    met: ArrayLike | pd.Series,
    judged: ArrayLike | pd.Series,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    level: float = 0.95,
) -> pd.DataFrame:
    """Shrink the shares of one indicator and provider kind by beta-binomial empirical Bayes.

    One row per place, with the index of the input. Columns: alpha and beta of the place's
    posterior, mean (posterior mean, 0..1), rank_low and rank_high (interval of its rank, 1 is the
    highest share) from ``draws`` posterior draws with a fixed seed. NaN for a place where nothing
    was judged. For clustered cases pass both counts divided by the design effect. Source: Efron and
    Morris 1975, JASA 70, 311-319; Goldstein and Spiegelhalter 1996, JRSS A 159, 385-443 (ranks).
    """
    successes, trials = np.atleast_1d(floats(met)), np.atleast_1d(floats(judged))
    is_known = trials > 0
    table = pd.DataFrame(np.nan, index=range(trials.size), columns=pd.Index(COLUMNS))
    if is_known.any():
        prior = fit_prior(successes[is_known], trials[is_known])
        alpha = prior[0] + successes[is_known]
        beta = prior[1] + trials[is_known] - successes[is_known]
        low, high = _rank_interval(alpha, beta, draws, seed, level)
        table.loc[is_known] = np.column_stack([alpha, beta, alpha / (alpha + beta), low, high])
    form = pick_template(met, judged)
    if isinstance(form, pd.Series):
        table.index = form.index
    return table


COLUMNS = ["alpha", "beta", "mean", "rank_low", "rank_high"]


def fit_prior(met: ArrayLike | pd.Series, judged: ArrayLike | pd.Series) -> tuple[float, float]:
    """Estimate (alpha, beta) of the beta distribution of true shares by maximum likelihood.

    Places with nothing judged have no influence. Where places differ no more than chance allows,
    alpha + beta is held at a million: all are shrunk to the mean. The same applies where the counts
    cannot decide (with one case per place every strength is equally likely), that is where no prior
    gains ``LEAST_GAIN`` over places all alike: an optimum of a flat likelihood would be an accident
    of the search. Raises ``ValueError`` where nothing at all was judged.
    """
    successes, trials = floats(met).ravel(), floats(judged).ravel()
    kept = trials > 0
    # Imported here because it would delay every start of every program by half a second.
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    if not kept.any():
        raise ValueError("nothing was judged anywhere")
    # Many places have the same counts: each pair is computed once, with its weight.
    pairs = np.column_stack([successes[kept], trials[kept] - successes[kept]])
    distinct, times = np.unique(pairs, axis=0, return_counts=True)
    successes, failures = distinct[:, 0], distinct[:, 1]
    weight = times / times.sum()
    met, missed = (float(total) for total in pairs.sum(axis=0))

    def loss(point: Floats) -> tuple[float, Floats]:
        """Return minus the mean log likelihood, and its slope, at (logit of share, log of
        strength).
        """
        share, strength = float(expit(point[0])), float(np.exp(point[1]))
        alpha, beta = share * strength, (1.0 - share) * strength
        gain = betaln(successes + alpha, failures + beta) - betaln(alpha, beta)
        total = digamma(strength) - digamma(successes + failures + strength)
        by_alpha = float((digamma(successes + alpha) - digamma(alpha) + total) @ weight)
        by_beta = float((digamma(failures + beta) - digamma(beta) + total) @ weight)
        slope = np.array(
            [
                (by_alpha - by_beta) * share * (1.0 - share) * strength,
                by_alpha * alpha + by_beta * beta,
            ]
        )
        return -float(gain @ weight), -slope

    pooled = (met + 0.5) / (met + missed + 1.0)
    bounds = [(-14.0, 14.0), (np.log(1e-2), np.log(STRONGEST))]
    starts = [np.array([logit(pooled), np.log(strength)]) for strength in (5.0, 300.0)]
    tries = [
        minimize(loss, start, jac=True, method="TNC", bounds=bounds, options=FINE)
        for start in starts
    ]
    best = min(tries, key=lambda fit: float(fit.fun))
    alike = np.array([np.clip(logit(met / (met + missed)), *bounds[0]), np.log(STRONGEST)])
    gained = (loss(alike)[0] - float(best.fun)) * times.sum()
    point = best.x if gained >= LEAST_GAIN else alike
    share, strength = float(expit(point[0])), float(np.exp(point[1]))
    return share * strength, (1.0 - share) * strength


def james_stein(
    values: ArrayLike | pd.Series, variance: float | None = None, *, trials: float = 1.0
) -> tuple[float, Floats]:
    """Shrink k averages to their mean: (factor, estimates), k >= 4.

    factor = 1 - (k - 3) variance / sum (y - mean)^2, never below 0; the variance of one average
    defaults to mean (1 - mean) / trials, that of a share. Used by the test against published
    values; pages show ``shrink``. Source: Efron and Morris 1975.
    """
    averages = floats(values).ravel()
    if averages.size < 4:
        raise ValueError("drawing to the mean needs four averages or more")
    mean = float(averages.mean())
    noise = mean * (1.0 - mean) / trials if variance is None else variance
    spread = float(((averages - mean) ** 2).sum())
    factor = max(0.0, 1.0 - (averages.size - 3) * noise / spread) if spread > 0 else 0.0
    return factor, mean + factor * (averages - mean)


def _log_gamma(generator: np.random.Generator, shape: Floats, draws: int) -> Floats:
    """Return logarithms of gamma draws, one column a shape.

    G(s) = G(s + 1) U^(1 / s) (Stuart 1962).
    """
    size = (draws, shape.size)
    values: Floats = np.log(generator.standard_gamma(shape + 1.0, size))
    return values - generator.standard_exponential(size) / shape


def _rank_interval(
    alpha: Floats, beta: Floats, draws: int, seed: int, level: float
) -> tuple[Floats, Floats]:
    """Return quantiles of each place's rank over posterior draws.

    A beta draw is a / (a + b) of two gamma draws, so b / a puts places in order, the
    highest share first, without dividing further; single precision is far finer than
    the draws are.
    """
    generator = np.random.default_rng(seed)
    size = (draws, alpha.size)
    good = generator.standard_gamma(alpha.astype(np.float32), size, dtype=np.float32)
    bad = generator.standard_gamma(beta.astype(np.float32), size, dtype=np.float32)
    faint = np.minimum(alpha, beta) < FAINT
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        np.divide(bad, good, out=bad)
        if faint.any():
            np.log(bad, out=bad)
    if faint.any():
        missing = _log_gamma(generator, beta[faint], draws)
        bad[:, faint] = missing - _log_gamma(generator, alpha[faint], draws)
    integer_type = np.int16 if alpha.size < np.iinfo(np.int16).max else np.int32
    places = np.empty((draws, alpha.size), dtype=integer_type)
    in_order = np.arange(alpha.size, dtype=integer_type)
    for row, place in zip(bad, places, strict=True):
        place[np.argsort(row)] = in_order
    ranks = np.ascontiguousarray(places.T)
    ranks.sort(axis=1)
    tail = (1.0 - level) / 2.0
    low, high = (round(share * (draws - 1)) for share in (tail, 1.0 - tail))
    return ranks[:, low] + 1.0, ranks[:, high] + 1.0
