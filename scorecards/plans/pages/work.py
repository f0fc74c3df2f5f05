"""The pages of a person's open work and of a district's actions."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.access import require
from accounts.permissions import may, scopes
from places.models import Level, Place
from scorecards.plans import work as lists
from scorecards.plans.pages.person import person
from standards.calendar import holiday_calendar


@require("plans.read")
def work(request: HttpRequest) -> HttpResponseBase:
    """Show denied, late and due actions of my places, each answered with two taps."""
    user = person(request)
    today = timezone.localdate()
    actions = lists.work_of(user, today)
    districts = [scope.place for scope in scopes(user, "plans.read") if len(scope.place) == 4]
    communes = [scope.place for scope in scopes(user, "plans.read") if len(scope.place) == 6]
    context = {
        "lists": actions,
        "is_empty": not any(one.total for one in actions.values()),
        "reminders": lists.reminders_of(user),
        "today": today,
        "may_report": may(user, "plans.report"),
        "may_confirm": may(user, "plans.confirm"),
        "may_write": may(user, "plans.write"),
        "districts": Place.objects.filter(code__in=districts[:10]),
        "communes": Place.objects.filter(code__in=communes[:10]),
    }
    return render(request, "plans/work.html", context)


@require("plans.read")
def district(request: HttpRequest, code: str) -> HttpResponseBase:
    """Show one district: requests to it, late actions, and each of its communes."""
    user = person(request)
    place = Place.objects.filter(code=code, level=Level.DISTRICT).select_related("parent").first()
    inside = any(
        code.startswith(scope.place) or scope.place.startswith(code)
        for scope in scopes(user, "plans.read")
    )
    if place is None or not inside:
        raise Http404
    today, calendar = timezone.localdate(), holiday_calendar()
    standing = lists.district_standing(user, code, today)
    context = {
        "place": place,
        "today": today,
        "asked": lists.asked_of_district(user, code, today, calendar, total=standing.asked),
        "late": lists.late_in_district(user, code, today, calendar, total=standing.late),
        "outcomes": standing.outcomes,
        "communes": standing.communes,
        # the path before the action's name, looked up once instead of forty times
        "actions": reverse("plans:action", args=[UUID(int=0)]).partition(str(UUID(int=0)))[0],
    }
    return render(request, "plans/district.html", context)


@require("plans.read")
def districts(request: HttpRequest) -> HttpResponseBase:
    """Choose a district, or go to the only one."""
    user = person(request)
    rows = Place.objects.filter(level=Level.DISTRICT).select_related("parent")
    places = Place.objects.none()
    for scope in scopes(user, "plans.read"):
        places |= rows.filter(code__startswith=scope.place[:4])
    shown = list(places.order_by("code")[:300])
    if len(shown) == 1:
        return redirect("plans:district", code=shown[0].code)
    return render(request, "plans/districts.html", {"districts": shown})


@require("plans.moderate")
def moderation(request: HttpRequest) -> HttpResponse:
    """Show texts, photos and replies that the public does not see yet."""
    return render(request, "plans/moderation.html", {"waiting": lists.to_moderate(request.user)})
