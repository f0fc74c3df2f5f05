"""Forms of the admin for services and holidays."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from standards.models import Holiday, Service

if TYPE_CHECKING:
    _ServiceForm = forms.ModelForm[Service]
    _HolidayForm = forms.ModelForm[Holiday]
else:
    _ServiceForm = _HolidayForm = forms.ModelForm


class ServiceForm(_ServiceForm):
    """A service; it is retired on a day, never deleted."""

    reason = forms.CharField(label=gettext_lazy("reason"), required=False)

    class Meta:
        model = Service
        fields = (
            "code",
            "provider_kind",
            "name_km",
            "name_en",
            "note_km",
            "note_en",
            "fee_by_provider",
            "position",
            "retired_on",
        )


class HolidayForm(_HolidayForm):
    """A holiday; official or cancelled only with the sub-decree that says so."""

    reason = forms.CharField(label=gettext_lazy("reason"), required=False)

    class Meta:
        model = Holiday
        fields = ("date", "name_km", "name_en", "is_official", "is_cancelled", "source")

    def clean(self) -> dict[str, Any]:
        """Require a source for an official or cancelled holiday."""
        values = super().clean() or self.cleaned_data
        settled = values.get("is_official") or values.get("is_cancelled")
        source = str(values.get("source", "")).strip()
        if settled and (not source or source.startswith("predicted by")):
            raise ValidationError({"source": _("Name the sub-decree and where it was seen.")})
        return values


class SubDecreeForm(ActionForm):
    """The form next to the list of holidays: the sub-decree that makes the ticked days official."""

    source = forms.CharField(
        label=gettext_lazy("sub-decree, and where it was seen"), required=False, max_length=300
    )
