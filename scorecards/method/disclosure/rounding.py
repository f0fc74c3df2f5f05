"""Rounded release: counts rounded at random to multiples of three (method, section 8).

``rounded`` is fixed random rounding to base 3, as Statistics New Zealand publishes: the
same set of records gets the same number wherever and whenever it is counted.
``release`` decides for each cell of a table whether it is printed and with which
numbers, given what earlier releases of the same quarter decided (rules 2, 3, 4 and 6 of
docs/decisions/0031-rounded-release.md). ``intervals`` allows for the rounding (rule 8).
"""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from scorecards.method.arrays import Floats, Integers, floats
from scorecards.method.disclosure.record_keys import draws, words
from scorecards.method.disclosure.totals import Ladder
from scorecards.method.estimates.intervals import wilson

BASE = 3
LEAST_PEOPLE = 10
LEAST_OF_ACQUAINTED = 30
"""The smallest self-assessment and the smallest group of voters of one commune that are printed.

These people know each other and how many they are. Provinces and the nation need as many: a person
who knows three communes exactly, as a facilitator does, knows much of a smaller total.
"""

LEAST_COMMUNES = 5
"""The fewest communes whose votes are added up.

A total without three communes that a facilitator knows would be a second number of one meeting, for
each question that the same people answered; together these numbers reveal the meeting's votes.
"""

LEAST_PRINTED = 9
SIDES = ("met", "not_met")
CELL = ("place_code", "service")
"""The columns of a cell within its cube; every further column of a table names the cube."""

_THIRDS = np.array([0, 2**64 // 3 + 1, 2 * 2**64 // 3 + 1], dtype=np.uint64)
_COUNTED = {*SIDES, *(f"{side}_key" for side in SIDES)}
_NOT_KEYS = {*_COUNTED, "is_vote"}
_PRIVATE = ("printed_met", "printed_not_met", "printed_judged", "status", "changed")


def rounded(x: ArrayLike | pd.Series, key: ArrayLike, secret: bytes | str) -> NDArray[np.int64]:
    """Round counts at random to multiples of three (rule 2).

    ``x``: whole numbers, 0 or more; ``key``: for each the sum of its records' keys modulo
    2**64 (whole numbers, uint64 or Python's); ``secret``: text or bytes. Returns int64 of
    the same shape: x - x % 3, or 3 more with probability x % 3 / 3, so that the mean is
    right. The number depends on ``x``, ``key`` and ``secret`` alone; zero stays zero.
    Raises ``ValueError`` for counts that are negative or not whole.
    """
    numbers = np.asarray(x, dtype=np.float64)
    if not (np.isfinite(numbers) & (numbers >= 0) & (numbers == np.floor(numbers))).all():
        raise ValueError("counts are whole numbers, 0 or more")
    counts = numbers.astype(np.int64)
    rest = counts % BASE
    up = draws(np.broadcast_to(words(key), counts.shape), secret) < _THIRDS[rest]
    return np.asarray(counts - rest + BASE * up, dtype=np.int64)


def release(
    cells: pd.DataFrame,
    previous: pd.DataFrame | Sequence[pd.DataFrame] | None,
    secret: bytes | str,
    *,
    without: Collection[int] = (),
) -> pd.DataFrame:
    """Decide which cells are printed and with which numbers (rules 2, 3, 4 and 6).

    ``cells``, one row a cell, finest cells and totals alike: ``place_code`` (official code,
    "" the nation; a place lies in the places whose codes it begins with), ``service`` (""
    all services, else one service or group), ``met`` and ``not_met`` (true numbers of
    records), ``met_key`` and ``not_met_key`` (sums of record keys modulo 2**64). Every
    further column names the cube; cells of different cubes have nothing to do with each
    other. In a table with a column self_assessment thirty people and not ten are needed where it
    is true, and of places larger than the smallest. Where a column is_vote is true, thirty are
    needed of a service (a group of voters) in one commune, and several communes together are
    five or more.
    ``previous``: None, or what this function returned for ALL earlier releases of the same
    quarter, oldest first, as a list or concatenated. ``without``: rules left out, for tests
    of the attack.

    Returns the rows of ``cells``, then rows of zeros for cells that only ``previous`` has:
    the keys, ``met``, ``not_met`` and

    - status: "printed", "withdrawn" (being corrected) or "not_printed";
    - printed_met, printed_not_met, printed_judged: what readers see; NaN unless printed;
    - kept_met, kept_not_met: the numbers of the state in force; NaN where not printed;
    - is_new: a state decided now, to be kept; else an earlier state is repeated;
    - changed: people changed since the state that is repeated; 0 where new.

    All columns but the printed_ ones are private. Raises ``ValueError`` for impossible
    counts or repeated cells.
    """
    kept = states(previous)
    table = _with_gone(cells, kept)
    keys = [name for name in table.columns if name not in _NOT_KEYS]
    if table.duplicated(keys).any():
        raise ValueError("a cell stands in the table twice")
    ladder = Ladder(table[keys])
    truth = np.column_stack([floats(table[side]) for side in SIDES]).astype(np.int64)
    prints = np.column_stack(
        [rounded(table[side], table[f"{side}_key"].to_numpy(), secret) for side in SIDES]
    )
    if 3 not in without:
        for side, name in enumerate(SIDES):
            of_set = ladder.same_sets(words(table[f"{name}_key"].to_numpy()), truth[:, side])
            prints[:, side] = ladder.least_above(prints[:, side], of_set)
    old = _repeated(table[keys], kept, truth) if 6 not in without else None
    enough = _is_enough(table, ladder, truth.sum(axis=1))
    decided = _decide(ladder, truth, prints, old, enough=enough, without=without)
    return table[[*keys, *SIDES]].assign(**decided)


def states(previous: pd.DataFrame | Sequence[pd.DataFrame] | None) -> pd.DataFrame:
    """Return every state that earlier releases decided, oldest first, from what ``release``
    returned.

    Columns: the keys of cells, met, not_met, kept_met, kept_not_met, is_new (always true).
    """
    if previous is None:
        return pd.DataFrame()
    tables = [previous] if isinstance(previous, pd.DataFrame) else [*previous]
    tables = [table.loc[table["is_new"].astype(bool)] for table in tables if len(table)]
    if not tables:
        return pd.DataFrame()
    decided = pd.concat(tables, ignore_index=True)
    return decided.drop(columns=[name for name in _PRIVATE if name in decided.columns])


def effect(met: ArrayLike, judged: ArrayLike, deff: ArrayLike = 1.0) -> Floats:
    """Return the design effect that also allows for the rounding (rule 8).

    ``met`` and ``judged`` are printed numbers, ``deff`` that of the cell; it is taken to one
    decimal. Rounding adds a variance of 4/3 to either side.
    """
    printed, total = floats(met), floats(judged)
    share = (printed + 1.0) / (total + 2.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        noise = (4 / 3) * ((1 - share) ** 2 + share**2) / (total * share * (1 - share))
    return np.asarray(np.round(floats(deff), 1) + noise, dtype=np.float64)


def intervals(
    met: ArrayLike, judged: ArrayLike, deff: ArrayLike = 1.0, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Return the interval of a share made from printed numbers (rule 8): arrays in, (low, high)
    out.

    A printed 3 may be a true 1: where one side is 3, the bound towards it is at least
    as far out as Wilson's with one record on that side.
    """
    printed, total = np.atleast_1d(floats(met)), np.atleast_1d(floats(judged))
    wide = effect(printed, total, deff)
    low, high = wilson(printed, total, level, deff=wide)
    one = np.minimum(total, 1.0)
    lowest, _ = wilson(one, total, level, deff=wide)
    _, highest = wilson(total - one, total, level, deff=wide)
    low = np.where(printed == BASE, np.minimum(low, lowest), low)
    high = np.where(total - printed == BASE, np.maximum(high, highest), high)
    return low, high


def _is_enough(table: pd.DataFrame, ladder: Ladder, people: Integers) -> NDArray[np.bool_]:
    """Return whether rule 4's least numbers of people and of communes are reached.

    The number of communes matters where votes of several communes are added.
    """
    least = np.full(len(table), LEAST_PEOPLE)
    enough = np.ones(len(table), dtype=np.bool_)
    if "self_assessment" in table:
        own = table["self_assessment"].to_numpy(dtype=np.bool_)
        least[own | ~ladder.is_finest] = LEAST_OF_ACQUAINTED
    if "is_vote" in table:
        vote = table["is_vote"].to_numpy(dtype=np.bool_)
        communes = ladder.finest_places(people > 0)
        enough = ~(vote & (communes > 1) & (communes < LEAST_COMMUNES))
        group = vote & (table["service"] != "").to_numpy()
        least[group & (communes == 1)] = LEAST_OF_ACQUAINTED
    return np.asarray(enough & (people >= least), dtype=np.bool_)


def _decide(
    ladder: Ladder,
    truth: Integers,
    prints: Integers,
    old: pd.DataFrame | None,
    *,
    enough: NDArray[np.bool_],
    without: Collection[int],
) -> dict[str, Any]:
    """Apply rule 4 from the totals down, and rule 6 where an earlier state is repeated."""
    people = truth.sum(axis=1)
    repeats = np.zeros(len(people), dtype=np.bool_)
    withdrawn, changed = repeats.copy(), np.zeros(len(people), dtype=np.int64)
    kept = prints.astype(np.float64)
    if old is not None:
        repeats = old["changed"].notna().to_numpy()
        kept[repeats] = old.loc[repeats, ["kept_met", "kept_not_met"]]
        changed[repeats] = old.loc[repeats, "changed"]
    enough = enough & (kept.sum(axis=1) >= LEAST_PRINTED)
    shown = np.where(repeats, ~np.isnan(kept[:, 0]), enough)
    for rows in ladder.floors:
        for above in ladder.above(rows):
            total = np.where(above >= 0, above, rows)
            rest = people[total] - people[rows]
            closer = kept[total].sum(axis=1) - kept[rows].sum(axis=1) < LEAST_PRINTED
            small = (rest != 0) & ((rest < LEAST_PEOPLE) | closer) & shown[total] & (above >= 0)
            if 4 not in without:
                shown[rows] &= repeats[rows] | ~small
    kept[~shown] = np.nan
    with np.errstate(invalid="ignore"):
        withdrawn = repeats & shown & (changed >= 5) & (4 * changed > kept.sum(axis=1))
    printed = np.where((shown & ~withdrawn)[:, None], kept, np.nan)
    status = np.where(withdrawn, "withdrawn", np.where(shown, "printed", "not_printed"))
    return {
        "status": status,
        "printed_met": printed[:, 0],
        "printed_not_met": printed[:, 1],
        "printed_judged": printed.sum(axis=1),
        "kept_met": kept[:, 0],
        "kept_not_met": kept[:, 1],
        "is_new": ~repeats,
        "changed": changed,
    }


def people_changed(now: Integers, before: Integers) -> Integers:
    """Return the least number of people who came or went between two states.

    Each state has rows of (met, not met).
    """
    step = now - before
    return np.asarray(
        np.maximum(np.abs(step).max(axis=1), np.abs(step.sum(axis=1))), dtype=np.int64
    )


def _repeated(keys: pd.DataFrame, kept: pd.DataFrame, truth: Integers) -> pd.DataFrame:
    """Find for each cell the latest state that fewer than ten people changed against (rule 6).

    Columns changed, kept_met, kept_not_met; NaN in all three where there is none.
    """
    names = ["changed", "kept_met", "kept_not_met"]
    if kept.empty:
        return pd.DataFrame(np.nan, index=range(len(keys)), columns=names)
    row = keys.reset_index(drop=True).reset_index(names="row")
    table = kept.assign(turn=np.arange(len(kept))).merge(row, on=list(keys.columns))
    before = table[[*SIDES]].to_numpy(dtype=np.int64)
    table["changed"] = people_changed(truth[table["row"]], before)
    near = table[table["changed"] < LEAST_PEOPLE].sort_values("turn")
    latest = near.drop_duplicates("row", keep="last").set_index("row")
    return latest[names].reindex(range(len(keys)))


def _with_gone(cells: pd.DataFrame, kept: pd.DataFrame) -> pd.DataFrame:
    """Return ``cells`` and, with no people in them, the cells that only earlier releases had."""
    table = cells.reset_index(drop=True)
    keys = [name for name in table.columns if name not in _NOT_KEYS]
    if missing := {*CELL, *_COUNTED} - {*table.columns}:
        raise ValueError(f"columns are missing: {', '.join(sorted(missing))}")
    if kept.empty:
        return table
    withdrawn_cells = kept[keys].drop_duplicates()
    both = withdrawn_cells.merge(table[keys], on=keys, how="left", indicator=True)
    gone = both.loc[both["_merge"] == "left_only", keys].assign(**dict.fromkeys(SIDES, 0))
    empty = np.zeros(len(gone), dtype=np.uint64)
    gone = gone.assign(met_key=empty, not_met_key=empty)
    if "is_vote" in table:
        gone["is_vote"] = False
    return pd.concat([table, gone], ignore_index=True) if len(gone) else table
