"""Dated standards of inputs: what providers of a kind should have from a day on.

Like other standards they are replaced, never overwritten: a round is measured against what was
in force on its day.
"""

import uuid
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail
from standards.editing.access import may_edit
from surveys.rounds.models import Entitlement, InputFound


@transaction.atomic
def set_entitlement(*, by: User, replaces: Entitlement | None, **facts: Any) -> Entitlement:
    """Set what providers of a kind should have from ``valid_from`` on.

    ``replaces`` is the standard of the same input that ends the day before; None is a new input.
    ``facts`` are fields of the model. Raises ValidationError, PermissionDenied.
    """
    _demand(by)
    code = replaces.code if replaces else f"set-{uuid.uuid4().hex[:12]}"
    if replaces is not None:
        replaces = Entitlement.objects.select_for_update().get(pk=replaces.pk)
        facts["provider_kind"] = replaces.provider_kind
        facts["indicator_code"] = replaces.indicator_code
        first = facts["valid_from"]
        if first is None or (replaces.valid_from and replaces.valid_from >= first):
            raise ValidationError(
                {"valid_from": [_("Write a day after the one from which the earlier one holds.")]}
            )
        if replaces.valid_to is None or replaces.valid_to >= first:
            _end(by, replaces, first - timedelta(days=1))
    made = Entitlement(code=code, set_by=by, **facts)
    made.full_clean()
    made.save()
    trail.record(by=by, verb="entitlement.set", subject=made, after=_as_row(made))
    return made


@transaction.atomic
def take_back(*, by: User, entitlement: Entitlement) -> None:
    """Delete a standard that was set by mistake; the one before it applies again.

    Raises ValidationError where it was shipped, or a round was measured against it already.
    """
    _demand(by)
    row = Entitlement.objects.select_for_update().get(pk=entitlement.pk)
    if row.set_by_id is None or InputFound.objects.filter(entitlement=row).exists():
        raise ValidationError(_("A round was compared with it already. Replace it instead."))
    before = _as_row(row)
    trail.record(by=by, verb="entitlement.taken_back", subject=row, before=before)
    same = Entitlement.objects.filter(provider_kind=row.provider_kind, code=row.code)
    earlier = same.filter(valid_to=row.valid_from - timedelta(days=1)) if row.valid_from else same
    row.delete()
    for one in earlier.exclude(valid_to=None):
        _end(by, one, None)


def _demand(by: User) -> None:
    if not may_edit(by):
        raise PermissionDenied


def _end(by: User, row: Entitlement, on: date | None) -> None:
    before = _as_row(row)
    row.valid_to = on
    row.save(update_fields=["valid_to"])
    trail.record(by=by, verb="entitlement.ended", subject=row, before=before, after=_as_row(row))


def _as_row(row: Entitlement) -> dict[str, Any]:
    return {
        "kind": row.provider_kind,
        "code": row.code,
        "quantity": row.quantity,
        "from": row.valid_from.isoformat() if row.valid_from else "",
        "to": row.valid_to.isoformat() if row.valid_to else "",
        "source": row.source,
    }
