"""Forms of the admin for standards, services and holidays."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from standards.models import Document, Holiday, Service, Standard
from standards.services import EDITABLE

if TYPE_CHECKING:

    class _StandardForm(forms.ModelForm[Standard]):
        def _get_validation_exclusions(self) -> set[str]:  # the stubs leave it out
            ...

    _ServiceForm = forms.ModelForm[Service]
    _HolidayForm = forms.ModelForm[Holiday]
else:
    _StandardForm = _ServiceForm = _HolidayForm = forms.ModelForm


class StandardForm(_StandardForm):
    """A standard as people edit it; saving makes a new row, and the old one stays."""

    papers = forms.ModelMultipleChoiceField(
        label=gettext_lazy("required documents"),
        queryset=Document.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label=gettext_lazy("reason"),
        help_text=gettext_lazy("Why it changes, and where you read it. It is kept in the history."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    class Meta:
        model = Standard
        fields = ("service", "option", "provider", *EDITABLE)
        widgets = {
            name: forms.Textarea(attrs={"rows": 2})
            for name in ("legal_basis_km", "legal_basis_en", "source")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["papers"] = self.papers_now()

    def _get_validation_exclusions(self) -> set[str]:
        """With every field the overlap with other standards depends on, shown or not."""
        hidden = {"service", "option", "provider", "replaced_at"}
        return set(super()._get_validation_exclusions()) - hidden

    def papers_now(self) -> list[Document]:
        """The documents on the list, in their order."""
        if self.instance.pk is None:
            return []
        rows = self.instance.required.select_related("document")
        return [row.document for row in rows]

    def papers_wanted(self) -> list[Document]:
        """The ticked documents: those that were there keep their order, new ones follow."""
        ticked = list(self.cleaned_data["papers"])
        before = [paper for paper in self.papers_now() if paper in ticked]
        return before + [paper for paper in ticked if paper not in before]

    def clean(self) -> dict[str, Any]:
        """Only where the law leaves the fee to providers may one have a standard of its own."""
        values = super().clean() or self.cleaned_data
        service, provider = values.get("service"), values.get("provider")
        if service is not None and provider is not None:
            if not service.fee_by_provider:
                self.add_error(
                    "provider",
                    _("The fee of this service is set nationally, not by the provider."),
                )
            elif provider.kind != service.provider_kind:
                self.add_error("provider", _("This provider does not give this service."))
        return values


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
        """What is official, or cancelled, names where it was seen."""
        values = super().clean() or self.cleaned_data
        settled = values.get("is_official") or values.get("is_cancelled")
        source = str(values.get("source", "")).strip()
        if settled and (not source or source.startswith("predicted by")):
            raise ValidationError({"source": _("Name the sub-decree and where it was seen.")})
        return values


class SubDecreeForm(ActionForm):
    """Beside the list of holidays: the sub-decree that makes the ticked days official."""

    source = forms.CharField(
        label=gettext_lazy("sub-decree, and where it was seen"), required=False, max_length=300
    )
