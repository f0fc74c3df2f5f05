"""The end of calls and messages: from the company's callback, or asked where that was lost."""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from jobs import messages
from surveys.hotline import commitment_answers, menu_effects, outbound_calls
from surveys.hotline.lines import seconds_of
from surveys.hotline.models import Call, Event, Line

ENDED = {
    Call.Status.COMPLETED,
    Call.Status.BUSY,
    Call.Status.NO_ANSWER,
    Call.Status.CANCELED,
    Call.Status.FAILED,
    Call.Status.MISSED,
    Call.Status.DECLINED,
}
CALL_STATES: Final = {
    *(Call.Status.RINGING, Call.Status.IN_PROGRESS, Call.Status.COMPLETED, Call.Status.BUSY),
    *(Call.Status.NO_ANSWER, Call.Status.CANCELED, Call.Status.FAILED),
}
"""What a company says of a call; "queued" and "initiated" of Twilio are of no use to us."""
LOST_AFTER = timedelta(minutes=7)
RECONCILED: Final = "call.reconciled"
"""The kind of event that we write ourselves for a call whose callback was lost."""
MESSAGE_ENDED: Final = {"delivered", "undelivered", "failed", "canceled"}
MESSAGE_STATES: Final = MESSAGE_ENDED | {"queued", "sending", "sent"}
_KEPT = (
    *("CallStatus", "CallDuration", "SipResponseCode", "Direction"),
    *("MessageStatus", "ErrorCode"),
)


def receive(line: Line, texts: dict[str, str]) -> None:
    """Store one callback of a call or a message; anything else is left alone."""
    if texts.get("MessageSid"):
        _of_message(line, texts)
    else:
        _of_call(line, texts)


def _kept(texts: dict[str, str]) -> dict[str, str]:
    return {k: texts[k][:40] for k in _KEPT if k in texts}


def _of_message(line: Line, texts: dict[str, str]) -> None:
    """Record the state of a message; once it was sent, the company deletes its words."""
    sid, state = texts["MessageSid"][:64], texts.get("MessageStatus", "")
    if state not in MESSAGE_STATES:
        return
    _event, new = Event.objects.get_or_create(
        line=line, sid=sid, kind=f"message.{state}", defaults={"said": _kept(texts)}
    )
    if new and state in MESSAGE_ENDED | {"sent"}:
        messages.send_after_commit("surveys.hotline.tasks.forget_words", line.pk, sid)


@transaction.atomic
def _of_call(line: Line, texts: dict[str, str]) -> Call | None:
    """Store the end of a call.

    Repeated or late callbacks change nothing, only an end overwrites.
    """
    sid = texts.get("CallSid", "")[:64]
    state = texts.get("CallStatus", "")
    if not sid or state not in CALL_STATES:
        return None
    _event, new = Event.objects.get_or_create(
        line=line,
        sid=sid,
        kind=f"call.{state}",
        defaults={"said": _kept(texts)},
    )
    call = Call.objects.select_for_update().filter(line=line, sid=sid).first()
    if call is None or not new or call.status in ENDED:
        return call
    call.status = state
    if state in ENDED:
        length = texts.get("CallDuration", "")
        end(call, state, seconds_of(length))
    else:
        call.save(update_fields=["status"])
    return call


def end(call: Call, status: str, seconds: int | None) -> None:
    """Close a call's record and what depends on it: a call back, an unfinished report.

    Without a length from the company the last step gives it.
    """
    now = timezone.now()
    if seconds is None:
        last = call.steps.order_by("-number").values_list("at", flat=True).first()
        seconds = round(((last or call.started_at) - call.started_at).total_seconds())
    call.status = status if status in ENDED else Call.Status.FAILED
    call.ended_at, call.seconds = now, seconds
    call.save(update_fields=["status", "ended_at", "seconds"])
    outbound_calls.settle(call)
    menu_effects.keep_unfinished(call)
    commitment_answers.forget_actions(call)


def unended() -> list[int]:
    """Return calls that must be over by now, but whose callback never came; by primary key."""
    before = timezone.now() - LOST_AFTER
    return list(
        Call.objects.filter(ended_at=None, started_at__lt=before).values_list("pk", flat=True)
    )
