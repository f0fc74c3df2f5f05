"""Find a commune, and read its scorecard."""

from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from dashboards.audiences.council.scorecard import scorecard as make_scorecard
from dashboards.audiences.public.neighbours import neighbours
from dashboards.data import sources
from dashboards.kept_content import kept_content
from dashboards.query import Choices, Query, read_query
from dashboards.text import page_text
from khmer.digits import to_ascii
from pages.content_policy import inline_styles_allowed
from places.models import Level, Place

SHOWN: Final = {
    "standards.Provider": (
        "place_id = %(code)s OR id IN"
        " (SELECT provider_id FROM standards_provider_serves WHERE place_id = %(code)s)"
    ),
    "standards.Provider.serves": "place_id = %(code)s",
    "scorecards.Annotation": "starts_with(%(code)s, place_id)",
    "plans.Plan": "commune_id = %(code)s",
    "plans.Action": "commune_id = %(code)s",
    "plans.Evidence": "action_id IN (SELECT id FROM plans_action WHERE commune_id = %(code)s)",
    "plans.Reply": "commune_id = %(code)s",
    "plans.Office": "true",
}
"""Rows that a scorecard shows, besides the registers."""


@require_safe
def picker(request: HttpRequest) -> HttpResponse:
    """Find a commune by name or code; an exact code goes straight there."""
    sought = to_ascii(request.GET.get("q", "")).strip()[:80]
    if len(sought) == 6 and Place.objects.communes().filter(code=sought).exists():
        return redirect("dashboards:commune", code=sought)
    provinces = list(Place.objects.provinces())
    chosen = to_ascii(request.GET.get("province", "")).strip()
    province = next((p for p in provinces if p.code == chosen), None)
    if sought:
        communes = sources.find_communes(sought)
    else:
        communes = sources.communes_of(province.code) if province else []
    context = {"sought": sought, "communes": communes, "province": province, "provinces": provinces}
    return render(request, "dashboards/communes.html", context)


@inline_styles_allowed  # for the trend of a figure, which Plotly draws
@require_safe
@gzip_page
def scorecard(request: HttpRequest, code: str) -> HttpResponse:
    """Show one commune for its council: every service and its standard, in words."""
    place = (
        Place.objects.filter(code=code, level=Level.COMMUNE).select_related("parent__parent")
    ).first()
    if place is None:
        raise Http404(_("There is no commune with the code “%s”.") % code)
    choices = sources.choices(request.user)
    query, complaints = read_query({"period": request.GET.get("period", "")}, choices)
    signed_in = request.user.is_authenticated

    def context() -> dict[str, Any]:
        content = {
            "place": place,
            "choices": choices,
            "query": query,
            "complaints": complaints,
            "signed_in": signed_in,
            "menus": [m for m in page_text.menus(choices, query) if m.name == "period"],
            "period": choices.periods.get(query.period, ""),
        }
        return content if choices.is_empty else content | _card(request.user, place, choices, query)

    content = kept_content(
        request.user,
        "dashboards/commune_content.html",
        context,
        asked=(choices, query, complaints, signed_in),
        rows=SHOWN,
        code=code,
    )
    return render(request, "dashboards/commune.html", {"place": place, "content": content})


def _card(user: object, place: Place, choices: Choices, query: Query) -> dict[str, Any]:
    """Make the scorecard, the communes like this one, and the query that compares them."""
    return {
        "card": make_scorecard(user, place, query.period),
        "neighbours": neighbours(user, place, choices, query.period),
        "compare": query.turned(province=place.code[:2], commune=place.code).encoded(),
    }
