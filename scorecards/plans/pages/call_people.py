"""Have the hotline call people who agreed at a meeting to say later whether something is done."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import require
from khmer.digits import to_ascii
from scorecards.plans.pages.person import action_or_404, person
from scorecards.plans.services.calling import call_people


@require("plans.confirm")
@require_POST
def call_people_page(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Take a list of telephone numbers, one per line, and have the hotline call them."""
    action = action_or_404(request, uuid)
    lines = to_ascii(request.POST.get("numbers", "")).splitlines()
    numbers = [line.strip() for line in lines if line.strip()]
    try:
        listed = call_people(by=person(request), action=action, numbers=numbers)
    except ValidationError as error:
        for sentence in error.messages:
            messages.error(request, sentence)
        return redirect("plans:action", uuid=uuid)
    if listed.owed:
        messages.success(
            request,
            ngettext(
                "%(n)s person will be called. The number is deleted afterwards.",
                "%(n)s people will be called. The numbers are deleted afterwards.",
                listed.owed,
            )
            % {"n": listed.owed},
        )
    if listed.left_out:
        messages.info(
            request,
            _("%(n)s are not called: they want no calls, or are called already.")
            % {"n": listed.left_out},
        )
    for line in listed.unreadable:
        messages.error(
            request,
            _("“%(line)s” is no telephone number. Write it as 012 345 678.") % {"line": line[:40]},
        )
    return redirect("plans:action", uuid=uuid)
