"""Compare communes: one question in the address, answered by dots, a map, a table and a file."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from numpy.typing import NDArray

from dashboards.charts import choropleth, html_rows, plotly_figures
from dashboards.data import sources
from dashboards.data.comparison import COLUMNS, is_shown, ordered, page_of, peers_of
from dashboards.data.sources import KEEP_SECONDS, Comparison
from dashboards.data.table import Table
from dashboards.exports.files import comparison_csv
from dashboards.exports.responses import csv_answer, figure_answer
from dashboards.query import Choices, Query, read_query
from dashboards.text import page_text
from khmer.digits import to_ascii
from pages.content_policy import inline_styles_allowed
from places.attribution import attribution

FIGURES = ("dots", "map", "funnel")
NOBODY = Table({name: np.empty(0) for name in COLUMNS})


@dataclass(frozen=True)
class Asked:
    """A request as it was understood: the question, what was not understood, and the answer."""

    choices: Choices
    query: Query
    complaints: tuple[str, ...]
    comparison: Comparison | None

    @property
    def rows(self) -> Table:
        """The rows of the whole selection in the order of the page."""
        if self.comparison is None:
            return NOBODY
        if self.query.commune:
            peers = peers_of(self.comparison.table, self.query.commune)
            if len(peers):
                return peers
        return ordered(listed(self.comparison.table, self.query), self.query)


def listed(table: Table, query: Query) -> Table:
    """Return the rows that the table shows: places with a figure, or every one.

    Of these only the ones that match the search, where there is one.
    """
    kept = np.ones(len(table), dtype=bool) if query.every else has_data(table)
    if query.q:
        kept = kept & is_sought(table, query.q)
    return table if kept.all() else table.take(np.flatnonzero(kept))


def has_data(table: Table) -> NDArray[np.bool_]:
    """Mark the places with a figure, one being corrected, or counts the reader may see."""
    judged = np.nan_to_num(np.asarray(table["judged"], dtype=float))
    withdrawn = np.asarray(table["status"] == "withdrawn", dtype=bool)
    values: NDArray[np.bool_] = is_shown(table) | withdrawn | (judged > 0)
    return values


def is_sought(table: Table, sought: str) -> NDArray[np.bool_]:
    """Mark the places with ``sought`` in a name or at the beginning of their code."""
    part, code = sought.casefold(), to_ascii(sought)
    names = zip(table["code"], table["name_km"], table["name_latin"], strict=True)
    return np.array(
        [
            one.startswith(code) or part in km or part in latin.casefold()
            for one, km, latin in names
        ],
        dtype=bool,
    )


def ask(request: HttpRequest) -> Asked:
    """Read the address and get what this reader may see of it."""
    choices = sources.choices(request.user)
    query, complaints = read_query(request.GET, choices)
    if choices.is_empty:
        return Asked(choices, query, complaints, None)
    return _answered(request, choices, query, complaints)


def _answered(
    request: HttpRequest,
    choices: Choices,
    query: Query,
    complaints: tuple[str, ...],
    name: sources.Name | None = None,
) -> Asked:
    comparison = sources.compare_places(request.user, query, name)
    if query.commune and query.commune not in set(comparison.table["code"]):
        complaint = _("There is no commune with the code “%s” here.") % query.commune
        complaints = (*complaints, complaint)
        query = query.turned(commune="", page=query.page)
    return Asked(choices, query, complaints, comparison)


@inline_styles_allowed
@require_safe
@gzip_page
def page(request: HttpRequest) -> HttpResponse:
    """Show the page; its content is cached for readers with the same query and permissions."""
    choices = sources.choices(request.user)
    query, complaints = read_query(request.GET, choices)
    if choices.is_empty:
        shown = _written(Asked(choices, query, complaints, None))
        return render(request, "dashboards/compare.html", {"shown": shown})
    name = sources.name_of(request.user, query)
    asked = repr((name.key, get_language(), choices, query, complaints))
    kept = f"dashboards:page:{sha256(asked.encode()).hexdigest()}"
    shown = cache.get(kept)
    if shown is None:
        shown = _written(_answered(request, choices, query, complaints, name))
        cache.set(kept, shown, KEEP_SECONDS)
    return render(request, "dashboards/compare.html", {"shown": shown})


def _written(asked: Asked) -> dict[str, str]:
    """Return the question and its answer as HTML, and the title.

    They hold nothing that is the person's own.
    """
    context: dict[str, Any] = {
        "choices": asked.choices,
        "query": asked.query,
        "complaints": asked.complaints,
        "menus": page_text.menus(asked.choices, asked.query),
    }
    if asked.comparison is not None:
        context |= _shown(asked, asked.comparison)
    content = render_to_string("dashboards/compared.html", context)
    return {"title": context.get("title", ""), "content": content}


def _shown(asked: Asked, comparison: Comparison) -> dict[str, Any]:
    query, shown = asked.query, page_of(asked.rows, asked.query.page)
    rows = page_text.rows(shown.rows, comparison.national, query.commune)
    address = reverse("dashboards:compare_figure")
    total = query.encoded(without=["page", "sort", "commune", "q", "every"])
    picture = picture_of(query)
    unplaced = page_text.unplaced(comparison.table, picture.shapes)
    return {
        "comparison": comparison,
        "heading": _("Compare %(level)s") % {"level": page_text.levels()[query.level].lower()},
        "kept": list(query.params(without=["q", "page", "commune"]).items()),
        "page": shown,
        "drawn": html_rows.of_drawing(rows),
        "tabled": html_rows.of_table(rows),
        "headings": page_text.headings(query),
        "title": page_text.title(query, asked.choices),
        "takeaway": page_text.takeaway(comparison, query, asked.choices),
        "legend": page_text.legend(comparison.standing),
        "map": choropleth.svg_map(comparison.table, picture, _("Map")),
        "schematic": picture.is_schematic,
        "credit": " · ".join(filter(None, (attribution(), picture.credit))),
        "unplaced": len(unplaced),
        "unplaced_items": html_rows.of_unplaced(unplaced),
        "hidden": len(comparison.table) - int(has_data(comparison.table).sum()),
        "every_address": query.turned(every="" if query.every else "1").encoded(),
        "place_address": _place_address(query),
        "share_address": _share_address(query, comparison),
        "dots_url": f"{address}?figure=dots&{query.turned(page=shown.number).encoded()}",
        "map_url": f"{address}?figure=map&{total}",
        "funnel_url": f"{address}?figure=funnel&{total}",
        "csv_url": f"{reverse('dashboards:compare_csv')}?{query.encoded(without=['page'])}",
        "pages": page_text.pages(shown, query),
        "peers": bool(query.commune),
        "all_address": query.turned(commune="").encoded(),
        "median": page_text.median_words(comparison) if query.commune else "",
    }


def picture_of(query: Query) -> choropleth.Picture:
    """Return the shapes that the map of a question draws."""
    return choropleth.picture(query.level, query.province if query.level != "province" else "")


def _share_address(query: Query, comparison: Comparison) -> str:
    """Return the address of the released figure of the same question.

    It is "" where this reader sees working figures, or where there is none.
    """
    if comparison.is_working or not comparison.has_figures:
        return ""
    parts = [get_language() or "km", query.period, query.kind, query.indicator]
    rest = [query.service or "all", query.level, query.province or "all"]
    return reverse("dashboards:released", args=[*parts, *rest])


def _place_address(query: Query) -> str:
    """Return the address of the page of one place.

    The place is the chosen commune or province, else the whole country.
    """
    asked = query.turned(commune="", q="", every="", sort="share", level="commune")
    place = query.commune or query.province
    return f"{reverse('dashboards:place')}?{asked.encoded(without=['province'])}&place={place}"


@require_safe
def csv(request: HttpRequest) -> HttpResponse:
    """Serve every row of the selection, as on the page, as a file."""
    asked = ask(request)
    if asked.comparison is None:
        raise Http404(_("There are no figures yet."))
    text = comparison_csv(asked.comparison, asked.rows.frame(), asked.query, asked.choices)
    query = asked.query
    parts = ["compare", query.period, query.kind, query.indicator, query.service, query.province]
    return csv_answer(text, "-".join(part for part in parts if part))


@require_safe
def figure(request: HttpRequest) -> HttpResponse:
    """Serve one figure as Plotly data.

    ``figure`` is ``dots`` (this page's rows), ``map`` or ``funnel``.
    """
    asked = ask(request)
    kind = request.GET.get("figure", "dots")
    comparison = asked.comparison
    if comparison is None or kind not in FIGURES:
        raise Http404(_("There is no such figure."))
    return figure_answer(request, comparison.key, lambda: _drawn(asked, comparison, kind))


def _drawn(asked: Asked, comparison: Comparison, kind: str) -> plotly_figures.Figure:
    if kind == "dots":
        shown = page_of(asked.rows, asked.query.page)
        figure = plotly_figures.dots(shown.rows.frame(), comparison.national)
    elif kind == "map":
        picture = picture_of(asked.query)
        return {
            "places": choropleth.pieces(comparison.table, picture),
            "box": [0, 0, picture.width, picture.height],
        }
    else:
        figure = plotly_figures.funnel(
            comparison.table.frame(), comparison.national, comparison.spread
        )
    return plotly_figures.marked(figure, asked.query.period)
