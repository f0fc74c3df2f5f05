"""Forms of the pages on which standards are added, succeeded, corrected and withdrawn."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from standards.editing.fields import AmountField, DayField, WholeNumberField
from standards.models import MOST_DAYS, Currency, DayKind, Document, FeeUnit, Service, Standard
from standards.options import option_names
from standards.revision_steps import EDITABLE, documents_of
from standards.wording import option_name


class DocumentChoices(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # cannot be subscripted at run time
    """Documents to tick, by name in the reader's language; those on the list come first."""

    def label_from_instance(self, obj: object) -> str:
        return str(obj)


class ReasonForm(forms.Form):
    """Any change, with the reason that the history keeps."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Why it changes, and where you read it. It is kept in the history."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    field_order: list[str] | None = None

    def take_problems(self, error: ValidationError) -> None:
        """Add the sentences of a refused change to the fields they are about."""
        messages = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        for name, sentences in messages.items():
            beside = name if name in self.fields and name != NON_FIELD_ERRORS else None
            for sentence in sentences:
                self.add_error(beside, sentence)


class TermsForm(ReasonForm):
    """The terms of a standard: fee, time, documents, and their published source."""

    fee = AmountField(
        label=_("Official fee"),
        required=False,
        help_text=_("0 if it is free. Empty if no price was ever published."),
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=Currency.choices)
    fee_unit = forms.ChoiceField(
        label=_("The fee is per"), required=False, choices=[("", "—"), *FeeUnit.choices]
    )
    fee_concession = AmountField(
        label=_("Reduced fee"),
        required=False,
        help_text=_("For holders of an equity card (IDPoor). Empty if there is none."),
    )
    days_max = WholeNumberField(
        label=_("Most days it may take"),
        required=False,
        most=MOST_DAYS,
        help_text=_("0 for the same day. Empty if no time was ever published."),
    )
    day_kind = forms.ChoiceField(
        label=_("Kind of day"), required=False, choices=[("", "—"), *DayKind.choices]
    )
    papers = DocumentChoices(
        label=_("Documents to bring"),
        queryset=Document.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    documents_known = forms.BooleanField(
        label=_("This list is complete"),
        required=False,
        help_text=_("Only then a document beyond the list counts against the office."),
    )
    valid_years = WholeNumberField(
        label=_("The document issued is valid for (years)"), required=False, most=100
    )
    source = forms.CharField(
        label=_("Source"),
        required=False,
        help_text=_("Address of the page, or the notice and who read it where."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    checked_on = DayField(label=_("Last checked on"), required=False)
    legal_basis_km = forms.CharField(
        label=_("Legal basis in Khmer"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    legal_basis_en = forms.CharField(
        label=_("Legal basis in English"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    completeness_km = forms.CharField(label=_("Remark in Khmer"), required=False, max_length=300)
    completeness_en = forms.CharField(label=_("Remark in English"), required=False, max_length=300)

    TERMS = ("fee", "currency", "fee_unit", "fee_concession", "days_max", "day_kind")
    PAPERS = ("papers", "documents_known", "valid_years")
    READ = ("source", "checked_on", "legal_basis_km", "legal_basis_en")
    REMARKS = ("completeness_km", "completeness_en")

    def __init__(self, *args: Any, standard: Standard | None = None, **kwargs: Any) -> None:
        self.standard = standard
        listed = documents_of(standard) if standard is not None else []
        if standard is not None:
            initial = {name: getattr(standard, name) for name in EDITABLE}
            kwargs["initial"] = initial | {"papers": listed} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        papers = self.fields["papers"]
        assert isinstance(papers, forms.ModelMultipleChoiceField)
        papers.queryset = _listed_first(listed)

    def clean(self) -> dict[str, Any]:
        """Check the values against each other; errors are shown at the field to be changed."""
        values = super().clean() or self.cleaned_data
        if values.get("days_max") is not None and not values.get("day_kind"):
            self.add_error("day_kind", _("Say whether these are working or calendar days."))
        fee, lower = values.get("fee"), values.get("fee_concession")
        if lower is not None and (fee is None or lower > fee) and "fee" not in self.errors:
            self.add_error("fee_concession", _("The reduced fee is above the official fee."))
        return values

    def changes(self) -> dict[str, Any]:
        """Return the values as ``standards.revisions`` takes them, with ``documents`` in their
        order.
        """
        values = {name: self.cleaned_data[name] for name in EDITABLE if name in self.fields}
        ticked = list(self.cleaned_data["papers"])
        before = documents_of(self.standard) if self.standard is not None else []
        kept = [document for document in before if document in ticked]
        values["documents"] = kept + [document for document in ticked if document not in kept]
        return values


def _listed_first(listed: list[Document]) -> QuerySet[Document]:
    """Return every document, those on the list first and in its order."""
    if not listed:
        return Document.objects.order_by("code")
    order = Case(
        *(When(pk=document.pk, then=Value(n)) for n, document in enumerate(listed)),
        default=Value(len(listed)),
        output_field=IntegerField(),
    )
    return Document.objects.order_by(order, "code")


class SuccessionForm(TermsForm):
    """A new price from a day on; nothing is changed before that day."""

    starts_on = DayField(
        label=_("First day of the new terms"),
        required=True,
        help_text=_("Such as 01/12/2026. Until the day before, everything stays as it is."),
    )

    field_order = ["starts_on"]


class CorrectionForm(TermsForm):
    """An error in what we wrote: the same promise, put right."""

    valid_from = DayField(
        label=_("In force from"), required=False, help_text=_("Empty: it has always been so.")
    )
    valid_to = DayField(
        label=_("In force to"), required=False, help_text=_("Empty: until another one begins.")
    )

    field_order = ["fee"]


class AdditionForm(CorrectionForm):
    """A standard for an option, a provider or days that have none."""

    option = forms.ChoiceField(
        label=_("Kind of service"),
        help_text=_("Another one is added under Standards, Options."),
    )

    field_order = ["option", "valid_from", "valid_to"]

    def __init__(self, *args: Any, options: list[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["option"]
        assert isinstance(choice, forms.ChoiceField)
        every = dict.fromkeys([*option_names(), *(options or [])])
        choice.choices = [(code, option_name(code)) for code in every]


class WithdrawalForm(ReasonForm):
    """No standard is in force any more."""

    from_day = DayField(
        label=_("First day without a standard"),
        required=False,
        help_text=_("Empty: it never was in force, for example entered for the wrong service."),
    )

    field_order = ["from_day", "reason"]


class ServiceForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted at run time
    """A service: its names, who gives it, and from which day it is no longer given."""

    retired_on = DayField(
        label=_("No longer offered from"),
        required=False,
        help_text=_("Empty while people can ask for it. Its past cases and scores stay."),
    )
    position = WholeNumberField(
        label=_("Position in lists"), most=9999, required=False, help_text=_("1 comes first.")
    )
    reason = forms.CharField(label=_("Reason"), required=False, max_length=1000)

    class Meta:
        model = Service
        fields = (
            "name_km",
            "name_en",
            "code",
            "provider_kind",
            "note_km",
            "note_en",
            "fee_by_provider",
            "position",
            "retired_on",
        )
        labels = {
            "name_km": _("Name in Khmer"),
            "name_en": _("Name in English"),
            "code": _("Code"),
            "provider_kind": _("Who gives it"),
            "note_km": _("Note in Khmer"),
            "note_en": _("Note in English"),
            "fee_by_provider": _("Each provider sets and posts its own fee"),
        }
        help_texts = {
            "code": _("Latin letters, digits and hyphens, such as birth-registration. It stays."),
            "fee_by_provider": _("As with consultations of a health centre."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:  # cases and spreadsheets name a service by these
            for name in ("code", "provider_kind"):
                self.fields[name].disabled = True

    def clean_position(self) -> int:
        """Return the position; last in the list where none is given."""
        number: int | None = self.cleaned_data["position"]
        return 9999 if number is None else number
