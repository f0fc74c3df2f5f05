"""Background jobs of the hotline: each takes ids and may run twice; only these call the company."""

import logging
import secrets
from datetime import datetime, timedelta

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from surveys import phone_numbers, requests
from surveys.hotline import (
    bursts,
    callbacks,
    gateway,
    lines,
    outbound_calls,
    self_test_call,
    speech_synthesis,
    texts,
    verification_calls,
)
from surveys.hotline.models import Call, CallBack, Caller, Event, Line, TextMessage, Told
from surveys.models import Contact, Request

log = logging.getLogger(__name__)
CDR_KEPT = timedelta(days=396)
CONTACT_KEPT = timedelta(days=30)
AT_ONCE = 20
"""Owed calls made by one job; a company takes about one a second."""


def _line() -> Line | None:
    return Line.objects.filter(is_open=True).exclude(company=Line.Company.SIMULATOR).first()


@shared_task
def send_text(pk: int, now: str = "") -> int:
    """Send one text message if it is due; 1 where the company accepted it."""
    line = _line()
    moment = datetime.fromisoformat(now) if now else timezone.now()
    return texts.send(pk, line, moment) if line is not None else 0


@shared_task
def send_due_texts(now: str = "") -> int:
    """Send the text messages that are due; return how many the company accepted."""
    line = _line()
    moment = datetime.fromisoformat(now) if now else timezone.now()
    return sum(texts.send(pk, line, moment) for pk in texts.due(moment)) if line is not None else 0


@shared_task
def forget_words(line_id: int, sid: str) -> int:
    """Ask the company to delete the words of a message that was sent or failed; 1 where it did."""
    line = Line.objects.filter(pk=line_id).first()
    return texts.empty(line, sid) if line is not None else 0


@shared_task
def forget_all_words() -> int:
    """Ask again for messages whose words the company has not deleted yet.

    Return how many it did.
    """
    return sum(forget_words(line, sid) for line, sid in texts.to_empty(timezone.now()))


@shared_task
def call_due(now: str = "") -> int:
    """Make the calls we owe now, within the permitted hours; return how many were made."""
    moment = datetime.fromisoformat(now) if now else timezone.now()
    if not outbound_calls.may_call(moment):
        return 0
    return sum(_call(pk, moment) for pk in outbound_calls.due(moment, AT_ONCE))


def _call(pk: int, moment: datetime) -> int:
    """Make one owed call and return how many were made: 1 or 0."""
    kept = _claimed(pk, moment)
    if kept is None or kept.contact is None:
        return 0
    try:
        sid = gateway.call(kept.line, phone_numbers.opened(bytes(kept.contact.sealed_number)))
    except (gateway.RefusedError, phone_numbers.BrokenSealError):
        outbound_calls.done(kept, CallBack.Outcome.REFUSED)
        return 0
    except gateway.AccountError:
        # not the number's fault: the try does not count
        kept.tries -= 1
        kept.next_at = moment + texts.ACCOUNT_WAIT
        kept.save(update_fields=["tries", "next_at"])
        return 0
    except gateway.GatewayError:
        if kept.tries >= outbound_calls.TRIES:
            outbound_calls.done(kept, CallBack.Outcome.FAILED)
        return 0
    _record_call(kept, kept.contact, sid)
    return 1


def _claimed(pk: int, moment: datetime) -> CallBack | None:
    """Claim an owed call that is due, or return None.

    The try is stored before the company is asked, so that two workers never call twice.
    """
    with transaction.atomic():
        kept = (
            CallBack.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("contact", "line")
            .filter(pk=pk, done_at=None, next_at__lte=moment, tries__lt=outbound_calls.TRIES)
            .first()
        )
        if kept is None or kept.contact is None:
            return None
        if Caller.objects.filter(caller_key=kept.caller_key, never_call=True).exists():
            outbound_calls.done(kept, CallBack.Outcome.NEVER_CALL)
            return None
        if lines.refuses(kept.line, ""):
            return None
        kept.tries += 1
        kept.next_at = outbound_calls.next_try(kept.tries, moment)
        kept.save(update_fields=["tries", "next_at"])
    return kept


def _record_call(kept: CallBack, contact: Contact, sid: str) -> None:
    """Store the call that the company began under ``sid``; its callback may have come first."""
    facts = {
        "caller_key": kept.caller_key,
        "request": contact.request,
        "owed": kept,
        "language": contact.language,
    }
    Call.objects.update_or_create(
        line=kept.line,
        sid=sid,
        defaults=facts,
        create_defaults={
            **facts,
            "nonce": secrets.token_urlsafe(24),
            "direction": Call.Direction.OUTBOUND,
        },
    )


@shared_task
def reconcile() -> int:
    """Ask how the calls ended whose last callback was lost; return how many were closed."""
    closed = 0
    for pk in callbacks.unended():
        call = Call.objects.select_related("line").get(pk=pk)
        try:
            ended = gateway.ended(call)
        except gateway.UnknownError:
            # the company does not know the call any more: it is over
            ended = gateway.Ended(Call.Status.COMPLETED, None)
        except gateway.GatewayError:
            # after two hours the call is over, even if the company does not answer
            old = timezone.now() - call.started_at > timedelta(hours=2)
            ended = gateway.Ended(Call.Status.COMPLETED, None) if old else None
        if ended is None:
            continue
        with transaction.atomic():
            locked = Call.objects.select_for_update().get(pk=pk)
            if locked.ended_at is None:
                callbacks.end(locked, ended.status, ended.seconds)
                Event.objects.get_or_create(
                    line=locked.line,
                    sid=locked.sid,
                    kind=callbacks.RECONCILED,
                    defaults={"said": {}},
                )
                closed += 1
    return closed


@shared_task
def remind_requests(today: str = "") -> int:
    """Remind citizens on the promised day.

    Text those who wanted a message, owe the others a call.
    """
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
            if contact.wanted == Contact.Wanted.SMS:
                texts.remind(contact)
                continue
            CallBack.objects.get_or_create(
                line=line,
                contact=contact,
                caller_key=contact.caller_key,
                why=CallBack.Why.FOLLOW_UP,
                defaults={"next_at": timezone.now()},
            )
    return 1


@shared_task
def try_a_call() -> int:
    """Make a test call to every open line; return on how many a caller would hear a price.

    A failure is logged as an error with its reason.
    """
    heard = 0
    for line in Line.objects.filter(is_open=True):
        try:
            heard += self_test_call.walk(line) > 0
        except Exception:
            log.exception("a caller of line %s would not hear a price", line.pk)
    return heard


@shared_task
def watch_bursts() -> int:
    """Look for far more calls, reports or minutes than usual; return how many bursts were new."""
    return bursts.watch()


@shared_task
def speak_missing() -> int:
    """Speak by machine what nobody recorded, where that is permitted; return how many sentences."""
    return speech_synthesis.speak_missing()


@shared_task
def purge() -> int:
    """Delete keys of callers after thirteen months, and unused numbers after thirty days."""
    old = timezone.now() - CDR_KEPT
    forgotten = Call.objects.filter(started_at__lt=old).exclude(caller_key="").update(caller_key="")
    forgotten += Told.objects.filter(at__lt=old).exclude(caller_key="").update(caller_key="")
    forgotten += (
        CallBack.objects.filter(made_at__lt=old).exclude(caller_key="").update(caller_key="")
    )
    forgotten += (
        TextMessage.objects.filter(made_at__lt=old).exclude(caller_key="").update(caller_key="")
    )
    # the wish never to be called is the only thing kept
    lapsed, _rows = Caller.objects.filter(last_call_at__lt=old, never_call=False).delete()
    stale = Contact.objects.filter(request=None, given_at__lt=timezone.now() - CONTACT_KEPT)
    gone, _rows = stale.delete()
    verification_calls.close_those_without_a_number()
    return forgotten + lapsed + gone
