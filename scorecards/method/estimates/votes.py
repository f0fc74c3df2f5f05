"""Votes: scores of 1 to 5 from meetings (method, section 6).

One row a vote: ``score`` (1 to 5; missing is "did not vote" and is left out), ``meeting`` (label of
the meeting), ``side`` ("community" or "provider"), any key columns such as "indicator", and one
yes/no column per group ("women", "youth", "poor_card", "disability", "minority"; missing is "not
known" and stays outside both sides of that gap). No voter is identified. A focus group that agreed
on one score is one row, whatever the number of people in it.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from scorecards.method.arrays import Booleans, Floats, Integers, floats
from scorecards.method.estimates.shares import share_status
from scorecards.method.vocabulary import Status

SCORES = (1, 2, 3, 4, 5)
SATISFIED = 4
LEAST_GROUP = 5
DRAWS = 2000
SEED = 1_500


def distribution(votes: pd.DataFrame, keys: Sequence[str] = ("indicator",)) -> pd.DataFrame:
    """Count the votes of each score and summarise them; one row per ``keys``.

    Columns after the keys: votes_1 .. votes_5 and voters (int64), median (as it is: 2.5
    stays 2.5), mean, satisfied (share of 4 and 5, 0..1) and status by number of voters.
    Sorted by the keys. Raises ``ValueError`` for a score that is not a whole 1 to 5.
    """
    cast = _cast(votes)
    groups = cast.groupby(list(keys), observed=True, sort=True)
    table = groups["score"].agg(["median", "mean"]).astype(np.float64)
    number = groups.ngroup().to_numpy(dtype=np.int64)
    place = cast["score"].to_numpy(dtype=np.int64) - 1
    counts = np.bincount(number * 5 + place, minlength=len(table) * 5).reshape(len(table), 5)
    voters = counts.sum(axis=1)
    for score in SCORES:
        table.insert(score - 1, f"votes_{score}", counts[:, score - 1])
    table.insert(5, "voters", voters)
    table["satisfied"] = counts[:, SATISFIED - 1 :].sum(axis=1) / np.maximum(voters, 1)
    table["status"] = share_status(voters)
    return table.reset_index()


def against_provider(votes: pd.DataFrame, keys: Sequence[str] = ("indicator",)) -> pd.DataFrame:
    """Compare the community's scores with the provider's own, one row per ``keys``.

    Columns: community_voters, community_median, community_mean, provider_voters, provider_median,
    provider_mean, and gap (community mean minus provider mean, in points of the 1 to 5 scale). NaN
    (0 voters) where one side did not vote.
    """
    sides = []
    for side in ("community", "provider"):
        own = distribution(votes[votes["side"] == side], keys).set_index(list(keys))
        sides.append(own[["voters", "median", "mean"]].add_prefix(f"{side}_"))
    table = sides[0].join(sides[1], how="outer").sort_index()
    for side in ("community", "provider"):
        table[f"{side}_voters"] = table[f"{side}_voters"].fillna(0).astype(np.int64)
    table["gap"] = table["community_mean"] - table["provider_mean"]
    return table.reset_index()


def group_gaps(
    votes: pd.DataFrame,
    groups: Sequence[str],
    keys: Sequence[str] = ("indicator",),
    *,
    draws: int = DRAWS,
    seed: int = SEED,
) -> pd.DataFrame:
    """Compare each group with everybody else, per ``keys`` and group: one row each.

    Columns: the keys, group, voters, others, mean, others_mean, gap (mean minus
    others_mean, in points), low and high (95%, bootstrap by meeting with a fixed seed;
    NaN with fewer than two meetings) and status: "shown", or "hidden" without numbers
    where the group or its complement has fewer than five voters ("no_data" where the
    group has none). Source: Davison and Hinkley 1997, section 2.4 and 3.8 (resampling
    whole clusters, percentile interval).
    """
    cast = _cast(votes)
    rows = []
    for key, own in cast.groupby(list(keys), observed=True, sort=True):
        meeting = pd.factorize(own["meeting"])[0].astype(np.int64)
        for group in groups:
            member = floats(own[group])
            gap = _gap(floats(own["score"]), member, meeting, draws, seed)
            rows.append(dict(zip(keys, key, strict=True)) | {"group": group} | gap)
    return pd.DataFrame(rows, columns=pd.Index([*keys, "group", *GAP_COLUMNS]))


def group_may_be_shown(voters: int, total: int) -> bool:
    """Return whether a group of ``voters`` among ``total`` may be shown.

    It may unless the group or the rest has fewer than five voters.

    18 women among 20 voters would reveal 2 men. A group that is everybody has no rest.
    """
    rest = total - voters
    return voters >= LEAST_GROUP and (rest >= LEAST_GROUP or rest == 0)


GAP_COLUMNS = ["voters", "others", "mean", "others_mean", "gap", "low", "high", "status"]
TOTALS = ["score_inside", "inside", "score_outside", "outside"]
"""Columns of one group in one meeting: sums of scores and voters, inside and outside it."""


def gaps_of_meetings(
    meetings: pd.DataFrame, keys: Sequence[str], *, draws: int = DRAWS, seed: int = SEED
) -> pd.DataFrame:
    """Compute ``group_gaps`` from sums of whole meetings, one row per ``keys``, sorted by them.

    ``meetings`` has the keys and TOTALS, one row per key and meeting, in the order of the meetings;
    a meeting without members counts too. Columns: the keys, GAP_COLUMNS (voters and others also
    where the numbers beside them are NaN) and meetings.
    """
    groups = meetings.groupby(list(keys), observed=True, sort=True)
    table = groups[TOTALS].sum()
    table["meetings"] = groups.size()
    voters, others = table["inside"], table["outside"]
    shown = (voters >= LEAST_GROUP) & (others >= LEAST_GROUP)
    mean = (table["score_inside"] / voters.where(shown)).astype(np.float64)
    others_mean = (table["score_outside"] / others.where(shown)).astype(np.float64)
    status = np.where(shown, Status.SHOWN, np.where(voters == 0, Status.NO_DATA, Status.TOO_FEW))
    interval = np.full((len(table), 2), np.nan)
    totals, rows = meetings[TOTALS].to_numpy(dtype=np.float64), list(groups.indices.values())
    for number in np.flatnonzero(shown & (table["meetings"] > 1)):
        interval[number] = _percentiles(totals[rows[number]], draws, seed)
    table = table.assign(voters=voters, others=others, mean=mean, others_mean=others_mean)
    table = table.assign(gap=mean - others_mean, low=interval[:, 0], high=interval[:, 1])
    return table.assign(status=status)[[*GAP_COLUMNS, "meetings"]].reset_index()


def _gap(
    score: Floats, member: Floats, meeting: Integers, draws: int, seed: int
) -> dict[str, object]:
    inside, outside = member == 1, member == 0
    voters, others = int(inside.sum()), int(outside.sum())
    if min(voters, others) < LEAST_GROUP:
        status = Status.NO_DATA if voters == 0 else Status.TOO_FEW
        return dict.fromkeys(GAP_COLUMNS, float("nan")) | {"status": status}
    mean, others_mean = float(score[inside].mean()), float(score[outside].mean())
    low, high = _bootstrap(score, inside, outside, meeting, draws=draws, seed=seed)
    return {
        "voters": voters,
        "others": others,
        "mean": mean,
        "others_mean": others_mean,
        "gap": mean - others_mean,
        "low": low,
        "high": high,
        "status": Status.SHOWN,
    }


def _bootstrap(
    score: Floats,
    inside: Booleans,
    outside: Booleans,
    meeting: Integers,
    *,
    draws: int,
    seed: int,
) -> tuple[float, float]:
    """Return the percentile interval of the gap, whole meetings drawn with replacement."""
    meetings = int(meeting.max()) + 1
    if meetings < 2:
        return float("nan"), float("nan")
    totals = np.column_stack(
        [
            np.bincount(meeting, weights=weights, minlength=meetings)
            for weights in (score * inside, inside * 1.0, score * outside, outside * 1.0)
        ]
    )
    return _percentiles(floats(totals), draws, seed)


def _percentiles(totals: Floats, draws: int, seed: int) -> tuple[float, float]:
    drawn = _draws(len(totals), draws, seed) @ totals
    with np.errstate(divide="ignore", invalid="ignore"):
        gaps = drawn[:, 0] / drawn[:, 1] - drawn[:, 2] / drawn[:, 3]
    gaps = gaps[np.isfinite(gaps)]
    if gaps.size == 0:
        return float("nan"), float("nan")
    low, high = np.quantile(gaps, [0.025, 0.975])
    return float(low), float(high)


@lru_cache(maxsize=4)
def _draws(meetings: int, draws: int, seed: int) -> Floats:
    """Draw how often each meeting counts in each draw: (draws, meetings), same for equal sizes."""
    generator = np.random.default_rng(seed)
    equal = np.full(meetings, 1.0 / meetings)
    return floats(generator.multinomial(meetings, equal, size=draws))


def _cast(votes: pd.DataFrame) -> pd.DataFrame:
    """Return the votes that were cast; a score outside 1 to 5 is refused."""
    score = floats(votes["score"])
    is_known = ~np.isnan(score)
    if not np.isin(score[is_known], SCORES).all():
        raise ValueError("a vote is a whole number from 1 to 5")
    return votes[is_known].assign(score=score[is_known])
