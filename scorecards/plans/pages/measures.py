"""The page of measures of rounds and commitments: released for everybody, working for teams."""

import csv
import io
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import may
from places.models import Level, Place
from scorecards.plans.measures import measures as of_place
from scorecards.plans.measures import shown
from scorecards.plans.measures.definitions import BY_CODE, OF_LEVELS
from scorecards.plans.measures.shown import Figure
from scorecards.plans.models import ActionLevel

FIRST = "confirmed"
"""The measure by which the places inside are compared where none is chosen."""
LEVELS = (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)
COLUMNS = (
    *("period", "measure", "unit", "level", "place", "numerator", "denominator"),
    *("share", "low", "high", "standing"),
)


def chosen(request: HttpRequest) -> tuple[Place | None, str, str]:
    """Return the place, the measure and the quarter of the address; unknown ones are not found."""
    code = request.GET.get("place", "")
    place = None
    if code:
        rows = Place.objects.filter(code=code, level__in=LEVELS)
        place = rows.select_related("parent__parent").first()
        if place is None:
            raise Http404(_("There is no place with the code “%s”.") % code[:20])
    measure = request.GET.get("measure", FIRST)
    periods_released = shown.periods_released()
    period = request.GET.get("period", periods_released[0] if periods_released else "")
    if measure not in BY_CODE or (period and period not in periods_released):
        raise Http404
    return place, measure, period


@require_safe
def measures(request: HttpRequest) -> HttpResponseBase:
    """Show the measures of rounds and commitments for a place and the places inside it."""
    place, measure, period = chosen(request)
    code = place.code if place else ""
    figures = shown.released(code, period, splits=True)
    inside = shown.released_below(code, measure, period) if len(code) < 6 else []
    names = Place.objects.in_bulk([one.place_code for one in inside], field_name="code")
    is_team = may(request.user, "plans.read", place=code)
    context = {
        "place": place,
        "parents": [up for up in _parents(place) if up],
        "period": period,
        "periods": shown.periods_released(),
        "figures": [one for one in figures if not one.split],
        "by_level": _by_level(figures),
        "inside": [(names[one.place_code], one) for one in inside if one.place_code in names],
        "measure": BY_CODE[measure],
        "choices": list(BY_CODE.values()),
        "working": shown.working(code, timezone.localdate()) if is_team else None,
        "internal": of_place(code) if is_team else None,
        "file": _file(code, measure, period),
    }
    return render(request, "plans/measures.html", context)


def _parents(place: Place | None) -> list[Place | None]:
    up = place.parent if place else None
    return [up.parent if up else None, up]


def _by_level(figures: list[Figure]) -> list[tuple[Figure, str]]:
    """Return measures by the level at which actions are decided, with the name of the level."""
    levels = dict(ActionLevel.choices)
    measured = [one for one in figures if one.split in levels and one.measure.code in OF_LEVELS]
    return [(one, str(levels[one.split])) for one in measured]


def _file(code: str, measure: str, period: str) -> str:
    return f"?place={code}&measure={measure}&period={period}"


@require_safe
def measures_csv(request: HttpRequest) -> HttpResponseBase:
    """Serve the figures of the page as CSV: of the place, and of the places inside it."""
    place, measure, period = chosen(request)
    code = place.code if place else ""
    rows = shown.released(code, period, splits=True)
    if len(code) < 6:
        rows += shown.released_below(code, measure, period)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for one in rows:
        writer.writerow(as_row(one, period).values())
    answer = HttpResponse(
        b"\xef\xbb\xbf" + out.getvalue().encode(), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="measures.csv"'
    return answer


def as_row(one: Figure, period: str) -> dict[str, Any]:
    """Return a figure as files and the API show it; the same numbers as on the page."""
    return {
        "period": period,
        "measure": one.measure.code,
        "unit": one.measure.unit,
        "level": one.split,
        "place": one.place_code,
        "numerator": one.numerator,
        "denominator": one.denominator,
        "share": round(one.share, 4),
        "low": round(one.low, 4),
        "high": round(one.high, 4),
        "standing": str(one.standing),
    }
