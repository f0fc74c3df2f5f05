"""All cells of a release, and the sums that tie them together.

A release has cells at several levels: the finest (commune x service) and its margins
(province x service, service, the nation). A margin carries ``ALL`` in the columns it is
summed over. Every cell of a level is the sum of the cells of each next finer level with
the same keys: these sums are all that totals can tell an attacker.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .arrays import Booleans, Integers

ALL = "all"


@dataclass(frozen=True)
class Lattice:
    """Sums over cells numbered 0..cells-1.

    Sum number e says: cell ``parent[e]`` is the sum of the cells ``term_cell`` with
    ``term_sum == e``. ``begins`` marks where the (sorted) terms of each sum begin.
    """

    cells: int
    parent: Integers
    term_sum: Integers
    term_cell: Integers
    begins: Integers

    def children(self, number: int) -> Integers:
        """The cells added up in one sum."""
        return self.term_cell[self.begins[number] : self.begins[number + 1]]


def build_cells(
    table: pd.DataFrame,
    dims: Sequence[str],
    margins: Sequence[Sequence[str]],
    counts: Sequence[str],
) -> pd.DataFrame:
    """The finest cells and all margins as one table: ``dims``, then ``counts`` (int64).

    ``margins`` lists, for each margin, the dimensions it keeps. Raises ``ValueError``
    for a margin with an unknown dimension, or a key that is missing or reads "all".
    """
    for margin in margins:
        if unknown := set(margin) - set(dims):
            raise ValueError(f"a margin keeps what the table does not have: {sorted(unknown)}")
    keys = table[list(dims)].astype(object)
    if keys.isna().any(axis=None) or (keys == ALL).any(axis=None):
        raise ValueError(f"a key is missing or reads {ALL!r}, which is kept for margins")
    base = keys.assign(**{count: table[count].to_numpy(dtype=np.int64) for count in counts})
    levels = [tuple(dims)]
    levels += [kept for margin in margins if (kept := _ordered(margin, dims)) not in levels]
    tables = [_summed(base, kept, dims, counts) for kept in dict.fromkeys(levels)]
    return pd.concat(tables, ignore_index=True)


def tie(keys: pd.DataFrame) -> Lattice:
    """The sums among the cells whose keys are the rows of ``keys`` (margins carry ``ALL``).

    A level is summed from each next finer level present; a cell without any finer cell
    is left alone (nothing was released below it). Raises ``ValueError`` for a key that
    occurs twice.
    """
    if keys.duplicated().any():
        raise ValueError("a cell occurs twice in the release")
    codes = np.column_stack([pd.factorize(keys[name])[0] for name in keys.columns])
    summed = (keys == ALL).to_numpy(dtype=np.bool_)
    parents: list[Integers] = []
    sums: list[Integers] = []
    terms: list[Integers] = []
    count = 0
    for coarse, fine, kept in _steps(summed):
        owner = _match(codes[coarse][:, kept], codes[fine][:, kept])
        held = owner >= 0
        present, number = np.unique(owner[held], return_inverse=True)
        parents.append(coarse[present])
        sums.append(count + number)
        terms.append(fine[held])
        count += present.size
    if count == 0:
        none = np.zeros(0, dtype=np.int64)
        return Lattice(len(keys), none, none, none, np.zeros(1, dtype=np.int64))
    term_sum, term_cell = np.concatenate(sums), np.concatenate(terms)
    order = np.argsort(term_sum, kind="stable")
    begins = np.searchsorted(term_sum[order], np.arange(count + 1))
    return Lattice(len(keys), np.concatenate(parents), term_sum[order], term_cell[order], begins)


def _steps(summed: Booleans) -> Iterator[tuple[Integers, Integers, Integers]]:
    """Each level with each next finer one: (its cells, the finer cells, dimensions kept)."""
    patterns, level = np.unique(summed, axis=0, return_inverse=True)
    level = level.ravel()
    for coarse, open_coarse in enumerate(patterns):
        finer = [
            number
            for number, pattern in enumerate(patterns)
            if number != coarse and bool((pattern <= open_coarse).all())
        ]
        for fine in finer:
            between = any(
                other != fine and bool((patterns[fine] <= patterns[other]).all()) for other in finer
            )
            if not between:
                cells, parts = np.flatnonzero(level == coarse), np.flatnonzero(level == fine)
                yield cells, parts, np.flatnonzero(~open_coarse)


def _match(owners: Integers, parts: Integers) -> Integers:
    """For each row of ``parts`` the number of the equal row of ``owners``; -1 for none."""
    if owners.shape[1] == 0:
        return np.zeros(len(parts), dtype=np.int64)
    together = np.concatenate([owners, parts])
    number = np.zeros(len(together), dtype=np.int64)
    for column in together.T:
        number = number * (int(column.max()) + 1) + column
        number = np.unique(number, return_inverse=True)[1].astype(np.int64)
    place = np.full(int(number.max()) + 1, -1, dtype=np.int64)
    place[number[: len(owners)]] = np.arange(len(owners))
    return place[number[len(owners) :]]


def _ordered(margin: Sequence[str], dims: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in dims if name in margin)


def _summed(
    base: pd.DataFrame, kept: tuple[str, ...], dims: Sequence[str], counts: Sequence[str]
) -> pd.DataFrame:
    if kept:
        table = base.groupby(list(kept), sort=True)[list(counts)].sum().reset_index()
    else:
        table = base[list(counts)].sum().to_frame().T
    for name in dims:
        if name not in kept:
            table[name] = ALL
    return table[[*dims, *counts]]
