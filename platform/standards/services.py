"""Everything that changes standards, fees, services and holidays; each leaves an audit entry.

A standard is replaced, never rewritten: an edit makes a new row and marks the old one
``replaced_at``. Cases keep pointing to the row they were judged by.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail
from standards.models import (
    Currency,
    Document,
    Holiday,
    Indicator,
    Provider,
    Service,
    Standard,
    StandardDocument,
)

# What an edit may change. The service, option and provider are what a standard is about:
# another service is another standard.
EDITABLE = (
    "fee",
    "fee_concession",
    "currency",
    "fee_unit",
    "days_max",
    "day_kind",
    "valid_years",
    "documents_known",
    "valid_from",
    "valid_to",
    "legal_basis_km",
    "legal_basis_en",
    "source",
    "completeness_km",
    "completeness_en",
    "checked_on",
)


def chain(standard: Standard) -> list[Standard]:
    """Every row of one standard, from the first that was written to the last."""
    rows = [standard]
    while (before := rows[0].replaces) is not None:
        rows.insert(0, before)
    while (after := Standard.objects.filter(replaces=rows[-1]).first()) is not None:
        rows.append(after)
    return rows


def describe_standard(standard: Standard) -> dict[str, Any]:
    """A standard as the audit trail keeps it: every value, documents by code."""
    values: dict[str, Any] = {name: _plain(getattr(standard, name)) for name in EDITABLE}
    values["service"] = standard.service.code
    values["option"] = standard.option
    values["provider"] = standard.provider.code if standard.provider is not None else None
    values["documents"] = [
        row.document.code for row in standard.required.select_related("document")
    ]
    return values


@transaction.atomic
def add_standard(
    *,
    service: Service,
    by: User | None,
    reason: str,
    option: str = "standard",
    provider: Provider | None = None,
    documents: Sequence[Document] | None = None,
    job: str = "",
    **values: Any,
) -> Standard:
    """Write a standard that did not exist before.

    ``documents`` None means that no list was ever published, an empty list that no
    paper may be asked; ``documents_known=False`` beside a list says that it is not
    whole. Raises ValidationError with a sentence where another standard is in force on
    one of its days, or where the values contradict each other.
    """
    _refuse_unknown(values)
    if service.retired_on is not None:
        raise ValidationError({"service": _("This service is retired.")})
    _check_provider(service, provider)
    standard = Standard(service=service, option=option, provider=provider, **values)
    standard.documents_known = values.get("documents_known", documents is not None)
    _write(standard, by, documents or ())
    trail.record(
        by=by,
        verb="standard.added",
        subject=standard,
        place_code=provider.place_id if provider is not None else "",
        after=describe_standard(standard),
        reason=reason,
        job=job,
    )
    return standard


@transaction.atomic
def edit_standard(
    *,
    standard: Standard,
    by: User | None,
    reason: str,
    documents: Sequence[Document] | None = None,
    job: str = "",
    **changes: Any,
) -> Standard:
    """Correct a standard: a new row takes its place, the old one stays for its cases.

    ``changes`` are any of ``EDITABLE``; ``documents`` is the whole new list. Returns
    the row in force, which is the old one where nothing would change. Raises
    ValidationError where the row was replaced meanwhile, the reason is empty, or the
    new values contradict each other or another standard.
    """
    _refuse_unknown(changes)
    old = Standard.objects.select_for_update(of=("self",)).get(pk=standard.pk)
    if old.replaced_at is not None:
        raise ValidationError(_("Someone else has replaced this standard meanwhile."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the standard is changed.")})
    before = describe_standard(old)
    papers = [row.document for row in old.required.select_related("document")]
    wanted = papers if documents is None else list(documents)
    if documents is not None:
        changes["documents_known"] = changes.get("documents_known", True)
    new = Standard(service=old.service, option=old.option, provider=old.provider, replaces=old)
    for name in EDITABLE:
        setattr(new, name, changes.get(name, getattr(old, name)))
    unchanged = all(getattr(new, name) == getattr(old, name) for name in EDITABLE)
    if unchanged and wanted == papers:
        return old
    old.replaced_at = timezone.now()
    old.save(update_fields=["replaced_at"])
    _write(new, by, wanted)
    trail.record(
        by=by,
        verb="standard.replaced",
        subject=new,
        place_code=old.provider.place_id if old.provider is not None else "",
        before={"id": old.pk, **before},
        after=describe_standard(new),
        reason=reason,
        job=job,
    )
    return new


@transaction.atomic
def succeed_standard(
    *,
    standard: Standard,
    starts_on: date,
    by: User | None,
    reason: str,
    documents: Sequence[Document] | None = None,
    **changes: Any,
) -> Standard:
    """A new law: end ``standard`` the day before ``starts_on`` and begin its successor.

    Values not named carry over. Cases asked before ``starts_on`` stay judged by the old
    promise, cases asked from then on by the new one. Returns the successor.
    """
    ended = edit_standard(
        standard=standard, by=by, reason=reason, valid_to=starts_on - timedelta(days=1)
    )
    values = {name: getattr(ended, name) for name in EDITABLE} | {"valid_to": None} | changes
    known = values.pop("documents_known")
    values["valid_from"] = starts_on
    papers: Sequence[Document] | None = documents
    if papers is None and known:
        papers = [row.document for row in ended.required.select_related("document")]
    return add_standard(
        service=ended.service,
        option=ended.option,
        provider=ended.provider,
        by=by,
        reason=reason,
        documents=papers,
        **values,
    )


@transaction.atomic
def post_fee(
    *,
    provider: Provider,
    service: Service,
    by: User | None,
    fee: int,
    posted_on: date,
    fee_concession: int | None = None,
    option: str = "standard",
    currency: str = Currency.KHR,
    fee_unit: str = "",
    source: str = "",
    reason: str = "",
) -> Standard:
    """Write down the fee that a provider has posted on its own wall, from ``posted_on`` on.

    Only for services whose fee the law leaves to the provider. A fee it had posted
    before ends the day before; what else was promised (days, documents) carries over.
    """
    if not service.fee_by_provider:
        raise ValidationError(
            {"service": _("The fee of this service is set nationally, not by the provider.")}
        )
    words = reason or _("fee posted by the provider")
    values: dict[str, Any] = {
        "fee": fee,
        "fee_concession": fee_concession,
        "currency": currency,
        "fee_unit": fee_unit,
        "source": source,
        "checked_on": timezone.localdate(),
    }
    before = (
        Standard.objects.in_force(posted_on)
        .filter(provider=provider, service=service, option=option)
        .first()
    )
    if before is None:
        return add_standard(
            service=service,
            provider=provider,
            option=option,
            by=by,
            reason=words,
            valid_from=posted_on,
            **values,
        )
    if before.valid_from == posted_on:
        return edit_standard(standard=before, by=by, reason=words, **values)
    return succeed_standard(standard=before, starts_on=posted_on, by=by, reason=words, **values)


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
def save_record(
    *, record: Provider | Service | Document | Indicator, by: User | None, reason: str = ""
) -> Provider | Service | Document | Indicator:
    """Write a provider, service, document or indicator with the old and new values in the trail."""
    kind = type(record)
    old = kind._default_manager.filter(pk=record.pk).first() if record.pk else None
    before = _values(old) if old is not None else None
    record.full_clean()
    record.save()
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
def mark_holiday_official(
    *, holiday: Holiday, by: User | None, source: str, cancelled: bool = False, reason: str = ""
) -> Holiday:
    """Say that the sub-decree was seen: the day is a holiday, or (``cancelled``) offices worked."""
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


def _write(standard: Standard, by: User | None, documents: Sequence[Document]) -> None:
    standard.recorded_by = by
    standard.full_clean()
    try:
        with transaction.atomic():
            standard.save()
    except IntegrityError as error:
        # Two people at once: each saw no overlap, the constraint lets only one of them in.
        raise ValidationError(
            _("Another standard for this service and option is in force on one of these days.")
        ) from error
    StandardDocument.objects.bulk_create(
        StandardDocument(standard=standard, document=document, position=position)
        for position, document in enumerate(dict.fromkeys(documents))
    )


def _check_provider(service: Service, provider: Provider | None) -> None:
    if provider is None:
        return
    if provider.kind != service.provider_kind:
        raise ValidationError({"provider": _("This provider does not give this service.")})


def _refuse_unknown(values: dict[str, Any]) -> None:
    if unknown := set(values) - set(EDITABLE):
        raise TypeError(f"not a part of a standard: {', '.join(sorted(unknown))}")


def _values(record: Model) -> dict[str, Any]:
    skipped = {"id", "changed_at"}
    return {
        f.attname: _plain(f.value_from_object(record))
        for f in record._meta.concrete_fields
        if f.attname not in skipped
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
