"""Coverage: places with and without figures, by province and kind of provider, in classes.

A class says no count of cases or people; what is empty and what is not printed look alike
(disclosure, rules 5 and 10).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from django.utils.translation import gettext as _

from dashboards.charts.svg import TILES
from dashboards.text import formats
from places.models import Place
from scorecards.indicators import KINDS

DATA, LITTLE, NONE = "data", "little", "none"
CLASSES = (DATA, LITTLE, NONE)
SIGNS = {DATA: "■", LITTLE: "◧", NONE: "□"}
MOST = 0.5
"""The share of its communes with figures from which a province counts as covered."""


def word(kind: str) -> str:
    """Return a class in words."""
    return {
        DATA: _("figures of most communes"),
        LITTLE: _("figures of some communes only"),
        NONE: _("too few answers to show, or none"),
    }[kind]


@dataclass(frozen=True)
class Covered:
    """One province: its class, and its class for each kind of provider."""

    code: str
    name: str
    kind: str
    by_kind: Mapping[str, str]
    column: int
    line: int

    @property
    def sign(self) -> str:
        return SIGNS[self.kind]

    @property
    def word(self) -> str:
        return word(self.kind)


def coverage(
    cells: pd.DataFrame,
    communes: Mapping[tuple[str, str], int],
    sizes: Mapping[str, int],
    quarter: str,
    kind: str,
) -> list[Covered]:
    """Classify every province for the quarter, by ``kind`` of provider, in reading order of the
    map.

    ``cells``: printed provinces; ``communes``: communes with a printed figure by province and kind;
    ``sizes``: how many communes each province has.
    """
    here = cells[(cells["period"] == quarter) & (cells["place_code"] != "")]
    printed = set(here[["place_code", "provider_kind"]].itertuples(index=False, name=None))
    covered = []
    for place in Place.objects.provinces():
        by_kind = {}
        for one in KINDS:
            key = (place.code, one)
            share = communes.get(key, 0) / max(sizes.get(place.code, 0), 1)
            shown = key in printed or key in communes
            by_kind[one] = NONE if not shown else DATA if share >= MOST else LITTLE
        column, line = TILES.get(place.code, (0, 7))
        name = formats.pick(place.name_km, place.name_latin)
        covered.append(Covered(place.code, name, by_kind[kind], by_kind, column + 1, line + 1))
    return sorted(covered, key=lambda one: (one.line, one.column))


def sizes() -> dict[str, int]:
    """Count the communes of each province."""
    codes = Place.objects.communes().values_list("code", flat=True)
    return dict(Counter(code[:2] for code in codes))


def answer(coverage_rows: list[Covered]) -> str:
    """Write coverage in one sentence."""
    number = {kind: sum(one.kind == kind for one in coverage_rows) for kind in CLASSES}
    return _(
        "%(data)s of %(all)s provinces have figures of most communes, %(little)s of some; "
        "in %(none)s there are too few answers, or none."
    ) % {
        "data": formats.count(number[DATA]),
        "all": formats.count(len(coverage_rows)),
        "little": formats.count(number[LITTLE]),
        "none": formats.count(number[NONE]),
    }
