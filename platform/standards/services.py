"""Services that change standards, services and holidays; each leaves an audit entry.

Those that change standards themselves are in ``standards.revisions`` and imported here too.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail
from places.models import Place
from standards import options
from standards.models import Document, Holiday, Indicator, Provider, Service, ServiceOption
from standards.posted_fees import post_fee
from standards.revision_steps import EDITABLE, chain, describe_standard, plain
from standards.revisions import (
    add_standard,
    edit_standard,
    succeed_standard,
    undo_succession,
    withdraw_standard,
)

__all__ = [
    "EDITABLE",
    "add_standard",
    "chain",
    "describe_standard",
    "edit_standard",
    "mark_holiday_official",
    "post_fee",
    "retire_service",
    "save_holiday",
    "save_record",
    "succeed_standard",
    "undo_succession",
    "withdraw_standard",
]


Record = Provider | Service | ServiceOption | Document | Indicator


@transaction.atomic
def retire_service(*, service: Service, on: date, by: User | None, reason: str) -> Service:
    """Stop offering a service from ``on``; its standards, cases and scores stay."""
    service = Service.objects.select_for_update().get(pk=service.pk)
    if service.retired_on is not None:
        raise ValidationError(_("This service is already retired."))
    service.retired_on = on
    service.save(update_fields=["retired_on"])
    trail.record(
        by=by,
        verb="service.retired",
        subject=service,
        before={"retired_on": None},
        after={"retired_on": on.isoformat()},
        reason=reason,
    )
    return service


@transaction.atomic
def save_record(*, record: Record, by: User | None, reason: str = "") -> Record:
    """Write a record that standards name, with the old and new values in the audit trail."""
    kind = type(record)
    old = kind._default_manager.filter(pk=record.pk).first() if record.pk else None
    before = _values(old) if old is not None else None
    record.full_clean()
    record.save()
    if isinstance(record, ServiceOption):
        transaction.on_commit(options.forget)
    after = _values(record)
    if before != after:
        verb = f"{kind._meta.model_name}.{'added' if old is None else 'edited'}"
        place = record.place_id if isinstance(record, Provider) else ""
        trail.record(
            by=by,
            verb=verb,
            subject=record,
            place_code=place,
            before=before,
            after=after,
            reason=reason,
        )
    return record


@transaction.atomic
def save_provider(
    *, provider: Provider, serves: Iterable[str], by: User | None, reason: str = ""
) -> Provider:
    """Write an office and the communes of its catchment; both are in the trail.

    Raises ValidationError.
    """
    save_record(record=provider, by=by, reason=reason)
    before = sorted(provider.serves.values_list("code", flat=True))
    after = sorted(set(serves))
    if before != after:
        provider.serves.set(Place.objects.filter(code__in=after))
        trail.record(
            by=by,
            verb="provider.catchment_changed",
            subject=provider,
            place_code=provider.place_id,
            before={"serves": before},
            after={"serves": after},
            reason=reason,
        )
    return provider


@transaction.atomic
def mark_holiday_official(
    *, holiday: Holiday, by: User | None, source: str, cancelled: bool = False, reason: str = ""
) -> Holiday:
    """Record from the sub-decree that the day is a holiday, or (``cancelled``) offices worked."""
    if not source.strip():
        raise ValidationError({"source": _("Name the sub-decree and where it was seen.")})
    changed = Holiday.objects.select_for_update().get(pk=holiday.pk)
    changed.is_official = True
    changed.is_cancelled = cancelled
    changed.source = source
    return save_holiday(holiday=changed, by=by, reason=reason)


@transaction.atomic
def save_holiday(*, holiday: Holiday, by: User | None, reason: str = "") -> Holiday:
    """Write a holiday that a person has added or changed; loaders never touch it again."""
    old = Holiday.objects.filter(pk=holiday.pk).first() if holiday.pk else None
    before = _values(old) if old is not None else None
    holiday.full_clean()
    holiday.save()
    trail.record(
        by=by,
        verb="holiday.added" if old is None else "holiday.edited",
        subject=holiday,
        before=before,
        after=_values(holiday),
        reason=reason,
    )
    return holiday


def _values(record: Model) -> dict[str, Any]:
    skipped = {"id", "changed_at"}
    return {
        f.attname: plain(f.value_from_object(record))
        for f in record._meta.concrete_fields
        if f.attname not in skipped
    }
