"""Experiments with the rules: late cases, corrections, and what breaks when a rule is left out.

They look at what the product decides (``rounding.release``) from outside: how many prints
change, how far prints are from the truth, how often figures are withdrawn.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from scorecards.method.disclosure import rounding
from scorecards.releases.records import CELL, CUBE

SIDES = ["met", "not_met"]
PRINTS = ["printed_met", "printed_not_met"]


def finest(decided: pd.DataFrame) -> pd.Series:
    """Printed cells of one commune and one service; of one commune where there is none."""
    services = decided[~decided["service"].str.contains(":") & (decided["service"] != "")]
    with_services = decided.merge(
        services[CUBE].drop_duplicates(), on=CUBE, how="left", indicator=True
    )
    has = with_services["_merge"].eq("both").to_numpy()
    values = (decided["service"] == "").to_numpy()
    commune = decided["place_code"].str.len().eq(6).to_numpy()
    group = decided["service"].str.contains(":").to_numpy()
    printed = decided["status"].eq("printed").to_numpy()
    return pd.Series(commune & printed & ~group & (has != values), index=decided.index)


def errors(decided: pd.DataFrame) -> pd.Series:
    """By how many points each printed share differs from the true one."""
    shown = decided[(decided["status"] == "printed") & ~decided["service"].str.contains(":")]
    truth = shown["met"] / (shown["met"] + shown["not_met"])
    return 100 * (shown["printed_met"] / shown["printed_judged"] - truth).abs()


def bias(decided: pd.DataFrame) -> float:
    """The mean of print minus truth over all printed sides."""
    shown = decided[decided["status"] == "printed"]
    return float((shown[PRINTS].to_numpy() - shown[SIDES].to_numpy()).mean())


def bad_pairs(decided: pd.DataFrame) -> int:
    """Printed parts of which a printed total holds 1 to 9 more people, in truth or as printed."""
    shown = decided[decided["status"].isin(["printed", "withdrawn"])]
    shown = shown.assign(
        people=shown["met"] + shown["not_met"],
        judged=shown["kept_met"] + shown["kept_not_met"],
    )
    result = 0
    for digits in (6, 2, 0):
        for service in (shown["service"], ""):
            above = shown.assign(place_code=shown["place_code"].str[:digits], service=service)
            pairs = above.merge(shown[[*CELL, "people", "judged"]], on=CELL, suffixes=("", "_of"))
            rest = pairs["people_of"] - pairs["people"]
            close = (rest > 0) & ((rest < 10) | (pairs["judged_of"] - pairs["judged"] < 9))
            result += int(close.sum())
    return result


def above_totals(decided: pd.DataFrame) -> int:
    """Printed sides of a part that are above those of a printed total."""
    shown = decided[decided["status"] == "printed"]
    result = 0
    for digits in (6, 2, 0):
        for service in (shown["service"], ""):
            above = shown.assign(place_code=shown["place_code"].str[:digits], service=service)
            pairs = above.merge(shown[[*CELL, *PRINTS]], on=CELL, suffixes=("", "_of"))
            for side in PRINTS:
                result += int((pairs[side] > pairs[f"{side}_of"]).sum())
    return result


def late_cases(
    cells: pd.DataFrame,
    first: pd.DataFrame,
    secret: str,
    *,
    without: Iterable[int] = (),
    chosen: pd.DataFrame | None = None,
) -> tuple[int, int]:
    """One late case of either outcome, or four, in each printed finest cell.

    Returns in how many of the cells any print of the cube changed, and how many there are.
    ``chosen`` limits the cells. A cube is decided alone: cubes have nothing to do with others.
    """
    rng = np.random.default_rng(7)
    chosen = first[finest(first)] if chosen is None else chosen
    of_cube = dict(iter(cells.groupby(CUBE, sort=False)))
    changed = 0
    for row in chosen.itertuples(index=False):
        key = (row.indicator, row.provider_kind, row.self_assessment)
        mine = of_cube[key].reset_index(drop=True)
        before = first.merge(pd.DataFrame([key], columns=CUBE), on=CUBE)
        place, service = mine["place_code"], mine["service"]
        inside = np.array([row.place_code.startswith(code) for code in place])
        inside &= ((service == row.service) | (service == "")).to_numpy()
        different = False
        for side in SIDES:
            for more in (1, 4):
                late = mine.copy()
                late.loc[inside, side] += more
                keys = late[f"{side}_key"].to_numpy(dtype=np.uint64).copy()
                keys[inside] += np.uint64(rng.integers(0, 2**62))
                late[f"{side}_key"] = keys
                release = rounding.release(late, before, secret, without=tuple(without))
                both = release.merge(
                    before[[*CELL, *PRINTS, "status"]], on=CELL, suffixes=("", "_old")
                )
                same = (both[PRINTS].fillna(-1).to_numpy() ==
                        both[[f"{p}_old" for p in PRINTS]].fillna(-1).to_numpy()).all()  # fmt: skip
                different |= not same
        changed += different
    return changed, len(chosen)


def one_table(*cells: tuple[str, str, int, int]) -> pd.DataFrame:
    """A cube from (place, service, met, not met), each cell with keys of its own."""
    rng = np.random.default_rng(11)
    rows = [
        {"indicator": "CA-C1", "provider_kind": "commune", "self_assessment": False}
        | {"place_code": place, "service": service, "met": met, "not_met": not_met}
        | {f"{side}_key": int(rng.integers(0, 2**63)) for side in SIDES}
        for place, service, met, not_met in cells
    ]
    return pd.DataFrame(rows).astype({"met_key": np.uint64, "not_met_key": np.uint64})


def shown(decided: pd.DataFrame) -> int:
    """How many cells have a row."""
    return int(decided["status"].isin(["printed", "withdrawn"]).sum())


def withdrawn_by_share(decided: pd.DataFrame, met: int = 0, not_met: int = 0) -> pd.Series:
    """A rule the product does not have: withdraw where the share moved by five points or more.

    ``met`` and ``not_met`` are late cases, added to each cell.
    """
    now = (decided["met"] + met) / (decided["met"] + decided["not_met"] + met + not_met)
    return (now - decided["printed_met"] / decided["printed_judged"]).abs() >= 0.05
