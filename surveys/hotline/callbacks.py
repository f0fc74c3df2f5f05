"""How calls end: the company's callback, or our own look where that was lost."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from surveys.hotline.models import Call, Event, Line

ENDED = {
    Call.Status.COMPLETED,
    Call.Status.BUSY,
    Call.Status.NO_ANSWER,
    Call.Status.CANCELED,
    Call.Status.FAILED,
}
LOST_AFTER = timedelta(minutes=7)
_KEPT = ("CallStatus", "CallDuration", "SipResponseCode", "MessageStatus", "Direction")


@transaction.atomic
def receive(line: Line, said: dict[str, str]) -> Call | None:
    """Take in one callback; repeated or late ones change nothing, only an end overwrites."""
    sid = said.get("CallSid", "")[:64]
    state = said.get("CallStatus", "")
    if not sid or state not in Call.Status.values:
        return None
    _event, new = Event.objects.get_or_create(
        line=line,
        sid=sid,
        kind=f"call.{state}",
        defaults={"said": {k: said[k][:40] for k in _KEPT if k in said}},
    )
    call = Call.objects.select_for_update().filter(line=line, sid=sid).first()
    if call is None or not new or call.status in ENDED:
        return call
    call.status = state
    if state in ENDED:
        length = said.get("CallDuration", "")
        end(call, state, int(length) if length.isdecimal() else None)
    else:
        call.save(update_fields=["status"])
    return call


def end(call: Call, status: str, seconds: int | None) -> None:
    """Close a call's record; without a length from the company the last step tells."""
    now = timezone.now()
    if seconds is None:
        last = call.steps.order_by("-number").values_list("at", flat=True).first()
        seconds = round(((last or call.started_at) - call.started_at).total_seconds())
    call.status, call.ended_at, call.seconds = status, now, seconds
    call.save(update_fields=["status", "ended_at", "seconds"])


def unended() -> list[int]:
    """Calls that must be over by now, but of which no callback told; by primary key."""
    before = timezone.now() - LOST_AFTER
    return list(
        Call.objects.filter(ended_at=None, started_at__lt=before).values_list("pk", flat=True)
    )
