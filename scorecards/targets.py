"""Set and remove targets of programmes; each change is in the audit trail."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import refusal
from accounts.models import Programme, User
from audit.trail import record
from scorecards.models import Measure, ProgrammeTarget
from standards.models import Indicator


def key_of(target: ProgrammeTarget) -> str:
    """Return the measure of a target in one word: "people_informed", "commune/CA-C1"."""
    if target.measure != Measure.INDICATOR:
        return str(target.measure)
    assert target.indicator is not None
    return f"{target.provider_kind}/{target.indicator.code}"


@transaction.atomic
def set_target(
    *, by: User, programme: Programme, year: int, measure: str, value: float
) -> ProgrammeTarget:
    """Set the value that ``measure`` (as ``key_of`` names it) is to reach in a year, replacing an
    earlier one.

    ``value`` is a percentage, or a number of people. Raises ValidationError for an impossible
    measure or value, PermissionDenied for people who do not manage the whole programme.
    """
    _must_manage(by, programme)
    target, before = _stored_or_new(programme, year, measure)
    target.value = value
    target.full_clean()
    target.save()
    if before != value:
        _trace(by, "target.set", target, before, value)
    return target


@transaction.atomic
def remove_target(*, by: User, target: ProgrammeTarget) -> None:
    """Remove a target; the trail of the programme keeps what it was."""
    _must_manage(by, target.programme)
    _trace(by, "target.removed", target, target.value, None)
    target.delete()


def _stored_or_new(
    programme: Programme, year: int, measure: str
) -> tuple[ProgrammeTarget, float | None]:
    """Return the stored target with its value, or a new one."""
    named: dict[str, Any] = {"measure": measure, "provider_kind": "", "indicator": None}
    if "/" in measure:
        kind, code = measure.split("/", 1)
        indicator = Indicator.objects.filter(pk=_pk(code), provider_kinds__contains=[kind]).first()
        if indicator is None:
            raise ValidationError({"measure": _("This is not measured; choose one of the list.")})
        named = {"measure": Measure.INDICATOR, "provider_kind": kind, "indicator": indicator}
    elif measure not in Measure.values or measure == Measure.INDICATOR:
        raise ValidationError({"measure": _("This is not measured; choose one of the list.")})
    rows = ProgrammeTarget.objects.order_by("pk").select_for_update()
    row = rows.filter(programme=programme, year=year, **named).first()
    if row is not None:
        return row, row.value
    return ProgrammeTarget(programme=programme, year=year, **named), None


def _pk(code: str) -> Any:
    return Indicator.objects.filter(code=code).values_list("pk", flat=True).first()


def _must_manage(by: User, programme: Programme) -> None:
    managed = Programme.objects.managed_by(by, "people.manage")
    if not managed.filter(pk=programme.pk).exists():
        raise PermissionDenied(refusal("people.manage"))


def _trace(
    by: User, verb: str, target: ProgrammeTarget, before: float | None, after: float | None
) -> None:
    fields = {"year": target.year, "measure": key_of(target)}
    record(
        by=by,
        verb=verb,
        subject=target.programme,
        before=None if before is None else {**fields, "value": before},
        after=None if after is None else {**fields, "value": after},
    )
