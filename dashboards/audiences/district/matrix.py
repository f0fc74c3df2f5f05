"""The communes of a district that need attention: a list in words and a matrix."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards.data.classed_cells import standing_of, with_classes
from dashboards.text import formats
from dashboards.text.matrix_cell import MatrixCell, matrix_cell
from places.models import Level, Place
from scorecards.indicators import KINDS
from scorecards.reading import scores, statistics
from scorecards.reading.vocabulary import Change
from standards.models import Indicator, ProviderKind

MOST_LISTED = 8
"""Communes in the list; the matrix below has all of them."""

Row = Mapping[Any, Any]


@dataclass(frozen=True)
class Commune:
    """One line of the matrix, with the facts for its order and for the list of attention."""

    code: str
    name: str
    address: str
    cells: tuple[MatrixCell, ...]
    worse: tuple[str, ...]
    """Measures that are worse than others by the tested class."""
    fallen: tuple[str, ...]
    """Measures that have fallen since the period before, beyond chance at 99.8%."""
    shown: int

    @property
    def needs_attention(self) -> bool:
        """True where something is clearly worse or has clearly fallen."""
        return bool(self.worse or self.fallen)


@dataclass(frozen=True)
class Measured:
    """The query of the matrix: a period, a kind of provider, every indicator by its code."""

    period: str
    kind: str
    indicators: Mapping[str, Indicator]
    shown: frozenset[str]
    """Indicators of which at least one commune has a figure."""

    @property
    def columns(self) -> list[Indicator]:
        """The indicators of the kind that have a figure, in their usual order; else all."""
        own = [i for i in self.indicators.values() if self.kind in i.provider_kinds]
        return [i for i in own if i.code in self.shown] or own

    def name(self, row: Row) -> str:
        """Name the measure of a row: the kind of provider, what is measured, and the share."""
        return _("%(kind)s: %(indicator)s (%(share)s)") % {
            "kind": ProviderKind(row["provider_kind"]).label,
            "indicator": self.indicators[row["indicator"]].name,
            "share": formats.percent(row["share"]),
        }


@dataclass(frozen=True)
class DistrictMatrix:
    """Everything the page says about the communes of one district in one period."""

    headings: tuple[str, ...]
    communes: tuple[Commune, ...]
    measures: int
    """Measures looked at in all kinds of provider together."""
    is_working: bool
    computed_at: datetime | None
    method_version: str

    @property
    def attention(self) -> tuple[Commune, ...]:
        """Communes that need attention, those with most reasons first."""
        return tuple(c for c in self.communes if c.needs_attention)

    @property
    def listed(self) -> tuple[Commune, ...]:
        """Those of them that the list names."""
        return self.attention[:MOST_LISTED]

    @property
    def silent(self) -> tuple[Commune, ...]:
        """Communes without any figure."""
        return tuple(c for c in self.communes if not c.shown)


def district_matrix(user: object, district: Place, period: str, kind: str) -> DistrictMatrix:
    """Arrange the figures of a district's communes as ``user`` may see them.

    The matrix has one column an indicator of ``kind``; the reasons for attention come from all
    kinds. Communes are in the order of need: most measures worse than others, then most falls,
    then those without figures, then by name.
    """
    cells = scores.communes_within(user, district.code, period)
    classes = statistics.classes(user, period, service="", level="commune", within=district.code)
    rows = with_classes(cells, classes)
    by_code = {i.code: i for i in Indicator.objects.all()}
    shown = rows[(rows["provider_kind"] == kind) & rows["share"].notna()]
    measured = Measured(period, kind, by_code, frozenset(shown["indicator"]))
    by_place: dict[str, list[Row]] = {}
    for row in rows.to_dict("records"):
        if row["indicator"] in by_code and row["provider_kind"] in KINDS:
            by_place.setdefault(row["place_code"], []).append(row)
    places = Place.objects.filter(parent=district, level=Level.COMMUNE).order_by("code")
    communes = [_commune(place, by_place.get(place.code, []), measured) for place in places]
    return DistrictMatrix(
        headings=tuple(i.name for i in measured.columns),
        communes=tuple(sorted(communes, key=_need)),
        measures=len({(row["provider_kind"], row["indicator"]) for row in _flat(by_place)}),
        is_working=bool(rows["working"].any()),
        computed_at=None if rows.empty else pd.Timestamp(rows["computed_at"].max()).to_pydatetime(),
        method_version="" if rows.empty else str(rows["method_version"].iloc[0]),
    )


def _flat(by_place: Mapping[str, list[Row]]) -> list[Row]:
    return [row for rows in by_place.values() for row in rows]


def _need(commune: Commune) -> tuple[int, int, bool, str]:
    return -len(commune.worse), -len(commune.fallen), commune.shown > 0, commune.name


def _commune(place: Place, rows: list[Row], measured: Measured) -> Commune:
    shown = [row for row in rows if not pd.isna(row["share"])]
    own = {row["indicator"]: row for row in rows if row["provider_kind"] == measured.kind}
    return Commune(
        code=place.code,
        name=formats.pick(place.name_km, place.name_latin),
        address=f"{reverse('dashboards:commune', args=[place.code])}?period={measured.period}",
        cells=tuple(matrix_cell(own.get(i.code), i) for i in measured.columns),
        worse=tuple(measured.name(r) for r in shown if standing_of(r) == "worse"),
        fallen=tuple(
            measured.name(row)
            for row in shown
            if row["change_alarm"] and str(row["arrow"]) == str(Change.DOWN)
        ),
        shown=len(shown),
    )
