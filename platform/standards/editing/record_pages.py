"""Lists and forms of services, documents and indicators, and one service with its standards."""

from collections import defaultdict
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import require
from accounts.permissions import scopes
from audit.models import Entry
from audit.trail import history
from khmer.text import fold
from standards import services
from standards.editing.access import demand_national, may_edit
from standards.editing.forms import ServiceForm
from standards.editing.words import entries_in_words
from standards.models import (
    Document,
    Indicator,
    IndicatorKind,
    ProviderKind,
    Service,
    ServiceOption,
    Standard,
)
from standards.row_by_row import left_out

A_PAGE = 50
LAST = 9999
"""The position of a new row: after all others."""
ENTRIES = 30


@require("standards.edit")
def service_list(request: HttpRequest) -> HttpResponse:
    """Show every service with its national terms today, and what is planned."""
    today = timezone.localdate()
    wanted = fold(request.GET.get("q", "")[:100])
    rows: dict[int, list[Standard]] = defaultdict(list)
    current = Standard.objects.current().filter(provider=None)
    for row in current.order_by("option", "valid_from"):
        rows[row.service_id].append(row)
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for service in Service.objects.all():
        if wanted and not any(wanted in fold(n) for n in (service.name_km, service.name_en)):
            continue
        mine = rows[service.pk]
        groups[service.provider_kind].append(
            {
                "service": service,
                "standards": [row for row in mine if row.covers(today)],
                "planned": [row for row in mine if row.valid_from and row.valid_from > today],
                "retired": service.retired_on is not None and service.retired_on <= today,
            }
        )
    context = {
        "groups": [(kind.label, groups[kind]) for kind in ProviderKind if kind in groups],
        "q": request.GET.get("q", "")[:100],
        "national": may_edit(request.user),
        "left_out": _left_out(),
    }
    return render(request, "standards/edit/services.html", context)


CHANNELS = {
    "app": gettext_lazy("the citizens' app"),
    "hotline": gettext_lazy("the hotline"),
    "poster": gettext_lazy("posters"),
}


def _left_out() -> list[dict[str, Any]]:
    """Return the standards that a channel leaves out because it cannot say them.

    Each has its row, whose service is loaded, and the names of the channels.
    """
    incomplete = left_out(Standard)
    rows = Standard.objects.current().filter(pk__in=incomplete).select_related("service")
    return [
        {"row": row, "channels": [CHANNELS.get(name, name) for name in incomplete[row.pk]]}
        for row in rows.order_by("service__position", "pk")
    ]


@require("standards.edit")
def service_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show one service.

    The page has its standards over time by option, fees posted by providers, and its history.
    """
    service = get_object_or_404(Service, code=code)
    today = timezone.localdate()
    current = Standard.objects.current().filter(service=service)
    posted = current.exclude(provider=None).select_related("provider__place__parent__parent")
    if not may_edit(request.user):
        where = Q(pk__in=[])
        for scope in scopes(request.user, "standards.edit"):
            where |= Q(provider__place__code__startswith=scope.place)
        posted = posted.filter(where)
    wanted = request.GET.get("q", "")[:100]
    if wanted:
        posted = posted.filter(
            Q(provider__in=_named(posted, wanted))
            | Q(provider__place__search__icontains=fold(wanted))
        )
    keys = [str(pk) for pk in Standard.objects.filter(service=service).values_list("pk", flat=True)]
    entries = Entry.objects.filter(
        Q(subject_type="standards.standard", subject_id__in=keys)
        | Q(subject_type="standards.service", subject_id=str(service.pk))
    ).order_by("-at", "-pk")
    context = {
        "service": service,
        "options": _by_option(current, today),
        "posted": Paginator(posted.order_by("provider__code", "-valid_from"), A_PAGE).get_page(
            request.GET.get("page")
        ),
        "q": wanted,
        "national": may_edit(request.user),
        "history": entries_in_words(entries[:ENTRIES]),
        "today": today,
    }
    return render(request, "standards/edit/service.html", context)


def _by_option(current: QuerySet[Standard], today: date) -> dict[str, list[dict[str, Any]]]:
    """Return the national standards by option, newest first.

    Each has its row, its state, and whether it can be undone.
    """
    from standards.editing.standard_pages import may_take_back

    options: dict[str, list[dict[str, Any]]] = defaultdict(list)
    national = current.filter(provider=None).prefetch_related("required__document")
    for row in national.order_by("option", "-valid_from"):
        state = "now" if row.covers(today) else "past"
        if row.valid_from is not None and row.valid_from > today:
            state = "planned"
        back = state != "past" and may_take_back(row)
        options[row.option].append({"row": row, "state": state, "may_take_back": back})
    return dict(options)


def _named(posted: QuerySet[Standard], wanted: str) -> list[int]:
    """Return providers with this in their name, however it is spelled.

    Names are folded, so that spellings that look alike are equal.
    """
    text = fold(wanted)
    names = posted.values_list("provider", "provider__name_km", "provider__name_en").distinct()
    return [pk for pk, khmer, english in names if text in fold(khmer) or text in fold(english)]


@require("standards.edit")
def service_form(request: HttpRequest, code: str = "") -> HttpResponse:
    """Add a service, or change the names and notes of one."""
    by = demand_national(request)
    service = get_object_or_404(Service, code=code) if code else Service()
    form = ServiceForm(request.POST or None, instance=service)
    if request.method == "POST" and form.is_valid():
        services.save_record(record=form.instance, by=by, reason=form.cleaned_data["reason"])
        messages.success(request, _("The service is saved."))
        return redirect("standards:edit_service", code=form.instance.code)
    title = service.name if code else _("Add a service")
    context = {"form": form, "title": title, "code": code, "back": "standards:edit_services"}
    return render(request, "standards/edit/record.html", context, status=_status(form))


def _records(
    request: HttpRequest,
    kind: str,
    rows: list[tuple[str, str, str]],
    *,
    title: str,
    add_words: str,
) -> HttpResponse:
    """Show all records of a kind: code and names in both languages."""
    context = {
        "title": title,
        "rows": rows,
        "edit": f"standards:edit_{kind}",
        "add": f"standards:add_{kind}",
        "add_words": add_words,
        "tab": f"{kind}s",
        "national": True,
    }
    return render(request, "standards/edit/records.html", context)


@require("standards.edit")
def document_list(request: HttpRequest) -> HttpResponse:
    """Show the documents that standards name."""
    demand_national(request)
    rows = [(d.code, d.name_km, d.name_en) for d in Document.objects.order_by("code")]
    return _records(request, "document", rows, title=_("Documents"), add_words=_("Add a document"))


@require("standards.edit")
def document_form(request: HttpRequest, code: str = "") -> HttpResponse:
    """Add a document, or change the names of one, which then change wherever it is named."""
    document = get_object_or_404(Document, code=code) if code else Document()
    return _record(request, document, code, _DocumentForm, "standards:edit_documents")


@require("standards.edit")
def option_list(request: HttpRequest) -> HttpResponse:
    """Show the options of services, such as normal and fast."""
    demand_national(request)
    rows = [(o.code, o.name_km, o.name_en) for o in ServiceOption.objects.all()]
    return _records(request, "option", rows, title=_("Options"), add_words=_("Add an option"))


@require("standards.edit")
def option_form(request: HttpRequest, code: str = "") -> HttpResponse:
    """Add an option, or change the names of one, which then change wherever it is shown."""
    option = get_object_or_404(ServiceOption, code=code) if code else ServiceOption()
    return _record(request, option, code, _OptionForm, "standards:edit_options")


@require("standards.edit")
def indicator_list(request: HttpRequest) -> HttpResponse:
    """List the indicators of the scorecards."""
    demand_national(request)
    rows = [(i.code, i.name_km, i.name_en) for i in Indicator.objects.all()]
    return _records(
        request, "indicator", rows, title=_("Indicators"), add_words=_("Add an indicator")
    )


@require("standards.edit")
def indicator_form(request: HttpRequest, code: str = "") -> HttpResponse:
    """Add an indicator that people vote on or visitors look at, or change the words of one.

    The computation of one from cases is part of the method, and none is added here.
    """
    indicator = get_object_or_404(Indicator, code=code) if code else Indicator(position=LAST)
    form = _IndicatorForm if code else _NewIndicatorForm
    return _record(request, indicator, code, form, "standards:edit_indicators")


class _DocumentForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted at run time
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=1000)

    class Meta:
        model = Document
        fields = ("name_km", "name_en", "code")
        labels = {
            "name_km": gettext_lazy("Name in Khmer"),
            "name_en": gettext_lazy("Name in English"),
            "code": gettext_lazy("Code"),
        }


class _OptionForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted at run time
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=1000)

    class Meta:
        model = ServiceOption
        fields = _DocumentForm.Meta.fields
        labels = _DocumentForm.Meta.labels


class _IndicatorForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted at run time
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=1000)

    class Meta:
        model = Indicator
        fields: tuple[str, ...] = (
            *("name_km", "name_en", "code"),
            *("measured_as_km", "measured_as_en"),
        )
        labels = {
            "name_km": gettext_lazy("Name in Khmer"),
            "name_en": gettext_lazy("Name in English"),
            "measured_as_km": gettext_lazy("How it is measured, in Khmer"),
            "measured_as_en": gettext_lazy("How it is measured, in English"),
            "code": gettext_lazy("Code"),
        }


class _NewIndicatorForm(_IndicatorForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("How is it found out?"),
        choices=[
            (IndicatorKind.PERCEPTION, gettext_lazy("people vote on it in a meeting, 1 to 5")),
            (IndicatorKind.INPUT, gettext_lazy("somebody looks on a visit: yes or no")),
        ],
        widget=forms.RadioSelect,
    )
    provider_kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Which offices is it about?"),
        choices=ProviderKind.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    code = forms.RegexField(
        r"\A[A-Z]{2}-[A-Z][0-9]{1,3}\Z",
        label=gettext_lazy("Code"),
        help_text=gettext_lazy(
            "Two letters, a hyphen, a letter and a number, such as CA-P9. Questions of forms that "
            "ask for it bear this name. It stays."
        ),
        error_messages={"invalid": gettext_lazy("Write a code such as CA-P9.")},
    )

    class Meta(_IndicatorForm.Meta):
        fields: tuple[str, ...] = (*_IndicatorForm.Meta.fields, "kind", "provider_kinds")

    field_order = (
        *("kind", "provider_kinds", "name_km", "name_en"),
        *("measured_as_km", "measured_as_en", "code", "reason"),
    )


def _record(
    request: HttpRequest, record: services.Record, code: str, kind: Any, back: str
) -> HttpResponse:
    by = demand_national(request)
    form = kind(request.POST or None, instance=record)
    if code:  # it is named in forms, recordings and standards
        form.fields["code"].disabled = True
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        services.save_record(record=form.instance, by=by, reason=reason)
        messages.success(request, _("It is saved."))
        return redirect(back)
    context = {
        "form": form,
        "title": record.name if code else _ADD[type(record)],
        "code": code,
        "back": back,
        "history": entries_in_words(history(record)[:ENTRIES]) if code else [],
    }
    return render(request, "standards/edit/record.html", context, status=_status(form))


_ADD: dict[type, Any] = {
    Document: gettext_lazy("Add a document"),
    Indicator: gettext_lazy("Add an indicator"),
    ServiceOption: gettext_lazy("Add an option"),
}


def _status(form: forms.BaseForm) -> int:
    return 422 if form.is_bound else 200
