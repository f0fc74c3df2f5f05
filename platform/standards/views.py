"""The public price list: the official price, time and documents of each service."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from khmer.text import fold
from pages.links import first_url
from parsing import values
from parsing.errors import UnreadableValue
from places import search as place_search
from places.models import Level, Place
from standards import search as standard_search
from standards.book import applicable, standards_in_force
from standards.experience import experienced
from standards.models import ProviderKind, Service, Standard

POSTED_PER_PAGE = 50


@dataclass
class ServiceLine:
    """One service of the list with the national standards in force."""

    service: Service
    standards: list[Standard] = field(default_factory=list)


@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """Show every service by the kind of office that gives it, with fee and days in force today."""
    wanted = fold(request.GET.get("q", "")[:100])
    today = timezone.localdate()
    in_force: dict[int, list[Standard]] = defaultdict(list)
    for row in applicable(today):
        in_force[row.service_id].append(row)
    groups: dict[str, list[ServiceLine]] = defaultdict(list)
    for service in Service.objects.offered(today):
        if wanted and not any(wanted in fold(n) for n in (service.name_km, service.name_en)):
            continue
        groups[service.provider_kind].append(ServiceLine(service, in_force[service.pk]))
    context = {
        "groups": [(kind.label, groups[kind]) for kind in ProviderKind if kind in groups],
        "q": request.GET.get("q", "")[:100],
    }
    return render(request, "standards/services.html", context)


@require_safe
def service(request: HttpRequest, code: str) -> HttpResponse:
    """Show one service: what is promised on a day (today, unless ``?on=`` names another)."""
    wanted = Service.objects.filter(code=code).first()
    if wanted is None:
        raise Http404
    today = timezone.localdate()
    on, unreadable = _day_asked(request.GET.get("on", ""), today)
    national = [row for row in standards_in_force(wanted, on) if row.provider_id is None]
    shown = {row.pk for row in national}
    others = (
        Standard.objects.current()
        .filter(service=wanted, provider=None)
        .exclude(pk__in=shown)
        .order_by("-valid_from", "option")
    )
    posted = (
        Standard.objects.in_force(on)
        .filter(service=wanted)
        .exclude(provider=None)
        .select_related("provider__place__parent__parent")
        .order_by("provider__code", "option")
    )
    lived, quarters = experienced(wanted)
    context = {
        "service": wanted,
        "experienced": lived,
        "quarters": quarters,
        "retired": wanted.retired_on is not None and wanted.retired_on <= on,
        "on": on,
        "today": today,
        "unreadable": unreadable,
        "standards": national,
        "others": others,
        "posted": Paginator(posted, POSTED_PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "standards/service.html", context)


@dataclass
class PlaceMatch:
    """A place of the answer with the pages about it: address and text of each that exists."""

    place: Place
    pages: list[tuple[str, str]]


PLACE_PAGES: dict[str, tuple[tuple[str, str | Promise], ...]] = {
    Level.COMMUNE: (
        ("dashboards:commune", gettext_lazy("Scorecard")),
        ("plans:commitments", gettext_lazy("Commitments")),
    ),
    Level.DISTRICT: (("dashboards:district", gettext_lazy("Communes that need attention")),),
}
"""Pages about a place of each level; the first that exists is where its name leads."""


def _pages_of(place: Place) -> PlaceMatch:
    """Return the pages about a place.

    A village has those of its commune, a province the comparison.
    """
    about = place.parent if place.level == Level.VILLAGE and place.parent else place
    pages = [
        (url, str(text))
        for name, text in PLACE_PAGES.get(about.level, ())
        if (url := first_url([name], code=about.code))
    ]
    if place.level == Level.PROVINCE and (compare := first_url(["dashboards:compare"])):
        pages.append((f"{compare}?province={place.code}", _("Compare its communes")))
    return PlaceMatch(place, pages)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Serve ``/search/?q=``: places, services and offices that the words may mean."""
    asked = request.GET.get("q", "")[: standard_search.LONGEST].strip()
    today = timezone.localdate()
    places = place_search.find(asked, limit=20) if asked else []
    communes = [place.code for place in places if place.level == Level.COMMUNE][:5]
    context = {
        "q": asked,
        "places": [_pages_of(place) for place in places],
        "services": standard_search.find_services(asked, today),
        "providers": standard_search.find_providers(asked, today, communes),
    }
    return render(request, "standards/search.html", context)


def _day_asked(text: str, today: date) -> tuple[date, bool]:
    """Return the day in ``text``, or today and whether the text could not be read."""
    if not text.strip():
        return today, False
    try:
        return values.read_day(text), False
    except UnreadableValue:
        return today, True
