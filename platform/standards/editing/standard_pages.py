"""Pages of changes: a new price from a day on, correction, withdrawal, undoing, addition.

Each page has two steps: the form, then a preview (made by a dry run of the change) with
what it affects, and a button that confirms. Nothing typed is lost between them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import refusal, require
from accounts.models import User
from standards import services
from standards.coverage import line_of, rows_of
from standards.editing.access import may_edit
from standards.editing.forms import (
    AdditionForm,
    CorrectionForm,
    ReasonForm,
    SuccessionForm,
    WithdrawalForm,
)
from standards.editing.words import Change, changes_between
from standards.effects import Reach, effects_of
from standards.models import Provider, Service, Standard
from standards.revision_steps import describe_standard, span


@dataclass(frozen=True)
class Done:
    """A written change: the values before and after, and the days on which they differ."""

    before: dict[str, Any] | None
    after: dict[str, Any] | None
    first: date | None
    last: date | None


@dataclass(frozen=True)
class Action:
    """One way to change standards: its words, and the function that does it."""

    title: str | Promise
    lead: str | Promise
    confirm: str | Promise
    done: str | Promise
    run: Callable[[Any], Done]


class _DryRun(Exception):  # noqa: N818  no error: the end of a rehearsal
    """Rolls back a rehearsed change."""


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _standard(request: HttpRequest, pk: int) -> Standard:
    """Return the standard, for somebody who may change it. Raises PermissionDenied."""
    rows = Standard.objects.select_related("service", "provider__place")
    standard = get_object_or_404(rows, pk=pk)
    if not may_edit(request.user, standard.provider):
        raise PermissionDenied(refusal("standards.edit"))
    return standard


def _back(standard_or_service: Standard | Service, provider: Provider | None = None) -> Any:
    if isinstance(standard_or_service, Standard):
        provider, service = standard_or_service.provider, standard_or_service.service
    else:
        service = standard_or_service
    if provider is not None:
        return redirect("standards:provider", code=provider.code)
    return redirect("standards:edit_service", code=service.code)


def _two_steps(
    request: HttpRequest,
    action: Action,
    form: ReasonForm,
    *,
    service: Service,
    option: str,
    standard: Standard | None = None,
    provider: Provider | None = None,
) -> HttpResponse:
    """Show the form, then the preview, then carry it out."""
    if standard is not None and standard.replaced_at is not None:
        messages.error(request, _("Someone else has changed this meanwhile. Please look again."))
        return redirect("standards:edit_service", code=service.code)
    context: dict[str, Any] = {
        "action": action,
        "form": form,
        "service": service,
        "standard": standard,
        "provider": provider,
        "option": option,
    }
    if request.method != "POST":
        return render(request, "standards/edit/form.html", context)
    if "back" in request.POST or not form.is_valid():
        status = 200 if "back" in request.POST else 422
        return render(request, "standards/edit/form.html", context, status=status)
    try:
        with transaction.atomic():
            done = action.run(form)
            if "confirm" not in request.POST:
                context |= _preview(done, service, option, provider)
                raise _DryRun
    except ValidationError as error:
        form.take_problems(error)
        return render(request, "standards/edit/form.html", context, status=422)
    except _DryRun:
        return render(request, "standards/edit/preview.html", context)
    messages.success(request, str(action.done))
    return _back(service, provider)  # type: ignore[no-any-return]


def _preview(
    done: Done, service: Service, option: str, provider: Provider | None
) -> dict[str, Any]:
    reach = Reach(service, option, provider, done.first, done.last)
    changes: list[Change] = changes_between(done.before, done.after)
    return {
        "changes": changes,
        "effects": effects_of(reach),
        "first": done.first,
        "last": done.last,
    }


@require("standards.edit")
def succeed(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a new price (or time, or documents) from a day on."""
    old = _standard(request, pk)

    def run(form: SuccessionForm) -> Done:
        values = form.changes()
        starts_on = form.cleaned_data["starts_on"]
        new = services.succeed_standard(
            standard=old,
            starts_on=starts_on,
            by=_person(request),
            reason=form.cleaned_data["reason"],
            **values,
        )
        return Done(describe_standard(old), describe_standard(new), starts_on, new.valid_to)

    action = Action(
        title=gettext_lazy("New price from …"),
        lead=gettext_lazy(
            "The law or the notice changes: the old terms hold until the day before, the new "
            "ones from that day on."
        ),
        confirm=gettext_lazy("Confirm the new price"),
        done=gettext_lazy("The new price is entered."),
        run=run,
    )
    soon = (timezone.localdate().replace(day=1) + timedelta(days=32)).replace(day=1)
    initial = {"starts_on": soon, "checked_on": timezone.localdate()}
    form = SuccessionForm(request.POST or None, standard=old, initial=initial)
    return _two_steps(
        request,
        action,
        form,
        service=old.service,
        option=old.option,
        standard=old,
        provider=old.provider,
    )


@require("standards.edit")
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct an error in what we wrote; cases of its days are judged again."""
    old = _standard(request, pk)

    def run(form: CorrectionForm) -> Done:
        new = services.edit_standard(
            standard=old,
            by=_person(request),
            reason=form.cleaned_data["reason"],
            **form.changes(),
        )
        if new.pk == old.pk:
            raise ValidationError(_("Nothing was changed."))
        return Done(describe_standard(old), describe_standard(new), *span(old, new))

    action = Action(
        title=gettext_lazy("Correct an error"),
        lead=gettext_lazy(
            "What we wrote was never right: it is put right for all its days, and the cases of "
            "those days are judged again. If the price changes from a day on, use “New price "
            "from …” instead."
        ),
        confirm=gettext_lazy("Confirm the correction"),
        done=gettext_lazy("The error is corrected."),
        run=run,
    )
    form = CorrectionForm(request.POST or None, standard=old)
    return _two_steps(
        request,
        action,
        form,
        service=old.service,
        option=old.option,
        standard=old,
        provider=old.provider,
    )


@require("standards.edit")
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a standard: none is in force any more."""
    old = _standard(request, pk)

    def run(form: WithdrawalForm) -> Done:
        from_day = form.cleaned_data["from_day"]
        services.withdraw_standard(
            standard=old,
            by=_person(request),
            reason=form.cleaned_data["reason"],
            from_day=from_day,
        )
        first = max(filter(None, [from_day, old.valid_from]), default=None)
        return Done(describe_standard(old), None, first, old.valid_to)

    action = Action(
        title=gettext_lazy("Withdraw"),
        lead=gettext_lazy(
            "No standard is in force any more: citizens see that no price is published, and "
            "cases of those days are not judged."
        ),
        confirm=gettext_lazy("Confirm the withdrawal"),
        done=gettext_lazy("The standard is withdrawn."),
        run=run,
    )
    return _two_steps(
        request,
        action,
        WithdrawalForm(request.POST or None),
        service=old.service,
        option=old.option,
        standard=old,
        provider=old.provider,
    )


@require("standards.edit")
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo a succession that was entered by mistake: the standard before it stays in force."""
    old = _standard(request, pk)

    def run(form: ReasonForm) -> Done:
        longer = services.undo_succession(
            standard=old, by=_person(request), reason=form.cleaned_data["reason"]
        )
        return Done(describe_standard(old), describe_standard(longer), old.valid_from, old.valid_to)

    action = Action(
        title=gettext_lazy("Take this change back"),
        lead=gettext_lazy("It was never decided: the terms before it hold for its days too."),
        confirm=gettext_lazy("Confirm taking it back"),
        done=gettext_lazy("The change is taken back."),
        run=run,
    )
    return _two_steps(
        request,
        action,
        ReasonForm(request.POST or None),
        service=old.service,
        option=old.option,
        standard=old,
        provider=old.provider,
    )


@require("standards.edit")
def add(request: HttpRequest, code: str) -> HttpResponse:
    """Add the first standard of an option, for the country or (``?provider=``) one provider."""
    service = get_object_or_404(Service, code=code)
    provider = None
    if asked := request.GET.get("provider", ""):
        provider = get_object_or_404(Provider, code=asked, kind=service.provider_kind)
        if not service.fee_by_provider:
            raise PermissionDenied(
                _("The fee of this service is set nationally, not by the provider.")
            )
    if not may_edit(request.user, provider):
        raise PermissionDenied(refusal("standards.edit"))

    def run(form: AdditionForm) -> Done:
        new = services.add_standard(
            service=service,
            provider=provider,
            option=form.cleaned_data["option"],
            by=_person(request),
            reason=form.cleaned_data["reason"],
            **form.changes(),
        )
        return Done(None, describe_standard(new), new.valid_from, new.valid_to)

    action = Action(
        title=gettext_lazy("Add a standard"),
        lead=gettext_lazy("For a kind of service, or for days, that have no standard yet."),
        confirm=gettext_lazy("Confirm the standard"),
        done=gettext_lazy("The standard is added."),
        run=run,
    )
    standards = Standard.objects.current().filter(service=service).values_list("option", flat=True)
    initial = {"checked_on": timezone.localdate(), "currency": "KHR"}
    form = AdditionForm(request.POST or None, options=sorted(set(standards)), initial=initial)
    option = request.POST.get("option", "standard")
    return _two_steps(request, action, form, service=service, option=option, provider=provider)


def may_take_back(standard: Standard) -> bool:
    """Return whether another standard of its series ends the day before it begins."""
    if standard.valid_from is None:
        return False
    before = standard.valid_from - timedelta(days=1)
    return any(row.valid_to == before for row in rows_of(line_of(standard)))
