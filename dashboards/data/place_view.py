"""The data of one place's page: through time, across services and between groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pandas as pd
from django.core.cache import cache
from django.utils.translation import get_language

from dashboards.data import sources
from dashboards.data.comparison import peers_of
from dashboards.query import Choices, Query
from dashboards.text import formats
from places.models import Place
from scorecards import periods as calendar
from scorecards.reading import scores, statistics

PERIODS = 8
Row = Mapping[Any, Any]


@dataclass(frozen=True)
class Line:
    """One place's figures over the periods of a trend; None where nothing is shown."""

    code: str
    name: str
    role: str
    """ "own", "nation" or "peer"."""
    rows: tuple[Row | None, ...]

    @property
    def shares(self) -> list[float]:
        """Shares, NaN where nothing is shown."""
        return [float("nan") if row is None else float(row["share"]) for row in self.rows]


@dataclass(frozen=True)
class PlaceView:
    """Everything of one place for one question."""

    periods: tuple[str, ...]
    lines: tuple[Line, ...]
    services: tuple[tuple[str, Row], ...]
    """Name of each service with a figure, and its cell; the worst first."""
    gaps: tuple[Row, ...]
    is_working: bool


def place_view(user: object, query: Query, choices: Choices, code: str) -> PlaceView:
    """Read the figures of one place that ``user`` may see ("" is the nation); cached."""
    periods = _periods(choices, query.period)
    seen = sources.name_of(user, query).key
    asked = repr((seen, code, periods, get_language()))
    key = f"dashboards:place:{sha256(asked.encode()).hexdigest()}"
    cached: PlaceView | None = cache.get(key)
    if cached is None:
        cached = _read(user, query, choices, code, periods)
        cache.set(key, cached, sources.KEEP_SECONDS)
    return cached


def _read(
    user: object, query: Query, choices: Choices, code: str, periods: tuple[str, ...]
) -> PlaceView:
    lines = _lines(user, query, code, periods)
    cells = scores.place(user, code, query.period)
    mine = cells[
        (cells["indicator"] == query.indicator)
        & (cells["provider_kind"] == query.kind)
        & (cells["provider_id"] == 0)
        & ~cells["self_assessment"].astype(bool)
        & cells["share"].notna()
    ]
    names = choices.services.get(query.kind, {})
    services = [
        (names.get(row["service"], row["service"]), row)
        for row in mine.sort_values("share").to_dict("records")
        if row["service"]
    ]
    gaps = statistics.gaps(user, query.period, place=code)
    gaps = gaps[gaps["provider_kind"] == query.kind]
    return PlaceView(
        periods=periods,
        lines=lines,
        services=tuple(services),
        gaps=tuple(gaps.to_dict("records")),
        is_working=bool(mine["working"].any()),
    )


def _periods(choices: Choices, until: str) -> tuple[str, ...]:
    """Return up to eight periods of the same length that end with ``until``, oldest first."""
    alike = sorted(code for code in choices.periods if len(code) == len(until) and code <= until)
    return tuple(alike[-PERIODS:])


def _lines(user: object, query: Query, code: str, periods: Sequence[str]) -> tuple[Line, ...]:
    """Return the place, five like it where it is a commune, and the nation."""
    wanted = {code: "own"}
    if len(code) == 6:
        table = sources.compare_places(user, query).table
        wanted |= {one: "peer" for one in peers_of(table, code)["code"].tolist() if one != code}
    wanted.setdefault("", "nation")
    names = {p.code: p for p in Place.objects.filter(code__in=list(wanted))}
    lines = []
    for one, role in wanted.items():
        place = names.get(one)
        name = formats.pick(place.name_km, place.name_latin) if place is not None else ""
        lines.append(Line(one, name, role, _series(user, query, one, periods)))
    return tuple(lines)


def _series(
    user: object, query: Query, code: str, periods: Sequence[str]
) -> tuple[Row | None, ...]:
    length = calendar.parse(periods[-1]).length if periods else "quarter"
    rows = scores.series(
        user,
        place=code,
        indicator=query.indicator,
        service=query.service,
        provider_kind=query.kind,
        length=length,
    )
    by_period = {row["period"]: row for row in rows.to_dict("records") if not pd.isna(row["share"])}
    return tuple(by_period.get(period) for period in periods)
