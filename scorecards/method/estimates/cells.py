"""Count judged cases into cells (method, sections 2 and 9).

A cell is one commune, provider kind, service, indicator and period. Keys are turned into integer
codes and counted by one ``bincount`` over key x outcome, so a million cases cost about what a bare
pandas groupby costs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scorecards.method.arrays import Booleans, Floats, Integers, floats
from scorecards.method.vocabulary import REASONS, Outcome

CELL_KEYS: tuple[str, ...] = (
    "commune",
    "provider_kind",
    "service",
    "indicator",
    "period",
)
COUNTS: tuple[str, ...] = ("met", "judged", *(reason.reason for reason in REASONS))
DENSE_LIMIT = 4_000_000


def period_of(days: "pd.Series[pd.Timestamp]", length: str) -> "pd.Series[str]":
    """Return the period each day falls in: "2026-03", "2026-Q1" or "2026" for month, quarter, year.

    A categorical Series with the index of ``days``, its categories in order of time;
    missing for a missing day. Raises ``ValueError`` for any other length.
    """
    when = pd.to_datetime(days)
    year = when.dt.year.to_numpy(dtype=np.float64, na_value=np.nan)
    month = when.dt.month.to_numpy(dtype=np.float64, na_value=np.nan) - 1
    parts = {"month": 12, "quarter": 4, "year": 1}.get(length)
    if parts is None:
        raise ValueError(f"a period is a month, a quarter or a year, not {length!r}")
    number = year * parts + np.floor(month * parts / 12)
    is_known = ~np.isnan(number)
    distinct, codes = np.unique(number[is_known].astype(np.int64), return_inverse=True)
    full = np.full(len(when), -1, dtype=np.int64)
    full[is_known] = codes
    names = [_period_name(int(value), parts) for value in distinct]
    return pd.Series(
        pd.Categorical.from_codes(full, categories=pd.Index(names, dtype=object), ordered=True),
        index=days.index,
        name=length,
    )


def count_cells(
    judged: pd.DataFrame, keys: Sequence[str] = CELL_KEYS, outcome: str = "outcome"
) -> pd.DataFrame:
    """Count judged cases in long form into cells: one row in ``judged`` per case and indicator.

    Returns one row per combination of ``keys`` that occurs, sorted by them, with counts
    (int64): met (numerator), judged (denominator) and the not-judged counts by reason:
    no_standard, unknown_answer, does_not_apply, still_open. Rows with a missing key are
    left out. Categorical keys are fastest. Raises ``ValueError`` for an outcome code
    that is not one of ``Outcome``.
    """
    codes = judged[outcome].to_numpy(dtype=np.int64)
    if codes.size and (codes.min() < min(Outcome) or codes.max() > max(Outcome)):
        raise ValueError("an outcome code is not one of Outcome")
    group, firsts = _group(judged, keys)
    kept = group >= 0
    if not kept.all():
        group, codes = group[kept], codes[kept]
    width = len(Outcome)
    counts = np.bincount(group * width + (codes + 4), minlength=len(firsts) * width)
    counts = counts.reshape(len(firsts), width)
    return _cells(firsts, counts)


def count_wide(
    cases: pd.DataFrame,
    outcomes: pd.DataFrame,
    keys: Sequence[str] = ("commune", "provider_kind", "service", "period"),
    *,
    middles: "Mapping[str, pd.Series] | None" = None,
    clusters: "Mapping[str, pd.Series] | None" = None,
) -> pd.DataFrame:
    """Count judged cases in wide form into cells: one column of outcome codes per indicator.

    ``outcomes`` has the rows of ``cases`` and one column per indicator code. The answer
    is that of ``count_cells`` with an "indicator" column after the keys. Cells of an
    indicator in which nothing was asked (every case "does not apply") are left out.
    With ``middles`` (an indicator's numbers, one a case, NaN where there is none) the
    answer has a column "median" too, NaN for indicators that are not named there. With
    ``clusters`` (by name of a column: the number of each case's cluster, -1 for none) the
    answer has those columns too: the sum of n (n - 1) over the cell's clusters, where n
    counts the cluster's judged cases in the cell.
    """
    group, firsts = _group(cases, keys)
    kept = group >= 0
    inside = {name: _within(group, numbers) for name, numbers in (clusters or {}).items()}
    width, tables = len(Outcome), []
    for indicator in outcomes.columns:
        codes = outcomes[indicator].to_numpy(dtype=np.int64)
        counts = np.bincount(
            group[kept] * width + (codes[kept] + 4), minlength=len(firsts) * width
        ).reshape(len(firsts), width)
        asked = counts.sum(axis=1) > counts[:, Outcome.DOES_NOT_APPLY + 4]
        cells = _cells(firsts[asked].reset_index(drop=True), counts[asked])
        cells.insert(len(keys), "indicator", indicator)
        if middles is not None:
            cells["median"] = _medians(group, middles.get(indicator), len(firsts))[asked]
        for name, within in inside.items():
            cells[name] = within.pairs(codes >= 0, len(firsts))[asked]
        tables.append(cells)
    if not tables:
        return count_cells(cases.assign(indicator=None, outcome=0).iloc[:0], [*keys, "indicator"])
    return pd.concat(tables, ignore_index=True)


def _medians(group: Integers, numbers: "pd.Series | None", groups: int) -> Floats:
    """Return the median of each group's numbers; NaN where it has none."""
    answer = np.full(groups, np.nan)
    if numbers is not None:
        values = floats(numbers)
        is_known = ~np.isnan(values) & (group >= 0)
        medians = pd.Series(values[is_known]).groupby(group[is_known]).median()
        answer[medians.index.to_numpy()] = medians.to_numpy()
    return answer


@dataclass(frozen=True)
class _Within:
    """Cases in a cluster: their row numbers, their cluster within a cell, and its cell."""

    rows: Integers
    cluster: Integers
    cell: Integers

    def pairs(self, judged: Booleans, cells: int) -> Integers:
        """Return, per cell, the sum of n (n - 1) over its clusters; n counts the judged cases."""
        size = np.bincount(self.cluster[judged[self.rows]], minlength=len(self.cell))
        pairs = np.bincount(self.cell, weights=size * (size - 1), minlength=cells)
        return pairs.astype(np.int64)


def _within(group: Integers, clusters: "pd.Series") -> _Within:
    number = clusters.to_numpy(dtype=np.int64)
    rows = np.flatnonzero((group >= 0) & (number >= 0))
    both = group[rows] * (number.max(initial=0) + 1) + number[rows]
    cluster, distinct = pd.factorize(both)
    return _Within(rows, cluster.astype(np.int64), distinct // (number.max(initial=0) + 1))


def roll_up(cells: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Sum cells to coarser ``keys`` (a province, a year): the same count columns out."""
    counts = [name for name in COUNTS if name in cells.columns]
    return cells.groupby(list(keys), observed=True, sort=True)[counts].sum().reset_index()


def _group(table: pd.DataFrame, keys: Sequence[str]) -> tuple[Integers, pd.DataFrame]:
    """Return each row's group, numbered in the order of the keys, and the keys.

    The number is -1 where a key is missing.
    """
    number = np.zeros(len(table), dtype=np.int64)
    missing = np.zeros(len(table), dtype=bool)
    labels: list[pd.Index] = []
    size = 1
    dtypes = {key: table[key].dtype for key in keys}
    kinds = {k: d for k, d in dtypes.items() if isinstance(d, pd.CategoricalDtype)}
    for key in keys:
        codes, values = _codes(table[key])
        size *= max(len(values), 1)
        if size > 2**62:
            raise ValueError("too many combinations of keys to number")
        missing |= codes < 0
        number = number * max(len(values), 1) + codes
        labels.append(values)
    number[missing] = -1
    present, group = _renumber(number, size)
    return group, _decode(present, labels, keys, kinds)


def _codes(column: pd.Series) -> tuple[Integers, pd.Index]:
    """Return codes in the order of the values; -1 for missing."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return np.asarray(column.cat.codes, dtype=np.int64), column.cat.categories
    codes, values = pd.factorize(column, sort=True)
    return np.asarray(codes, dtype=np.int64), pd.Index(values)


def _renumber(number: Integers, size: int) -> tuple[Integers, Integers]:
    """Return the distinct numbers in order, and each row's position among them (-1 stays -1)."""
    is_known = number >= 0
    if size <= DENSE_LIMIT:
        seen = np.zeros(size, dtype=bool)
        seen[number[is_known]] = True
        present = np.flatnonzero(seen)
        place = np.cumsum(seen) - 1
        return present, np.where(is_known, place[number], -1)
    codes, distinct = pd.factorize(number[is_known])
    order = np.argsort(distinct)
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    group = np.full(number.size, -1, dtype=np.int64)
    group[is_known] = rank[codes]
    return distinct[order], group


def _decode(
    present: Integers,
    labels: list[pd.Index],
    keys: Sequence[str],
    kinds: Mapping[str, pd.CategoricalDtype],
) -> pd.DataFrame:
    """Return the keys behind the numbers; a categorical key stays one."""
    columns: dict[str, pd.Index | pd.Categorical] = {}
    rest = present.copy()
    for key, values in zip(reversed(keys), reversed(labels), strict=True):
        rest, code = np.divmod(rest, max(len(values), 1))
        kind = kinds.get(key)
        columns[key] = (
            pd.Categorical.from_codes(code, dtype=kind) if kind is not None else values.take(code)
        )
    return pd.DataFrame({key: columns[key] for key in keys})


def _cells(keys: pd.DataFrame, counts: NDArray[np.int64]) -> pd.DataFrame:
    cells = keys.copy()
    cells["met"] = counts[:, Outcome.MET + 4]
    cells["judged"] = counts[:, Outcome.MET + 4] + counts[:, Outcome.NOT_MET + 4]
    for reason in REASONS:
        cells[reason.reason] = counts[:, reason + 4]
    return cells


def _period_name(number: int, parts: int) -> str:
    year, part = divmod(number, parts)
    if parts == 12:
        return f"{year:04d}-{part + 1:02d}"
    return f"{year:04d}-Q{part + 1}" if parts == 4 else f"{year:04d}"
