"""Texts of the pages: menus, headings, rows, and one sentence that sums up."""

from collections import Counter
from collections.abc import Container, Hashable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards.charts import svg
from dashboards.charts.plotly_figures import sentence, sentences
from dashboards.data.comparison import (
    EARLIER,
    ROUNDED,
    NationalFigure,
    Page,
    is_shown,
    median_share,
)
from dashboards.data.sources import Comparison
from dashboards.data.table import Table
from dashboards.query import Choices, Names, Query
from dashboards.text import formats
from dashboards.text.comparisons import by_chance
from scorecards.reading.explanation import about

STANDINGS = (
    "better",
    "as_expected",
    "waiting",
    "worse",
    "few",
    "too_few",
    "not_yet_known",
    "no_standard",
)


@dataclass(frozen=True)
class Menu:
    """One choice of the form: its field, its words, and groups of (code, name)."""

    name: str
    label: str
    chosen: str
    groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]

    @property
    def options(self) -> SafeString:
        """The options as HTML."""
        return _options(self.groups, self.chosen)


@lru_cache(maxsize=256)
def _options(
    groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...], chosen: str
) -> SafeString:
    """Return the options of a menu: a hundred of them, too many to write anew for each page."""
    markup = SafeString()
    for label, options in groups:
        listed = format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            ((code, SELECTED if code == chosen else "", name) for code, name in options),
        )
        grouped = format_html('<optgroup label="{}">{}</optgroup>', label, listed)
        markup += grouped if label else listed
    return markup


SELECTED = SafeString(" selected")


def menus(choices: Choices, query: Query, *, with_province: bool = True) -> list[Menu]:
    """Return the form's choices, in the order a person thinks of them."""
    services = choices.services.get(query.kind, {})
    services_and_all = {"": _("All services together"), **services}
    nation = {"": _("The whole country"), **choices.provinces}
    menus_shown = [
        Menu("kind", _("Kind of provider"), query.kind, _group(choices.kinds)),
        Menu("service", _("Service"), query.service, _group(services_and_all)),
        Menu(
            "indicator",
            _("What is compared"),
            query.indicator,
            _group(choices.indicators.get(query.kind, {})),
        ),
        Menu("period", _("Period"), query.period, _periods(choices.periods)),
    ]
    if with_province:
        menus_shown.append(Menu("level", _("Level"), query.level, _group(levels())))
        menus_shown.append(Menu("province", _("Province"), query.province, _group(nation)))
    return menus_shown


def levels() -> dict[str, str]:
    """Return the levels that can be compared, with their names."""
    return {"commune": _("Communes"), "district": _("Districts"), "province": _("Provinces")}


def level_word(level: str) -> str:
    """Return one place of a level, as the heading of a column."""
    return {"commune": _("Commune"), "district": _("District"), "province": _("Province")}[level]


def _group(names: Names) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    return (("", tuple(names.items())),)


def _periods(names: Names) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    quarters = {code: name for code, name in names.items() if "Q" in code}
    years = {code: name for code, name in names.items() if len(code) == 4}
    months = {c: name for c, name in names.items() if c not in quarters and c not in years}
    groups = ((_("Quarters"), quarters), (_("Years"), years), (_("Months"), months))
    return tuple((label, tuple(codes.items())) for label, codes in groups if codes)


@dataclass(frozen=True)
class Heading:
    """A column of the table and the address that orders the table by it."""

    label: str
    address: str
    state: str
    css: str = ""


def headings(query: Query, place: str = "") -> list[Heading]:
    """Return the columns.

    Choosing a heading orders by it, choosing it again reverses the order.
    """
    columns = [
        ("name", place or level_word(query.level), "", False),
        ("share", _("Share that met the standard"), "", True),
        ("judged", _("Met / judged"), "number", True),
    ]
    headings_shown = []
    for column, label, css, worst_first in columns:
        chosen = query.sort_column == column
        first = column if worst_first or column == "name" else f"-{column}"
        other = column if query.sort_is_descending else f"-{column}"
        state = ("descending" if query.sort_is_descending else "ascending") if chosen else "none"
        address = "?" + query.turned(sort=other if chosen else first).encoded()
        headings_shown.append(Heading(label, address, state, css))
    return headings_shown


@dataclass(frozen=True)
class Row:
    """One place as the page shows it; text that may not be shown is already a word."""

    code: str
    name: str
    address: str
    share: str
    interval: str
    counts: str
    is_earlier: bool
    """Released before figures were rounded."""
    is_pale: bool
    mark: formats.Mark
    track: SafeString
    is_chosen: bool


SHOWN = (
    "code",
    "name",
    "address",
    "met",
    "judged",
    "share",
    "low",
    "high",
    "status",
    "standing",
    "rules",
)
"""The columns that a row's sentence is made of."""


def rows(table: Table, national: NationalFigure, chosen: str = "") -> list[Row]:
    """Return the rows of one page of the table."""
    columns = [table[name].tolist() for name in SHOWN]
    return [
        _row(dict(zip(SHOWN, values, strict=True)), national, chosen)
        for values in zip(*columns, strict=True)
    ]


def _row(row: Mapping[Hashable, Any], national: NationalFigure, chosen: str) -> Row:
    shown = not pd.isna(row["share"])
    return Row(
        code=row["code"],
        name=row["name"],
        address=row["address"],
        share=formats.percent(row["share"]) if shown else "",
        interval="" if pd.isna(row["low"]) else formats.interval(row["low"], row["high"]),
        counts=counts(row["met"], row["judged"], row["rules"]),
        is_earlier=shown and row["rules"] == EARLIER,
        is_pale=row["status"] == "pale",
        mark=formats.mark(str(row["standing"])),
        track=svg.track(
            row["share"],
            row["low"],
            row["high"],
            standing=str(row["standing"]),
            national=svg.national_at(national),
        ),
        is_chosen=row["code"] == chosen,
    )


@dataclass(frozen=True)
class Tile:
    """One province in the grid: its place there (from 1) and its row."""

    column: int
    line: int
    row: Row
    sentence: str


def tiles(table: Table, cells: list[Row]) -> list[Tile]:
    """Return the provinces in reading order of the grid; one that the grid lacks goes below it."""
    placed = []
    for row, outcome in zip(cells, sentences(table.frame()), strict=True):
        column, line = svg.TILES.get(row.code, (0, 7))
        placed.append(Tile(column + 1, line + 1, row, outcome))
    return sorted(placed, key=lambda tile: (tile.line, tile.column))


def counts(met: float, judged: float, rules: str = "") -> str:
    """ "18 / 22", "– / 22" of a band; nothing where nothing may be shown or was judged.

    Of a rounded release "about 18 of 21, rounded to protect privacy".
    """
    if pd.isna(judged) or not judged:
        return ""
    if rules == ROUNDED and not pd.isna(met):
        return about({"numerator": met, "denominator": judged})
    return f"{'–' if pd.isna(met) else formats.count(met)} / {formats.count(judged)}"


def title(query: Query, choices: Choices) -> str:
    """Name the measure, the service and the period in one line."""
    service = choices.services.get(query.kind, {}).get(query.service) or _("All services together")
    return _("%(indicator)s: %(service)s, %(period)s") % {
        "indicator": choices.indicators.get(query.kind, {}).get(query.indicator, ""),
        "service": service,
        "period": choices.periods.get(query.period, ""),
    }


def _of_province(comparison: Comparison, name: str) -> str:
    """State the chosen province's own figure."""
    province = comparison.province
    if not province.is_known:
        return _("%(province)s together: too few answers to show, or none.") % {"province": name}
    return _("In %(province)s %(share)s of cases met the standard.") % {
        "province": name,
        "share": formats.percent(province.share),
    }


def takeaway(comparison: Comparison, query: Query, choices: Choices) -> str:
    """Summarise the page in one sentence: of the chosen commune, the province or the nation."""
    table = comparison.table
    if query.commune:
        own = np.flatnonzero(table["code"] == query.commune)
        if len(own):
            row = table.row(int(own[0]))
            why = ""
            if row["standing"] == "as_expected":
                why = by_chance(row["share"], comparison.national.share)
            return " ".join(filter(None, (f"{sentence(row)}{formats.full_stop()}", why)))
    number = int(is_shown(table).sum())
    if not number or not comparison.national.is_known:
        return ""
    everywhere = _("In the whole country %(share)s of cases met the standard.") % {
        "share": formats.percent(comparison.national.share)
    }
    if query.province:
        everywhere = f"{_of_province(comparison, choices.provinces[query.province])} {everywhere}"
    places = ngettext(
        "%(places)s place has enough answers to be shown: "
        "%(better)s better than others, %(worse)s worse.",
        "%(places)s places have enough answers to be shown: "
        "%(better)s better than others, %(worse)s worse.",
        number,
    ) % {
        "places": formats.count(number),
        "better": formats.count(comparison.standing.get("better", 0)),
        "worse": formats.count(comparison.standing.get("worse", 0)),
    }
    return f"{everywhere} {places}"


def legend(standing: Mapping[str, int]) -> list[tuple[formats.Mark, str]]:
    """Return the marks that occur, with how many places have each; those of one word together."""
    present = [s for s in STANDINGS if s in standing]
    rest = [s for s in standing if s not in STANDINGS]
    marks: dict[str, formats.Mark] = {}
    numbers: Counter[str] = Counter()
    for one in [*present, *rest]:
        mark = formats.mark(one)
        marks.setdefault(mark.word, mark)
        numbers[mark.word] += standing[one]
    return [(mark, formats.count(numbers[word])) for word, mark in marks.items()]


Unplaced = tuple[str, str, formats.Mark]
"""A place without a shape on the map: name, address, mark."""


def unplaced(table: Table, shapes: Container[str]) -> list[Unplaced]:
    """Return places that have no shape on the map, so that none is lost."""
    rows = [at for at, code in enumerate(table["code"].tolist()) if code not in shapes]
    missing = table.take(rows)
    missing_rows = zip(missing["name"], missing["address"], missing["standing"], strict=True)
    return [(name, address, formats.mark(standing)) for name, address, standing in missing_rows]


def median_words(comparison: Comparison) -> str:
    """State the median of all places shown; "" where none is shown."""
    share = median_share(comparison.table)
    if pd.isna(share):
        return ""
    return _("Half of all communes shown reach %(share)s or more.") % {
        "share": formats.percent(share)
    }


def pages(page: Page[Table], query: Query) -> list[tuple[str, str, bool]]:
    """Return links to other pages: label, address, whether it is this one; gaps are left out."""
    if page.pages == 1:
        return []
    near = {1, page.pages, page.number - 1, page.number, page.number + 1}
    numbers = [n for n in range(1, page.pages + 1) if n in near]
    return [
        (formats.count(n), f"?{query.turned(page=n).encoded()}", n == page.number) for n in numbers
    ]
