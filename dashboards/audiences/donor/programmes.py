"""A programme against its targets: its page, and its line on the donor's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import require
from accounts.models import Programme, User
from dashboards.audiences.donor import coverage, outputs
from dashboards.audiences.donor.released import Released, released
from dashboards.text import formats
from pages.links import first_url
from scorecards.indicators import KINDS
from scorecards.plans.reading import Progress, progress
from scorecards.reading import programme_results, released_totals
from scorecards.reading.programme_results import Cycles, Part, Target
from standards.models import ProviderKind
from surveys.rounds import totals
from surveys.rounds.totals import People

NAN = (float("nan"),) * 3
SIGNS = {"met": "▲", "below": "▼", "open": "●", "unknown": "–"}


@dataclass(frozen=True)
class Against:
    """One target and the value reached."""

    year: int
    label: str
    wanted: str
    reached: str
    note: str
    standing: str
    word: str
    target: Target
    share: float
    low: float
    high: float

    @property
    def sign(self) -> str:
        return SIGNS[self.standing]


class Outcome:
    """Everything measured of one programme; figures of services are those of its provinces.

    Each part is read when it is first used: a page reads only what its targets are about.
    """

    def __init__(
        self, user: object, programme: Programme, figures: Released | None, wanted: list[Target]
    ) -> None:
        self.user, self.programme, self.figures = user, programme, figures
        self.provinces = tuple(sorted(place.code for place in programme.provinces.all()))
        self._wanted = wanted

    @cached_property
    def against(self) -> tuple[Against, ...]:
        """Each target with the value reached."""
        return tuple(_against(one, self) for one in self._wanted)

    @cached_property
    def progress(self) -> Progress:
        """Agreed actions of its plans."""
        return progress(self.provinces or ("",), programme=self.programme.pk)

    @cached_property
    def cycles(self) -> Cycles:
        """Its communes by full yearly cycles."""
        return programme_results.cycles(self.provinces or ("",), programme=self.programme.pk)

    @cached_property
    def offices(self) -> Part:
        """Offices of its provinces that clearly meet the standards."""
        if self.figures is None:
            return programme_results.NOTHING
        return programme_results.offices_meeting(self.figures.quarter, self.provinces or ("",))

    @cached_property
    def people(self) -> People:
        """People it informed, and who took part in its meetings."""
        return totals.by_group(self.user, programme=self.programme.pk)

    @cached_property
    def services(self) -> pd.DataFrame:
        """Shares of services in its provinces, by kind, indicator and year."""
        if self.figures is None:
            return pd.DataFrame()
        return released_totals.together(self.figures.cells, self.provinces)

    @property
    def met(self) -> int:
        """Count the targets that are met."""
        return sum(one.standing == "met" for one in self.against)

    @property
    def below(self) -> int:
        """Count the targets that are clearly missed so far."""
        return sum(one.standing == "below" for one in self.against)


def _against(target: Target, measured: Outcome) -> Against:
    (share, low, high), note = _reached(target, measured)
    standing = programme_results.standing_of(target, share, low, high)
    shown = _("not yet known") if standing == "unknown" else _value(target, share)
    wanted = target.value / 100 if target.is_share else target.value
    return Against(
        year=target.year,
        label=target.label,
        wanted=_value(target, wanted),
        reached=shown,
        note=note,
        standing=standing,
        word=standing_word(standing),
        target=target,
        share=share,
        low=low,
        high=high,
    )


def standing_word(standing: str) -> str:
    """Name in the reader's language how a programme compares with a target."""
    return {
        "met": _("reached"),
        "below": _("not reached"),
        "open": _("within chance of the target"),
        "unknown": _("not yet known"),
    }[standing]


def _value(target: Target, value: float) -> str:
    if target.is_share:
        return formats.percent(value)
    return formats.count(value)


def _reached(target: Target, measured: Outcome) -> tuple[tuple[float, float, float], str]:
    """Return value, low and high of what a target is about, and a note on how it was measured."""
    if target.measure == "people_informed":
        people = totals.by_group(measured.user, programme=measured.programme.pk, year=target.year)
        number = people.of("people").informed
        return ((float(number),) * 3 if number is not None else NAN), _("rounded to ten")
    if target.measure in ("actions_moving", "actions_confirmed"):
        part = "moving" if target.measure == "actions_moving" else "confirmed"
        return measured.progress.share(part), _("agreed actions of its plans, as of today")
    if target.measure == "three_cycles":
        return _certain(measured.cycles.three), _("as of today")
    if target.measure == "offices_meeting":
        note = formats.period_name(measured.figures.quarter) if measured.figures else ""
        return _certain(measured.offices), note
    return _indicator(target, measured)


def _certain(part: Part) -> tuple[float, float, float]:
    """Return a share of all places there are: no interval."""
    return (part.share,) * 3 if part.total >= outputs.LEAST else NAN


def _indicator(target: Target, measured: Outcome) -> tuple[tuple[float, float, float], str]:
    rows = measured.services
    if rows.empty:
        return NAN, ""
    rows = rows[
        (rows["provider_kind"] == target.provider_kind)
        & (rows["indicator"] == target.indicator)
        & (rows["year"] == target.year)
    ]
    if rows.empty:
        return NAN, ""
    row = rows.iloc[0]
    note = _("likely between %(low)s and %(high)s") % {
        "low": formats.percent(row["low"]),
        "high": formats.percent(row["high"]),
    }
    if measured.provinces:
        note += "; " + _("from %(n)s of %(all)s provinces") % {
            "n": formats.count(row["places"]),
            "all": formats.count(len(measured.provinces)),
        }
    return (float(row["share"]), float(row["low"]), float(row["high"])), note


def outcomes(user: object, figures: Released | None) -> list[Outcome]:
    """Return every programme that this person may see, by its code."""
    seen = list(Programme.objects.visible_to(user).order_by("code").prefetch_related("provinces"))
    wanted = programme_results.targets([programme.pk for programme in seen])
    return [Outcome(user, programme, figures, wanted[programme.pk]) for programme in seen]


def answer(of_programmes: Sequence[Outcome]) -> str:
    """Return all programmes in one sentence."""
    if not of_programmes:
        return _("There is no programme yet.")
    number = sum(len(one.against) for one in of_programmes)
    if not number:
        return _("No programme has targets yet. A coordinator sets them.")
    return _("Targets reached: %(met)s of %(all)s. Clearly not reached: %(below)s.") % {
        "met": formats.count(sum(one.met for one in of_programmes)),
        "all": formats.count(number),
        "below": formats.count(sum(one.below for one in of_programmes)),
    }


@require_safe
@require("scores.released", "scores.working")
def page(request: HttpRequest, code: str) -> HttpResponse:
    """Show one programme for its donor."""
    assert isinstance(request.user, User)
    seen = Programme.objects.visible_to(request.user).prefetch_related("provinces")
    programme = seen.filter(code=code).first()
    if programme is None:
        raise Http404(_("There is no such programme, or it is not yours to see."))
    figures = released()
    wanted = programme_results.targets([programme.pk])[programme.pk]
    outcome = Outcome(request.user, programme, figures, wanted)
    manages = Programme.objects.managed_by(request.user, "people.manage").filter(pk=programme.pk)
    kinds = {kind: str(ProviderKind(kind).label) for kind in KINDS}
    covered = []
    if figures is not None:
        every = coverage.coverage(
            figures.cells, figures.communes, figures.sizes, figures.quarter, KINDS[0]
        )
        covered = [one for one in every if not outcome.provinces or one.code in outcome.provinces]
    context = {
        "programme": programme,
        "outcome": outcome,
        "covered": [
            (one, [(coverage.SIGNS[c], coverage.word(c)) for c in one.by_kind.values()])
            for one in sorted(covered, key=lambda one: one.code)
        ],
        "kinds": kinds.values(),
        "quarter": formats.period_name(figures.quarter) if figures is not None else "",
        "actions": outputs.actions(outcome.progress),
        "world_bank": outputs.world_bank(outcome.offices, outcome.progress, outcome.cycles),
        "groups": [
            (one.label, outputs.people(one.informed), outputs.people(one.took_part))
            for one in outcome.people.groups
        ],
        "targets_url": first_url(("scorecards:targets",), code=code) if manages.exists() else None,
        "today": timezone.localdate(),
    }
    return render(request, "dashboards/programme.html", context)
