"""Common steps of adding, correcting, succeeding and withdrawing standards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail
from jobs import messages
from standards.coverage import DAY, Days, Line, line_of, rows_of
from standards.models import (
    Document,
    Provider,
    Service,
    Standard,
    StandardChange,
    StandardDocument,
)

REJUDGE = "surveys.tasks.rejudge_cases"
REJUDGE_ASKED = "standards:rejudge-asked"
REJUDGE_ASKED_SECONDS = 60

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


@dataclass(frozen=True)
class Who:
    """The author of a change of standards (a person or a job) and the reason."""

    by: User | None
    reason: str
    job: str = ""


def chain(standard: Standard) -> list[Standard]:
    """Return every row of one standard, from the first that was written to the last."""
    rows = [standard]
    while (before := rows[0].replaces) is not None:
        rows.insert(0, before)
    while (after := Standard.objects.filter(replaces=rows[-1]).first()) is not None:
        rows.append(after)
    return rows


def describe_standard(standard: Standard) -> dict[str, Any]:
    """Return a standard as the audit trail keeps it: every value, documents by code."""
    values: dict[str, Any] = {name: plain(getattr(standard, name)) for name in EDITABLE}
    values["service"] = standard.service.code
    values["option"] = standard.option
    values["provider"] = standard.provider.code if standard.provider is not None else None
    values["documents"] = [document.code for document in documents_of(standard)]
    return values


def documents_of(standard: Standard) -> list[Document]:
    """Return the documents on the list of a standard, in their order."""
    return [row.document for row in standard.required.select_related("document")]


def locked(standard: Standard, who: Who) -> Standard:
    """Return the row as it stands, held until the transaction ends.

    Raises ValidationError where it was replaced, or where no reason is given.
    """
    old = (
        Standard.objects.select_for_update(of=("self",))
        .select_related("service", "provider")
        .get(pk=standard.pk)
    )
    if old.replaced_at is not None:
        raise ValidationError(_("Someone else has replaced this standard meanwhile."))
    if not who.reason.strip():
        raise ValidationError({"reason": _("Say why the standard is changed.")})
    return old


def check_start(old: Standard, starts_on: date) -> None:
    """Raise ValidationError where a successor of ``old`` cannot begin on this day."""
    if old.valid_from is not None and starts_on <= old.valid_from:
        sentence = (
            _("This standard itself begins on that day. Correct it instead.")
            if starts_on == old.valid_from
            else _("This standard begins later. Choose a day after its first day.")
        )
        raise ValidationError({"starts_on": sentence})
    if old.valid_to is not None and starts_on > old.valid_to:
        rows = rows_of(line_of(old))
        if any(row.covers(starts_on) for row in rows):
            raise ValidationError(
                {"starts_on": _("Another standard is in force on that day. Change that one.")}
            )


def end(old: Standard) -> None:
    old.replaced_at = timezone.now()
    old.save(update_fields=["replaced_at"])


def put_in_place_of(
    old: Standard, values: dict[str, Any], documents: Sequence[Document], who: Who
) -> Standard:
    """Write the row that replaces ``old``, with both in the audit trail."""
    new = Standard(service=old.service, option=old.option, provider=old.provider, replaces=old)
    for name, value in values.items():
        setattr(new, name, value)
    write(new, who.by, documents)
    record("standard.replaced", new, who, before={"id": old.pk, **describe_standard(old)})
    return new


def neighbours(old: Standard) -> tuple[Standard | None, Standard | None]:
    """Return standards that end the day before ``old`` begins and begin the day after it ends."""
    before = after = None
    for row in rows_of(line_of(old)):
        if old.valid_from is not None and row.valid_to == old.valid_from - DAY:
            before = row
        if old.valid_to is not None and row.valid_from == old.valid_to + DAY:
            after = row
    return before, after


def move_neighbours(old: Standard, first: date | None, last: date | None, who: Who) -> None:
    """Let the neighbouring standards of ``old`` end and begin where its corrected days do."""
    before, after = neighbours(old)
    if before is not None and first != old.valid_from:
        if first is None or (before.valid_from is not None and first <= before.valid_from):
            raise ValidationError(
                {"valid_from": _("The standard before it would have no day left.")}
            )
        _move(before, {"valid_to": first - DAY}, who)
    if after is not None and last != old.valid_to:
        if last is None or (after.valid_to is not None and last >= after.valid_to):
            raise ValidationError({"valid_to": _("The standard after it would have no day left.")})
        _move(after, {"valid_from": last + DAY}, who)


def _move(row: Standard, days: dict[str, date], who: Who) -> None:
    end(row)
    values = {name: getattr(row, name) for name in EDITABLE} | days
    put_in_place_of(row, values, documents_of(row), who)


def day_before_next(line: Line, on: date) -> date | None:
    """Return the last day that a standard beginning on ``on`` can have; None where none follows."""
    starts = [row.valid_from for row in rows_of(line) if row.valid_from and row.valid_from > on]
    return min(starts) - DAY if starts else None


def span(*rows: Standard) -> Days:
    """Return the range from the first day of all to the last."""
    firsts = [row.valid_from for row in rows]
    lasts = [row.valid_to for row in rows]
    return (
        None if None in firsts else min(day for day in firsts if day),
        None if None in lasts else max(day for day in lasts if day),
    )


def tell_cases(line: Line, days: Days, who: Who) -> None:
    """Record the change, so that ``surveys`` finds the standard of cases of these days again."""
    service, option, provider = line
    StandardChange.objects.create(
        service_id=service,
        option=option,
        provider_id=provider,
        valid_from=days[0],
        valid_to=days[1],
        reason=who.reason,
        by=who.by,
    )
    transaction.on_commit(_wake, robust=True)


def _wake() -> None:
    """Ask a worker to judge cases again, unless it was asked and has not begun yet.

    Loading a country changes fifty standards at once; one task handles all of them. A sweep every
    ten minutes replaces a lost message.
    """
    if cache.add(REJUDGE_ASKED, 1, REJUDGE_ASKED_SECONDS):
        messages.send(REJUDGE)


def rejudging_begins() -> None:
    """Let the next change ask again; the task calls this before it reads the changes."""
    cache.delete(REJUDGE_ASKED)


def record(
    verb: str,
    standard: Standard,
    who: Who,
    *,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None = None,
) -> None:
    trail.record(
        by=who.by,
        verb=verb,
        subject=standard,
        place_code=standard.provider.place_id if standard.provider is not None else "",
        before=before,
        after=describe_standard(standard) if after is None else after,
        reason=who.reason,
        job=who.job,
    )


def write(standard: Standard, by: User | None, documents: Sequence[Document]) -> None:
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


def check_provider(service: Service, provider: Provider | None) -> None:
    if provider is None:
        return
    if provider.kind != service.provider_kind:
        raise ValidationError({"provider": _("This provider does not give this service.")})


def refuse_unknown(values: dict[str, Any]) -> None:
    if unknown := set(values) - set(EDITABLE):
        raise TypeError(f"not a part of a standard: {', '.join(sorted(unknown))}")


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
