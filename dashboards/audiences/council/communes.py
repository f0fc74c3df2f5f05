"""Find a commune, and read its scorecard."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from dashboards.audiences.council.scorecard import scorecard as make_scorecard
from dashboards.audiences.public.neighbours import neighbours
from dashboards.data import sources
from dashboards.query import read_query
from dashboards.text import page_text
from khmer.digits import to_ascii
from pages.content_policy import inline_styles_allowed
from places.models import Level, Place


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
    given = {"period": request.GET.get("period", "")}
    query, complaints = read_query(given, choices)
    context = {
        "place": place,
        "choices": choices,
        "query": query,
        "complaints": complaints,
        "menus": [m for m in page_text.menus(choices, query) if m.name == "period"],
        "period": choices.periods.get(query.period, ""),
    }
    if not choices.is_empty:
        card = make_scorecard(request.user, place, query.period)
        context |= {
            "card": card,
            "neighbours": neighbours(request.user, place, choices, query.period),
            "compare": query.turned(province=code[:2], commune=code).encoded(),
        }
    return render(request, "dashboards/commune.html", context)
