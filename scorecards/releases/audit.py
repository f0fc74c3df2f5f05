"""Read a release back from the database and look for what may not go out (rule 11).

``problems`` looks at the stored rows by themselves and against the private states;
``second_rounding`` counts and rounds the records again with another program. Both return
sentences in English for the log and the person who prepared the release.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from django.db import connection

from scorecards.method.arrays import Floats, Integers, floats
from scorecards.method.disclosure.rounding import (
    BASE,
    LEAST_OF_ACQUAINTED,
    LEAST_PEOPLE,
    LEAST_PRINTED,
    intervals,
)
from scorecards.models import Release
from scorecards.periods import parse
from scorecards.pipeline.vote_gaps import IS_MEMBER
from scorecards.releases import rows, states
from scorecards.releases.figures import FIGURES, GAP_NUMBERS
from scorecards.releases.records import CELL, group_name
from scorecards.storage import partitions
from scorecards.storage.copy_in import plain
from scorecards.storage.copy_out import copied
from scorecards.verification import release_cells_in_groups, rounding_in_columns
from scorecards.verification.cell_codes import CellCodes
from scorecards.verification.rounding_in_columns import differences

_PRINTS = ["kept_met", "kept_not_met"]


def problems(release: Release) -> list[str]:
    """Return sentences about stored rows that may not go out; an empty list may be published.

    Locks the rows of the quarter until the transaction ends, so that what was looked at is
    what is published.
    """
    _hold_still(release)
    cells = stored(release)
    sentences = [
        *_of_rows(cells),
        *_of_states(release, cells),
        *_of_gaps(release),
    ]
    return [*sentences, *_beyond_its_cells(release)]


def stored(release: Release) -> pd.DataFrame:
    """Return the stored rows of a release: CELL, level, status and figures."""
    cells = copied(
        f"SELECT {', '.join([*CELL, 'level', 'status', *FIGURES])} "  # noqa: S608 - names of ours
        f"FROM {partitions.RELEASED} WHERE period = %s AND release_id = %s",
        [release.period, release.pk],
    )
    return plain(cells).astype(dict.fromkeys(FIGURES, "float64"))


def _of_rows(cells: pd.DataFrame) -> Iterator[str]:
    """Yield faults of single rows: not multiples of three, under nine, or figures that differ."""
    withdrawn = (cells["status"] == "withdrawn").to_numpy()
    met, judged = cells["numerator"].to_numpy(), cells["denominator"].to_numpy()
    is_printed = cells[FIGURES].notna().any(axis=1).to_numpy()
    with np.errstate(invalid="ignore"):
        wrong = (met % BASE != 0) | (judged % BASE != 0) | (judged < LEAST_PRINTED)
        wrong |= (met < 0) | (met > judged)
        wrong |= ~np.isclose(cells["share"], met / judged)
    deff = cells["deff"].to_numpy()
    wrong |= ~np.isclose(deff, np.round(deff, 1)) | (deff < 1)
    low, high = intervals(met, judged, np.nan_to_num(deff, nan=1.0))
    wrong |= ~np.isclose(cells["low"], low) | ~np.isclose(cells["high"], high)
    if number := int((wrong & ~withdrawn).sum()):
        yield f"{number} rows do not follow from multiples of three"
    if number := int((is_printed & withdrawn).sum()):
        yield f"{number} rows that are being corrected hold numbers"
    own = cells["self_assessment"].astype(bool).to_numpy() & is_printed
    if number := int((own & (judged < LEAST_OF_ACQUAINTED - BASE)).sum()):
        yield f"{number} self-assessments are of too few people"
    if number := int((~withdrawn & ~cells["status"].isin(["full", "pale"])).sum()):
        yield f"{number} rows have a status that a release does not know"


def _of_states(release: Release, cells: pd.DataFrame) -> Iterator[str]:
    """Yield faults of stored rows that differ from the states in force."""
    kept, new = states.kept(release.period), _new(release)
    groups = [group_name(among, m) for among in IS_MEMBER for m in (True, False)]
    every = pd.concat([kept, new], ignore_index=True)
    printed = every[every["kept_met"].notna() & ~every["service"].isin(groups)]
    shown = cells[cells["status"] != "withdrawn"]
    shown = shown.assign(not_met=shown["denominator"] - shown["numerator"])
    codes = CellCodes(shown, printed)
    unknown = _not_in(codes, shown, ["numerator", "not_met"], printed, _PRINTS)
    if len(unknown):
        first = tuple(unknown.iloc[0])
        yield f"{len(unknown)} rows print what no state decided, as {first}"
    fresh = new[new["kept_met"].notna() & ~new["service"].isin(groups)]
    missing = _not_in(codes, fresh, _PRINTS, shown, ["numerator", "not_met"])
    if len(missing):
        yield f"{len(missing)} cells were decided and are not there"
    if len(new) and not fresh.empty:
        yield from _of_new(codes, fresh)


def _of_new(codes: CellCodes, fresh: pd.DataFrame) -> Iterator[str]:
    """Yield faults of new states: far from the truth, of too few people, or at odds with totals."""
    truth, prints = fresh[["met", "not_met"]], fresh[["kept_met", "kept_not_met"]]
    if (np.abs(truth.to_numpy() - prints.to_numpy()) >= BASE).any():
        yield "a number is three or more away from the truth"
    many = fresh["self_assessment"].astype(bool) | fresh["place_code"].str.len().lt(6)
    least = np.where(many, LEAST_OF_ACQUAINTED, LEAST_PEOPLE)
    if (truth.sum(axis=1) < least).any():
        yield "a cell of too few people is printed"
    yield from _of_totals(codes, fresh, truth.to_numpy().sum(axis=1), prints.to_numpy())


def _of_totals(
    codes: CellCodes, fresh: pd.DataFrame, people: Integers, prints: Floats
) -> Iterator[str]:
    """Yield faults of new states against totals: a part above its total, a rest of 1 to 9."""
    number = codes.of(fresh)
    index = pd.Index(number)
    small_rest = above = False
    for totals in codes.totals(number):
        total = index.get_indexer(pd.Index(totals))
        part = np.flatnonzero(total >= 0)
        total = total[part]
        rest = people[total] - people[part]
        more = prints[total] - prints[part]
        close = more.sum(axis=1) < LEAST_PRINTED
        small_rest |= bool(((rest >= 1) & (rest <= 9) | (rest != 0) & close).any())
        above |= bool((more < 0).any())
    if small_rest:
        yield "a printed total holds 1 to 9 more people than a printed part"
    if above:
        yield "a part is above its total"


def _new(release: Release) -> pd.DataFrame:
    new = copied(
        f"SELECT {', '.join(states.STATE)} FROM {partitions.STATES} "  # noqa: S608 - names of ours
        "WHERE period = %s AND release_id = %s",
        [release.period, release.pk],
    )
    return states.typed(new)


def _not_in(
    codes: CellCodes,
    cells: pd.DataFrame,
    numbers: list[str],
    known_cells: pd.DataFrame,
    theirs: list[str],
) -> pd.DataFrame:
    """Return cells that with these two numbers are not among the known ones."""
    tables = ((cells, numbers), (known_cells, theirs))
    wanted, there = (
        pd.DataFrame({"cell": codes.of(table), "met": floats(table[met]), "not": floats(table[no])})
        for table, (met, no) in tables
    )
    both = wanted.merge(there.drop_duplicates(), how="left", indicator=True)
    return cells.loc[both["_merge"].eq("left_only").to_numpy(), [*CELL, *numbers]]


def _of_gaps(release: Release) -> Iterator[str]:
    """Yield faults of rows of groups: not rounded, under nine on a side, or as no state decided."""
    names = ["indicator", "provider_kind", "place_code", "among", "status", *GAP_NUMBERS]
    names += ["mean", "others_mean", "gap"]
    gaps = copied(
        f"SELECT {', '.join(names)} FROM {partitions.GAPS} "  # noqa: S608 - names of ours
        "WHERE period = %s AND release_id = %s",
        [release.period, release.pk],
    )
    if gaps.empty:
        return
    shown = gaps[gaps["status"] == "shown"]
    counts = shown[["voters", "others", "satisfied", "others_satisfied"]].astype("float64")
    if (counts % BASE != 0).any(axis=None) or (counts[["voters", "others"]] < 9).any(axis=None):
        yield "a group of voters does not follow from multiples of three"
    not_satisfied = (
        counts[["voters", "others"]].to_numpy()
        - counts[["satisfied", "others_satisfied"]].to_numpy()
    )
    if (not_satisfied <= 0).any() or (counts <= 0).any(axis=None):
        yield "a group of voters is one-sided"
    exact = gaps[["mean", "others_mean", "gap"]].notna().any(axis=None)
    if exact or gaps.loc[gaps["status"] != "shown", GAP_NUMBERS].notna().any(axis=None):
        yield "a group of voters holds numbers that are not released"
    every = pd.concat([states.kept(release.period), _new(release)], ignore_index=True)
    repeated = every[every["kept_met"].notna()]
    for member, met, judged in (
        (True, "satisfied", "voters"),
        (False, "others_satisfied", "others"),
    ):
        sides = shown.assign(
            self_assessment=False,
            service=[group_name(str(among), member) for among in shown["among"]],
            met=floats(shown[met]),
            not_met=floats(shown[judged]) - floats(shown[met]),
        ).astype({"indicator": str, "provider_kind": str, "place_code": str})
        codes = CellCodes(sides, repeated)
        if len(_not_in(codes, sides, ["met", "not_met"], repeated, _PRINTS)):
            yield "a group of voters prints what no state decided"


def decide_again(period: str, kept: pd.DataFrame) -> pd.DataFrame:
    """Count and round the records with another program.

    Run in the snapshot that the first program reads, so that both see the same records.
    """
    cells = release_cells_in_groups.count(
        parse(period), states.secret(), settled=states.settled(kept)
    )
    return rounding_in_columns.decide(cells, kept, states.secret())


def second_rounding(decided: pd.DataFrame, again: pd.DataFrame) -> list[str]:
    """Return sentences where ``decide_again`` counted or rounded otherwise."""
    differing = differences(decided, again)
    if differing.empty:
        return []
    first = differing.iloc[0]
    return [f"{len(differing)} cells are rounded otherwise a second time, as {first.to_dict()}"]


def _hold_still(release: Release) -> None:
    with connection.cursor() as cursor:
        for table in rows.TABLES:
            partitions.ensure(table, [release.period])
            cursor.execute(
                f'LOCK TABLE "{partitions.part_of(table, release.period)}" IN SHARE MODE'
            )


def _beyond_its_cells(release: Release) -> Iterator[str]:
    """Yield a sentence if comparisons or overall scores rest on no printed cell."""
    own = "period = %s AND release_id = %s"
    shown = f"{own} AND service = '' AND NOT self_assessment AND share IS NOT NULL"
    with connection.cursor() as cursor:
        # EXCEPT hashes or sorts whatever the planner believes of cells written a moment ago.
        cursor.execute(
            f"""
            SELECT (SELECT count(*) FROM (
                    SELECT indicator, provider_kind, place_code, numerator, denominator
                    FROM scorecards_comparison WHERE {own}
                    EXCEPT
                    SELECT indicator, provider_kind, place_code, numerator, denominator
                    FROM scorecards_releasedcell WHERE {shown}) c)
                + (SELECT count(*) FROM (
                    SELECT provider_kind, place_code FROM scorecards_overall WHERE {own}
                    EXCEPT
                    SELECT provider_kind, place_code
                    FROM scorecards_releasedcell WHERE {shown}) o)""",  # noqa: S608 - ours
            [release.period, release.pk] * 4,
        )
        (number,) = cursor.fetchone()
    if number:
        yield f"{number} comparisons stand on no printed cell"
