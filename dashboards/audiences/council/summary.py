"""Sum up a commune's scorecard: three sentences, and a matrix of services by measures."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import pandas as pd
from django.utils.translation import gettext as _

from dashboards.data.classed_cells import standing_of
from dashboards.text import comparisons, formats, indicators
from dashboards.text.matrix_cell import MatrixCell, matrix_cell
from scorecards import periods
from scorecards.reading import scores
from scorecards.reading.annotations import Note
from standards.models import Indicator, ProviderKind, Service

PERIODS = 8
"""Points of a sparkline, the period itself included."""

COMPARED = ("better", "as_expected", "worse")
"""Standings of measures with enough answers to be compared with the national line."""

Row = Mapping[Any, Any]
Key = tuple[str, str, str]
"""Kind of provider, service ("" for all together), indicator."""


@dataclass(frozen=True)
class Highlight:
    """One of the three sentences; ``anchor`` is "" where there is nothing to open."""

    heading: str
    text: str
    anchor: str = ""


@dataclass(frozen=True)
class Line:
    """One service with a cell for each measure."""

    name: str
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True)
class Matrix:
    """The services of one kind of provider by its measures."""

    kind: str
    name: str
    headings: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Summary:
    """The summary at the top of a commune's scorecard."""

    highlights: tuple[Highlight, ...]
    matrices: tuple[Matrix, ...]


@dataclass(frozen=True)
class Names:
    """Indicators and services by their codes, in their usual order."""

    indicators: Mapping[str, Indicator]
    services: Mapping[str, Service]

    def of(self, row: Row) -> str:
        """Name the measure of a row: service or kind of provider, and indicator."""
        service = self.services.get(row["service"])
        where = service.name if service else str(ProviderKind(row["provider_kind"]).label)
        return _("%(service)s, %(indicator)s") % {
            "service": where,
            "indicator": self.indicators[row["indicator"]].name,
        }


def anchor_of(kind: str, service: str, indicator: str) -> str:
    """Return the id of the element on the page where one measure is explained."""
    return f"measure-{kind}-{service or 'all'}-{indicator}"


def summary(
    rows: pd.DataFrame, names: Names, history: pd.DataFrame, notes: Sequence[Note] = ()
) -> Summary:
    """Sum up ``rows`` (``with_classes`` of one commune's cells); ``history`` draws sparklines, on
    which ``notes`` are marked.
    """
    named_rows = [row for row in rows.to_dict("records") if row["indicator"] in names.indicators]
    shown = [row for row in named_rows if not pd.isna(row["share"])]
    return Summary(
        highlights(shown, names),
        tuple(_matrices(shown, names, _series(history), _marked(history, notes))),
    )


def past(user: object, code: str, period: str) -> pd.DataFrame:
    """Return shares of every cell of a commune in its last periods, for sparklines."""
    columns = ("period", "provider_kind", "service", "indicator", "share")
    return scores.history(user, code, until=period, last=PERIODS, columns=columns)


def highlights(shown: Sequence[Row], names: Names) -> tuple[Highlight, ...]:
    """Return worst, best and most changed, each only where the rule of alarms permits it.

    Where none is named, it says of how many measures that is true: those with too few answers
    are not among them, and silence about them must not be read as praise.
    """
    worse = [row for row in shown if standing_of(row) == "worse"]
    better = [row for row in shown if standing_of(row) == "better"]
    changed = [row for row in shown if row["change_alarm"]]
    compared = sum(standing_of(row) in COMPARED for row in shown)
    followed = sum(not pd.isna(row["difference"]) for row in shown)
    none_worse = _("None is clearly worse than in the whole country.")
    none_better = _("None is clearly better than in the whole country.")
    none_changed = _("None has clearly changed since the period before.")
    return (
        _highlight(_("Worst"), worse, _from_line, names) or _none(_("Worst"), none_worse, compared),
        _highlight(_("Best"), better, lambda row: -_from_line(row), names)
        or _none(_("Best"), none_better, compared),
        _highlight(_("Most changed"), changed, lambda row: -abs(row["difference"]), names)
        or _none(_("Most changed"), none_changed, followed),
    )


def _none(heading: str, sentence: str, compared: int) -> Highlight:
    if not compared:
        return Highlight(heading, _("Too few answers to compare."))
    number = _("Measures that could be compared: %(n)s.") % {"n": formats.count(compared)}
    return Highlight(heading, f"{sentence} {number}")


def _from_line(row: Row) -> float:
    return float(row["share"] - row["whole"]) if not pd.isna(row["whole"]) else 0.0


def _highlight(
    heading: str, rows: Sequence[Row], order: Callable[[Row], float], names: Names
) -> Highlight | None:
    if not rows:
        return None
    row = min(rows, key=order)
    figure = indicators.figure_of(row, names.indicators[row["indicator"]])
    change = (
        indicators.change(figure) if heading == _("Most changed") else comparisons.of_nation(row)
    )
    key = (row["provider_kind"], row["service"], row["indicator"])
    text = f"{names.of(row)}: {indicators.counts(figure)} {change}".strip()
    return Highlight(heading, text, anchor_of(*key))


def _series(history: pd.DataFrame) -> dict[Key, list[float]]:
    """Return shares by cell, oldest first, NaN for periods without a figure."""
    position = {code: i for i, code in enumerate(sorted(set(history["period"])))}
    shares: dict[Key, list[float]] = defaultdict(lambda: [nan] * len(position))
    for row in history.to_dict("records"):
        key = (row["provider_kind"], row["service"], row["indicator"])
        shares[key][position[row["period"]]] = row["share"]
    return shares


def _marked(history: pd.DataFrame, notes: Sequence[Note]) -> Callable[[Key], frozenset[int]]:
    """Return the points of a sparkline at which there is a note about its measure."""
    history_periods = [periods.parse(code) for code in sorted(set(history["period"]))]

    def points(key: Key) -> frozenset[int]:
        kind, service, indicator = key
        days = [note.on for note in notes if note.is_about(kind, indicator, service)]
        return frozenset(
            i
            for i, one in enumerate(history_periods)
            if any(one.first <= day <= one.last for day in days)
        )

    return points


def _matrices(
    shown: Sequence[Row],
    names: Names,
    series: Mapping[Key, list[float]],
    marked: Callable[[Key], frozenset[int]],
) -> list[Matrix]:
    by_key = {(row["provider_kind"], row["service"], row["indicator"]): row for row in shown}
    matrices = []
    for kind in dict.fromkeys(row["provider_kind"] for row in shown):
        of_kind = [key for key in by_key if key[0] == kind]
        measures = [code for code in names.indicators if any(key[2] == code for key in of_kind)]
        services = ["", *(code for code in names.services if any(k[1] == code for k in of_kind))]
        lines = []
        for service in services:
            keys = [(kind, service, measure) for measure in measures]
            cells = tuple(
                _cell(by_key.get(key), key, names, series.get(key, []), marked(key)) for key in keys
            )
            text = _("All services together")
            lines.append(Line(names.services[service].name if service else text, cells))
        headings = tuple(names.indicators[code].name for code in measures)
        matrices.append(Matrix(kind, str(ProviderKind(kind).label), headings, tuple(lines)))
    return matrices


def _cell(
    row: Row | None, key: Key, names: Names, series: list[float], marked: frozenset[int]
) -> MatrixCell:
    indicator = names.indicators[key[2]]
    return matrix_cell(row, indicator, address=f"#{anchor_of(*key)}", series=series, marked=marked)
