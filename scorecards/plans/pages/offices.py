"""Offices that answer for actions, and who is to be telephoned."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import require
from accounts.permissions import may
from parsing import query
from places.fields import render_picker
from scorecards.plans import services
from scorecards.plans.forms import OfficeForm, show_problems
from scorecards.plans.models import Office
from scorecards.plans.pages.person import person
from scorecards.plans.reminders import telephone

A_PAGE = 100


@require("plans.write")
def office_list(request: HttpRequest) -> HttpResponseBase:
    """Show offices of my places."""
    rows = Office.objects.visible_to(request.user).select_related("place", "provider", "above")
    if (after := query.whole_number(request.GET, "after")) is not None:
        rows = rows.filter(pk__gt=after)
    shown = list(rows.order_by("pk")[: A_PAGE + 1])
    context = {
        "offices": shown[:A_PAGE],
        "more": shown[A_PAGE - 1].pk if len(shown) > A_PAGE else None,
    }
    return render(request, "plans/offices.html", context)


@require("plans.write")
def office_form(request: HttpRequest, pk: int = 0) -> HttpResponseBase:
    """Add or change an office."""
    office = None
    if pk:
        office = Office.objects.visible_to(request.user).filter(pk=pk).first()
        if office is None or not may(request.user, "plans.write", place=office.place_id):
            raise Http404
    names = ("name_km", "name_en", "level", "channel", "language")
    initial = {name: getattr(office, name) for name in names} if office else {"level": "commune"}
    if office:
        initial["place"] = office.place_id
    form = OfficeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        facts["name_en"] = facts["name_en"] or facts["name_km"]
        try:
            services.save_office(by=person(request), office=office, **facts)
        except ValidationError as error:
            show_problems(form, error)
        else:
            messages.success(request, _("The office is recorded."))
            return redirect("plans:offices")
    picker = render_picker(form["place"], office.place if office and not form.is_bound else None)
    context = {"form": form, "office": office, "picker": picker}
    return render(request, "plans/office_form.html", context, status=422 if form.errors else 200)


@require("plans.confirm")
def calls(request: HttpRequest) -> HttpResponseBase:
    """Show offices that a person has to telephone today, with what to say to them."""
    context = {"calls": telephone.waiting(person(request))}
    return render(request, "plans/calls.html", context)


@require("plans.confirm")
@require_POST
def call_number(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the number of an office that is to be telephoned; the audit trail records who saw it."""
    message = telephone.message_or_none(person(request), pk)
    if message is None or message.office is None:
        raise Http404
    try:
        number = services.show_number(by=person(request), office=message.office)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("plans:calls")
    context = {"calls": telephone.waiting(person(request)), "shown": message.pk, "number": number}
    return render(request, "plans/calls.html", context)


@require("plans.confirm")
@require_POST
def call_done(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Record that an office was reached by telephone, or not."""
    message = telephone.message_or_none(person(request), pk)
    if message is None:
        raise Http404
    telephone.record_call(
        by=person(request), message=message, reached=request.POST.get("outcome") == "called"
    )
    messages.success(request, _("The call is recorded."))
    return redirect("plans:calls")
