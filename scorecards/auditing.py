"""A release as it lies in the database, attacked once more: the last look before it goes out.

``releasing.prepare`` attacks what it is about to write. Between that and publishing stand
a person's approval, perhaps days, and whatever else writes to a database. So what is
published is read back, and it is that which must pass: every stored cell by itself, the
cubes with all their sums, the step from the release that readers see, and the
comparisons, which may speak of shown cells only.
"""

import numpy as np
import pandas as pd
from django.db import connection

from scorecards import partitions
from scorecards.models import Release
from scorecards.scoring.lattice import ALL
from scorecards.scoring.shares import LEAST_JUDGED
from scorecards.scoring.vocabulary import Status

CUBE = ["indicator", "provider_kind", "self_assessment"]
DIMS = ["province", "commune", "service"]
FEW_DIMS = ["province", "commune"]
"""The dimensions of a cube that knows no services."""

SPEAKING = (Status.FULL, Status.PALE)
"""Statuses of stored cells that have a figure; ``Status.SHOWN`` to the attacker."""

_FIGURES = ["status", "judged", "met", "share", "share_low", "share_high"]
_STORED = [
    *CUBE,
    "service",
    "place_code",
    "level",
    "province_code",
    "status",
    "numerator",
    "denominator",
    "share",
    "low",
    "high",
]


def leaks(release: Release) -> int:
    """How many of the stored cells may not go out or could be worked out; 0 may be published.

    Takes a lock on the quarter's cells until the transaction ends, so that what was
    looked at is what is published.
    """
    _hold_still(release)
    now = stored(release)
    found = unfit(now) + _beyond_its_cells(release)
    before = stored(release.previous) if release.previous is not None else None
    for key, cube in cubes(now):
        previous = None if before is None else as_previous(before, key, cube)
        found += attacked(cube, previous)
        found += 0 if previous is None else small_steps(cube, previous)
    return found


def stored(release: Release) -> pd.DataFrame:
    """The stored cells of a release in the columns the attacker knows, those of DIMS with ALL.

    Cells that say only why nobody was judged hold no number and are left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(_STORED)} FROM scorecards_releasedcell "  # noqa: S608 - ours
            "WHERE period = %s AND release_id = %s AND status NOT IN ('no_data', 'not_yet_known') "
            f"ORDER BY place_code, service, {', '.join(CUBE)}",
            [release.period, release.pk],
        )
        table = pd.DataFrame(cursor.fetchall(), columns=pd.Index(_STORED))
    numbers = table[["numerator", "denominator", "share", "low", "high"]].astype("float64")
    speaking = table["status"].isin([*SPEAKING])
    band = table["status"] == Status.UNDER_THREE
    return table.assign(
        province=table["province_code"].where(table["level"] != "nation", ALL),
        commune=table["place_code"].where(table["level"] == "commune", ALL),
        service=table["service"].where(table["service"] != "", ALL),
        status=table["status"].mask(speaking, str(Status.SHOWN)),
        judged=numbers["denominator"],
        met=numbers["numerator"],
        share=numbers["share"],
        share_low=numbers["low"].where(band, numbers["share"]),
        share_high=numbers["high"].where(band, numbers["share"]),
    )


def cubes(cells: pd.DataFrame) -> list[tuple[tuple[object, ...], pd.DataFrame]]:
    """The cubes of a release, each with its key and the columns of one attack."""
    found = []
    for key, rows in cells.groupby(CUBE, sort=True):
        few = not (rows["service"] != ALL).any()
        dims = FEW_DIMS if few else DIMS
        found.append((tuple(key), rows[[*dims, *_FIGURES]].reset_index(drop=True)))
    return found


def as_previous(
    before: pd.DataFrame, key: tuple[object, ...], cube: pd.DataFrame
) -> pd.DataFrame | None:
    """The same cube of the release before, with the dimensions of ``cube``; None if it had none."""
    mine = np.logical_and.reduce(
        [before[name] == value for name, value in zip(CUBE, key, strict=True)]
    )
    dims = [name for name in DIMS if name in cube.columns]
    found = before.loc[mine, [*dims, *_FIGURES]].reset_index(drop=True)
    return found if len(found) else None


def attacked(cube: pd.DataFrame, previous: pd.DataFrame | None, *, met: str = "met") -> int:
    """How many cells of one cube can be worked out; ``met`` is the column of the first side."""
    # Its solver takes half a second to import, which every start would pay.
    from scorecards.scoring.disclosure import audit

    return int(audit(cube, met=met, previous=previous)["breach"].sum())


def unfit(cells: pd.DataFrame) -> int:
    """Cells that break the first rules by themselves, whatever the others say."""
    speaking, band = cells["status"] == Status.SHOWN, cells["status"] == Status.UNDER_THREE
    hidden = ~speaking & ~band
    people, met = cells["judged"], cells["met"]
    few = people.lt(LEAST_JUDGED) & people.gt(0)
    one_or_two = met.isin([1, 2]) | (people - met).isin([1, 2])
    untrue = ~np.isclose(cells["share"], met / people.where(people > 0)) & people.gt(0)
    told = cells[["judged", "met", "share", "low", "high"]].notna().any(axis=1)
    wrong = speaking & (people.isna() | met.isna() | few | one_or_two | untrue)
    wrong |= band & (people.isna() | few | cells[["met", "share"]].notna().any(axis=1))
    wrong |= hidden & (told | (cells["status"] != Status.HIDDEN))
    return int(wrong.sum())


def small_steps(cube: pd.DataFrame, previous: pd.DataFrame) -> int:
    """Cells shown in both releases whose difference speaks of fewer than ten, or of 1 or 2."""
    dims = [name for name in DIMS if name in cube.columns]
    both = cube.merge(previous, on=dims, suffixes=("", "_old"))
    both = both[(both["status"] == Status.SHOWN) & (both["status_old"] == Status.SHOWN)]
    people, met = both["judged"] - both["judged_old"], both["met"] - both["met_old"]
    few = (met.abs() + (people - met).abs()).between(1, LEAST_JUDGED - 1)
    few |= met.abs().isin([1, 2]) | (people - met).abs().isin([1, 2])
    return int(few.sum())


def _hold_still(release: Release) -> None:
    with connection.cursor() as cursor:
        for table in (
            partitions.RELEASED,
            partitions.COMPARISONS,
            partitions.OVERALL,
            partitions.GAPS,
        ):
            partitions.ensure(table, [release.period])
            part = partitions.part_of(table, release.period)
            cursor.execute(f'LOCK TABLE "{part}" IN SHARE MODE')


def _beyond_its_cells(release: Release) -> int:
    """Comparisons and overall scores that no shown cell stands behind; reasons with numbers."""
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
                    FROM scorecards_releasedcell WHERE {shown}) o)
                + (SELECT count(*) FROM scorecards_releasedcell WHERE {own}
                    AND status IN ('no_data', 'not_yet_known') AND num_nonnulls(numerator,
                        denominator, share, low, high, deff) > 0)""",  # noqa: S608 - ours
            [release.period, release.pk] * 5,
        )
        (found,) = cursor.fetchone()
    return int(found)
