"""The second computation of ranks, means and gaps, by other draws and voter by voter.

A prior fitted by another method and other draws must give the same picture, not the same
digits: the interval of a rank may differ by what a thousand draws leave open.
"""

from collections import defaultdict
from collections.abc import Callable
from math import isclose
from typing import Any

import numpy as np
import pandas as pd
from django.db import connection
from scipy.optimize import minimize  # type: ignore[import-untyped]
from scipy.special import expit, gammaln, logit  # type: ignore[import-untyped]
from scipy.stats import rankdata  # type: ignore[import-untyped]

from scorecards.indicators import KINDS
from scorecards.method.arrays import Floats, floats
from scorecards.method.comparison.ranking import LEAST_GAIN, STRONGEST
from scorecards.method.estimates.votes import LEAST_GROUP
from scorecards.models import ScoreAlarm, VoteGap
from scorecards.periods import Period
from surveys import observations

DRAWS = 1000
CLOSE_MEAN = 0.003
COLUMNS = ["about", "indicator", "provider_kind", "place_code", "field", "stored", "recomputed"]
_RANKED = ["place_code", "numerator", "denominator", "deff", "mean", "rank_low", "rank_high"]


def differing(period: Period, *, night: int) -> pd.DataFrame:
    """Return ranks and means of one cube and of those under alarm, and all gaps: what disagrees.

    Another cube comes each ``night``. Columns: COLUMNS.
    """
    rows = _gaps(period)
    for indicator, kind in _cubes(period, night):
        cube = {"about": "comparison", "indicator": indicator, "provider_kind": kind}
        rows += [cube | row for row in ranked(_stored(period, indicator, kind), seed=night)]
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS))


def _cubes(period: Period, night: int) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT indicator, provider_kind FROM scorecards_comparison "
            "WHERE period = %s AND release_id = 0 ORDER BY 1, 2",
            [period.code],
        )
        cells: list[tuple[str, str]] = cursor.fetchall()
    standing = ScoreAlarm.objects.filter(
        resolved_at=None, about="comparison", period=period.code
    ).values_list("indicator", "provider_kind")
    chosen = {cells[night % len(cells)]} if cells else set()
    return sorted(chosen | (set(standing) & set(cells)))


def _stored(period: Period, indicator: str, kind: str) -> pd.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(_RANKED)} FROM scorecards_comparison WHERE period = %s "  # noqa: S608
            "AND release_id = 0 AND indicator = %s AND provider_kind = %s ORDER BY place_code",
            [period.code, indicator, kind],
        )
        return pd.DataFrame(cursor.fetchall(), columns=pd.Index(_RANKED))


def ranked(cube: pd.DataFrame, *, seed: int) -> list[dict[str, str]]:
    """Return rows of one cube whose mean or rank another program would not have given."""
    if cube.empty:
        return []
    deff = cube["deff"].to_numpy(dtype=np.float64)
    met = cube["numerator"].to_numpy(dtype=np.float64) / deff
    missed = cube["denominator"].to_numpy(dtype=np.float64) / deff - met
    alpha, beta = fitted(met, missed)
    means = (alpha + met) / (alpha + beta + met + missed)
    rng = np.random.default_rng(seed)
    odds = _log_gamma(rng, alpha + met) - _log_gamma(rng, beta + missed)
    ranks = rankdata(-odds, axis=1, method="ordinal")
    ends = np.quantile(ranks, [0.025, 0.975], axis=0, method="nearest")
    # A quantile of so many draws is uncertain by a tenth of the spread, three times over.
    room = np.maximum(2.0, 0.12 * (ends[1] - ends[0]) + 0.01 * len(cube))
    expected = {"mean": means, "rank_low": ends[0], "rank_high": ends[1]}
    allowed = {"mean": np.full(len(cube), CLOSE_MEAN), "rank_low": room, "rank_high": room}
    differing_rows: dict[str, dict[str, str]] = {}
    for name, fresh in expected.items():
        stored = cube[name].to_numpy(dtype=np.float64)
        for number in np.flatnonzero(np.abs(stored - fresh) > allowed[name]):
            place = str(cube["place_code"].iloc[number])
            values = {"stored": f"{stored[number]:.4g}", "recomputed": f"{fresh[number]:.4g}"}
            differing_rows.setdefault(place, {"place_code": place, "field": name, **values})
    return list(differing_rows.values())


def _log_gamma(rng: np.random.Generator, shape: Floats) -> Floats:
    """Return logarithms of DRAWS gamma draws a shape, of which the smallest would vanish as
    numbers.
    """
    size = (DRAWS, len(shape))
    return floats(np.log(rng.gamma(shape + 1.0, size=size)) + np.log(rng.random(size)) / shape)


def fitted(met: Floats, missed: Floats) -> tuple[float, float]:
    """Return the beta distribution of true shares by a search without derivatives (Nelder-Mead).

    All alike (the strongest) where no other is likelier by ``LEAST_GAIN``, as in ``ranking``.
    """

    def loss(point: Floats) -> float:
        alpha, beta = _bounded(point)
        strength = alpha + beta
        likely = (
            gammaln(met + alpha)
            - gammaln(alpha)
            + gammaln(missed + beta)
            - gammaln(beta)
            + gammaln(strength)
            - gammaln(met + missed + strength)
        )
        return -float(likely.sum())

    middle = (met.sum() + 0.5) / (met.sum() + missed.sum() + 1.0)
    centre = np.log(middle / (1 - middle))
    best = _lowest(loss, [np.array([centre, np.log(s)]) for s in (3.0, 30.0, 1000.0)])
    total = logit(met.sum() / (met.sum() + missed.sum()))
    alike = np.array([np.clip(total, -14.0, 14.0), np.log(STRONGEST)])
    return _bounded(best if loss(alike) - loss(best) >= LEAST_GAIN else alike)


def _lowest(loss: Callable[[Floats], float], starts: list[Floats]) -> Floats:
    """Return the lowest point that searches from ``starts`` find, searched from once more.

    A simplex begins one step wide in both directions: scipy's own is a twentieth of the
    start, which is nothing where the logit of a share is near zero, and it collapses there.
    """
    for _ in range(2):
        tries = [
            minimize(
                loss,
                start,
                method="Nelder-Mead",
                options={
                    "xatol": 1e-6,
                    "fatol": 1e-9,
                    "initial_simplex": np.vstack([start, start + np.eye(2)]),
                },
            )
            for start in starts
        ]
        starts = [min(tries, key=lambda one: float(one.fun)).x]
    return floats(starts[0])


def _bounded(point: Floats) -> tuple[float, float]:
    """Return alpha and beta of a point.

    The share stays about a millionth away from 0 and 1, the strength within 0.01 and a million.
    """
    share = float(expit(np.clip(point[0], -14.0, 14.0)))
    strength = float(np.exp(np.clip(point[1], np.log(1e-2), np.log(1e6))))
    return share * strength, (1.0 - share) * strength


def _gaps(period: Period) -> list[dict[str, str]]:
    """Return stored gaps that counting voter by voter contradicts."""
    expected = _counted(period)
    alarms = []
    for row in VoteGap.objects.filter(period=period.code, release_id=0):
        fresh = expected.pop((row.indicator, row.provider_kind, row.among, row.place_code), None)
        stored = (row.voters, row.others, row.mean, row.others_mean)
        same = fresh is not None and all(
            isclose(old or 0, new, abs_tol=1e-9) for old, new in zip(stored, fresh, strict=True)
        )
        gap = (row.mean or 0) - (row.others_mean or 0)
        if not same or not isclose(row.gap or 0, gap, abs_tol=1e-9):
            text = "none" if fresh is None else f"{fresh[2]:.4g} {fresh[3]:.4g}"
            alarms.append(_alarm(row, f"{row.mean:.4g} {row.others_mean:.4g}", text))
    return alarms + [
        {
            "about": "gap",
            "indicator": indicator,
            "provider_kind": kind,
            "place_code": place,
            "field": among,
            "stored": "none",
            "recomputed": f"{fresh[2]:.4g} {fresh[3]:.4g}",
        }
        for (indicator, kind, among, place), fresh in expected.items()
    ]


def _alarm(row: VoteGap, stored: str, fresh: str) -> dict[str, str]:
    key = {name: getattr(row, name) for name in ("indicator", "provider_kind", "place_code")}
    return {"about": "gap", **key, "field": row.among, "stored": stored, "recomputed": fresh}


def _counted(period: Period) -> dict[tuple[str, str, str, str], tuple[float, ...]]:
    """Return voters, others and their means of every group that may be shown, in plain loops."""
    sides: dict[Any, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    votes = observations.groups_to_count(
        meeting__held_on__range=(period.first, period.last), meeting__provider__kind__in=KINDS
    )
    for vote in votes.iterator(chunk_size=5000):
        member = {"women": {"female": True, "": None}.get(vote["sex"], False)}
        member |= {name: vote[name] for name in ("youth", "poor_card", "disability", "minority")}
        for among, is_in in member.items():
            if is_in is None:
                continue
            for length in (6, 2, 0):
                place = vote["commune_id"][:length]
                key = (vote["indicator_code"], vote["provider_kind"], among, place)
                sides[key][not is_in].append(vote["score"])
    return {
        key: (len(one), len(rest), sum(one) / len(one), sum(rest) / len(rest))
        for key, (one, rest) in sides.items()
        if min(len(one), len(rest)) >= LEAST_GROUP
    }
