"""Forms of rounds and sessions; they read what people type and leave the rules to services."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Programme, User
from parsing.fields import ReadField
from standards.book import providers_of
from standards.models import ProviderKind
from surveys.parsing import values
from surveys.rounds.models import Criterion, Entitlement, InformationSession, Round, Stage
from surveys.rounds.models.attendance import COUNTS, GROUP_LABELS
from surveys.rounds.reading import InputLine, indicator_names, inputs_of
from surveys.rounds.services.meeting_content import ReportedCriterion, ReportedRoundMeeting
from surveys.rounds.services.meetings import core_codes
from surveys.rounds.services.plan import PlannedRound
from surveys.rounds.services.sessions import ReportedSession
from surveys.rounds.sheets import read_handouts, read_names, read_people, read_period
from surveys.views.choices import MOST_IN_A_LIST, communes_of, place_name

DAY_LABELS: dict[str, str | Promise] = {
    Stage.INFORMED: _("Citizens informed on"),
    Stage.MONITORED: _("Service monitored on"),
    Stage.SELF_ASSESSED: _("Self-assessment on"),
    Stage.MET: _("Community meets on"),
    Stage.AGREED: _("Plan agreed on"),
    Stage.FOLLOWED_UP: _("Followed up on"),
    Stage.CLOSED: _("Closed on"),
}


def add_problems(form: forms.Form, error: ValidationError) -> None:
    """Add the sentences of a service to the fields they are about."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, sentences in error.message_dict.items():
        form.add_error(name if name in form.fields else None, sentences)


def commune_field(user: User, permission: str) -> forms.Field:
    """Return a list of the person's communes, or a field for the code where there are too many."""
    communes = list(communes_of(user, permission)[: MOST_IN_A_LIST + 1])
    if len(communes) > MOST_IN_A_LIST:
        return ReadField(
            values.read_commune, label=_("Commune"), help_text=_("Its official code of six digits.")
        )
    choices = [("", "—"), *((place.code, place_name(place)) for place in communes)]
    return forms.ChoiceField(label=_("Commune"), choices=choices)


class CommuneForm(forms.Form):
    """The choice of a round's commune; the choice of providers depends on it."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["commune"] = commune_field(user, "rounds.plan")


def _days(fields: dict[str, forms.Field]) -> None:
    for stage in Stage:
        fields[f"{stage}_on"] = ReadField(
            values.read_day,
            label=DAY_LABELS[stage],
            hint=_("dd/mm/yyyy"),
            required=stage == Stage.MET,
        )


class RoundForm(forms.Form):
    """One round: provider, period, people, and the day of each stage."""

    provider = forms.ChoiceField(label=_("Provider"))
    period = ReadField(
        read_period, label=_("Half-year or year"), help_text=_("Such as 2026-H2 or 2026.")
    )
    programme = forms.ChoiceField(label=_("Programme"), required=False)
    facilitators = ReadField(
        read_people,
        label=_("Facilitators"),
        help_text=_("User names, separated by semicolons."),
        required=False,
    )

    def __init__(self, *args: Any, user: User, commune: str, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commune = commune
        providers = [
            provider
            for kind in ProviderKind
            if kind not in (ProviderKind.MINISTRY, ProviderKind.PROVINCE)
            for provider in providers_of(commune, kind, on)
        ]
        self.fields["provider"].choices = [  # type: ignore[attr-defined]  # it is a ChoiceField
            ("", "—"),
            *((p.code, f"{p.name} · {p.get_kind_display()}") for p in providers),
        ]
        programmes = Programme.objects.reached_by(user, "rounds.plan").order_by("code")
        self.fields["programme"].choices = [  # type: ignore[attr-defined]  # it is a ChoiceField
            ("", "—"),
            *((p.code, str(p)) for p in programmes),
        ]
        _days(self.fields)

    def planned(self) -> PlannedRound:
        """Return the round as it was typed."""
        data = self.cleaned_data
        return PlannedRound(
            provider=data["provider"],
            commune=self.commune,
            period=data["period"],
            programme=data["programme"],
            facilitators=data["facilitators"] or [],
            **{f"{stage}_on": data[f"{stage}_on"] for stage in Stage},
        )


class StagesForm(forms.Form):
    """New planned days of a round's stages."""

    facilitators = ReadField(
        read_people,
        label=_("Facilitators"),
        help_text=_("User names, separated by semicolons."),
        required=False,
    )

    def __init__(self, *args: Any, round: Round, **kwargs: Any) -> None:
        initial: dict[str, Any] = {f"{s.name}_on": s.planned_on for s in round.stages.all()}
        names = round.facilitators.order_by("username").values_list("username", flat=True)
        initial["facilitators"] = "; ".join(names)
        stages = round.stages.select_related("responsible")
        initial |= {f"{s.name}_by": s.responsible.username for s in stages if s.responsible}
        super().__init__(*args, **{"initial": initial, **kwargs})
        _days(self.fields)
        for stage in Stage:
            self.fields[f"{stage}_by"] = forms.CharField(
                required=False,
                max_length=150,
                label=_("Who leads: %(stage)s") % {"stage": stage.label},
                help_text=_("A user name; empty for all facilitators of the round."),
            )

    def responsible(self) -> dict[str, str]:
        """Return the user name that leads each stage, "" for nobody in particular."""
        return {str(stage): self.cleaned_data.get(f"{stage}_by", "").strip() for stage in Stage}


class ReasonForm(forms.Form):
    """The reason for cancelling or voiding."""

    reason = forms.CharField(
        label=_("Why?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class SessionForm(forms.Form):
    """An information session or training; people are counted, never named."""

    session_id = forms.CharField(widget=forms.HiddenInput, max_length=80)
    kind = forms.ChoiceField(
        label=_("What was it?"),
        choices=InformationSession.Kind.choices,
        widget=forms.RadioSelect,
        initial=InformationSession.Kind.INFORMATION,
    )
    place_note = forms.CharField(
        label=_("Where exactly? (optional)"), max_length=200, required=False
    )
    held_on = ReadField(values.read_day, label=_("Day"), hint=_("dd/mm/yyyy"))
    topic = forms.CharField(label=_("What was it about?"), max_length=300)
    trainer = forms.CharField(label=_("Who led it?"), max_length=150)
    follows = forms.CharField(
        label=_("Number of the training at which this person was trained (optional)"),
        max_length=80,
        required=False,
    )
    handouts = ReadField(
        read_handouts,
        label=_("Materials handed out (optional)"),
        help_text=_("Such as “poster: 20; leaflet: 100”."),
        required=False,
    )
    trained = ReadField(
        read_names,
        label=_("Who was trained to repeat it? (optional)"),
        help_text=_("By role and village, separated by semicolons."),
        required=False,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in COUNTS:
            self.fields[name] = ReadField(
                values.read_number,
                label=_("How many people came?") if name == "people" else GROUP_LABELS[name],
                required=name == "people",
            )
        self.fields["commune"] = commune_field(user, "rounds.record")
        self.order_fields(
            [
                "session_id",
                "kind",
                "commune",
                "place_note",
                "held_on",
                "topic",
                "trainer",
                "follows",
            ]
        )

    def groups(self) -> Iterator[forms.BoundField]:
        """Return the numbers of each group, which the page shows together."""
        return (self[name] for name in COUNTS if name != "people")

    def reported(self) -> ReportedSession:
        """Return the session as it was typed."""
        data = {name: value for name, value in self.cleaned_data.items() if value is not None}
        return ReportedSession(**data)


class CardsForm(forms.Form):
    """The number of ballot cards to print."""

    cards = ReadField(
        values.read_number,
        label=_("How many cards?"),
        help_text=_("One for each person. New cards replace the unused ones printed before."),
    )


class SelfAssessmentForm(forms.Form):
    """The staff's scores: one row of five numbers for each criterion."""

    held_on = ReadField(values.read_day, label=_("Day"), hint=_("dd/mm/yyyy"))
    people = ReadField(values.read_number, label=_("How many of the staff took part?"))
    women = ReadField(values.read_number, label=_("How many of them are women?"), required=False)

    def __init__(self, *args: Any, round: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        met = round.meetings.filter(kind="community").exists()
        kept = list(round.criteria.filter(kept=True)) if met else []
        codes = [c.indicator_code for c in kept] or core_codes(round.provider.kind)
        names = indicator_names(codes)
        self.criteria = kept or [
            Criterion(round=round, key=code, indicator_code=code) for code in codes
        ]
        self.names = {
            c.key: names.get(c.indicator_code) or c.text or str(_("by voice"))
            for c in self.criteria
        }
        for key, name in self.names.items():
            for score in range(1, 6):
                self.fields[f"{key}:{score}"] = ReadField(
                    values.read_number, label=f"{name}: {score}", required=False
                )

    def rows(self) -> Iterator[tuple[str, Criterion, list[forms.BoundField]]]:
        """Yield each criterion by its name, with its five fields."""
        for one in self.criteria:
            yield self.names[one.key], one, [self[f"{one.key}:{n}"] for n in range(1, 6)]

    def reported(self, number: str) -> ReportedRoundMeeting:
        """Return the self-assessment as it was typed."""
        data = self.cleaned_data
        return ReportedRoundMeeting(
            id=number,
            kind="self_assessment",
            days=[data["held_on"]],
            people=data["people"],
            women=data["women"],
            voters_cards=data["people"] or 0,
            criteria=[
                ReportedCriterion(
                    key=one.key,
                    code=one.indicator_code,
                    text=one.text,
                    cards=[data[f"{one.key}:{score}"] or 0 for score in range(1, 6)],
                    kept=any(data[f"{one.key}:{score}"] for score in range(1, 6)),
                )
                for one in self.criteria
            ],
        )


class EntitlementForm(forms.Form):
    """Standard of an input: how many from a day on, and where that is published."""

    replaces = forms.ModelChoiceField(
        label=_("Which one does it replace?"),
        queryset=Entitlement.objects.filter(valid_to=None),
        required=False,
        empty_label=_("none: it is a new input"),
    )
    provider_kind = forms.ChoiceField(label=_("Kind of provider"), choices=ProviderKind.choices)
    name_km = forms.CharField(label=_("Name in Khmer"), max_length=200)
    name_en = forms.CharField(label=_("Name in English"), max_length=200)
    quantity = ReadField(values.read_number, label=_("How many?"), initial=1)
    unit_km = forms.CharField(label=_("Unit in Khmer (optional)"), max_length=60, required=False)
    unit_en = forms.CharField(label=_("Unit in English (optional)"), max_length=60, required=False)
    valid_from = ReadField(values.read_day, label=_("In force from"), hint=_("dd/mm/yyyy"))
    legal_basis = forms.CharField(label=_("Legal basis (optional)"), max_length=300, required=False)
    source = forms.CharField(label=_("Where is it published?"), max_length=300)


class InputsForm(forms.Form):
    """The amount of each entitlement present on a day."""

    seen_on = ReadField(values.read_day, label=_("Seen on"), hint=_("dd/mm/yyyy"))

    def __init__(self, *args: Any, round: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.inputs = inputs_of(round)
        for line in self.inputs:
            self.fields[line.entitlement.code] = ReadField(
                values.read_number, label=line.name, required=False, initial=line.present
            )

    def lines(self) -> list[tuple[InputLine, forms.BoundField]]:
        """Return each entitlement with its field."""
        return [(line, self[line.entitlement.code]) for line in self.inputs]

    def present(self) -> dict[str, int | None]:
        """Return the typed numbers by the code of the entitlement."""
        return {
            line.entitlement.code: self.cleaned_data[line.entitlement.code] for line in self.inputs
        }
