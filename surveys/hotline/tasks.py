"""Jobs of the hotline: each takes ids, may run twice, and speaks to a company only here."""

import secrets
from datetime import datetime, timedelta

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from standards.models import Service, Standard
from surveys import requests, sealing
from surveys.hotline import callbacks, content, gateway, lines, machine, messages
from surveys.hotline.models import Call, CallBack, Caller, Line, Told
from surveys.models import Contact, Request

TRIES = 3
AGAIN_AFTER = (timedelta(hours=2), timedelta(hours=22))
FIRST_HOUR, LAST_HOUR = 8, 20
"""Nobody is called outside these hours, Phnom Penh's time."""
CDR_KEPT = timedelta(days=396)
CONTACT_KEPT = timedelta(days=30)


def _line() -> Line | None:
    return Line.objects.filter(is_open=True).exclude(company=Line.Company.SIMULATOR).first()


@shared_task(bind=True, max_retries=3, default_retry_delay=60)
def send_answer(self: object, contact_id: int, service: str, option: str) -> int:
    """Text the fee and days of one option, then forget the number; 1 where it was sent."""
    contact = Contact.objects.filter(pk=contact_id, wanted=Contact.Wanted.SMS).first()
    line = _line()
    facts = content.content().facts.by_code.get(service)
    if contact is None or facts is None or line is None:
        return 0
    known = Service.objects.get(code=service)
    row = (
        Standard.objects.in_force(timezone.localdate())
        .filter(service=known, option=option or "standard", provider=None)
        .first()
    )
    words = messages.answer(
        {"km": known.name_km, "en": known.name_en},
        facts.option(option),
        messages.checked_on(row),
        contact.language,
    )
    try:
        gateway.send(line, sealing.opened(bytes(contact.sealed_number)), words)
    except gateway.GatewayError as trouble:
        raise self.retry(exc=trouble) from trouble  # type: ignore[attr-defined]  # bound task
    if contact.request is None:
        contact.delete()
    return 1


@shared_task
def call_due(now: str = "") -> int:
    """Make the calls we owe now, within the hours people may be called; how many were made."""
    moment = datetime.fromisoformat(now) if now else timezone.now()
    if not FIRST_HOUR <= timezone.localtime(moment).hour < LAST_HOUR:
        return 0
    due = CallBack.objects.filter(done_at=None, next_at__lte=moment).order_by("next_at")
    return sum(_call(pk, moment) for pk in due.values_list("pk", flat=True)[:20])


def _call(pk: int, moment: datetime) -> int:
    """Make one owed call; the row is claimed before the company is asked, so none calls twice."""
    with transaction.atomic():
        owed = (
            CallBack.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("contact", "line")
            .filter(pk=pk, done_at=None, next_at__lte=moment)
            .first()
        )
        if owed is None:
            return 0
        key = owed.contact.caller_key
        if Caller.objects.filter(caller_key=key, never_call=True).exists():
            _done(owed, "never_call")
            return 0
        if lines.refuses(owed.line, ""):
            return 0
        owed.tries += 1
        owed.next_at = moment + AGAIN_AFTER[min(owed.tries, len(AGAIN_AFTER)) - 1]
        owed.save(update_fields=["tries", "next_at"])
    try:
        sid = gateway.call(owed.line, sealing.opened(bytes(owed.contact.sealed_number)))
    except (gateway.GatewayError, sealing.BrokenSealError):
        if owed.tries >= TRIES:
            _done(owed, "failed")
        return 0
    Call.objects.get_or_create(
        line=owed.line,
        sid=sid,
        defaults={
            "nonce": secrets.token_urlsafe(24),
            "caller_key": key,
            "direction": Call.Direction.OUTBOUND,
            "request": owed.contact.request,
        },
    )
    if owed.why != CallBack.Why.FOLLOW_UP or owed.tries >= TRIES:
        _done(owed, "called")
    return 1


def _done(owed: CallBack, outcome: str) -> None:
    owed.done_at, owed.outcome = timezone.now(), outcome
    owed.save(update_fields=["done_at", "outcome"])
    if owed.contact.request is None:
        # the promise is kept; the number goes, and the row with it
        owed.contact.delete()


@shared_task
def reconcile() -> int:
    """Ask how the calls ended whose last callback was lost; how many were closed."""
    closed = 0
    for pk in callbacks.unended():
        call = Call.objects.select_related("line").get(pk=pk)
        try:
            known = gateway.ended(call)
        except gateway.GatewayError:
            # after two hours nobody is on the line any more, whoever does not answer us
            old = timezone.now() - call.started_at > timedelta(hours=2)
            known = gateway.Ended(Call.Status.COMPLETED, None) if old else None
        if known is None:
            continue
        with transaction.atomic():
            locked = Call.objects.select_for_update().get(pk=pk)
            if locked.ended_at is None:
                callbacks.end(locked, known.status, known.seconds)
                closed += 1
    return closed


@shared_task
def remind_requests(today: str = "") -> int:
    """On the promised day: text those who wanted a message, owe a call to those who wanted one."""
    day = datetime.fromisoformat(today).date() if today else timezone.localdate()
    line = _line()
    if line is None:
        return 0
    return sum(_remind(line, request.pk) for request in requests.due_for_reminder(day))


def _remind(line: Line, pk: int) -> int:
    with transaction.atomic():
        request = Request.objects.select_for_update().get(pk=pk)
        if request.reminded_at is not None or request.closed_at is not None:
            return 0
        request.reminded_at = timezone.now()
        request.save(update_fields=["reminded_at"])
        for contact in request.contacts.all():
            CallBack.objects.get_or_create(
                line=line,
                contact=contact,
                why=CallBack.Why.FOLLOW_UP,
                defaults={"next_at": timezone.now()},
            )
    return 1


@shared_task
def speak_missing() -> int:
    """Let the machine say what nobody recorded, where a machine may; how many sentences."""
    return machine.speak_missing()


@shared_task
def purge() -> int:
    """Forget keys of callers after thirteen months, numbers kept for nothing after thirty days."""
    old = timezone.now() - CDR_KEPT
    forgotten = Call.objects.filter(started_at__lt=old).exclude(caller_key="").update(caller_key="")
    forgotten += Told.objects.filter(at__lt=old).exclude(caller_key="").update(caller_key="")
    # a wish never to be called is the one thing that is kept
    lapsed, _rows = Caller.objects.filter(last_call_at__lt=old, never_call=False).delete()
    stale = Contact.objects.filter(request=None, given_at__lt=timezone.now() - CONTACT_KEPT)
    gone, _rows = stale.delete()
    return forgotten + lapsed + gone
