"""Figures as data: tables in, Plotly dictionaries out.

Each function takes the suppressed table (``comparison.COLUMNS`` with ``name``,
``standing`` and ``address``) and returns ``{"data": [...], "layout": {...}}``,
checked by plotly.graph_objects. Nothing is drawn that the table does not hold, so a
hidden number cannot hide in a tooltip. No template travels: the page has one.
"""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from django.utils.html import escape
from django.utils.translation import gettext as _

from dashboards.data.comparison import ROUNDED, NationalFigure, is_shown
from dashboards.text import formats
from scorecards.reading.vocabulary import funnel_limits

Figure = dict[str, Any]

ORDER = ("better", "as_expected", "waiting", "few", "worse")
SILENT = ("no_standard", "no_data", "not_released")
ROW_HEIGHT = 28
LEGEND = {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0}


def dots(table: pd.DataFrame, national: NationalFigure) -> Figure:
    """Return one row a place: a dot for the share, a line for its interval, in the table's order.

    With a dashed line at the standard (every case, 100 %) and a dotted one at the share
    of all places together.
    """
    rows = table.reset_index(drop=True)
    place = pd.Series(range(len(rows), 0, -1), index=rows.index)
    shown = is_shown(rows)
    traces = [
        _interval_trace(rows[chosen], place[chosen], standing)
        for standing in ORDER
        if (chosen := shown & (rows["standing"] == standing)).any()
    ]
    if (~shown).any():
        traces.append(_words_trace(rows[~shown], place[~shown]))
    layout = {
        "height": ROW_HEIGHT * len(rows) + 130,
        "margin": {"l": 8, "r": 12, "t": 48, "b": 84},
        "xaxis": percent_axis(),
        "yaxis": {
            "tickmode": "array",
            "tickvals": place.tolist(),
            "ticktext": [escape(name) for name in rows["name"]],
            "range": [0.4, len(rows) + 0.6],
            "showgrid": False,
            "fixedrange": True,
        },
        "shapes": _lines(national),
        "annotations": _line_names(national),
        "showlegend": True,
        "legend": LEGEND,
    }
    return checked(traces, layout)


def funnel(table: pd.DataFrame, national: NationalFigure, spread: float) -> Figure:
    """Return each place by the independent answers its cases are worth, with the limits of chance.

    The limits (95% and 99.8%) are those by which the stored classes name the better and
    worse: around the national share, with room for the over-dispersion ``spread`` (tau
    squared) of all places (method, 4). Places stand at ``size``, judged cases divided by
    their own design effect, so that each lies on the side of the line that its class says.
    """
    rows = table[is_shown(table) & table["size"].notna()]
    most = float(rows["size"].max()) if len(rows) else 100.0
    size = np.unique(np.geomspace(5, max(most, 20.0), 60).round())
    traces: list[dict[str, Any]] = []
    if national.is_known:
        for level, dash in ((0.95, "dot"), (0.998, "dash")):
            limits = funnel_limits(national.share, size, level, tau_squared=spread)
            name = _("limits %(level)s") % {"level": formats.digits(f"{100 * level:g}%")}
            traces += [
                _limit_trace(size, limit, dash, name, i == 0) for i, limit in enumerate(limits)
            ]
    for standing in ORDER:
        chosen = rows[rows["standing"] == standing]
        if len(chosen):
            traces.append(_funnel_trace(chosen, standing))
    layout = {
        "height": 460,
        "margin": {"l": 8, "r": 12, "t": 16, "b": 100},
        "xaxis": {
            "title": {"text": _("answers (similar ones count less)")},
            "fixedrange": True,
            "rangemode": "tozero",
        },
        "yaxis": percent_axis(),
        "showlegend": True,
        "legend": LEGEND,
    }
    return checked(traces, layout)


def _limit_trace(
    size: "np.ndarray[Any, Any]", limit: "np.ndarray[Any, Any]", dash: str, name: str, named: bool
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "legendgroup": name,
        "showlegend": named,
        "x": size.tolist(),
        "y": [round(float(value), 4) for value in limit],
        "line": {"color": formats.GREY, "dash": dash, "width": 1},
        "hoverinfo": "skip",
    }


def _funnel_trace(rows: pd.DataFrame, standing: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": _numbers(rows["size"], 1),
        "y": _numbers(rows["share"]),
        **_marks(rows, standing),
    }


def _marks(rows: pd.DataFrame, standing: str) -> dict[str, Any]:
    """Return places of one standing: how they are drawn, what they say, where they lead."""
    mark = formats.mark(standing)
    return {
        "mode": "markers",
        "name": mark.word,
        "text": sentences(rows),
        "customdata": rows["address"].tolist(),
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {
            "symbol": mark.symbol,
            # Most places have no clear difference: they are drawn faintly so that the others are
            # seen.
            "color": formats.PALE if standing == "as_expected" else mark.colour,
            "size": _size_of(standing),
        },
    }


def trend(periods: Iterable[str], rows: pd.DataFrame) -> Figure:
    """Return shares over periods with their intervals; periods without a figure stay a gap."""
    names = [formats.period_name(period) for period in periods]
    share = _numbers(rows["share"])
    trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": names,
        "y": share,
        "connectgaps": False,
        "error_y": _errors(rows),
        "text": sentences(rows),
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"symbol": "circle", "color": formats.BLUE, "size": 9},
        "line": {"color": formats.BLUE},
        "showlegend": False,
    }
    layout = {
        "height": 260,
        "margin": {"l": 8, "r": 12, "t": 16, "b": 40},
        "xaxis": {"type": "category", "fixedrange": True},
        "yaxis": percent_axis(),
    }
    return checked([trace], layout)


def sentences(rows: pd.DataFrame) -> list[str]:
    """Write a sentence for each row, for tooltips and for people who listen to the table."""
    return [sentence(row) for row in rows.to_dict("records")]


def sentence(row: Mapping[Hashable, Any]) -> str:
    """Return one place in one sentence; without a figure it says why."""
    name = escape(str(row["name"]))
    mark = formats.mark(str(row["standing"]))
    if pd.isna(row["share"]):
        return _("%(name)s: %(why)s") % {"name": name, "why": unshown(row)}
    if pd.isna(row["met"]):
        return _("%(name)s: %(share)s; %(standing)s") % {
            "name": name,
            "share": formats.percent(row["share"]),
            "standing": mark.word,
        }
    words = (
        _(
            "%(name)s: about %(met)s of %(judged)s met the standard, rounded to protect privacy; "
            "%(share)s, between %(low)s and %(high)s; %(standing)s"
        )
        if row.get("rules") == ROUNDED
        else _(
            "%(name)s: %(met)s of %(judged)s met the standard, %(share)s, "
            "between %(low)s and %(high)s; %(standing)s"
        )
    )
    return words % {
        "name": name,
        "met": formats.count(row["met"]),
        "judged": formats.count(row["judged"]),
        "share": formats.percent(row["share"]),
        "low": formats.percent(row["low"]),
        "high": formats.percent(row["high"]),
        "standing": mark.word,
    }


def unshown(row: Mapping[Hashable, Any]) -> str:
    """Write the text in place of a share that may not be shown: the reason, and the band if any."""
    word = formats.mark(str(row["standing"])).word
    if pd.isna(row["low"]):
        return word
    return _("%(interval)s, %(why)s") % {
        "interval": formats.interval(row["low"], row["high"]),
        "why": word,
    }


def percent_axis() -> dict[str, Any]:
    """Return an axis from 0 to 100 % whose numbers are written in the reader's digits."""
    ticks = [0, 0.2, 0.4, 0.6, 0.8, 1]
    return {
        "range": [-0.02, 1.04],
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": [formats.percent(tick) for tick in ticks],
        "fixedrange": True,
    }


def marked(figure: Figure, period: str) -> Figure:
    """Return the figure with the name of its period above it where that is not over yet."""
    if formats.is_over(period):
        return figure
    title = {"text": formats.period_name(period), "font": {"size": 13}, "x": 0, "xanchor": "left"}
    margin = {**figure["layout"].get("margin", {}), "t": 64}
    return {**figure, "layout": {**figure["layout"], "title": title, "margin": margin}}


def checked(traces: list[dict[str, Any]], layout: dict[str, Any]) -> Figure:
    """Return the figure as plain data, refused with ``ValueError`` where Plotly has no such
    property.
    """
    import plotly.graph_objects as go  # type: ignore[import-untyped]  # slow: not at start

    figure = go.Figure(data=traces, layout=layout)
    figure.layout.template = None
    plain: Figure = figure.to_plotly_json()
    plain["layout"].pop("template", None)
    return {"data": plain["data"], "layout": plain["layout"]}


def _interval_trace(rows: pd.DataFrame, place: "pd.Series[int]", standing: str) -> dict[str, Any]:
    mark = formats.mark(standing)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": mark.word,
        "x": _numbers(rows["share"]),
        "y": place.tolist(),
        "error_x": {**_errors(rows), "color": mark.colour, "thickness": 2, "width": 0},
        "text": sentences(rows),
        "customdata": rows["address"].tolist(),
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {
            "symbol": mark.symbol,
            "color": mark.colour,
            "size": 11,
            "line": {"color": mark.colour, "width": 2},
        },
    }


def _words_trace(rows: pd.DataFrame, place: "pd.Series[int]") -> dict[str, Any]:
    """Build the trace that writes the reason where a figure may not be shown."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": [0] * len(rows),
        "y": place.tolist(),
        "text": [f"  {unshown(row)}" for row in rows.to_dict("records")],
        "textposition": "middle right",
        "textfont": {"color": formats.GREY},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _errors(rows: pd.DataFrame) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": _numbers(rows["high"] - rows["share"]),
        "arrayminus": _numbers(rows["share"] - rows["low"]),
    }


def _lines(national: NationalFigure) -> list[dict[str, Any]]:
    line = {"type": "line", "xref": "x", "yref": "paper", "y0": 0, "y1": 1}
    lines: list[dict[str, Any]] = [
        {**line, "x0": 1, "x1": 1, "line": {"color": formats.BLUE, "dash": "dash", "width": 2}}
    ]
    if national.is_known:
        share = round(national.share, 4)
        dotted = {"color": formats.GREY, "dash": "dot", "width": 2}
        lines.append({**line, "x0": share, "x1": share, "line": dotted})
    return lines


def _line_names(national: NationalFigure) -> list[dict[str, Any]]:
    name = {"xref": "x", "yref": "paper", "y": 1, "yanchor": "bottom", "showarrow": False}
    names: list[dict[str, Any]] = [
        {
            **name,
            "x": 1,
            "xanchor": "right",
            "text": _("the standard"),
            "font": {"color": formats.BLUE},
        }
    ]
    if national.is_known:
        words = _("all together %(share)s") % {"share": formats.percent(national.share)}
        names.append(
            {
                **name,
                "x": round(national.share, 4),
                "xanchor": "right" if national.share > 0.5 else "left",
                "yshift": 18,
                "text": words,
                "font": {"color": formats.GREY},
            }
        )
    return names


def _numbers(values: "pd.Series[float]", places: int = 4) -> list[float | None]:
    """Return plain numbers for JSON; missing ones are null, never NaN."""
    return [
        None if np.isnan(value) else round(float(value), places)
        for value in values.to_numpy(dtype=float)
    ]


def _size_of(standing: str) -> int:
    sizes = {"better": 11, "worse": 11, "as_expected": 7, "few": 7, **dict.fromkeys(SILENT, 3)}
    return sizes.get(standing, 6)
