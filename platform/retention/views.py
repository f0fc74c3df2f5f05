"""The page of retention: how long each kind is kept, what waits, what was erased."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import refusal, require
from accounts.models import User
from khmer.digits import to_ascii
from retention import services
from retention.kinds import Kind, kinds
from retention.models import Erasure


@dataclass(frozen=True)
class Line:
    """One kind on the page."""

    kind: Kind
    days: str
    waiting: int
    erased: int
    last: datetime | None
    wrong: str = ""


@require("people.manage")
def rules(request: HttpRequest) -> HttpResponse:
    """Show the rules with a report of what was erased; a POST changes them all at once."""
    user = request.user
    if not isinstance(user, User) or not services.may_set(user):
        raise PermissionDenied(refusal("people.manage"))
    typed: dict[str, str] = {}
    wrong: dict[str, str] = {}
    if request.method == "POST":
        typed = {kind.code: request.POST.get(kind.code, "") for kind in kinds()}
        wrong = _changed(user, typed)
        if not wrong:
            messages.success(request, _("The rules are saved. The next night erases by them."))
            return redirect("retention:rules")
    context: dict[str, Any] = {"lines": _lines(typed, wrong), "wrong": wrong}
    names = {kind.code: kind.name for kind in kinds()}
    last = Erasure.objects.order_by("-at")[:30]
    context["runs"] = [(names.get(run.code, run.code), run) for run in last]
    return render(request, "retention/rules.html", context, status=422 if wrong else 200)


def _lines(texts: dict[str, str], wrong: dict[str, str]) -> list[Line]:
    """Return each kind with what waits and what was erased; what was typed stays in its field."""
    rows = Erasure.objects.values_list("code").annotate(erased=Sum("count"), last=Max("at"))
    totals = {code: (erased, last) for code, erased, last in rows}
    lines = []
    for kind in kinds():
        erased, last = totals.get(kind.code, (0, None))
        days = texts.get(kind.code, str(services.days_of(kind)))
        waiting = kind.waiting(services.border(kind))
        lines.append(Line(kind, days, waiting, erased, last, wrong.get(kind.code, "")))
    return lines


def _changed(user: User, texts: dict[str, str]) -> dict[str, str]:
    """Set what is readable; return a sentence for each kind that is not, and keep the others."""
    wrong = {}
    for kind in kinds():
        text = to_ascii(texts[kind.code]).strip()
        if not (text.isascii() and text.isdigit() and len(text) <= 6):
            wrong[kind.code] = _("Write a number of days, such as 365.")
            continue
        try:
            services.set_days(by=user, kind=kind, days=int(text))
        except ValidationError as error:
            wrong[kind.code] = " ".join(error.messages)
    return wrong
