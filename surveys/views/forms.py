"""The form of one case."""

import secrets
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from parsing.errors import UnreadableValue
from standards.models import Currency, ProviderKind, Service, Standard
from surveys.models import Sex, Status
from surveys.parsing import values
from surveys.reference_data import Register
from surveys.services import ReportedCase
from surveys.views import choices as field_choices
from surveys.views.fields import ReadField, YesNoField

OPTION_NAMES = {
    "standard": _("usual"),
    "normal": _("normal"),
    "fast": _("fast"),
    "express": _("express"),
}


class CaseForm(forms.Form):
    """The questions of a facilitator to one citizen about one request; never a name."""

    case_id = forms.CharField(widget=forms.HiddenInput, max_length=80)
    commune = forms.CharField(label=_("Commune"))
    service = forms.ChoiceField(label=_("Which service was asked for?"))
    option = forms.ChoiceField(label=_("Which option?"), required=False)
    provider = forms.ChoiceField(label=_("Where?"), required=False)
    asked_on = ReadField(
        values.read_day, label=_("Day of the request"), hint=_("dd/mm/yyyy"), required=True
    )
    status = forms.ChoiceField(
        label=_("How did it end?"), choices=Status.choices, widget=forms.RadioSelect
    )
    received_on = ReadField(
        values.read_day,
        label=_("Day of receiving"),
        help_text=_("Only if it was received."),
        hint=_("dd/mm/yyyy"),
        required=False,
    )
    fee_paid = ReadField(
        values.read_amount,
        label=_("How much was paid in all?"),
        help_text=_("Gifts and tea money too; 0 if nothing. Leave empty if not known."),
        required=False,
    )
    currency = forms.ChoiceField(
        label=_("Currency"), choices=[("", "—"), *Currency.choices], required=False
    )
    units = ReadField(
        values.read_number,
        label=_("For how many sheets, copies or rooms?"),
        required=False,
    )
    receipt = YesNoField(label=_("Was a receipt given?"))
    papers = forms.MultipleChoiceField(
        label=_("Which documents were asked for?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    other_papers = forms.CharField(
        label=_("Other documents asked for"),
        help_text=_("One on each line. Never a person's name."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    no_papers = forms.BooleanField(label=_("No document was asked for"), required=False)
    visits = ReadField(values.read_number, label=_("How many visits did it take?"), required=False)
    staffed = YesNoField(label=_("In opening hours: was somebody there who could serve?"))
    medicine_given = YesNoField(label=_("Was all prescribed medicine given?"))
    lesson_days_lost = ReadField(
        values.read_number, label=_("Days without a teacher last week"), required=False
    )
    plan_shown = YesNoField(label=_("Were the school's plan and budget shown this year?"))
    sex = forms.ChoiceField(
        label=_("Sex"),
        choices=[*Sex.choices, ("", _("Don't know"))],
        required=False,
        widget=forms.RadioSelect,
        initial="",
    )
    age = ReadField(values.read_number, label=_("Age"), required=False)
    poor_card = YesNoField(label=_("Does the person have an Equity card (IDPoor)?"))
    disability = YesNoField(label=_("Does the person have a disability?"))
    minority = YesNoField(label=_("Is the person of an ethnic minority?"))
    note = forms.CharField(
        label=_("Note"),
        help_text=_("Never a name or a telephone number."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    reason = forms.CharField(
        label=_("Why is it corrected?"), widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, user: User, correcting: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not correcting:
            del self.fields["reason"]
        self.user = user
        self.day = self._day()
        self._offer_communes()
        self._choices("service", [("", "—"), *field_choices.service_choices(self.day)])
        self.chosen = Service.objects.filter(code=self.typed("service")).first()
        self.standard = self._standard()
        self._offer_what_depends()

    def _day(self) -> date:
        """Return the day of asking where it can be read, else today.

        The lists offer what exists on that day.
        """
        try:
            return values.read_day(self.typed("asked_on"))
        except UnreadableValue:
            return timezone.localdate()

    def _commune(self) -> str:
        try:
            return values.read_commune(self.typed("commune"))
        except UnreadableValue:
            return ""

    def typed(self, name: str) -> str:
        """Return the current value of a field: typed, or initial."""
        value = (
            self.data.get(name)
            if self.is_bound
            else self.get_initial_for_field(self.fields[name], name)
        )
        return str(value or "").strip()

    def _choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def _offer_communes(self) -> None:
        choices = field_choices.commune_choices(self.user, self.day)
        if len(choices) <= field_choices.MOST_IN_A_LIST:
            if len(choices) > 1:
                choices = [("", "—"), *choices]
            self.fields["commune"] = forms.ChoiceField(label=_("Commune"), choices=choices)
            self.suggestions: list[tuple[str, str]] = []
            return
        self.suggestions = choices
        self.fields["commune"] = ReadField(
            values.read_commune,
            label=_("Commune"),
            help_text=_("Type its code or choose from the list."),
        )
        self.fields["commune"].widget.attrs["list"] = "communes"

    def _standard(self) -> Standard | None:
        """Return the standard in force for what the form says now, to be shown beside it."""
        reported = self._reported_now()
        if self.chosen is None or reported is None or reported.asked_on is None:
            return None
        register = Register()
        providers = register.providers_of(
            reported.commune, self.chosen.provider_kind, reported.asked_on
        )
        named = [p for p in providers if p.code == reported.provider]
        chosen = named or (providers if len(providers) == 1 else [])
        if not chosen:
            return None
        options = register.options(self.chosen)
        option = reported.option or ("standard" if "standard" in options else "")
        return register.standard(self.chosen, option, chosen[0], reported.asked_on)

    def _reported_now(self) -> ReportedCase | None:
        try:
            asked = self.typed("asked_on")
            return ReportedCase(
                commune=values.read_commune(self.typed("commune")),
                provider=self.typed("provider"),
                option=self.typed("option"),
                asked_on=values.read_day(asked) if asked else None,
            )
        except UnreadableValue:
            return None

    def _offer_what_depends(self) -> None:
        """Offer the options, providers, papers and questions that depend on the service."""
        kind = self.chosen.provider_kind if self.chosen else ""
        options = Register().options(self.chosen) if self.chosen else []
        if len(options) > 1:
            named = [(code, OPTION_NAMES.get(code, code)) for code in options]
            self._choices("option", [("", "—"), *named])
        else:
            del self.fields["option"]
        commune = self._commune()
        providers = (
            field_choices.provider_choices(commune, self.chosen, self.day, self.typed("provider"))
            if self.chosen and commune
            else []
        )
        if len(providers) > 1 or self.typed("provider"):
            self._choices("provider", [("", "—"), *providers])
        else:
            del self.fields["provider"]
        papers = [(d.code, d.name) for d in self.standard.documents.all()] if self.standard else []
        if papers:
            self._choices("papers", papers)
        else:
            del self.fields["papers"]
        if kind != ProviderKind.HEALTH_CENTRE:
            del self.fields["medicine_given"]
        if kind != ProviderKind.PRIMARY_SCHOOL:
            del self.fields["lesson_days_lost"]
            del self.fields["plan_shown"]
        if kind != ProviderKind.OWSO:
            del self.fields["units"]

    def reported(self, reported: ReportedCase) -> ReportedCase:
        """Return ``reported`` with the values of the valid form in place of its own."""
        plainly = {f.name for f in dataclass_fields(ReportedCase)} - {"documents_asked"}
        fields = {name: value for name, value in self.cleaned_data.items() if name in plainly}
        fields["documents_asked"] = self._documents()
        if (reported.service, reported.commune) != (fields["service"], fields["commune"]):
            # what was chosen for another service or commune means nothing here
            fields = {"provider": "", "option": "", **fields}
        return replace(reported, **fields)

    def _documents(self) -> list[str] | None:
        others = [
            paper
            for line in self.cleaned_data["other_papers"].splitlines()
            for paper in values.read_papers(line)
        ]
        asked = [*self.cleaned_data.get("papers", []), *others]
        return asked or ([] if self.cleaned_data["no_papers"] else None)

    def take_problems(self, error: ValidationError) -> None:
        """Show sentences of the rules at the fields they are about."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, text in error.message_dict.items():
            target = {"documents_asked": "other_papers"}.get(name, name)
            self.add_error(target if target in self.fields else None, text)


def new_case_id() -> str:
    """Return a name that no other case has.

    It is made with the page, so that sending twice counts once.
    """
    return f"P-{secrets.token_hex(6)}"


def initial_of(reported: ReportedCase) -> dict[str, Any]:
    """Return a reported case as the form begins with it."""
    initial: dict[str, Any] = {
        f.name: getattr(reported, f.name) for f in dataclass_fields(ReportedCase)
    }
    asked = reported.documents_asked
    initial["papers"] = asked or []
    initial["no_papers"] = asked == []
    initial["other_papers"] = "\n".join(asked or [])
    return initial


class VoidForm(forms.Form):
    """The reason for voiding a case."""

    reason = forms.CharField(
        label=_("Why should this case not count?"), widget=forms.Textarea(attrs={"rows": 3})
    )
