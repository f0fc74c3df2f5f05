"""Following a request: opened under a code, reminded on the promised day, closed by the citizen.

The same for the app and the hotline. A request is a case from its first day (status
"open"), so that an office that never answers shows in its scores; its citizen needs no
account and no name, only the code.
"""

import secrets
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.permissions import covered
from audit import trail
from standards.calendar import promised_day
from surveys import phone_numbers
from surveys.models import Case, Contact, Request, Status
from surveys.services import ReportedCase, correct_case, record_case

CODE_DIGITS = 8
MOST_WAITING = 300
CONSENT = "2026-11"
"""The version of the words by which a citizen agrees to be called or texted."""


class UnknownRequestError(LookupError):
    """No request is stored under that code."""


@dataclass(frozen=True)
class Following:
    """The state of a request on a day: its promised day, and whether that has passed."""

    case: Case
    promised: date | None
    overdue: bool
    closed: bool


@transaction.atomic
def open_request(
    *,
    commune: str,
    service: str,
    asked_on: date,
    channel: str,
    option: str = "",
    provider: str = "",
    number: str = "",
    wanted: str = Contact.Wanted.SMS,
    language: str = "km",
    office_may_see: bool = False,
    today: date | None = None,
) -> tuple[Request, str]:
    """Store a request on the server; return it and its code, which is shown once.

    A ``number`` is only given by a citizen who agreed to be called or texted. Raises
    ValidationError (sentences by field, as ``record_case``) and
    ``phone_numbers.UnreadableNumberError``.
    """
    recorded = record_case(
        by=None,
        job=channel,
        today=today,
        reported=ReportedCase(
            case_id=f"request-{secrets.token_hex(8)}",
            commune=commune,
            service=service,
            option=option,
            provider=provider,
            asked_on=asked_on,
            status=Status.OPEN,
            channel=channel,
        ),
    )
    code = _unused_code()
    kept = Request.objects.create(
        code_hash=phone_numbers.code_hash(code),
        case=recorded.observation,
        office_may_see=office_may_see,
    )
    if number:
        keep_contact(number=number, wanted=wanted, language=language, request=kept)
    return kept, code


def _unused_code() -> str:
    while True:
        code = "".join(secrets.choice("0123456789") for _digit in range(CODE_DIGITS))
        if not Request.objects.filter(code_hash=phone_numbers.code_hash(code)).exists():
            return code


def keep_contact(
    *, number: str, wanted: str, language: str, request: Request | None = None
) -> Contact:
    """Store a number, encrypted, for the one purpose its owner asked for."""
    international = phone_numbers.international(number)
    contact, _made = Contact.objects.update_or_create(
        request=request,
        caller_key=phone_numbers.caller_key(international),
        wanted=wanted,
        defaults={
            "sealed_number": phone_numbers.sealed(international),
            "language": language,
            "consent_version": CONSENT,
        },
    )
    return contact


def find_request(code: str) -> Request:
    """Return the request kept under ``code`` (digits only); raises UnknownRequestError."""
    request = (
        Request.objects.filter(code_hash=phone_numbers.code_hash(code))
        .select_related("case__service", "case__standard", "case__commune", "case__provider")
        .first()
    )
    if request is None or request.case.voided_at is not None:
        raise UnknownRequestError
    return request


def following(request: Request, today: date | None = None) -> Following:
    """Return the state of the request today: promised day, overdue, closed."""
    today = today or timezone.localdate()
    promised = promised_day(request.case.asked_on, request.case.standard)
    closed = request.closed_at is not None
    return Following(
        request.case, promised, bool(promised and promised < today and not closed), closed
    )


@transaction.atomic
def close_request(
    *,
    request: Request,
    channel: str,
    received_on: date | None = None,
    status: str = Status.RECEIVED,
    fee_paid: int | None = None,
    currency: str = "KHR",
    visits: int | None = None,
    receipt: bool | None = None,
    today: date | None = None,
) -> Request:
    """Close a request with its outcome; its case is corrected, its contacts are deleted.

    Closing a closed request changes nothing. Raises ValidationError.
    """
    request = Request.objects.select_for_update().get(pk=request.pk)
    if request.closed_at is not None:
        return request
    today = today or timezone.localdate()
    correct_case(
        case=request.case,
        by=None,
        job=channel,
        reason="closed by the citizen",
        today=today,
        status=status,
        received_on=(received_on or today) if status == Status.RECEIVED else None,
        fee_paid=fee_paid,
        currency=currency,
        visits=visits,
        receipt=receipt,
    )
    request.closed_at = timezone.now()
    request.save(update_fields=["closed_at"])
    purged, _rows = Contact.objects.filter(request=request).delete()
    trail.record(
        by=None,
        job=channel,
        verb="request.closed",
        subject=request,
        place_code=request.case.commune_id,
        after={"contacts_purged": purged},
    )
    return request


@transaction.atomic
def still_waiting(*, request: Request, channel: str) -> Request:
    """Record that nothing came yet; the case stays open and becomes late by itself."""
    request.waiting_told_at = timezone.now()
    request.save(update_fields=["waiting_told_at"])
    trail.record(
        by=None,
        job=channel,
        verb="request.still_waiting",
        subject=request,
        place_code=request.case.commune_id,
    )
    return request


@dataclass(frozen=True)
class Waiting:
    """A request that waits at an office, as its officials may see it.

    It holds nothing of the citizen.
    """

    case: Case
    promised: date | None
    overdue: bool


def waiting_at_offices(user: object, today: date | None = None) -> list[Waiting]:
    """Return open requests at the offices of this person's places whose citizens agreed to be seen.

    Overdue ones first, the oldest promise on top. Without the citizen's consent a request is in no
    list of an office: in a small office everybody would know whose it is.
    """
    today = today or timezone.localdate()
    rows = (
        Request.objects.filter(
            covered(user, "plans.report", place="case__commune__code"),
            closed_at=None,
            office_may_see=True,
            case__voided_at=None,
        )
        .select_related("case__service", "case__standard", "case__provider", "case__commune")
        .order_by("case__asked_on")[:MOST_WAITING]
    )
    requests = []
    for row in rows:
        promised = promised_day(row.case.asked_on, row.case.standard)
        requests.append(Waiting(row.case, promised, bool(promised and promised < today)))
    return sorted(requests, key=lambda one: (not one.overdue, one.promised or date.max))


def due_for_reminder(today: date | None = None) -> list[Request]:
    """Return open requests with a contact whose promised day has come, not reminded yet."""
    today = today or timezone.localdate()
    waiting = (
        Request.objects.filter(closed_at=None, reminded_at=None, contacts__isnull=False)
        .select_related("case__standard")
        .distinct()
    )
    return [
        r for r in waiting if (p := promised_day(r.case.asked_on, r.case.standard)) and p <= today
    ]
