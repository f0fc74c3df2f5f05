"""The list of cases with its saved views, many cases excluded at once, and the download."""

import io
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import require
from accounts.models import User
from accounts.permissions import may
from audit import trail
from pages.templatetags.khmer import number
from parsing import query
from places.fields import render_picker
from surveys.importing.columns import CASES
from surveys.importing.rejects import CsvWriter, XlsxWriter
from surveys.models import Case, SavedView
from surveys.services.cases import report_of
from surveys.services.exclusion import MOST_AT_ONCE, Changed, exclude_cases, include_cases
from surveys.views.case_filters import CaseFilters

A_PAGE: Final = 50
MOST_COUNTED: Final = 10_000
"""The most cases of a list that are counted and paged."""
MOST_EXPORTED: Final = {"csv": 20_000, "xlsx": 5_000}
MOST_VIEWS: Final = 50
TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _joined(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.select_related("commune", "commune__parent", "service", "provider")


@require("cases.read")
@require_safe
def case_list(request: HttpRequest) -> HttpResponseBase:
    """Show cases that this person may see: searched, filtered, sorted, a page at a time.

    Newest first the next page begins after the last case (``before``), however many there are;
    in another order pages are numbered.
    """
    user = _person(request)
    filters = CaseFilters(user, request.GET)
    rows = _joined(filters.rows())
    total = filters.rows().order_by()[: MOST_COUNTED + 1].count()
    context: dict[str, Any] = {
        "filters": filters,
        "picker": render_picker(filters["commune"], filters.cleaned_data.get("commune")),
        "total": min(total, MOST_COUNTED),
        "is_more": total > MOST_COUNTED,
        "encoded": filters.encoded,
        "views": SavedView.objects.filter(user=user),
        "commune": getattr(filters.cleaned_data.get("commune"), "code", ""),
        "may_record": may(user, "cases.record"),
        "may_exclude": may(user, "cases.correct"),
        "most_at_once": MOST_AT_ONCE,
    }
    if request.GET.get("sort"):
        page = Paginator(rows, A_PAGE)
        page.count = min(total, MOST_COUNTED)
        context["page"] = shown = page.get_page(request.GET.get("page"))
        context["cases"] = list(shown)
    else:
        if (before := query.whole_number(request.GET, "before")) is not None:
            rows = rows.filter(pk__lt=before)
        cases = list(rows[: A_PAGE + 1])
        context["cases"] = cases[:A_PAGE]
        context["older"] = cases[A_PAGE - 1].pk if len(cases) > A_PAGE else None
    return render(request, "surveys/cases.html", context)


class ReasonForm(forms.Form):
    """The reason for excluding many cases, or counting them again."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("It stands in the history of each case."),
    )


def _chosen(request: HttpRequest, user: User) -> list[Case]:
    """Return the ticked cases, or all that fit the filters, as many as one request may change."""
    if request.POST.get("all"):
        return list(_joined(CaseFilters(user, request.POST).rows())[:MOST_AT_ONCE])
    ticked = [int(pk) for pk in request.POST.getlist("case") if pk.isdecimal() and len(pk) < 19]
    cases = Case.objects.visible_to(user).filter(pk__in=ticked[:MOST_AT_ONCE])
    return list(_joined(cases).order_by("-id"))


@require("cases.correct")
@require_POST
def exclude(request: HttpRequest) -> HttpResponseBase:
    """Ask for the reason, then exclude the chosen cases (``back``: count them again)."""
    user = _person(request)
    back = bool(request.POST.get("back"))
    cases = [case for case in _chosen(request, user) if (case.voided_at is not None) == back]
    if not cases:
        messages.warning(request, _("Choose at least one case that this can be done with."))
        return redirect(_list_address(request))
    form = ReasonForm(request.POST if "reason" in request.POST else None)
    if form.is_valid():
        change = include_cases if back else exclude_cases
        try:
            done = change(cases=cases, by=user, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            _tell(request, done, back=back)
            return redirect(_list_address(request))
    context = {
        "form": form,
        "cases": cases[:20],
        "pks": [case.pk for case in cases],
        "total": len(cases),
        "back": back,
        "encoded": request.POST.get("encoded", ""),
        "list_address": _list_address(request),
    }
    status = 422 if form.is_bound else 200
    return render(request, "surveys/exclude.html", context, status=status)


def _list_address(request: HttpRequest) -> str:
    encoded = request.POST.get("encoded", "")[:2000]
    return reverse("surveys:cases") + (f"?{encoded}" if encoded else "")


def _tell(request: HttpRequest, done: Changed, *, back: bool) -> None:
    if back:
        sentence = ngettext(
            "%(n)s case counts again. The scores follow.",
            "%(n)s cases count again. The scores follow.",
            done.done,
        )
    else:
        sentence = ngettext(
            "%(n)s case no longer counts. The scores follow.",
            "%(n)s cases no longer count. The scores follow.",
            done.done,
        )
    messages.success(request, sentence % {"n": number(done.done)})
    if done.refused:
        sentence = ngettext(
            "%(n)s case lies where you may not correct; it was left as it was.",
            "%(n)s cases lie where you may not correct; they were left as they were.",
            done.refused,
        )
        messages.warning(request, sentence % {"n": number(done.refused)})


@require("cases.read")
@require_safe
def export(request: HttpRequest, suffix: str) -> HttpResponseBase:
    """Serve the cases of the list as a file with the columns of the import.

    The audit trail records who took it.
    """
    most = MOST_EXPORTED.get(suffix)
    if most is None:
        raise Http404
    user = _person(request)
    filters = CaseFilters(user, request.GET)
    rows = filters.rows().select_related("provider", "service", "facilitator", "programme")
    cases = list(rows[: most + 1])
    if len(cases) > most:
        sentence = _("More than %(most)s cases fit. Choose a place, a service or a shorter time.")
        messages.error(request, sentence % {"most": number(most)})
        return redirect(f"{reverse('surveys:cases')}?{filters.encoded}")
    with transaction.atomic():
        trail.record(
            by=user,
            verb="cases.exported",
            subject=user,
            after={"filters": filters.encoded, "cases": len(cases)},
        )
    return HttpResponse(
        _file(cases, suffix),
        content_type=TYPES[suffix],
        headers={"Content-Disposition": f'attachment; filename="cases.{suffix}"'},
    )


def _file(cases: list[Case], suffix: str) -> bytes:
    khmer = (get_language() or "km").startswith("km")
    content = io.BytesIO()
    writer = CsvWriter(content) if suffix == "csv" else XlsxWriter(content)
    headers = [column.khmer if khmer else column.name for column in CASES]
    writer.write([*headers, _("excluded: why")])
    for case in cases:
        reported = report_of(case)
        writer.write([*(_cell(getattr(reported, c.name)) for c in CASES), case.void_reason])
    writer.close()
    return content.getvalue()


def _cell(value: Any) -> str:
    """Return a value as the import reads it again.

    Not known is empty, no document at all is "none".
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(value) if value else "none"
    return str(value)


@require("cases.read")
@require_POST
def save_view(request: HttpRequest) -> HttpResponseBase:
    """Keep the filters and the order of the list under a name; the same name is replaced."""
    user = _person(request)
    name = " ".join(request.POST.get("name", "").split())[:80]
    encoded = CaseFilters(user, request.POST).encoded[:2000]
    mine = SavedView.objects.filter(user=user)
    if not name:
        messages.error(request, _("Give the list a name."))
    elif mine.count() >= MOST_VIEWS and not mine.filter(name=name).exists():
        messages.error(request, _("You keep many lists already. Delete one first."))
    else:
        SavedView.objects.update_or_create(user=user, name=name, defaults={"query": encoded})
        messages.success(request, _("The list is kept as “%(name)s”.") % {"name": name})
    return redirect(f"{reverse('surveys:cases')}?{encoded}")


@require("cases.read")
@require_POST
def delete_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Delete one of my own lists; the cases stay."""
    SavedView.objects.filter(user=_person(request), pk=pk).delete()
    messages.success(request, _("The list is deleted. The cases are untouched."))
    return redirect("surveys:cases")
