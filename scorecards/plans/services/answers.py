"""Citizens' answers about an action that was reported done.

A denial reopens the action at once and sends its owner a message. It is confirmed when five people
say it is done, or when a second person (not the one who reported it) closes it after citizens of
the quarterly follow-up said so (docs/decisions/0034-citizens-close-actions.md).
"""

from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from scorecards.plans.models import (
    Action,
    Answer,
    AnswerChannel,
    AnswerKind,
    EventKind,
    Reminder,
    State,
)
from scorecards.plans.services import disclosure, weighing
from scorecards.plans.services.events import CITIZENS, note
from scorecards.plans.services.progress import demand, demand_agreed, locked, store_state
from sealing import Purpose, keyed_hash
from surveys.commitments import Counted

ENOUGH: Final = 5
"""People who say that it is done: the smallest group that is ever shown."""
MOST_AT_ONCE: Final = 2000
"""People in one follow-up meeting; more is a typing error."""


@dataclass(frozen=True)
class Tally:
    """The numbers of people for each answer to the latest report of "done"."""

    done: int = 0
    half: int = 0
    not_done: int = 0
    unknown: int = 0

    @property
    def people(self) -> int:
        """The number of people who know."""
        return self.done + self.half + self.not_done

    @property
    def is_denied(self) -> bool:
        """Return whether the denials open the action again: one is enough against up to five.

        Beyond that it takes one in six, so that nobody alone undoes what many confirmed.
        """
        return self.not_done > 0 and self.not_done * ENOUGH >= self.done

    @property
    def is_enough(self) -> bool:
        """Return whether the confirmations suffice to close the action without a person."""
        return self.done >= ENOUGH and self.done > self.half and not self.is_denied


def tally(action: Action, claim: int | None = None) -> Tally:
    """Count the answers to one report of "done" (the latest)."""
    rows = Answer.objects.filter(action=action, claim=claim or action.claim, counts=True)
    records = dict(rows.values_list("kind").annotate(n=Sum("people")))
    return Tally(
        done=records.get(AnswerKind.DONE, 0),
        half=records.get(AnswerKind.HALF, 0),
        not_done=records.get(AnswerKind.NOT_DONE, 0),
        unknown=records.get(AnswerKind.UNKNOWN, 0),
    )


def person_key(action: Action, claim: int, person: str) -> str:
    """Hash who answered, so that it is linked to no other answer of the person."""
    return keyed_hash(f"{person}|{action.uuid}|{claim}", Purpose.CALLER)


@transaction.atomic
def answer_as_citizen(
    *, action: Action, kind: str, channel: str, person: str, network: str = ""
) -> bool:
    """Store what one citizen says; False where this person answered this report already.

    ``person`` (a telephone number, or what a browser keeps) and ``network`` (where a browser is)
    are hashed and never stored. Of one network only so many answers count (``weighing``). Raises
    ValidationError where nothing is reported done.
    """
    action = locked(action)
    if action.state not in (State.SAID_DONE, State.CONFIRMED):
        raise ValidationError(_("Nobody has reported this as done yet."))
    if kind not in AnswerKind.values:
        raise ValidationError(_("Choose one of the answers."))
    network_key = weighing.network_key(action, network)
    row = Answer(
        action=action,
        claim=action.claim,
        kind=kind,
        channel=channel,
        person_key=person_key(action, action.claim, person),
        network_key=network_key,
        counts=weighing.counts(action, kind, network_key),
        given_on=timezone.localdate(),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return False
    if row.counts:
        _follow(action, by=None, job=CITIZENS)
    return True


@transaction.atomic
def answer_at_follow_up(
    *, by: User, action: Action, done: int, half: int, not_done: int, unknown: int
) -> Tally:
    """Store how many people of a quarterly follow-up gave each answer. Raises ValidationError."""
    action = locked(action)
    demand("plans.confirm", action, by)
    demand_agreed(action)
    if action.state != State.SAID_DONE:
        raise ValidationError(_("Nobody has reported this as done yet."))
    counted = Counted(done, half, not_done, unknown)
    _keep_counted(action, counted, claim=action.claim, by=by)
    _follow(action, by=by, job="")
    return tally(action)


@transaction.atomic
def follow_up_of_tablet(
    *, by: User | None, action: Action, claim: int, counted: Counted, batch: str
) -> bool:
    """Store what a tablet counted at a follow-up, perhaps long ago; False where it is known.

    ``claim`` is the report of "done" that people were asked about: answers to an earlier one are
    stored with it and change nothing now. The caller checks the right to use the tablet. Raises
    PermissionDenied, ValidationError.
    """
    action = locked(action)
    if by is not None:
        demand("plans.confirm", action, by)
    if not 1 <= claim <= action.claim or not batch:
        raise ValidationError(_("Nobody has reported this as done yet."))
    if Answer.objects.filter(action=action, batch=batch).exists():
        return False
    _keep_counted(action, counted, claim=claim, by=by, batch=batch)
    if claim == action.claim and action.state in (State.SAID_DONE, State.CONFIRMED):
        _follow(action, by=by, job="" if by else "tablet")
    return True


def _keep_counted(
    action: Action, counted: Counted, *, claim: int, by: User | None, batch: str = ""
) -> None:
    """Record how many people gave each answer. Raises ValidationError."""
    counts = {
        AnswerKind.DONE: counted.done,
        AnswerKind.HALF: counted.half,
        AnswerKind.NOT_DONE: counted.not_done,
        AnswerKind.UNKNOWN: counted.unknown,
    }
    if not any(counts.values()):
        raise ValidationError(_("Say how many people gave each answer."))
    if min(counts.values()) < 0 or sum(counts.values()) > MOST_AT_ONCE:
        raise ValidationError(
            _("At most %(most)s people can answer in one meeting.") % {"most": MOST_AT_ONCE}
        )
    Answer.objects.bulk_create(
        Answer(
            action=action,
            claim=claim,
            kind=kind,
            people=people,
            channel=AnswerChannel.FOLLOW_UP,
            given_on=timezone.localdate(),
            recorded_by=by,
            batch=batch,
        )
        for kind, people in counts.items()
        if people
    )


def _follow(action: Action, *, by: User | None, job: str) -> None:
    """Reopen or confirm the action after new answers, and send the owner a message of a denial."""
    now = tally(action)
    disclosure.renew(action, now.done, now.people)
    if now.is_denied and action.state in (State.SAID_DONE, State.CONFIRMED):
        _reopen(action, by=by, job=job)
    elif now.is_enough and action.state == State.SAID_DONE:
        before = action.state
        action.confirmed_on, action.confirmed_by = timezone.localdate(), None
        store_state(
            action,
            State.CONFIRMED,
            by=by,
            before=before,
            kind=EventKind.CONFIRMED,
            job=job,
        )
    else:
        action.save(update_fields=["printed_people", "printed_done", "counted_people"])
        note(action, by=by, kind=EventKind.ANSWERED, job=job)


def _reopen(action: Action, *, by: User | None, job: str) -> None:
    before, today = action.state, timezone.localdate()
    action.denials, action.denied_on = action.denials + 1, today
    action.confirmed_on, action.confirmed_by = None, None
    store_state(action, State.IN_PROGRESS, by=by, before=before, kind=EventKind.REOPENED, job=job)
    if action.office_id:
        Reminder.objects.get_or_create(
            action=action,
            office_id=action.office_id,
            kind=Reminder.Kind.DENIED,
            on=today,
        )


@transaction.atomic
def close_confirmed(*, by: User, action: Action) -> Action:
    """Close an action that citizens of a follow-up confirmed, as a second person.

    Raises ValidationError where nobody said so, somebody denied it, or ``by`` reported it.
    """
    action = locked(action)
    demand("plans.confirm", action, by)
    if action.state == State.CONFIRMED:
        return action
    now = tally(action)
    if action.state != State.SAID_DONE:
        raise ValidationError(_("Nobody has reported this as done yet."))
    if not now.done:
        raise ValidationError(_("Ask citizens first: nobody has confirmed it yet."))
    if action.said_done_by_id == by.pk:
        raise ValidationError(_("Another person than the one who reported it closes it."))
    before = action.state
    action.confirmed_on, action.confirmed_by = timezone.localdate(), by
    store_state(action, State.CONFIRMED, by=by, before=before, kind=EventKind.CONFIRMED)
    return action
