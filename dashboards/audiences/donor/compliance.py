"""Compliance of services with the standard in a year, against the year before; by group."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboards.charts import svg
from dashboards.text import formats
from scorecards.reading.clear_differences import is_clear_gap
from scorecards.reading.vocabulary import Change
from standards.models import Indicator, IndicatorKind

ARROWS = {Change.UP: "↑", Change.DOWN: "↓"}
AMONG = {
    "women": gettext_lazy("women"),
    "poor_card": gettext_lazy("with an equity card (IDPoor)"),
    "minority": gettext_lazy("of an ethnic minority"),
    "youth": gettext_lazy("15 to 30"),
    "disability": gettext_lazy("with a disability"),
}
"""Groups of voters in the order in which donors ask for them."""


def change_words(arrow: object, change: float) -> str:
    """Return a change against the year before in words; "" where there was no figure then."""
    text = str(arrow)
    if text == str(Change.UP):
        return _("%(points)s points better") % {"points": formats.points(change)}
    if text == str(Change.DOWN):
        return _("%(points)s points worse") % {"points": formats.points(change)}
    return {
        str(Change.NO_CLEAR_CHANGE): _("no clear change"),
        str(Change.NEW_STANDARD): _("new standard since then"),
    }.get(text, "")


@dataclass(frozen=True)
class Measure:
    """One indicator of the nation in a year."""

    code: str
    name: str
    share: str
    interval: str
    track: SafeString
    arrow: str
    change: str
    value: float


def of_nation(rows: pd.DataFrame, indicators: Sequence[Indicator]) -> list[Measure]:
    """Return the nation's figures of one kind and year, in the order of the indicators."""
    nation = {row["indicator"]: row for row in rows[rows["place_code"] == ""].to_dict("records")}
    return [_measure(i, nation[i.code]) for i in indicators if i.code in nation]


def _measure(indicator: Indicator, row: Mapping[Any, Any]) -> Measure:
    return Measure(
        code=indicator.code,
        name=indicator.name,
        share=formats.percent(row["share"]),
        interval=formats.interval(row["low"], row["high"]),
        track=svg.track(row["share"], row["low"], row["high"], standing="as_expected"),
        arrow=_arrow(row["arrow"]),
        change=change_words(row["arrow"], row["change"]),
        value=float(row["share"]),
    )


def _arrow(outcome: object) -> str:
    return {str(key): sign for key, sign in ARROWS.items()}.get(str(outcome), "")


def answer(measures: Sequence[Measure], year: int) -> str:
    """Write compliance in one sentence: the best, the worst, and what changed."""
    if not measures:
        return _("Too few answers to show, or none.")
    best, worst = max(measures, key=lambda m: m.value), min(measures, key=lambda m: m.value)
    sentence = _("Best kept: %(best)s (%(high)s). Least kept: %(worst)s (%(low)s).") % {
        "best": best.name,
        "high": best.share,
        "worst": worst.name,
        "low": worst.share,
    }
    compared = [m for m in measures if m.change]
    if not compared:
        return sentence + " " + _("Of the year before nothing is released to compare with.")
    up, down = (sum(m.arrow == sign for m in measures) for sign in ("↑", "↓"))
    return (
        sentence
        + " "
        + _("Against %(year)s: %(up)s better, %(down)s worse, of %(all)s compared.")
        % {
            "year": formats.digits(year - 1),
            "up": formats.count(up),
            "down": formats.count(down),
            "all": formats.count(len(compared)),
        }
    )


@dataclass(frozen=True)
class Line:
    """One province, or the nation: a cell for each indicator."""

    code: str
    name: str
    cells: tuple[tuple[str, str, str], ...]
    """Share, arrow and change in words; "" where nothing is printed."""


def by_province(
    rows: pd.DataFrame, indicators: Sequence[Indicator], names: Mapping[str, str]
) -> list[Line]:
    """Return one line a place with a figure: the nation first, then provinces by code."""
    cells_by_place: dict[str, dict[str, tuple[str, str, str]]] = {}
    for row in rows.to_dict("records"):
        words = change_words(row["arrow"], row["change"])
        cell = (formats.percent(row["share"]), _arrow(row["arrow"]), words)
        cells_by_place.setdefault(row["place_code"], {})[row["indicator"]] = cell
    empty = ("", "", "")
    return [
        Line(
            code=code,
            name=names.get(code, code) if code else _("The whole country"),
            cells=tuple(cells_by_place[code].get(i.code, empty) for i in indicators),
        )
        for code in sorted(cells_by_place)
    ]


@dataclass(frozen=True)
class GroupGap:
    """The satisfaction of one group of voters compared with the others, on each indicator."""

    among: str
    label: str
    cells: tuple[tuple[str, str, str], ...]
    """Points, sign and the whole sentence, for each indicator; "" where nothing is printed."""
    lower: int
    measured: int


def group_gaps(gaps: pd.DataFrame, indicators: Sequence[Indicator]) -> list[GroupGap]:
    """Return the nation's released gaps of one kind of provider.

    A gap is the share of satisfied voters in the group minus the share among others.
    """
    rows = gaps[gaps["share_gap"].notna()].to_dict("records")
    by_group = {(row["among"], row["indicator"]): row for row in rows}
    shown = []
    for among, label in AMONG.items():
        mine = [by_group.get((among, i.code)) for i in indicators]
        if not any(mine):
            continue
        shown.append(
            GroupGap(
                among=among,
                label=str(label),
                cells=tuple(_gap(row) for row in mine),
                lower=sum(row["share_gap"] < 0 and is_clear_gap(row) for row in mine if row),
                measured=sum(bool(row) for row in mine),
            )
        )
    return shown


def _gap(row: Mapping[Any, Any] | None) -> tuple[str, str, str]:
    if not row:
        return "", "", ""
    sign = ("▼" if row["share_gap"] < 0 else "▲") if is_clear_gap(row) else "●"
    points = f"{'−' if row['share_gap'] < 0 else '+'}{formats.points(row['share_gap'])}"
    sentence = _(
        "%(share)s of the group satisfied, %(others)s of the others; gap likely between "
        "%(low)s and %(high)s points"
    ) % {
        "share": formats.percent(row["share"]),
        "others": formats.percent(row["others_share"]),
        "low": formats.digits(f"{row['share_low'] * 100:.0f}"),
        "high": formats.digits(f"{row['share_high'] * 100:.0f}"),
    }
    return points, sign, sentence


def groups_answer(gaps: Sequence[GroupGap]) -> str:
    """Write which groups are clearly less satisfied, and for which too few voted to say so."""
    if not gaps:
        return _("Too few voters of any group to show.")
    return f"{_lower_groups(gaps)} {too_few({gap.among for gap in gaps})}".strip()


def too_few(shown: Collection[str]) -> str:
    """Name the groups of which too few voted to be shown; "" where all are shown."""
    missing = [str(label) for among, label in AMONG.items() if among not in shown]
    if not missing:
        return ""
    return _("Too few voters to show: %(groups)s.") % {"groups": "; ".join(missing)}


def _lower_groups(gaps: Sequence[GroupGap]) -> str:
    lower = [one for one in gaps if one.lower]
    if not lower:
        return _("No group of voters shown is clearly less satisfied than the others.")
    return _("Clearly less satisfied than the others: %(groups)s.") % {
        "groups": "; ".join(
            _("%(group)s (%(n)s of %(all)s questions)")
            % {
                "group": one.label,
                "n": formats.count(one.lower),
                "all": formats.count(one.measured),
            }
            for one in lower
        )
    }


def of_kind(indicators: Sequence[Indicator], kind: str, of: IndicatorKind) -> list[Indicator]:
    """Return the indicators of one sort that are measured at this kind of provider."""
    return [i for i in indicators if kind in i.provider_kinds and i.kind == of]
