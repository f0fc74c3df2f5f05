"""The page of dated standards of inputs."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import require
from standards.editing.access import may_edit
from surveys.rounds.forms import EntitlementForm, add_problems
from surveys.rounds.models import Entitlement, InputFound
from surveys.rounds.services import entitlements
from surveys.rounds.views.rounds import person


@require("standards.edit")
def page(request: HttpRequest) -> HttpResponseBase:
    """List what providers should have, and set a new standard or replace one."""
    user = person(request)
    if not may_edit(user):
        raise PermissionDenied
    form = EntitlementForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            entitlements.set_entitlement(by=user, **form.cleaned_data)
        except ValidationError as error:
            add_problems(form, error)
        else:
            messages.success(request, _("The standard is recorded."))
            return redirect("rounds:entitlements")
    rows = Entitlement.objects.order_by("provider_kind", "code", "-valid_from")
    rows = rows.annotate(is_used=Exists(InputFound.objects.filter(entitlement=OuterRef("pk"))))
    return render(
        request,
        "rounds/entitlements.html",
        {"form": form, "rows": rows},
        status=422 if form.is_bound else 200,
    )


@require("standards.edit")
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Delete a standard that was set by mistake."""
    try:
        row = get_object_or_404(Entitlement, pk=pk)
        entitlements.take_back(by=person(request), entitlement=row)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("It is taken back."))
    return redirect("rounds:entitlements")
