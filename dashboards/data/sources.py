"""Data of the pages: scores through ``scorecards.reading``, names from the registers.

A person gets only the data that this person may see: ``scorecards.reading.scores`` decides that,
and nothing is added afterwards.
"""

import functools
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pandas as pd
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from numpy.typing import NDArray

from dashboards.data.comparison import (
    EARLIER,
    NOTHING,
    ROUNDED,
    NationalFigure,
    is_shown,
    standings,
    tally,
)
from dashboards.data.registers import named_choices, read_registers
from dashboards.data.table import Columns, Table, texts
from dashboards.query import Choices, Query
from dashboards.text import formats
from places.models import Level, Place
from places.search import find
from scorecards import periods
from scorecards.reading import districts, scores, statistics

Cells = dict[str, Any]
"""Columns of cells by their names, as ``scores.arrays`` answers them."""

PERIOD_ORDER = {"quarter": 0, "year": 1, "month": 2}
KEEP_SECONDS = 300
"""Seconds for which an answer is kept; it is checked each time before it is used."""

WHY = {"no_standard": "no_standard", "still_open": "not_yet_known"}
"""The status of a cell in which nothing was judged, by the main reason; else "no answers"."""


@dataclass(frozen=True)
class Comparison:
    """The answer to one question: every place selected, and the figures they are compared with."""

    table: Table
    national: NationalFigure
    province: NationalFigure
    """The chosen province's own figure; nothing where none is chosen."""
    spread: float
    """Tau squared of the funnel's limits, as it was used for the classes."""
    places: int
    """The number of places compared in the whole country."""
    computed_at: datetime | None
    is_working: bool
    method_version: str
    key: str
    """The key under which its figures are cached; it changes with everything in here."""

    @property
    def has_figures(self) -> bool:
        """True where at least one place has a figure that may be shown."""
        return bool(is_shown(self.table).any())

    @property
    def is_withheld(self) -> bool:
        """True where for some place in the selection nothing is released to this reader."""
        return bool((self.table["status"] == "not_released").any())

    @functools.cached_property
    def standing(self) -> dict[str, int]:
        """Count the places of the selection by how they compare with the national line."""
        return tally(self.table["standing"].tolist())


@dataclass(frozen=True)
class _Places:
    """The places of a level in order of code, and a text that changes whenever they do."""

    key: str
    columns: Columns

    @functools.cached_property
    def number(self) -> dict[str, int]:
        """Position of each code."""
        return {code: at for at, code in enumerate(self.columns["code"].tolist())}


@dataclass(frozen=True)
class Name:
    """The name under which an answer is cached, which changes whenever it does; and its places."""

    key: str
    places: _Places


def choices(user: object) -> Choices:
    """Return everything that can be chosen, named in the reader's language."""
    available = tuple(sorted(scores.periods(user), key=lambda p: PERIOD_ORDER[p.length]))
    today = timezone.localdate()
    finished = [p.code for p in available if p.length == "quarter" and p.last < today]
    named = named_choices(get_language() or "km", available, *read_registers())
    return replace(
        named,
        sees_working=bool(scores.Reader.of(user).working),
        release_is_coming=not available and scores.release_is_coming(),
        usual_period=next(iter(finished), ""),
    )


def compare_places(user: object, query: Query, name: Name | None = None) -> Comparison:
    """Return all places of the question's level in the nation or one province.

    ``name`` is passed where the name of the answer is known already.
    """
    comparison = _compare(user, query, Level(query.level), name)
    table = comparison.table
    if query.province and query.level != Level.PROVINCE:
        table = table.take(np.flatnonzero(table["province"] == query.province))
        comparison = replace(comparison, province=_province(user, query))
    return replace(comparison, table=_named(table, *_address(query)))


def _address(query: Query) -> tuple[str, str]:
    """Return the address of a place before and after its code: one look-up, not 1,652."""
    if query.level == Level.PROVINCE:
        asked = query.turned(level="commune", every="", q="").encoded(without=["province"])
        return f"{reverse('dashboards:compare')}?{asked}&province=", ""
    view = "district" if query.level == Level.DISTRICT else "commune"
    code = "0000" if query.level == Level.DISTRICT else "000000"
    before, after = reverse(f"dashboards:{view}", args=[code]).split(code)
    return before, f"{after}?{urlencode({'period': query.period})}"


def _province(user: object, query: Query) -> NationalFigure:
    """Return the chosen province's own figure, as this reader may see it."""
    cells = scores.arrays(
        user,
        period=query.period,
        indicator=query.indicator,
        service=query.service,
        provider_kind=query.kind,
        level="province",
        within=query.province,
        columns=NEEDED,
    )
    return _national(cells)


def compare_provinces(user: object, query: Query) -> Comparison:
    """Return all provinces and the capital, for one question."""
    return compare_places(user, replace(query, level=Level.PROVINCE, commune=""))


def _named(table: Table, before: str, after: str) -> Table:
    """Return the table with ``name`` in the reader's language and the ``address`` of each place."""
    name = table["name_km" if formats.is_khmer() else "name_latin"]
    address = texts([f"{before}{code}{after}" for code in table["code"].tolist()])
    return Table({**table.columns, "name": name, "address": address})


def name_of(user: object, query: Query) -> Name:
    """Return the name of the answer to ``query``.

    It says who may see what, so that nobody is answered from another's cache.
    """
    seen = scores.version(
        user,
        period=query.period,
        indicator=query.indicator,
        service=query.service,
        provider_kind=query.kind,
    )
    level = Level(query.level)
    places = _places(level)
    # The columns read are part of the key: an answer cached by an older version lacks a column.
    where = (level, query.period, query.kind, query.indicator, query.service)
    asked = (*where, seen, places.key, NEEDED)
    return Name(f"dashboards:answer:{sha256(repr(asked).encode()).hexdigest()}", places)


def _compare(user: object, query: Query, level: str, name: Name | None = None) -> Comparison:
    """Return all places of the nation for one question; kept until its key changes.

    What the places themselves say is not kept with it: every answer says the same of them.
    """
    name = name or name_of(user, query)
    made: Comparison | None = cache.get(name.key)
    if made is None:
        made = _computed(user, query, level, name)
        cache.set(name.key, made, KEEP_SECONDS)
    return replace(made, table=Table({**name.places.columns, **made.table.columns}))


NEEDED = (
    "place_code",
    "numerator",
    "denominator",
    "share",
    "low",
    "high",
    "status",
    "why",
    "computed_at",
    "method_version",
    "working",
    "rounded",
)


def _computed(user: object, query: Query, level: str, name: Name) -> Comparison:
    """Return the answer, with what is its own in the table.

    The places' own columns are not in it.
    """
    cells, classes = _read(user, query, level)
    # In order of code: the nation comes first, because it has none.
    rows_of_nation = cells["place_code"].count("")
    nation = {column: values[:rows_of_nation] for column, values in cells.items()}
    cells = {column: values[rows_of_nation:] for column, values in cells.items()}
    national = _national(nation)
    placed = _placed(cells, name.places, scores.readable_places(user, query.period))
    why = placed.pop("why").tolist()
    placed |= _classed(placed, classes, name.places, query)
    words = standings(Table(placed)).tolist()
    standing = texts([WHY.get(w, "no_data") if w else s for w, s in zip(why, words, strict=True)])
    return Comparison(
        table=Table({**placed, "standing": standing}),
        national=national,
        province=NOTHING,
        spread=float(classes["spread"].max()) if len(classes) else 0.0,
        places=int(classes["places"].max()) if len(classes) else 0,
        computed_at=_newest(cells),
        is_working=bool(cells["working"].any()),
        method_version=str(next(iter(cells["method_version"]), "")),
        key=name.key,
    )


def _read(user: object, query: Query, level: str) -> tuple[Cells, pd.DataFrame]:
    """Return the cells of a level and of the nation, the nation's first, and the classes of the
    level.
    """
    asked: scores.Asked = {
        "period": query.period,
        "indicator": query.indicator,
        "service": query.service,
        "provider_kind": query.kind,
    }
    if level == Level.DISTRICT:
        rows = districts.cells(user, **asked)
        return {name: _column(rows[name]) for name in NEEDED}, districts.classes(rows)
    asked["level"] = (level, "nation")
    cells = scores.arrays(user, columns=NEEDED, **asked)
    classes = statistics.classes(
        user,
        query.period,
        indicator=query.indicator,
        provider_kind=query.kind,
        service=query.service,
        level=level,
        columns=CLASSED,
    )
    return cells, classes


def _column(values: "pd.Series[Any]") -> Any:
    """Return a column as ``scores.arrays`` gives it: texts as a list, others as an array."""
    plain = pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values)
    return values.to_numpy() if plain else values.tolist()


NOT_DRAWN = "not_drawn"
CLASSED = (
    *("place_code", "numerator", "denominator", "deff", "places"),
    *("spread", "funnel", "arrow"),
)
"""What a page needs of the stored classes."""
FIGURES = {
    "met": "numerator",
    "judged": "denominator",
    "share": "share",
    "low": "low",
    "high": "high",
}
"""The numbers of a place under the names of ``comparison``, and of ``scores``."""


def _placed(
    cells: Cells, places: _Places, readable_places: tuple[str, ...]
) -> dict[str, NDArray[Any]]:
    """Return the figures of every place.

    One without a cell has no data, or none that is released.
    """
    values = np.array([places.number.get(code, -1) for code in cells["place_code"]], dtype=np.intp)
    here = values >= 0
    at = values[here]
    columns: dict[str, NDArray[Any]] = {}
    for name, outcome in FIGURES.items():
        columns[name] = np.full(len(places.number), np.nan)
        columns[name][at] = cells[outcome][here]
    silent = [
        "no_data" if code.startswith(readable_places) else "not_released" for code in places.number
    ]
    for name, missing in (("why", [""] * len(silent)), ("status", silent)):
        columns[name] = texts(missing)
        columns[name][at] = texts(cells[name])[here]
    columns["rules"] = texts([""] * len(silent))
    columns["rules"][at] = texts(_rules(cells))[here]
    return columns


def _rules(cells: Cells) -> list[str]:
    """Return the rules by which each figure was released.

    A working figure is exact and has none ("").
    """
    released = zip(cells["working"], cells["rounded"], strict=True)
    return ["" if working else ROUNDED if rounded else EARLIER for working, rounded in released]


def _classed(
    placed: dict[str, NDArray[Any]], classes: pd.DataFrame, places: _Places, query: Query
) -> dict[str, NDArray[Any]]:
    """Return the stored class of every place, and how many independent answers its cases are worth.

    A class that was computed from other counts than those shown is left out: it is being
    computed again. By month single services are not classed: they are too small.
    """
    by_month = periods.parse(query.period).length == "month"
    none = NOT_DRAWN if query.service and by_month else ""
    funnel, size = texts([none] * len(places.number)), np.full(len(places.number), np.nan)
    arrow = texts([""] * len(places.number))
    rows = classes[classes["place_code"].isin(places.number)]
    at = np.array([places.number[code] for code in rows["place_code"]], dtype=np.intp)
    counts = rows[["numerator", "denominator"]].to_numpy(dtype=float).reshape(-1, 2)
    same = (placed["met"][at] == counts[:, 0]) & (placed["judged"][at] == counts[:, 1])
    funnel[at[same]] = rows["funnel"].to_numpy(dtype=object)[same]
    arrow[at[same]] = rows["arrow"].to_numpy(dtype=object)[same]
    size[at[same]] = (counts[:, 1] / rows["deff"].to_numpy(dtype=float))[same]
    return {"funnel": funnel, "size": size, "arrow": arrow}


def _national(nation: Cells) -> NationalFigure:
    if not nation["place_code"]:
        return NOTHING
    return NationalFigure(**{name: float(nation[outcome][0]) for name, outcome in FIGURES.items()})


def _newest(cells: Cells) -> datetime | None:
    newest: Any = cells["computed_at"].max() if len(cells["computed_at"]) else None
    return None if newest is None or pd.isna(newest) else pd.Timestamp(newest).to_pydatetime()


DEGREES = ("longitude", "latitude")
_known: dict[str, _Places] = {}
"""Places as this process read them last; valid while the cache holds the same key."""


def _places(level: str) -> _Places:
    """Return the places of a level, in order of code: names, kind, point, province."""
    kept = cache.get(f"dashboards:known:{level}")
    mine = _known.get(level)
    if kept is not None and mine is not None and mine.key == kept:
        return mine
    names = ("code", "name_km", "name_latin", "kind", *DEGREES)
    here = Place.objects.valid_on(timezone.localdate()).filter(level=level).order_by("code")
    rows = list(here.values_list(*names))
    table: dict[str, NDArray[Any]] = {}
    for at, name in enumerate(names):
        sentences = [row[at] for row in rows]
        # An unknown point is None, and NaN among numbers.
        table[name] = np.array(sentences, dtype=float) if name in DEGREES else texts(sentences)
    table["province"] = texts([code[:2] for code in table["code"]])
    places = _Places(sha256(repr(rows).encode()).hexdigest(), table)
    cache.set(f"dashboards:known:{level}", places.key, KEEP_SECONDS)
    _known[level] = places
    return places


def communes_of(province: str) -> list[Place]:
    """Return the communes of one province, with their district, in order of code."""
    here = Place.objects.communes().valid_on(timezone.localdate()).inside(province)
    return list(here.select_related("parent"))


def find_communes(sought: str) -> list[Place]:
    """Return communes that what is sought may mean, the likeliest first.

    They are found by name, by a similar name or by code.
    """
    return find(sought, level=Level.COMMUNE, limit=40)
