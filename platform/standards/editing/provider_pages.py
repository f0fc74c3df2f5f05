"""Pages of offices and of holidays: found, added, changed, closed; nothing is deleted."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import refusal, require
from accounts.models import User
from accounts.permissions import covered
from audit.trail import history
from places.fields import PlaceField, render_picker
from standards import search, services
from standards.editing.access import demand_national, may_edit
from standards.editing.fields import DayField
from standards.editing.words import entries_in_words
from standards.models import Holiday, Provider, ProviderKind

A_PAGE = 50
ENTRIES = 30
YEARS_SHOWN = 2


def _editable(user: object) -> QuerySet[Provider]:
    """Return offices of the places where this person edits standards."""
    return Provider.objects.filter(covered(user, "standards.edit", place="place__code"))


@require("standards.edit")
def provider_list(request: HttpRequest) -> HttpResponse:
    """Show offices by name, code, place or kind, those of my places."""
    asked = request.GET.get("q", "")[:100].strip()
    kind = request.GET.get("kind", "")
    rows = _editable(request.user).select_related("place__parent").order_by("place_id", "code")
    if asked:
        named = search.provider_keys(asked)
        rows = rows.filter(Q(pk__in=named) | Q(place__search__icontains=search.folded(asked)))
    if kind in ProviderKind.values:
        rows = rows.filter(kind=kind)
    context = {
        "page": Paginator(rows, A_PAGE).get_page(request.GET.get("page")),
        "q": asked,
        "kind": kind,
        "kinds": ProviderKind.choices,
        "today": timezone.localdate(),
        "tab": "providers",
        "national": may_edit(request.user),
    }
    return render(request, "standards/edit/providers.html", context)


class ProviderForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted at run time
    """An office: its name, its place, the communes it serves, its first and last day."""

    place = PlaceField(label=gettext_lazy("Place"))
    serves = forms.CharField(
        label=gettext_lazy("Communes of its catchment"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Codes of six digits. Empty: the place above."),
    )
    valid_from = DayField(label=gettext_lazy("Exists from"), required=False)
    valid_to = DayField(
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy("An office that has closed keeps its figures. Empty: still open."),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=1000)

    class Meta:
        model = Provider
        fields = (
            *("name_km", "name_en", "kind", "place", "serves", "code"),
            *("opening_hours", "phone", "valid_from", "valid_to"),
        )
        labels = {
            "name_km": gettext_lazy("Name in Khmer"),
            "name_en": gettext_lazy("Name in English"),
            "code": gettext_lazy("Code"),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["serves"] = ""
        if self.instance.pk is not None:  # cases and scores name it
            served = self.instance.serves.values_list("code", flat=True)
            self.initial["serves"] = " ".join(served)
            self.fields["code"].disabled = self.fields["kind"].disabled = True

    def picker(self) -> SafeString:
        """Return the field of the place, with its list."""
        place = self.instance.place if self.instance.place_id else None
        return render_picker(self["place"], None if self.is_bound else place)

    def clean_serves(self) -> list[str]:
        """Return the codes of communes that exist.

        Raises ValidationError naming those that do not.
        """
        from places.models import Place

        codes = search.folded(self.cleaned_data["serves"]).replace(",", " ").split()
        places = set(Place.objects.communes().filter(code__in=codes).values_list("code", flat=True))
        if unknown := [code for code in codes if code not in places]:
            raise ValidationError(
                _("These are no codes of communes: %(codes)s.") % {"codes": ", ".join(unknown)}
            )
        return codes


@require("standards.edit")
def provider_form(request: HttpRequest, code: str = "") -> HttpResponse:
    """Add an office, or change one of my places."""
    by = request.user
    assert isinstance(by, User)
    office = get_object_or_404(_editable(by), code=code) if code else Provider()
    form = ProviderForm(request.POST or None, instance=office)
    if request.method == "POST" and form.is_valid():
        if not may_edit(by, form.instance):
            raise PermissionDenied(refusal("standards.edit"))
        try:
            services.save_provider(
                provider=form.instance,
                serves=form.cleaned_data["serves"],
                by=by,
                reason=form.cleaned_data["reason"],
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The office is saved."))
            return redirect("standards:edit_providers")
    context = {
        "form": form,
        "title": office.name if code else _("Add an office"),
        "code": code,
        "history": entries_in_words(history(office)[:ENTRIES]) if code else [],
    }
    status = 422 if form.is_bound else 200
    return render(request, "standards/edit/provider.html", context, status=status)


class HolidayForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted at run time
    """A day on which offices are closed, or a predicted one on which they worked."""

    date = DayField(label=gettext_lazy("Day"))
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=1000)

    class Meta:
        model = Holiday
        fields = ("date", "name_km", "name_en", "is_official", "is_cancelled", "source")
        labels = {
            "name_km": gettext_lazy("Name in Khmer"),
            "name_en": gettext_lazy("Name in English"),
            "is_official": gettext_lazy("The sub-decree was seen"),
            "is_cancelled": gettext_lazy("Offices worked on this day"),
            "source": gettext_lazy("Sub-decree, and where it was seen"),
        }


@require("standards.edit")
def holiday_list(request: HttpRequest) -> HttpResponse:
    """Show holidays of this year and the next: predicted, or seen in the sub-decree."""
    demand_national(request)
    first = date(timezone.localdate().year, 1, 1)
    rows = Holiday.objects.filter(date__gte=first).order_by("date")
    context = {"rows": rows, "tab": "holidays", "national": True}
    return render(request, "standards/edit/holidays.html", context)


@require("standards.edit")
def holiday_form(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a holiday, or confirm, move or cancel one."""
    by = demand_national(request)
    holiday = get_object_or_404(Holiday, pk=pk) if pk is not None else Holiday(is_official=True)
    form = HolidayForm(request.POST or None, instance=holiday)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_holiday(holiday=form.instance, by=by, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request, _("The day is saved. Cases are judged by it from the next calculation.")
            )
            return redirect("standards:edit_holidays")
    context = {
        "form": form,
        "title": holiday.name if pk is not None else _("Add a holiday"),
        "code": "",
        "back": "standards:edit_holidays",
    }
    status = 422 if form.is_bound else 200
    return render(request, "standards/edit/record.html", context, status=status)
