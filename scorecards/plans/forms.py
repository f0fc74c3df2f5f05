"""Forms of plans, actions and offices, read with the readers of the spreadsheet."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from parsing.fields import ReadField
from places.fields import PlaceField
from places.models import Level, Place
from scorecards.plans.models import (
    Action,
    ActionLevel,
    ContactChannel,
    Evidence,
    Money,
    Office,
    Part,
    Proposer,
)
from scorecards.plans.official_form.columns import read_people, read_quantity, read_riel
from standards.book import providers_of
from standards.models import Indicator, Provider, ProviderKind, Service
from surveys.parsing import values

_DAY = _("dd/mm/yyyy")


def _choices(choices: Any) -> list[tuple[str, Any]]:
    return [("", "—"), *choices.choices]


class CommuneForm(forms.Form):
    """In which commune."""

    commune = PlaceField(level=Level.COMMUNE, label=_("Commune"))


class PlanForm(forms.Form):
    """The head of a plan: for whom, from when to when."""

    provider = forms.ChoiceField(
        required=False,
        label=_("Provider"),
        help_text=_("Leave empty for the joint plan of all providers of the commune."),
    )
    starts_on = ReadField(values.read_day, label=_("First day"), hint=_DAY)
    ends_on = ReadField(values.read_day, label=_("Last day"), hint=_DAY)

    def __init__(self, *args: Any, commune: Place, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        provider: Any = self.fields["provider"]
        provider.choices = [("", _("All providers of the commune")), *_providers(commune)]

    def facts(self) -> dict[str, Any]:
        """Return the typed values as the fields of a plan; an unknown provider is None."""
        typed = dict(self.cleaned_data)
        code = typed.pop("provider", "")
        return typed | {"provider": Provider.objects.filter(code=code).first() if code else None}


def show_problems(form: forms.Form, error: ValidationError) -> None:
    """Show the messages of the rules at the fields they are about."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, text in error.message_dict.items():
        for sentence in text:
            form.add_error(name if name in form.fields else None, sentence)


class AgreeForm(forms.Form):
    """The agreement of both sides: the day and the people who signed."""

    agreed_on = ReadField(values.read_day, label=_("Day of signing"), hint=_DAY)
    community_side = forms.CharField(
        max_length=200,
        label=_("Signed for the community by"),
        help_text=_("The role, such as “village representatives”. Never a name."),
    )
    provider_side = forms.CharField(
        max_length=200,
        label=_("Signed for the providers by"),
        help_text=_("The office, such as “head of the health centre”. Never a name."),
    )


class ActionForm(forms.Form):
    """One action, as on the official form."""

    part = forms.ChoiceField(
        choices=Part.choices, label=_("Part of the form"), initial=Part.INTERNAL
    )
    activity = forms.CharField(
        max_length=500,
        label=_("Agreed priority activity"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What will be done, in words that everybody understands. No names."),
    )
    provider = forms.ChoiceField(required=False, label=_("Provider"))
    proposed_by = forms.ChoiceField(
        choices=_choices(Proposer), required=False, label=_("Proposed by")
    )
    location = forms.CharField(max_length=200, required=False, label=_("Place of the work"))
    result_quantity = ReadField(read_quantity, required=False, label=_("Expected result: quantity"))
    result_unit = forms.CharField(
        max_length=80,
        required=False,
        label=_("Expected result: unit"),
        help_text=_("Such as rooms, metres, trainings."),
    )
    starts_on = ReadField(values.read_day, label=_("Starts on"), hint=_DAY)
    due_on = ReadField(values.read_day, label=_("Ends on"), hint=_DAY)
    office = forms.ModelChoiceField(
        Office.objects.none(), required=False, label=_("Led by"), empty_label=_("Choose an office")
    )
    office_name = forms.CharField(
        max_length=200,
        required=False,
        label=_("Or a new office"),
        help_text=_("Its title, such as “head of the health centre”. Never a name."),
    )
    helpers = forms.CharField(max_length=300, required=False, label=_("Helped by"))
    beneficiaries = ReadField(read_people, required=False, label=_("Beneficiaries in all"))
    beneficiaries_women = ReadField(read_people, required=False, label=_("Of them women"))
    cost_riel = ReadField(read_riel, required=False, label=_("Estimated cost in riel"))
    money = forms.ChoiceField(choices=_choices(Money), required=False, label=_("Money from"))
    money_reference = forms.CharField(
        max_length=80, required=False, label=_("Reference in the Investment Programme")
    )
    level = forms.ChoiceField(
        choices=ActionLevel.choices, label=_("Decided at"), initial=ActionLevel.COMMUNE
    )
    target = forms.CharField(max_length=300, required=False, label=_("Target it answers"))
    indicator = forms.ModelChoiceField(
        Indicator.objects.all(), required=False, label=_("Criterion of the scorecard")
    )
    service = forms.ModelChoiceField(Service.objects.all(), required=False, label=_("Service"))
    heard = forms.CharField(
        max_length=500,
        required=False,
        label=_("What the meeting said"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The problem as people put it. No names."),
    )

    def __init__(self, *args: Any, commune: Place, reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commune = commune
        here = Office.objects.filter(place__code__in=_above(commune.code)) | Office.objects.filter(
            place__code__startswith=commune.code
        )
        office: Any = self.fields["office"]
        office.queryset = here.order_by("name_km")
        provider: Any = self.fields["provider"]
        provider.choices = [("", "—"), *_providers(commune)]
        if reason:
            self.fields.pop("due_on")
            self.fields["reason"] = forms.CharField(
                max_length=500,
                label=_("Why the agreed wording changes"),
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def facts(self) -> dict[str, Any]:
        """Return the typed values as the fields of an action; a new office is still a name."""
        typed = dict(self.cleaned_data)
        typed.pop("reason", None)
        code = typed.pop("provider", "")
        typed["provider"] = Provider.objects.filter(code=code).first() if code else None
        return typed


def _above(code: str) -> list[str]:
    return [code[:length] for length in (2, 4, 6) if len(code) >= length]


def _providers(commune: Place) -> list[tuple[str, str]]:
    today = timezone.localdate()
    providers = {
        provider.code: provider.name
        for kind in ProviderKind
        if kind != ProviderKind.MINISTRY
        for provider in providers_of(commune.code, kind, today)
    }
    return list(providers.items())


def initial_of(action: Action) -> dict[str, Any]:
    """Return the initial values of the form that edits ``action``."""
    names = [name for name in ActionForm.base_fields if hasattr(action, name)]
    initial = {name: getattr(action, name) for name in names}
    initial["provider"] = action.provider.code if action.provider else ""
    return initial


class ReasonForm(forms.Form):
    """A reason in one or two sentences."""

    reason = forms.CharField(
        max_length=300, label=_("Reason"), widget=forms.Textarea(attrs={"rows": 2})
    )


class MoveForm(ReasonForm):
    """A later (or earlier) promised day, with its reason."""

    due_on = ReadField(values.read_day, label=_("New promised day"), hint=_DAY)
    field_order = ["due_on", "reason"]


class ReviewForm(forms.Form):
    """The day of the next review."""

    on = ReadField(values.read_day, label=_("Next review"), hint=_DAY)


class FollowUpForm(forms.Form):
    """The form of a quarterly follow-up: the number of people for each answer."""

    done = ReadField(values.read_number, required=False, label=_("It is done"))
    half = ReadField(values.read_number, required=False, label=_("Half done"))
    not_done = ReadField(values.read_number, required=False, label=_("Not done"))
    unknown = ReadField(values.read_number, required=False, label=_("Do not know"))


class EvidenceForm(forms.Form):
    """A photo, document or note."""

    kind = forms.ChoiceField(
        choices=[("photo", _("Photo")), ("document", _("Document (PDF)")), ("note", _("Note"))],
        label=_("What is it?"),
        widget=forms.RadioSelect,
        initial="photo",
    )
    stage = forms.ChoiceField(
        choices=[("before", _("before")), ("after", _("after"))],
        label=_("Does it show how it was before, or after?"),
        widget=forms.RadioSelect,
        initial=Evidence.Stage.AFTER,
    )
    file = forms.FileField(required=False, label=_("File"))
    text = forms.CharField(
        max_length=1000,
        required=False,
        label=_("What it shows"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("No names."),
    )


class OfficeForm(forms.Form):
    """An office that answers for actions, and how it is reached."""

    place = PlaceField(label=_("Place"))
    name_km = forms.CharField(max_length=200, label=_("Title in Khmer"))
    name_en = forms.CharField(max_length=200, required=False, label=_("Title in English"))
    level = forms.ChoiceField(choices=ActionLevel.choices, label=_("Level"))
    channel = forms.ChoiceField(choices=ContactChannel.choices, label=_("Reached by"))
    address = forms.CharField(
        max_length=200,
        required=False,
        label=_("Telephone number, e-mail address or Telegram chat"),
        help_text=_(
            "Encrypted; nobody sees it without a trace. Empty keeps the one that is there."
        ),
    )
    language = forms.ChoiceField(
        choices=[("km", "ខ្មែរ"), ("en", "English")], label=_("Language of messages")
    )


class ImportForm(forms.Form):
    """A spreadsheet or the national tool's grid, and why an agreed plan changes."""

    file = forms.FileField(
        label=_("Spreadsheet (.xlsx, .csv) or grid of the national tool (.json)")
    )
    reason = forms.CharField(
        max_length=300,
        required=False,
        label=_("Reason, where an agreed plan changes"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
