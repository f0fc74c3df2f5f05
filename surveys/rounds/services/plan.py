"""Plan, change and cancel rounds, and record which stage was done."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Programme, User
from accounts.permissions import may
from audit import trail
from places.models import Place
from standards.models import Provider
from surveys.reference_data import Register
from surveys.rounds.models import Round, RoundStage, Stage
from surveys.services import Outcome
from surveys.services.write_permission import Mandate
from surveys.validation import Problems

LAST_STAGES = (Stage.FOLLOWED_UP, Stage.CLOSED)
"""Stages that may be after the end of the period: a plan is followed for up to two years."""

FOLLOWED_FOR = timedelta(days=731)


@dataclass(slots=True)
class PlannedRound:
    """A round as somebody plans it: readable values and codes, not yet checked."""

    provider: str = ""
    commune: str = ""
    period: tuple[int, int | None] | None = None
    programme: str = ""
    facilitators: list[str] = field(default_factory=list)
    informed_on: date | None = None
    monitored_on: date | None = None
    self_assessed_on: date | None = None
    met_on: date | None = None
    agreed_on: date | None = None
    followed_up_on: date | None = None
    closed_on: date | None = None

    def day_of(self, stage: str) -> date | None:
        """Return the planned day of a stage."""
        day: date | None = getattr(self, f"{stage}_on")
        return day


@dataclass(slots=True)
class CheckedPlan:
    """The records that the codes of a planned round stand for."""

    provider: Provider | None = None
    commune: Place | None = None
    programme: Programme | None = None
    facilitators: list[User] = field(default_factory=list)


def plan_round(
    *,
    by: User | None,
    planned: PlannedRound,
    job: str = "",
    register: Register | None = None,
    mandate: Mandate | None = None,
) -> tuple[Round, Outcome]:
    """Plan one round; the same plan again is UNCHANGED, another for the period is a CONFLICT."""
    mandate = mandate or Mandate(by, "rounds.plan")
    mandate.demand()
    checked, problems = check_plan(planned, register or Register(), mandate)
    settle_plan(checked, problems, mandate)
    return _save(planned, checked, by, job)


def settle_plan(checked: CheckedPlan, problems: Problems, mandate: Mandate) -> None:
    """Raise PermissionDenied outside the mandate, ValidationError where something is wrong."""
    if checked.commune is not None and not mandate.covers(
        checked.commune.code, checked.programme.pk if checked.programme else None
    ):
        raise PermissionDenied(_("You may not plan rounds here."))
    if problems:
        raise ValidationError(dict(problems))


def check_plan(
    planned: PlannedRound, register: Register, mandate: Mandate
) -> tuple[CheckedPlan, Problems]:
    """Look up the codes of a plan and collect everything that is wrong with it."""
    problems, checked = Problems(), CheckedPlan()
    if planned.period is None:
        problems.say("period", _("Say for which half-year or year, such as 2026-H2 or 2026."))
    checked.commune = register.commune(planned.commune) if planned.commune else None
    if checked.commune is None:
        problems.say("commune", _("No commune has the code “%s”.") % planned.commune)
    checked.provider = register.provider(planned.provider) if planned.provider else None
    if checked.provider is None:
        problems.say("provider", _("No provider has the code “%s”.") % planned.provider)
    elif checked.commune is not None and not _serves(checked.provider, checked.commune, register):
        problems.say("provider", _("This provider does not serve the commune."))
    if planned.programme:
        checked.programme = register.programme(planned.programme)
        if checked.programme is None:
            problems.say("programme", _("No programme has the code “%s”.") % planned.programme)
    elif checked.commune is not None:
        own = mandate.programme_at(checked.commune.code)
        checked.programme = Programme.objects.filter(pk=own).first() if own else None
    _check_facilitators(planned, checked, register, problems)
    _check_days(planned, problems)
    return checked, problems


def _serves(provider: Provider, commune: Place, register: Register) -> bool:
    """Return whether the provider is in the commune, above it, or has it in its catchment."""
    if not provider.place_id or commune.code.startswith(provider.place_id):
        return True
    return provider.serves.filter(pk=commune.pk).exists()


def _check_facilitators(
    planned: PlannedRound, checked: CheckedPlan, register: Register, problems: Problems
) -> None:
    for name in dict.fromkeys(planned.facilitators):
        person = register.person(name)
        if person is None:
            problems.say("facilitators", _("Nobody has the user name “%s”.") % name)
        elif checked.commune is not None and not may(
            person, "rounds.record", place=checked.commune.code
        ):
            problems.say("facilitators", _("“%s” may not hold meetings in this commune.") % name)
        else:
            checked.facilitators.append(person)


def _check_days(planned: PlannedRound, problems: Problems) -> None:
    """Check that stages follow each other, and that meetings are in the period."""
    if planned.met_on is None:
        problems.say("met_on", _("Say on which day the community meets."))
    if planned.period is None:
        return
    year, half = planned.period
    frame = Round(year=year, half=half)
    before: date | None = None
    for stage in Stage:
        day = planned.day_of(stage)
        if day is None:
            continue
        last = frame.last_day + (FOLLOWED_FOR if stage in LAST_STAGES else timedelta(0))
        if not frame.first_day <= day <= last:
            problems.say(f"{stage}_on", _("This day lies outside the period of the round."))
        if before is not None and day < before:
            problems.say(f"{stage}_on", _("This stage comes before the one it follows."))
        before = max(day, before) if before else day


@transaction.atomic
def _save(
    planned: PlannedRound, checked: CheckedPlan, by: User | None, job: str
) -> tuple[Round, Outcome]:
    assert planned.period is not None and checked.provider and checked.commune  # noqa: PT018
    year, half = planned.period
    twin = (
        Round.objects.standing()
        .filter(provider=checked.provider, programme=checked.programme, year=year, half=half)
        .first()
    )
    if twin is not None:
        return twin, Outcome.UNCHANGED if _is_same(twin, planned, checked) else Outcome.CONFLICT
    made = Round(
        code=new_code(),
        provider=checked.provider,
        commune=checked.commune,
        programme=checked.programme,
        year=year,
        half=half,
        planned_by=by,
    )
    made.full_clean()
    made.save()
    made.facilitators.set(checked.facilitators)
    RoundStage.objects.bulk_create(
        RoundStage(round=made, name=stage, planned_on=planned.day_of(stage)) for stage in Stage
    )
    trail.record(
        by=by,
        verb="round.planned",
        subject=made,
        place_code=made.commune_id,
        after={"provider": made.provider.code, "period": made.period, **_days_of(planned)},
        job=job,
    )
    return made, Outcome.ADDED


def _days_of(planned: PlannedRound) -> dict[str, str]:
    days = {str(stage): planned.day_of(stage) for stage in Stage}
    return {name: day.isoformat() for name, day in days.items() if day}


def _is_same(twin: Round, planned: PlannedRound, checked: CheckedPlan) -> bool:
    stages = {s.name: s.planned_on for s in twin.stages.all()}
    same_days = all(stages.get(stage) == planned.day_of(stage) for stage in Stage)
    people = {u.pk for u in twin.facilitators.all()} == {u.pk for u in checked.facilitators}
    return same_days and people and twin.commune == checked.commune


def new_code() -> str:
    """Make a six-digit code that no round has.

    It tries again while the code is taken; the database's constraint decides in the end.
    """
    for _attempt in range(1000):
        code = f"{secrets.randbelow(1_000_000):06d}"
        if not Round.objects.filter(code=code).exists():
            return code
    raise RuntimeError("no free code of six digits was found")


@transaction.atomic
def change_stages(
    *,
    by: User | None,
    round: Round,
    days: dict[str, date | None],
    facilitators: Sequence[User] | None = None,
    responsible: dict[str, str] | None = None,
    job: str = "",
) -> Round:
    """Move planned days of stages and change facilitators; days of done stages stay.

    ``responsible`` names who leads each stage by user name, "" for nobody in particular. Raises
    PermissionDenied, ValidationError with the field ``{stage}_by``.
    """
    round = _locked(round, by)
    _assign(round, responsible or {}, by, job)
    before = {s.name: s.planned_on for s in round.stages.all()}
    planned = PlannedRound(period=(round.year, round.half))
    for stage in Stage:
        setattr(planned, f"{stage}_on", days.get(stage, before.get(stage)))
    problems = Problems()
    _check_days(planned, problems)
    if problems:
        raise ValidationError(dict(problems))
    changed = _move_stages(round, planned)
    if facilitators is not None:
        round.facilitators.set(facilitators)
    if changed or facilitators is not None:
        trail.record(
            by=by,
            verb="round.moved",
            subject=round,
            place_code=round.commune_id,
            before={n: a.isoformat() if a else "" for n, (a, _b) in changed.items()},
            after={n: b.isoformat() if b else "" for n, (_a, b) in changed.items()},
            job=job,
        )
    return round


def _move_stages(round: Round, planned: PlannedRound) -> dict[str, tuple[date | None, date | None]]:
    """Store the planned days that differ; return them as stage -> (before, after)."""
    changed = {}
    for row in round.stages.all():
        day = planned.day_of(row.name)
        if row.planned_on != day:
            changed[row.name] = (row.planned_on, day)
            row.planned_on = day
            row.save(update_fields=["planned_on"])
    return changed


def _assign(round: Round, responsible: dict[str, str], by: User | None, job: str) -> None:
    """Set who leads each stage; unknown user names are refused before anything is changed."""
    names = {name for name in responsible.values() if name}
    people = {u.username: u for u in User.objects.filter(username__in=names, is_active=True)}
    unknown = {
        f"{stage}_by": [_("Nobody has the user name “%s”.") % name]
        for stage, name in responsible.items()
        if name and name not in people
    }
    if unknown:
        raise ValidationError(unknown)
    for row in round.stages.select_related("responsible"):
        if row.name not in responsible:
            continue
        leads = people.get(responsible[row.name])
        if row.responsible == leads:
            continue
        before, row.responsible = row.responsible, leads
        row.save(update_fields=["responsible"])
        trail.record(
            by=by,
            verb="round.stage_assigned",
            subject=round,
            place_code=round.commune_id,
            before={row.name: before.username if before else ""},
            after={row.name: leads.username if leads else ""},
            job=job,
        )


@transaction.atomic
def finish_stage(
    *, by: User | None, round: Round, name: str, on: date | None, job: str = ""
) -> RoundStage:
    """Record the day on which a stage was done; None undoes it."""
    Mandate(by, "rounds.record").demand(round.commune_id, round.programme_id)
    if on is not None and on > timezone.localdate():
        raise ValidationError({"done_on": [_("This day has not come yet.")]})
    stage = RoundStage.objects.select_for_update().get(round=round, name=name)
    if stage.done_on != on:
        before, stage.done_on = stage.done_on, on
        stage.save(update_fields=["done_on"])
        trail.record(
            by=by,
            verb="round.stage_done" if on else "round.stage_taken_back",
            subject=round,
            place_code=round.commune_id,
            before={name: before.isoformat() if before else ""},
            after={name: on.isoformat() if on else ""},
            job=job,
        )
    return stage


@transaction.atomic
def cancel_round(*, by: User | None, round: Round, reason: str, job: str = "") -> Round:
    """Cancel a round with a reason; it stays in the history and frees its period."""
    if not reason.strip():
        raise ValidationError({"reason": [_("Say why.")]})
    round = _locked(round, by)
    if round.cancelled_at is None:
        if round.meetings.exists():
            raise ValidationError(
                {"reason": [_("A meeting of this round was sent; it cannot be cancelled.")]}
            )
        round.cancelled_at = timezone.now()
        round.cancel_reason = reason.strip()
        round.save(update_fields=["cancelled_at", "cancel_reason"])
        trail.record(
            by=by,
            verb="round.cancelled",
            subject=round,
            place_code=round.commune_id,
            reason=reason,
            job=job,
        )
    return round


def _locked(round: Round, by: User | None) -> Round:
    Mandate(by, "rounds.plan").demand(round.commune_id, round.programme_id)
    return Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
