"""Nobody can be found: what a release may show, and proof by attack (method, section 8).

``suppress`` turns the internal table into the released one; ``audit`` is given only the
released one and reports what an attacker can work out from it. Figures, tooltips, files
and the API are built from the released table, never from the internal one.

The attacker (``attack``) has everything released at once, tables, margins and, if given,
the previous release, knows the rules below, and takes a cell that is absent for empty.
"Fewer than ten" and "under 3" are statuses, not zeros. A number hidden to protect
another looks like one hidden for itself, so an "under 3" may be 0, 1 or 2.

- shown: people (judged), met, share.
- under_three: people, and a band for the share; 1 or 2 people (or, to protect another
  cell, none) are on its small side.
- hidden: nothing; the cell has fewer than ten people or protects one that has.

A hidden number of people is safe when its range is at least 3 wide; a side (met, not
met) when at least three values remain possible.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from .arrays import Booleans, Floats, floats
from .attack import EXACT_BELOW, reach
from .hiding import Hiding
from .lattice import Lattice, build_cells, tie
from .puzzle import Puzzle, Reach
from .vocabulary import Status

LEAST_PEOPLE = 10
FIGURES = ("share", "share_low", "share_high")


def suppress(
    table: pd.DataFrame,
    margins: Sequence[Sequence[str]] = (),
    *,
    dims: Sequence[str] | None = None,
    people: str = "judged",
    met: str | None = "met",
    previous: pd.DataFrame | None = None,
    least: int = LEAST_PEOPLE,
    secondary: bool = True,
    hide: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The released form of ``table`` and its ``margins``; the audit passes on what comes out.

    ``table`` has one row per finest cell: the key columns ``dims`` (by default every
    other column), ``people`` (whole number) and ``met`` (None for a table of counts
    alone). ``margins`` lists the totals released beside it, each as the dims it keeps:
    ``[("province", "service"), ("service",), ()]``. ``previous`` is the release that
    this one corrects, as ``suppress`` returned it: what was hidden stays hidden, and no
    difference of fewer than ten people, nor one with 1 or 2 on a side, can be computed.
    ``hide`` are keys (dims, ``ALL`` where summed) of cells that show nothing for a reason
    of the caller's, and are protected like the others. ``secondary=False`` leaves out
    the protection of hidden cells against subtraction; it exists so that tests can show
    that the audit then fails.

    Returns dims (``ALL`` where summed), status, people and met (float, NaN where
    hidden), share, and share_low / share_high (the band of an "under 3" cell, else the
    share). Raises ``ValueError`` for impossible counts or keys.
    """
    names = (
        list(dims)
        if dims is not None
        else [name for name in table.columns if name not in (people, met)]
    )
    counts = [people] if met is None else [people, met]
    cells = build_cells(table, names, margins, counts)
    value = _sides(cells, people, met)
    hiding = Hiding(tie(cells[names]), value)
    hiding.hide(_too_few(value.sum(axis=1), least))
    if hide is not None:
        hiding.hide(_among(cells[names], hide))
    if met is not None:
        hiding.label(((value == 1) | (value == 2)).any(axis=1))
    if previous is not None:
        _hide_differences(hiding, cells[names], previous, people, met, least=least)
    if secondary:
        _protect(hiding, cells[names], previous, people, met)
    return _released(cells[names], hiding, people, met)


def audit(
    released: pd.DataFrame,
    *,
    people: str = "judged",
    met: str | None = "met",
    previous: pd.DataFrame | None = None,
    exact_below: int = EXACT_BELOW,
) -> pd.DataFrame:
    """Attack a release: one row per hidden number-bearing cell, with what can be worked out.

    ``released`` as ``suppress`` returned it. Columns: the dims, status, of ("release",
    or "difference" for what the step from ``previous`` reveals), low and high (people),
    met_low, met_high, not_met_low, not_met_high (absent without ``met``) and breach.
    The release may go out only if no row is a breach. Ranges of puzzles with more than
    ``exact_below`` hidden cells may be wider than reported, never narrower.
    """
    names = _dims(released, people, met)
    lattice = tie(released[names])
    puzzle = _puzzle(released, lattice, people, met)
    report = _report(released, names, puzzle, reach(puzzle, exact_below=exact_below), "release")
    if previous is None:
        return report
    steps = _difference(released, previous, lattice, people=people, met=met)
    found = reach(steps, exact_below=exact_below)
    step = _report(released, names, steps, found, "difference")
    return pd.concat([report, step], ignore_index=True)


def _protect(
    hiding: Hiding,
    keys: pd.DataFrame,
    previous: pd.DataFrame | None,
    people: str,
    met: str | None,
) -> None:
    """Attack, hide one more cell for each sum that leaks, and again until nothing leaks.

    Hiding more never narrows a range, so what was once proven safe is not asked again.
    """
    cleared = np.zeros((len(keys), hiding.value.shape[1] + 1), dtype=np.bool_)
    settled = cleared.copy()
    while True:
        puzzle = hiding.puzzle()
        leaks = _open_leaks(puzzle, cleared)
        if previous is not None:
            released = _released(keys, hiding, people, met)
            steps = _difference(released, previous, hiding.lattice, people=people, met=met)
            leaks |= _open_leaks(steps, settled)
        if not leaks.any() or not hiding.protect(leaks):
            return


def _open_leaks(puzzle: Puzzle, cleared: Booleans) -> Booleans:
    """Leaks that show so far; adds to ``cleared`` what is proven safe."""
    found = reach(puzzle, exact_below=0, cleared=cleared)
    leaks = breaches(puzzle, found) & ~cleared
    cleared |= found.proven & puzzle.unknown[:, None] & ~leaks
    return leaks


def breaches(puzzle: Puzzle, found: Reach) -> Booleans:
    """cells x (sides + 1): True where a hidden number can be worked out too closely."""
    width = found.high - found.low
    leaks = puzzle.unknown[:, None] & (width < puzzle.need)
    leaks[puzzle.small >= 0, -1] = False
    if puzzle.signed or puzzle.steps:
        leaks &= np.abs(np.where(np.isfinite(found.high), found.high, 1.0)) > 0
    return np.asarray(leaks, dtype=np.bool_)


def _hide_differences(
    hiding: Hiding,
    keys: pd.DataFrame,
    previous: pd.DataFrame,
    people: str,
    met: str | None,
    *,
    least: int,
) -> None:
    """What was hidden stays hidden; a cell that changed by fewer than ten people is hidden."""
    before = _aligned(keys, previous)
    status = before["status"].to_numpy(dtype=object)
    hiding.hide(status == Status.HIDDEN)
    hiding.label_or_hide(status == Status.UNDER_THREE)
    old = _sides(before, people, met)
    changed = np.abs(hiding.value - old).sum(axis=1)
    total = np.abs(hiding.value.sum(axis=1) - floats(before[people]))
    hiding.hide(_too_few(np.where(np.isnan(changed), total, changed), least))
    if met is not None:
        one_or_two = np.isin(np.abs(hiding.value - old), (1.0, 2.0))
        hiding.hide(np.asarray(one_or_two.any(axis=1), dtype=np.bool_))


def _difference(
    released: pd.DataFrame,
    previous: pd.DataFrame,
    lattice: Lattice,
    *,
    people: str,
    met: str | None,
) -> Puzzle:
    """The step from one release to the next as a table of its own."""
    before = _aligned(released[_dims(released, people, met)], previous)
    step = _sides(released, people, met) - _sides(before, people, met)
    none = np.full(len(released), -1, dtype=np.int64)
    signed = bool((step < 0).any())
    return Puzzle(lattice, step, np.full(len(step), np.nan), none, signed=signed, steps=True)


def _aligned(keys: pd.DataFrame, previous: pd.DataFrame) -> pd.DataFrame:
    """The previous release in the order of ``keys``; a cell it did not have was empty."""
    names = list(keys.columns)
    before = keys.merge(previous.astype(dict.fromkeys(names, object)), on=names, how="left")
    absent = before["status"].isna()
    figures = [name for name in before.columns if name not in (*names, "status")]
    before.loc[absent, figures] = 0.0
    return before.assign(status=before["status"].astype(object).mask(absent, Status.SHOWN))


def _puzzle(released: pd.DataFrame, lattice: Lattice, people: str, met: str | None) -> Puzzle:
    labelled = (released["status"] == Status.UNDER_THREE).to_numpy(dtype=np.bool_)
    value = _sides(released, people, met)
    small = np.full(len(released), -1, dtype=np.int64)
    if met is not None:
        small[labelled] = np.where(floats(released["share_low"])[labelled] == 0, 0, 1)
    total = np.where(labelled, floats(released[people]), np.nan)
    return Puzzle(lattice, value, total, small)


def _released(keys: pd.DataFrame, hiding: Hiding, people: str, met: str | None) -> pd.DataFrame:
    """Only what may be seen: everything else is NaN before it leaves this function."""
    total = floats(np.where(hiding.hidden, np.nan, hiding.value.sum(axis=1)))
    table = keys.reset_index(drop=True).assign(status=hiding.status())
    table[people] = total
    if met is None:
        return table
    shown = ~hiding.hidden & (hiding.small < 0)
    table[met] = np.where(shown, hiding.value[:, 0], np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        table["share"] = table[met] / table[people]
        width = np.ceil(np.minimum(1.0, 2.0 / total) * 10.0) / 10.0
    low = np.where(hiding.small == 0, 0.0, 1.0 - width)
    high = np.where(hiding.small == 0, width, 1.0)
    table["share_low"] = np.where(hiding.small < 0, table["share"], low)
    table["share_high"] = np.where(hiding.small < 0, table["share"], high)
    return table


def _report(
    released: pd.DataFrame, names: list[str], puzzle: Puzzle, found: Reach, kind: str
) -> pd.DataFrame:
    rows = puzzle.unknown
    report = released.loc[rows, [*names, "status"]].assign(of=kind)
    report["low"], report["high"] = found.low[rows, -1], found.high[rows, -1]
    if puzzle.value.shape[1] == 2:
        for side, name in enumerate(("met", "not_met")):
            report[f"{name}_low"] = found.low[rows, side]
            report[f"{name}_high"] = found.high[rows, side]
    leaks: Booleans = np.logical_or.reduce(breaches(puzzle, found)[rows], axis=1)
    report["breach"] = leaks
    return report.reset_index(drop=True)


def _sides(table: pd.DataFrame, people: str, met: str | None) -> Floats:
    """cells x sides: met and not met, or people alone; NaN where not shown."""
    total = floats(table[people])
    if met is None:
        return total[:, None]
    good = floats(table[met])
    return np.column_stack([good, total - good])


def _among(keys: pd.DataFrame, chosen: pd.DataFrame) -> Booleans:
    """Which rows of ``keys`` are rows of ``chosen`` too."""
    names = list(keys.columns)
    known = set(chosen[names].astype(str).itertuples(index=False, name=None))
    rows = keys.astype(str).itertuples(index=False, name=None)
    return np.fromiter((row in known for row in rows), dtype=np.bool_, count=len(keys))


def _too_few(count: Floats, least: int) -> Booleans:
    return np.asarray((count > 0) & (count < least), dtype=np.bool_)


def _dims(released: pd.DataFrame, people: str, met: str | None) -> list[str]:
    figures = {people, met, "status", *FIGURES}
    return [name for name in released.columns if name not in figures]
