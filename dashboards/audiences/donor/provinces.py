"""The donor's page: provinces only, as tiles, dots, a table and a file."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import require
from dashboards.audiences.public.compare import Asked
from dashboards.charts import html_rows, plotly_figures
from dashboards.data import sources
from dashboards.exports.files import comparison_csv
from dashboards.exports.responses import csv_answer, figure_answer
from dashboards.kept_content import kept_content
from dashboards.query import Choices, Query, read_query
from dashboards.text import page_text
from pages.content_policy import inline_styles_allowed

NATION_ONLY = ("province", "commune", "page")


def _read(request: HttpRequest) -> tuple[Choices, Query, tuple[str, ...]]:
    """Read the address; a province or commune in it is ignored, because all are shown."""
    choices = sources.choices(request.user)
    given = {k: str(v) for k, v in request.GET.items() if k not in NATION_ONLY}
    return (choices, *read_query(given, choices))


def ask(request: HttpRequest) -> Asked:
    """Read the address and return its question with the figures that this reader may see."""
    return _answered(request.user, *_read(request))


def _answered(user: object, choices: Choices, query: Query, complaints: tuple[str, ...]) -> Asked:
    comparison = None if choices.is_empty else sources.compare_provinces(user, query)
    return Asked(choices, query, complaints, comparison)


@inline_styles_allowed
@require_safe
@require("scores.released", "scores.working")
def page(request: HttpRequest) -> HttpResponse:
    """Show the page."""
    choices, query, complaints = _read(request)
    content = kept_content(
        request.user,
        "dashboards/provinces_content.html",
        lambda: _context(_answered(request.user, choices, query, complaints)),
        asked=(choices, query, complaints),
    )
    title = "" if choices.is_empty else page_text.title(query, choices)
    return render(request, "dashboards/provinces.html", {"title": title, "content": content})


def _context(asked: Asked) -> dict[str, Any]:
    query = asked.query
    context: dict[str, Any] = {
        "choices": asked.choices,
        "query": query,
        "complaints": asked.complaints,
        "menus": page_text.menus(asked.choices, query, with_province=False),
    }
    if (comparison := asked.comparison) is not None:
        rows = page_text.rows(asked.rows, comparison.national)
        context |= {
            "comparison": comparison,
            "drawn": html_rows.of_drawing(rows),
            "tabled": html_rows.of_table(rows),
            "tiles": page_text.tiles(asked.rows, rows),
            "headings": page_text.headings(query, _("Province")),
            "title": page_text.title(query, asked.choices),
            "takeaway": page_text.takeaway(comparison, query, asked.choices),
            "legend": page_text.legend(comparison.standing),
            "dots_url": f"{reverse('dashboards:donor_figure')}?{query.encoded()}",
            "csv_url": f"{reverse('dashboards:donor_csv')}?{query.encoded()}",
        }
    return context


@require_safe
@require("scores.released", "scores.working")
def csv(request: HttpRequest) -> HttpResponse:
    """Serve the 25 rows as a file."""
    asked = ask(request)
    if asked.comparison is None:
        raise Http404(_("There are no figures yet."))
    query = asked.query
    text = comparison_csv(asked.comparison, asked.rows.frame(), query, asked.choices)
    parts = ["provinces", query.period, query.kind, query.indicator, query.service]
    return csv_answer(text, "-".join(part for part in parts if part))


@require_safe
@require("scores.released", "scores.working")
def figure(request: HttpRequest) -> HttpResponse:
    """Serve the dots of the 25 rows as Plotly data."""
    asked = ask(request)
    if asked.comparison is None:
        raise Http404(_("There is no such figure."))
    national, key = asked.comparison.national, asked.comparison.key
    return figure_answer(
        request,
        key,
        lambda: plotly_figures.marked(
            plotly_figures.dots(asked.rows.frame(), national), asked.query.period
        ),
    )
