"""One place: its trend beside five like it, its services side by side, gaps between groups."""

import csv as csv_writer
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import escape as escape_html
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from dashboards.audiences.donor import compliance
from dashboards.audiences.donor.compliance import AMONG
from dashboards.charts import plotly_figures, svg
from dashboards.data import sources
from dashboards.data.place_notes import PlaceNote, place_notes, version_of
from dashboards.data.place_view import Line, PlaceView, place_view
from dashboards.exports.files import BOM, written
from dashboards.exports.responses import csv_answer, figure_answer
from dashboards.query import Choices, Query, read_query
from dashboards.text import formats, page_text
from khmer.digits import to_ascii
from pages.content_policy import inline_styles_allowed
from places.models import Level, Place
from scorecards.reading import scores
from scorecards.reading.clear_differences import is_clear_gap
from spreadsheets import escape
from standards.indicators import by_code


@dataclass(frozen=True)
class Asked:
    """A request understood."""

    choices: Choices
    query: Query
    complaints: tuple[str, ...]
    place: Place | None
    """None is the whole country."""

    @property
    def code(self) -> str:
        return self.place.code if self.place is not None else ""

    @property
    def name(self) -> str:
        return self.place.full_name if self.place is not None else _("The whole country")


def ask(request: HttpRequest) -> Asked:
    """Read the address; an unknown place is reported, and the country shown."""
    choices = sources.choices(request.user)
    query, complaints = read_query(request.GET, choices)
    code = to_ascii(request.GET.get("place", "")).strip()[:8]
    place = None
    if code:
        levels = [Level.PROVINCE, Level.COMMUNE]
        place = Place.objects.filter(code=code, level__in=levels).first()
        if place is None:
            text = _("There is no commune or province with the code “%s”; this is the country.")
            complaints = (*complaints, text % code)
    return Asked(choices, query, complaints, place)


@inline_styles_allowed
@require_safe
@gzip_page
def page(request: HttpRequest) -> HttpResponse:
    """Show the page."""
    asked = ask(request)
    query = asked.query
    menus = page_text.menus(asked.choices, query, with_province=False)
    context: dict[str, Any] = {
        "choices": asked.choices,
        "query": query,
        "complaints": asked.complaints,
        "place": asked.place,
        "place_name": asked.name,
        "menus": menus,
    }
    if not asked.choices.is_empty:
        view = place_view(request.user, query, asked.choices, asked.code)
        notes = place_notes(asked.code, query, view.periods)
        gaps = _gap_rows(view)
        encoded = f"{query.encoded(without=['commune', 'province', 'level'])}&place={asked.code}"
        context |= {
            "view": view,
            "title": page_text.title(query, asked.choices),
            "trend": trend_svg(view, notes),
            "notes": notes,
            "trend_rows": _trend_rows(view),
            "period_names": [formats.period_name(code) for code in view.periods],
            "trend_url": f"{reverse('dashboards:place_figure')}?{encoded}",
            "csv_url": f"{reverse('dashboards:place_csv')}?{encoded}",
            "services": _service_rows(view),
            "gaps": gaps,
            "few": compliance.too_few({gap["among"] for gap in gaps}) if gaps else "",
            "compare": query.turned(
                commune=asked.code if len(asked.code) == 6 else "", province=asked.code[:2]
            ).encoded(),
        }
    return render(request, "dashboards/place.html", context)


def trend_svg(view: PlaceView, notes: Sequence[PlaceNote] = ()) -> SafeString:
    """Return lines of shares over the periods: the place strong, the nation dotted, others thin.

    A dashed vertical line marks a note.
    """
    if len(view.periods) < 2:
        return mark_safe("")
    step = 560 / (len(view.periods) - 1)
    rails = "".join(
        f'<line class="rail" x1="20" x2="580" y1="{20 + 160 * i}" y2="{20 + 160 * i}"/>'
        for i in (0, 0.5, 1)
    )
    rails += "".join(
        f'<line class="rail" stroke-dasharray="3 5" x1="{20 + at * step:.0f}" '
        f'x2="{20 + at * step:.0f}" y1="20" y2="180"/>'
        for at in sorted({note.at for note in notes})
    )
    order = sorted(view.lines, key=lambda line: ("peer", "nation", "own").index(line.role))
    paths = []
    for line in order:
        pen, parts = "M", []
        for at, share in enumerate(line.shares):
            if np.isnan(share):
                pen = "M"
                continue
            parts.append(f"{pen}{20 + at * step:.0f} {180 - 160 * share:.0f}")
            pen = "L"
        # a figure between two gaps is a point, drawn as a line of no length
        drawn = "".join(parts).replace("M", "M", 1)
        paths.append(f'<path class="{line.role}" stroke-linecap="round" d="{drawn}"/>')
    return mark_safe(  # noqa: S308 - numbers and our own words
        '<svg xmlns="http://www.w3.org/2000/svg" class="trend" viewBox="0 0 600 200" '
        f'aria-hidden="true" focusable="false">{rails}{"".join(paths)}</svg>'
    )


def _trend_rows(view: PlaceView) -> list[tuple[str, str, list[str]]]:
    """Return name, role and the share of each period in words, for the table."""
    return [
        (
            line.name or _("The whole country"),
            line.role,
            ["–" if row is None else formats.percent(row["share"]) for row in line.rows],
        )
        for line in view.lines
    ]


def _service_rows(view: PlaceView) -> SafeString:
    """Return one row per service: name, mark with interval, share."""
    return format_html_join(
        "\n",
        '<li><span>{}</span><span class="dots__track">{}</span>'
        '<span class="rows__value">{}<br><span class="small quiet">{}</span></span></li>',
        (
            (
                name,
                svg.track(row["share"], row["low"], row["high"], standing="as_expected"),
                formats.percent(row["share"]),
                formats.interval(row["low"], row["high"]),
            )
            for name, row in view.services
        ),
    )


def _gap_rows(view: PlaceView) -> list[dict[str, Any]]:
    """Return one row per gap: indicator, group, mark, points and a sentence.

    The gaps are released or working ones.
    """
    names = by_code()
    answer = []
    for row in view.gaps:
        gap = _gap(row)
        if gap is None or row["among"] not in AMONG:
            continue
        indicator = names.get(row["indicator"])
        answer.append(
            {
                "indicator": indicator.name if indicator is not None else row["indicator"],
                "among": row["among"],
                "group": str(AMONG[row["among"]]),
                **gap,
            }
        )
    return answer


def _gap(row: Mapping[Any, Any]) -> dict[str, Any] | None:
    """Return a gap of shares (released) or of mean scores (working), drawn around zero."""
    released = not pd.isna(row["share_gap"])
    gap, low, high = (
        (row["share_gap"], row["share_low"], row["share_high"])
        if released
        else (row["gap"], row["low"], row["high"])
    )
    if pd.isna(gap):
        return None
    far = 1.0 if released else 4.0
    css = ("better" if gap > 0 else "worse") if is_clear_gap(row) else ""
    number = f"{gap * 100:+.0f}" if released else f"{gap:+.1f}"
    is_known = not pd.isna(low)
    if not is_known:
        between = ""
    elif released:
        between = f"{low * 100:+.0f} … {high * 100:+.0f}"
    else:
        between = f"{low:+.1f} … {high:+.1f}"
    at = [50 + 50 * float(v) / far for v in ((low, gap, high) if is_known else (gap, gap, gap))]
    track = format_html(
        '<svg class="gap-track" width="100%" height="24" aria-hidden="true" focusable="false">'
        '<line class="zero" x1="50%" x2="50%" y1="1" y2="23"/>'
        '<line class="span {}" x1="{}%" x2="{}%" y1="12" y2="12"/>'
        '<circle class="dot {}" cx="{}%" cy="12" r="6"/></svg>',
        css, f"{at[0]:.1f}", f"{at[2]:.1f}", css, f"{at[1]:.1f}",
    )  # fmt: skip
    word = (
        _("less satisfied") if css == "worse" else _("more satisfied") if css else _("no clear gap")
    )
    return {
        "track": track,
        "points": formats.digits(number.replace("-", "−")),
        "between": formats.digits(between.replace("-", "−")),
        "word": word,
        "sign": {"worse": "▼", "better": "▲"}.get(css, "●"),
        "css": css,
    }


@require_safe
def figure(request: HttpRequest) -> HttpResponse:
    """Serve the trend as Plotly data."""
    asked = ask(request)
    if asked.choices.is_empty:
        raise Http404(_("There is no such figure."))
    query = asked.query
    key = scores.version(
        request.user,
        period=query.period,
        indicator=query.indicator,
        service=query.service,
        provider_kind=query.kind,
    )
    view = place_view(request.user, query, asked.choices, asked.code)
    notes = place_notes(asked.code, query, view.periods)
    return figure_answer(
        request,
        f"{key}:{asked.code}:{version_of(notes)}",
        lambda: trend_figure(view, notes),
    )


def trend_figure(view: PlaceView, notes: Sequence[PlaceNote] = ()) -> plotly_figures.Figure:
    """Return one line per place.

    The place itself has its intervals, and its notes at their periods.
    """
    names = [formats.period_name(code) for code in view.periods]
    traces = [_trace(line, names) for line in view.lines]
    if notes:
        traces.append(_notes_trace(notes, names))
    layout = {
        "shapes": [
            {"type": "line", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1}
            | {"line": {"color": formats.GREY, "dash": "dash", "width": 1}}
            for at in sorted({note.at for note in notes})
        ],
        "height": 320,
        "margin": {"l": 8, "r": 12, "t": 16, "b": 80},
        "xaxis": {"type": "category", "fixedrange": True},
        "yaxis": plotly_figures.percent_axis(),
        "showlegend": True,
        "legend": plotly_figures.LEGEND,
    }
    return plotly_figures.checked(traces, layout)


def _trace(line: Line, names: list[str]) -> dict[str, Any]:
    colour = {"own": formats.BLUE, "nation": formats.GREY}.get(line.role, formats.PALE)
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": line.name or _("The whole country"),
        "x": names,
        "y": [None if row is None else round(float(row["share"]), 4) for row in line.rows],
        "connectgaps": False,
        "line": {
            "color": colour,
            "width": 3 if line.role == "own" else 1,
            "dash": "dot" if line.role == "nation" else "solid",
        },
        "marker": {"color": colour, "size": 8 if line.role == "own" else 5},
        "hovertemplate": "%{y:.0%}<extra>%{fullData.name}</extra>",
    }
    if line.role == "own":
        rows = [row or {"high": np.nan, "low": np.nan, "share": np.nan} for row in line.rows]
        trace["error_y"] = {
            "type": "data",
            "symmetric": False,
            "array": [_size(row["high"] - row["share"]) for row in rows],
            "arrayminus": [_size(row["share"] - row["low"]) for row in rows],
        }
    return trace


def _notes_trace(notes: Sequence[PlaceNote], names: list[str]) -> dict[str, Any]:
    """Return a mark at the bottom of each period that has notes, which are shown on touch."""
    reported: dict[int, list[str]] = {}
    for note in notes:
        reported.setdefault(note.at, []).append(
            f"{formats.digits(f'{note.on:%d/%m/%Y}')}: {escape_html(note.text)}"
        )
    return {
        "type": "scatter",
        "mode": "markers",
        "name": _("Notes"),
        "x": [names[at] for at in reported],
        "y": [0.0 for _at in reported],
        "text": ["<br>".join(lines) for lines in reported.values()],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"symbol": "diamond", "color": formats.GREY, "size": 10},
    }


def _size(value: float) -> float | None:
    return None if pd.isna(value) else round(float(value), 4)


@require_safe
def csv(request: HttpRequest) -> HttpResponse:
    """Serve trend, services and gaps of the place as one file."""
    asked = ask(request)
    if asked.choices.is_empty:
        raise Http404(_("There are no figures yet."))
    view = place_view(request.user, asked.query, asked.choices, asked.code)
    out = io.StringIO()
    writer = csv_writer.writer(out, lineterminator="\r\n")
    writer.writerow(
        ["part", "place", "period", "service", "indicator", "group", "share", "low", "high"]
    )
    for line in view.lines:
        for period, row in zip(view.periods, line.rows, strict=True):
            if row is not None:
                shares = [written(row[name], "{:.4f}") for name in ("share", "low", "high")]
                writer.writerow(
                    [
                        "trend",
                        line.code,
                        period,
                        asked.query.service,
                        asked.query.indicator,
                        "",
                        *shares,
                    ]
                )
    for _name, row in view.services:
        shares = [written(row[name], "{:.4f}") for name in ("share", "low", "high")]
        where = [asked.code, asked.query.period, escape(row["service"]), asked.query.indicator, ""]
        writer.writerow(["services", *where, *shares])
    for row in view.gaps:
        names = ("share_gap", "share_low", "share_high")
        if pd.isna(row["share_gap"]):
            names = ("gap", "low", "high")
        shares = [written(row[name], "{:.4f}") for name in names]
        writer.writerow(
            ["gaps", asked.code, row["period"], "", row["indicator"], row["among"], *shares]
        )
    return csv_answer(BOM + out.getvalue(), f"place-{asked.code or 'country'}-{asked.query.period}")
