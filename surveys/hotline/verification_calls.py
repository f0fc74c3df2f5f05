"""Checks of reports: one in twenty, asked again by a person, with consent.

A person who inflates figures from borrowed telephones cannot know which calls are drawn: the draw
is a keyed hash of the call, so that a step asked again gives the same draw. A check only shows whom
to ask further: no case and no score changes by its outcome.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import covered, may
from audit import trail
from surveys import phone_numbers
from surveys.hotline import outbound_calls
from surveys.hotline.call_state import Standing
from surveys.hotline.models import Call, CallBack, Caller, Line, Step, Told

ASKED: Final = "tell.check"
"""The question of the menu."""
OUTCOMES: Final = (
    CallBack.Outcome.CONFIRMED,
    CallBack.Outcome.DIFFERENT,
    CallBack.Outcome.NOT_REACHED,
    CallBack.Outcome.UNWANTED,
)
CHOICES: Final[dict[str, str | Promise]] = {
    CallBack.Outcome.CONFIRMED: gettext_lazy("It is as reported"),
    CallBack.Outcome.DIFFERENT: gettext_lazy("It was different"),
    CallBack.Outcome.NOT_REACHED: gettext_lazy("Nobody was reached"),
    CallBack.Outcome.UNWANTED: gettext_lazy("The call is no longer wanted"),
}
"""The possible outcomes of a check."""
ANSWERS: Final[dict[tuple[str, str], str | Promise]] = {
    ("got", "in_time"): gettext_lazy("received in the official time"),
    ("got", "late"): gettext_lazy("received later than the official time"),
    ("got", "open"): gettext_lazy("still waiting"),
    ("got", "refused"): gettext_lazy("refused"),
    ("got", "received"): gettext_lazy("received"),
    ("paid", "at_most"): gettext_lazy("paid the official fee or less"),
    ("paid", "more"): gettext_lazy("paid more than the official fee"),
    ("paid", "unknown"): gettext_lazy("does not know what was paid"),
    ("staff", "good"): gettext_lazy("the officials were good"),
    ("staff", "acceptable"): gettext_lazy("the officials were acceptable"),
    ("staff", "bad"): gettext_lazy("the officials were bad"),
    ("when", "this_month"): gettext_lazy("handed in in the month of the call"),
    ("when", "last_month"): gettext_lazy("handed in in the month before the call"),
    ("when", "two_months_ago"): gettext_lazy("handed in two months before the call"),
    ("when", "earlier"): gettext_lazy("handed in more than two months before the call"),
}
"""The report in words; the commune is shown beside it."""


@dataclass(frozen=True)
class Figures:
    """Checks since a day: calls that were asked, those that agreed, and the outcomes."""

    asked: int
    agreed: int
    confirmed: int
    different: int
    not_reached: int
    unwanted: int
    waiting: int


def drawn(nonce: str) -> bool:
    """Return whether the call is drawn for verification: same at every step, not predictable."""
    digest = salted_hmac("surveys.hotline.verification_calls", nonce, algorithm="sha256").digest()
    return int.from_bytes(digest[:8], "big") / 2**64 * 100 < settings.HOTLINE_CHECK_PERCENT


def asks(at: Standing) -> bool:
    """Return whether the question is asked at this step: drawn, and once in a call.

    A caller with a withheld number cannot be called, and one who wanted never to be called is not
    asked. Nor is the simulator: its numbers are invented, and may belong to somebody.
    """
    node = at.state["node"] if at.state else ""
    if node == ASKED:
        return True
    if not (at.caller_key and node.startswith("tell.place") and drawn(at.nonce)):
        return False
    if Line.objects.filter(pk=at.line.pk, company=Line.Company.SIMULATOR).exists():
        return False
    if Caller.objects.filter(caller_key=at.caller_key, never_call=True).exists():
        return False
    return not Step.objects.filter(call=at.call, node=ASKED).exists()


def owe(call: Call, number: str) -> bool:
    """Record the caller's consent: keep the number encrypted for one call.

    Return False where no call can be promised.
    """
    experience = Told.objects.filter(call=call, complete=True).order_by("-pk").first()
    if experience is None or outbound_calls.key_of(number) != call.caller_key:
        return False
    return outbound_calls.owe(
        call.line, number, CallBack.Why.CHECK, timedelta(0), reported=experience
    )


def visible_to(user: User) -> QuerySet[CallBack]:
    """Return checks that wait for a call, in the places where ``user`` looks after the hotline.

    A report without a commune belongs to the nation.
    """
    open_checks = CallBack.objects.filter(
        covered(user, "hotline.edit", place="told__commune_code"),
        why=CallBack.Why.CHECK,
        done_at=None,
        contact__isnull=False,
    )
    return open_checks.select_related("told").order_by("made_at")


def answers(reported: Told) -> list[str | Promise]:
    """Return the reported answers in words."""
    return [ANSWERS[item] for item in reported.answers.items() if item in ANSWERS]


def _locked(check: CallBack, by: User) -> tuple[CallBack, Told]:
    locked = (
        CallBack.objects.select_for_update(of=("self",))
        .select_related("told", "contact")
        .get(pk=check.pk, why=CallBack.Why.CHECK)
    )
    if locked.told is None or not may(by, "hotline.edit", place=locked.told.commune_code):
        raise PermissionDenied
    return locked, locked.told


@transaction.atomic
def show_number(*, check: CallBack, by: User) -> str:
    """Return the number to call, for ``by``; the audit trail records that it was shown.

    Raises PermissionDenied, and ValidationError where it is deleted or cannot be read.
    """
    locked, reported = _locked(check, by)
    if locked.done_at is not None or locked.contact is None:
        raise ValidationError(_("This number has been deleted."))
    try:
        number = phone_numbers.opened(bytes(locked.contact.sealed_number))
    except phone_numbers.BrokenSealError as broken:
        raise ValidationError(_("This number cannot be read with this key.")) from broken
    trail.record(
        by=by, verb="hotline.number_shown", subject=locked, place_code=reported.commune_code
    )
    return number


@transaction.atomic
def close(*, check: CallBack, by: User, outcome: str) -> CallBack:
    """Record the outcome of a check and delete the number; a second time nothing changes.

    No case and no score changes by it. Raises PermissionDenied, ValidationError.
    """
    if outcome not in OUTCOMES:
        raise ValidationError(_("Say what came of the call."))
    locked, reported = _locked(check, by)
    if locked.done_at is None:
        outbound_calls.done(locked, outcome)
        trail.record(
            by=by,
            verb="hotline.check_closed",
            subject=locked,
            place_code=reported.commune_code,
            after={"outcome": outcome},
        )
    return locked


def close_those_without_a_number() -> int:
    """Close checks as not reached whose number was kept as long as permitted; return how many."""
    lapsed = CallBack.objects.filter(why=CallBack.Why.CHECK, done_at=None, contact=None)
    return lapsed.update(done_at=timezone.now(), outcome=CallBack.Outcome.NOT_REACHED)


def figures(since: datetime) -> Figures:
    """Return the figures of checks since then."""
    asked = Step.objects.filter(node=ASKED, call__started_at__gte=since)
    checks = CallBack.objects.filter(why=CallBack.Why.CHECK, made_at__gte=since)

    def ended(*outcomes: str) -> Count:
        return Count("pk", filter=Q(outcome__in=outcomes))

    counted = checks.aggregate(
        agreed=Count("pk"),
        confirmed=ended(CallBack.Outcome.CONFIRMED),
        different=ended(CallBack.Outcome.DIFFERENT),
        not_reached=ended(CallBack.Outcome.NOT_REACHED),
        unwanted=ended(CallBack.Outcome.UNWANTED, CallBack.Outcome.NEVER_CALL),
        waiting=Count("pk", filter=Q(done_at=None)),
    )
    return Figures(asked=asked.values("call").distinct().count(), **counted)
