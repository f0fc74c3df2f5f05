"""The list of cases: what can be searched for, filtered and sorted, and the rows that fit."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Programme, User
from parsing.days import observed
from places import search as place_search
from places.fields import PlaceField
from places.models import Level
from standards import search as standard_search
from standards.models import Service
from surveys.models import Case, Channel, Status
from surveys.models.cases import inside
from surveys.parsing import values
from surveys.views.fields import ReadField

SORTS: Final = {
    "": (gettext_lazy("Recorded last"), ("-id",)),
    "asked": (gettext_lazy("Asked for last"), ("-asked_on", "-id")),
    "oldest": (gettext_lazy("Asked for first"), ("asked_on", "id")),
    "paid": (gettext_lazy("Most paid"), (F("fee_paid").desc(nulls_last=True), "-id")),
    "commune": (gettext_lazy("By commune"), ("commune_id", "-asked_on", "-id")),
}
LAST_LETTER: Final = "\U0010ffff"


class CaseFilters(forms.Form):
    """The filters of the list; a field that cannot be read is named and ignored."""

    q = forms.CharField(
        label=gettext_lazy("Search"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("Case number, service, commune or facilitator"),
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    commune = PlaceField(label=gettext_lazy("Place"), required=False)
    service = forms.ModelChoiceField(
        label=gettext_lazy("Service"),
        queryset=Service.objects.order_by("provider_kind", "code"),
        to_field_name="code",
        required=False,
        empty_label=gettext_lazy("all"),
    )
    status = forms.ChoiceField(
        label=gettext_lazy("How it ended"),
        choices=[("", gettext_lazy("all")), *Status.choices],
        required=False,
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"),
        choices=[("", gettext_lazy("all")), *Channel.choices],
        required=False,
    )
    programme = forms.ModelChoiceField(
        label=gettext_lazy("Programme"),
        queryset=Programme.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=gettext_lazy("all"),
    )
    since = ReadField(
        values.read_day,
        label=gettext_lazy("Asked from"),
        required=False,
        hint=gettext_lazy("dd/mm/yyyy"),
    )
    until = ReadField(
        values.read_day,
        label=gettext_lazy("Asked until"),
        required=False,
        hint=gettext_lazy("dd/mm/yyyy"),
    )
    counted = forms.ChoiceField(
        label=gettext_lazy("Counting"),
        choices=[
            ("", gettext_lazy("all")),
            ("yes", gettext_lazy("counts")),
            ("no", gettext_lazy("excluded")),
            ("unjudged", gettext_lazy("no published standard")),
        ],
        required=False,
    )
    sort = forms.ChoiceField(
        label=gettext_lazy("Order"),
        choices=[(code, label) for code, (label, _columns) in SORTS.items()],
        required=False,
    )
    mine = forms.BooleanField(label=gettext_lazy("Only those that I recorded"), required=False)
    implausible = forms.BooleanField(
        label=gettext_lazy("Only those with a day that cannot be right"), required=False
    )

    def __init__(self, user: User, asked: Mapping[str, Any]) -> None:
        super().__init__(asked, auto_id="f-%s")
        self.user = user
        self.read_as = ""
        programme: Any = self.fields["programme"]
        programme.queryset = Programme.objects.visible_to(user).order_by("code")
        self.is_valid()

    def rows(self) -> QuerySet[Case]:
        """Return the cases that this person may read and that fit, in the order asked for."""
        asked = self.cleaned_data
        cases: QuerySet[Case] = Case.objects.visible_to(self.user)
        if asked.get("mine"):
            cases = cases.filter(recorded_by=self.user)
        if place := asked.get("commune"):
            cases = cases.filter(inside(place.code[:6]))
        for name in ("service", "status", "channel", "programme"):
            if asked.get(name):
                cases = cases.filter(**{name: asked[name]})
        if asked.get("since"):
            cases = cases.filter(asked_on__gte=asked["since"])
        if asked.get("until"):
            cases = cases.filter(asked_on__lte=asked["until"])
        cases = self._counted(cases)
        if asked.get("implausible"):
            days = observed(timezone.localdate())
            cases = cases.exclude(asked_on__range=(days.first, days.last)).filter(voided_at=None)
        if asked.get("q"):
            cases = self._named(cases, asked["q"])
        return cases.order_by(*SORTS[asked.get("sort") or ""][1])

    def _counted(self, cases: QuerySet[Case]) -> QuerySet[Case]:
        counted = self.cleaned_data.get("counted")
        if counted == "yes":
            return cases.filter(voided_at=None, standard__isnull=False)
        if counted == "no":
            return cases.filter(voided_at__isnull=False)
        if counted == "unjudged":
            return cases.filter(voided_at=None, standard=None)
        return cases

    def _named(self, cases: QuerySet[Case], text: str) -> QuerySet[Case]:
        """Return cases by what the words name first of: case, service, commune, facilitator.

        ``read_as`` says how they were read. Each way is served by an index; a search in all of
        them at once would read every case.
        """
        word = text.strip()
        named = cases.filter(case_id__gte=word, case_id__lt=word + LAST_LETTER)
        if named.order_by()[:1]:
            self.read_as = _("Cases whose number begins with “%(word)s”") % {"word": word}
            return named
        if services := standard_search.find_services(word, timezone.localdate()):
            self.read_as = _("Service: %(names)s") % {"names": "; ".join(map(str, services))}
            return cases.filter(service__in=services)
        communes = place_search.find(word, level=Level.COMMUNE, limit=5)
        if communes:
            names = "; ".join(place.full_name for place in communes)
            self.read_as = _("Commune: %(names)s") % {"names": names}
            return cases.filter(commune__in=communes)
        people = User.objects.filter(display_name__icontains=word) | User.objects.filter(
            username__icontains=word
        )
        named_people = list(people[:20])
        self.read_as = _("Facilitator: %(names)s") % {
            "names": "; ".join(map(str, named_people)) or word
        }
        by_name = cases.filter(facilitator__in=named_people)
        return by_name | cases.filter(facilitator=None, facilitator_name=word)

    @property
    def encoded(self) -> str:
        """Return the filters as a query string; empty fields left out."""
        given = {name: self.data.get(name, "") for name in self.fields}
        return urlencode({name: value for name, value in given.items() if value})

    @property
    def is_narrowed(self) -> bool:
        """Return whether any filter but the order is set."""
        return any(self.data.get(name) for name in self.fields if name != "sort")

    @property
    def chosen(self) -> list[str]:
        """Return the labels of the filters that are in use."""
        names = (name for name in self.fields if name not in {"q", "sort"} and self.data.get(name))
        return [str(self.fields[name].label) for name in names]
