"""Design effects: cases that were gathered together resemble each other (method, section 2).

Everything is computed from a few sums (``ClusterSums``), which a database can make as well as numpy
can; both ways use the same formula.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from scorecards.method.arrays import Floats, Integers, floats

RHO_UNKNOWN = 0.05
RHO_LEAST = 0.02
RHO_MOST = 0.30


ROUNDED = 3
"""Decimals of rho in use: otherwise its last digits would move every interval each night."""


def held(rho: float) -> float:
    """Hold rho within 0.02..0.30, or 0.05 where it is NaN; three decimals."""
    if np.isnan(rho):
        return RHO_UNKNOWN
    return round(min(max(rho, RHO_LEAST), RHO_MOST), ROUNDED)


def cell_effect(judged: ArrayLike, pairs: Sequence[ArrayLike], rhos: Sequence[ArrayLike]) -> Floats:
    """Return design effects of cells: 1 + (sum over sources of rho x pairs) / judged; 1 for no
    case.

    ``pairs`` has one array a source: the ordered pairs of judged cases of one cluster, the
    sum of n (n - 1) over the cell's clusters; ``rhos`` the correlation within clusters of
    that source. For one source this is 1 + (m - 1) rho with m = sum n^2 / sum n. For several
    it is the variance of their sum over that of as many independent cases, where sources
    share the cell's p (Kish 1965, section 5.4): the mean of their own effects, weighted by
    how many cases each contributed. Never below 1.
    """
    count = floats(judged)
    likeness = np.zeros(count.shape)
    for own, rho in zip(pairs, rhos, strict=True):
        likeness = likeness + floats(own) * floats(rho)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(count > 0, 1.0 + likeness / np.where(count > 0, count, 1.0), 1.0)


@dataclass(frozen=True)
class ClusterSums:
    """The sums of values in clusters that one-way analysis of variance needs.

    ``strata`` are the groups that clusters lie in (providers; one for everything where
    nothing is said). ``squares`` is the sum of squared values (met, where values are 0 and 1),
    ``size_squares`` of squared cluster sizes, ``cluster_squares`` of met^2 / size over
    clusters, ``stratum_squares`` of met^2 / size over strata, ``inner_squares``
    of squared cluster sizes / size of their stratum.
    """

    cases: float = 0.0
    squares: float = 0.0
    clusters: float = 0.0
    strata: float = 0.0
    size_squares: float = 0.0
    cluster_squares: float = 0.0
    stratum_squares: float = 0.0
    inner_squares: float = 0.0

    def __add__(self, other: "ClusterSums") -> "ClusterSums":
        return ClusterSums(
            *(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True))
        )

    @property
    def mean_size(self) -> float:
        """m of the method: how many cases the cluster of an average case has."""
        return self.size_squares / self.cases if self.cases else 1.0

    @property
    def rho(self) -> float:
        """Correlation of two cases of one cluster; NaN where it cannot be estimated.

        That is with no two clusters in any stratum, no cluster of two, or no variation. Source:
        Donner 1986, International Statistical Review 54, 67-82.
        """
        inside, between = self.cases - self.clusters, self.clusters - self.strata
        if inside < 1 or between < 1:
            return float("nan")
        within = max(self.squares - self.cluster_squares, 0.0) / inside
        among = max(self.cluster_squares - self.stratum_squares, 0.0) / between
        typical = (self.cases - self.inner_squares) / between
        spread = among + (typical - 1.0) * within
        return (among - within) / spread if spread > 1e-12 else float("nan")

    @property
    def held_rho(self) -> float:
        """``rho`` within 0.02..0.30, or 0.05 where the data cannot tell."""
        rho = self.rho
        return RHO_UNKNOWN if np.isnan(rho) else min(max(rho, RHO_LEAST), RHO_MOST)

    @property
    def pairs(self) -> float:
        """Ordered pairs of cases of one cluster."""
        return self.size_squares - self.cases

    @property
    def design_effect(self) -> float:
        """1 + (m - 1) rho, never below 1."""
        return max(1.0, 1.0 + (self.mean_size - 1.0) * self.held_rho)


def design_effect(
    values: ArrayLike | pd.Series,
    clusters: ArrayLike | pd.Series,
    strata: ArrayLike | pd.Series | None = None,
) -> float:
    """Estimate how many times clustered interviews inflate the variance of a share; 1 or more.

    ``values`` are the judged cases (1 met, 0 not met; missing ones are left out),
    ``clusters`` the label of the cluster (facilitator x day x provider) of each. With
    ``strata`` (the provider of each case) clusters are compared within their provider
    only: that providers differ is what the score is about, and not the interviewers'
    doing. deff = 1 + (m - 1) rho, with m = sum of squares over sum of the cluster sizes
    and rho by one-way analysis of variance held within 0.02..0.30, or 0.05 where the
    data cannot tell. 1.0 for no data. Source: Kish 1965, Survey Sampling, section 5.4.
    """
    return cluster_sums(values, clusters, strata).design_effect


def intraclass_correlation(
    values: ArrayLike | pd.Series,
    clusters: ArrayLike | pd.Series,
    strata: ArrayLike | pd.Series | None = None,
) -> float:
    """Return the correlation of two cases of one cluster.

    Inputs as in ``design_effect``, NaN if unknown.
    """
    return cluster_sums(values, clusters, strata).rho


def cluster_sums(
    values: ArrayLike | pd.Series,
    clusters: ArrayLike | pd.Series,
    strata: ArrayLike | pd.Series | None = None,
) -> ClusterSums:
    """Return the sums of ``design_effect``'s inputs."""
    numbers, of_cluster, of_stratum = _clustered(values, clusters, strata)
    if numbers.size == 0:
        return ClusterSums()
    sizes = np.bincount(of_cluster).astype(np.float64)
    met = np.bincount(of_cluster, weights=numbers)
    stratum = np.zeros(sizes.size, dtype=np.int64)
    stratum[of_cluster] = of_stratum
    stratum_sizes = np.bincount(stratum, weights=sizes)
    whole_met = np.bincount(stratum, weights=met)
    return ClusterSums(
        cases=float(sizes.sum()),
        squares=float((numbers**2).sum()),
        clusters=float(sizes.size),
        strata=float(stratum_sizes.size),
        size_squares=float((sizes**2).sum()),
        cluster_squares=float((met**2 / sizes).sum()),
        stratum_squares=float((whole_met**2 / stratum_sizes).sum()),
        inner_squares=float((sizes**2 / stratum_sizes[stratum]).sum()),
    )


def _clustered(
    values: ArrayLike | pd.Series,
    clusters: ArrayLike | pd.Series,
    strata: ArrayLike | pd.Series | None,
) -> tuple[Floats, Integers, Integers]:
    """Return values that are known, with cluster and stratum as consecutive codes from 0.

    A cluster that reaches into two strata is two clusters.
    """
    numbers = floats(values).ravel()
    codes, _ = pd.factorize(np.asarray(clusters).ravel())
    groups = np.zeros(numbers.size, dtype=np.int64)
    if strata is not None:
        groups = pd.factorize(np.asarray(strata).ravel())[0].astype(np.int64)
    if not codes.size == groups.size == numbers.size:
        raise ValueError("each value needs exactly one cluster")
    is_known = ~np.isnan(numbers) & (codes >= 0) & (groups >= 0)
    pairs = groups[is_known] * (codes.max(initial=0) + 1) + codes[is_known]
    tight, _ = pd.factorize(pairs)
    outer, _ = pd.factorize(groups[is_known])
    return numbers[is_known], tight.astype(np.int64), outer.astype(np.int64)
