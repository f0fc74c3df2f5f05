"""Calls we owe: promised, made within the permitted hours, and settled when they end."""

from datetime import datetime, time, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from surveys import phone_numbers, requests
from surveys.hotline.facts import CHECK_CONSENT
from surveys.hotline.models import Call, CallBack, Caller, Line, Step, TextMessage, Told
from surveys.models import Contact

TRIES: Final = 3
FIRST_HOUR, LAST_HOUR = 8, 20
"""Nobody is called outside these hours, Phnom Penh's time."""
CALL_BACKS_A_DAY: Final = 3
MISSED_CALL_WAIT: Final = timedelta(seconds=30)
MISSED_CALL_ONCE: Final = timedelta(minutes=10)
ASKED_WAIT: Final = timedelta(minutes=10)
EVENING: Final = time(18)


def owe(
    line: Line,
    number: str,
    why: str,
    wait: timedelta,
    *,
    reported: Told | None = None,
    language: str = "",
    commitment: str = "",
) -> bool:
    """Promise a call; False where none can be promised (number withheld, three a day, "never").

    Asking for a call by key cancels an earlier "never call me"; a missed call does not, nor does
    the consent to check a report.
    """
    key = key_of(number)
    if not key:
        return False
    never = Caller.objects.filter(caller_key=key, never_call=True)
    if why == CallBack.Why.ASKED:
        never.update(never_call=False)
    elif never.exists():
        return False
    day = timezone.now() - timedelta(days=1)
    if CallBack.objects.filter(caller_key=key, made_at__gte=day).count() >= CALL_BACKS_A_DAY:
        return False
    contact = requests.keep_contact(number=number, wanted=Contact.Wanted.CALL, language=language)
    CallBack.objects.create(
        line=line,
        contact=contact,
        caller_key=key,
        why=why,
        next_at=timezone.now() + wait,
        told=reported,
        consent=CHECK_CONSENT if reported else "",
        commitment=commitment,
    )
    return True


def owe_missed_call(line: Line, number: str) -> None:
    """Promise a call after a missed call, by which a caller asks for it free of charge.

    Promised once in ten minutes.
    """
    recent = CallBack.objects.filter(
        line=line,
        why=CallBack.Why.MISSED_CALL,
        caller_key=key_of(number),
        made_at__gte=timezone.now() - MISSED_CALL_ONCE,
        done_at=None,
    )
    if not recent.exists():
        owe(line, number, CallBack.Why.MISSED_CALL, MISSED_CALL_WAIT)


def key_of(number: str) -> str:
    """Return the keyed hash of a number, "" where it is withheld or cannot be called."""
    try:
        return phone_numbers.caller_key(phone_numbers.international(number))
    except phone_numbers.UnreadableNumberError:
        return ""


def may_call(moment: datetime) -> bool:
    """Return whether people may be called at this moment."""
    return FIRST_HOUR <= timezone.localtime(moment).hour < LAST_HOUR


def due(moment: datetime, most: int) -> list[int]:
    """Return promises to keep now, the oldest first, by primary key; checks are made by people."""
    call_backs = CallBack.objects.filter(
        done_at=None, next_at__lte=moment, contact__isnull=False, tries__lt=TRIES
    ).exclude(why=CallBack.Why.CHECK)
    return list(call_backs.order_by("next_at").values_list("pk", flat=True)[:most])


def next_try(tries: int, moment: datetime) -> datetime:
    """Return when to try again: in two hours, then the next day at 18:00."""
    if tries <= 1:
        return moment + timedelta(hours=2)
    tomorrow = timezone.localdate(moment) + timedelta(days=1)
    return timezone.make_aware(datetime.combine(tomorrow, EVENING))


def settle(call: Call) -> None:
    """Record the end of a call of ours: a person reached, or tried three times, is not called
    again.

    A person counts as reached who pressed a key: a voicemail answers without pressing any, and
    would otherwise use up the promise.
    """
    if call.owed_id is None:
        return
    kept = CallBack.objects.select_for_update().filter(pk=call.owed_id, done_at=None).first()
    if kept is None:
        return
    pressed = call.steps.filter(result__in=(Step.Result.KEY, Step.Result.INVALID)).exists()
    if call.status == Call.Status.COMPLETED and pressed:
        done(kept, CallBack.Outcome.REACHED)
    elif kept.tries >= TRIES:
        done(kept, CallBack.Outcome.NOT_REACHED)


@transaction.atomic
def done(kept: CallBack, outcome: str) -> None:
    """Close a promise: the number is deleted, unless a request or call still needs it."""
    contact = kept.contact
    kept.done_at, kept.outcome = timezone.now(), outcome
    kept.save(update_fields=["done_at", "outcome"])
    if contact is None or contact.request_id is not None:
        return
    if CallBack.objects.filter(contact=contact, done_at=None).exists():
        kept.contact = None
        kept.save(update_fields=["contact"])
        return
    contact.delete()


def never_call(caller_key: str) -> None:
    """Record that this caller must never be called, and delete every number of theirs."""
    if not caller_key:
        return
    Caller.objects.update_or_create(caller_key=caller_key, defaults={"never_call": True})
    CallBack.objects.filter(caller_key=caller_key, done_at=None).update(
        done_at=timezone.now(), outcome=CallBack.Outcome.NEVER_CALL
    )
    TextMessage.objects.filter(caller_key=caller_key, done_at=None).update(
        done_at=timezone.now(), outcome=TextMessage.Outcome.OPTED_OUT, sealed_number=None
    )
    Contact.objects.filter(caller_key=caller_key).delete()
