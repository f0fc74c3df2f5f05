"""Nations of clustered cases drawn at random, whose true shares are known.

For the validation of intervals and alarms: ``benchmarks.coverage`` at full size, the tests
of the method at a smaller one. The way is the product's: rho is estimated from all cases of
the nation with communes as strata, each commune's design effect from its own clusters.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scorecards.method.arrays import Floats, Integers
from scorecards.method.comparison.funnel import funnel
from scorecards.method.estimates.clustering import ClusterSums, cell_effect, held
from scorecards.method.estimates.intervals import wilson

SHARES = (0.05, 0.10, 0.20, 0.35, 0.50, 0.65, 0.80, 0.90, 0.95)
BANDS = {"10 to 14": (10, 14), "15 to 29": (15, 29), "30 to 59": (30, 59), "60 and more": (60, 150)}
RHOS = (0.0, 0.02, 0.05, 0.1, 0.2)

Sizes = Callable[[np.random.Generator, int, int], list[int]]


def equal(_: np.random.Generator, __: int, judged: int) -> list[int]:
    """Clusters of five, the last one of what is left."""
    full, rest = divmod(judged, 5)
    return [5] * full + [rest] * (rest > 0)


def unequal(rng: np.random.Generator, commune: int, judged: int) -> list[int]:
    """Every other commune in clusters of 2 to 4, the others in clusters of up to 12."""
    least, most = (2, 4) if commune % 2 else (6, 12)
    results: list[int] = []
    while (left := judged - sum(results)) > 0:
        results.append(min(left, int(rng.integers(least, most + 1))))
    return results


def far_apart(rng: np.random.Generator, commune: int, judged: int) -> list[int]:
    """Every other commune in clusters of 2 to 4, the others in clusters of 20 to 30."""
    least, most = (2, 4) if commune % 2 else (20, 30)
    results: list[int] = []
    while (left := judged - sum(results)) > 0:
        results.append(min(left, int(rng.integers(least, most + 1))))
    return results


@dataclass(frozen=True)
class Nation:
    """Communes with their true share, cases, met, and clusters as rows of a matrix."""

    truth: Floats
    sizes: Integers
    met: Integers

    @property
    def judged(self) -> Integers:
        """Cases of each commune."""
        return np.asarray(self.sizes.sum(axis=1), dtype=np.int64)

    @property
    def sums(self) -> ClusterSums:
        """What ``clustering`` needs of all cases, with communes as strata."""
        sizes, met = self.sizes.astype(float), self.met.astype(float)
        total, whole_met = sizes.sum(axis=1), met.sum(axis=1)
        filled = np.where(sizes > 0, sizes, 1.0)
        return ClusterSums(
            cases=total.sum(),
            squares=met.sum(),
            clusters=float((sizes > 0).sum()),
            strata=float(len(total)),
            size_squares=(sizes**2).sum(),
            cluster_squares=(met**2 / filled).sum(),
            stratum_squares=(whole_met**2 / total).sum(),
            inner_squares=((sizes**2).sum(axis=1) / total).sum(),
        )

    @property
    def effects(self) -> Floats:
        """Each commune's design effect, from the nation's rho and its own clusters."""
        pairs = (self.sizes * (self.sizes - 1)).sum(axis=1)
        return cell_effect(self.judged, [pairs], [held(self.sums.rho)])


def draw(
    rng: np.random.Generator, truth: Floats, judged: Integers, rho: float, sizes: Sizes
) -> Nation:
    """A nation with these true shares and numbers of cases; clusters are beta-binomial."""
    lists = [sizes(rng, number, int(n)) for number, n in enumerate(judged)]
    matrix = np.zeros((len(lists), max(map(len, lists))), dtype=np.int64)
    for row, own in zip(matrix, lists, strict=True):
        row[: len(own)] = own
    chance = np.broadcast_to(truth[:, None], matrix.shape)
    if rho > 0:
        strength = (1 - rho) / rho
        chance = rng.beta(chance * strength, (1 - chance) * strength)
    return Nation(truth, matrix, rng.binomial(matrix, chance))


def coverage(rng: np.random.Generator, rho: float, sizes: Sizes, communes: int) -> pd.DataFrame:
    """How often the interval holds the truth: one row per band, true share and half.

    ``communes`` of each band and true share; "half" is 1 for communes with odd numbers,
    whose clusters are the small ones. Columns: band, share, half, held (0..1), communes.
    """
    truth = np.tile(np.repeat(SHARES, communes), len(BANDS))
    band = np.repeat(list(BANDS), communes * len(SHARES))
    ends = np.array([BANDS[name] for name in band])
    nation = draw(rng, truth, rng.integers(ends[:, 0], ends[:, 1] + 1), rho, sizes)
    low, high = wilson(nation.met.sum(axis=1), nation.judged, deff=nation.effects)
    table = pd.DataFrame(
        {
            "band": band,
            "share": truth,
            "half": np.arange(len(truth)) % 2,
            "held": (low <= truth) & (truth <= high),
        }
    )
    grouped = table.groupby(["band", "share", "half"], sort=False)["held"]
    return grouped.agg(["mean", "size"]).set_axis(["held", "communes"], axis=1).reset_index()


def false_alarms(
    rng: np.random.Generator, share: float, rho: float, sizes: Sizes, communes: int
) -> tuple[int, int]:
    """Communes far from the line at 99.8% in a nation without differences, and how many drawn."""
    judged = rng.integers(10, 150, communes)
    nation = draw(rng, np.full(communes, share), judged, rho, sizes)
    result = funnel(nation.met.sum(axis=1), nation.judged, deff=nation.effects)
    far = result["place"].isin(["far_below", "far_above"])
    return int(far.sum()), int(result["drawn"].sum())
