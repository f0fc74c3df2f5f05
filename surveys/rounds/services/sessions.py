"""Record information sessions and trainings, and void them."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail
from parsing.days import observed
from surveys.models import Channel
from surveys.reference_data import Register
from surveys.rounds.models import Handout, InformationSession, TrainedPerson
from surveys.rounds.models.attendance import AGES, ATTRIBUTES, COUNTS, SEXES
from surveys.rounds.services.attendance import ReportedAttendance
from surveys.services import Outcome, Recorded
from surveys.services.write_permission import Mandate
from surveys.validation import Problems, shared

MOST_PEOPLE = 5000
MOST_ROWS = 50


@dataclass(slots=True)
class ReportedSession(ReportedAttendance):
    """A session as it was reported; None is "not counted", which is kept as 0."""

    session_id: str = ""
    kind: str = ""
    commune: str = ""
    place_note: str = ""
    programme: str = ""
    held_on: date | None = None
    topic: str = ""
    trainer: str = ""
    follows: str = ""
    handouts: list[tuple[str, int]] = field(default_factory=list)
    trained: list[str] = field(default_factory=list)
    channel: str = "page"


def record_session(
    *,
    by: User | None,
    reported: ReportedSession,
    job: str = "",
    register: Register | None = None,
    programme: int | None = None,
) -> Recorded[InformationSession]:
    """Record a session. Idempotent: same id and content is UNCHANGED, other content CONFLICT.

    ``programme`` is the one of the tablet that sends it, where the session names none.
    """
    mandate = Mandate(by, "rounds.record")
    mandate.demand()
    facts, problems = _facts(reported, register or Register(), mandate, programme)
    if facts["commune_id"]:
        mandate.demand(facts["commune_id"], facts["programme_id"])
    if problems:
        raise ValidationError(dict(problems))
    with transaction.atomic():
        return _insert(facts, reported, by, job)


def _facts(
    reported: ReportedSession, register: Register, mandate: Mandate, programme: int | None
) -> tuple[dict[str, Any], Problems]:
    problems = Problems()
    shared.check_name("session_id", reported.session_id, problems)
    kind = shared.choose(
        "kind", reported.kind, InformationSession.Kind.values, problems, required=True
    )
    if reported.held_on is None:
        problems.say("held_on", _("Say on which day it was."))
    shared.check_day("held_on", reported.held_on, observed(timezone.localdate()), problems)
    commune = shared.find_commune(reported.commune, reported.held_on, register, problems)
    for name in ("topic", "trainer"):
        if not getattr(reported, name).strip():
            problems.say(name, _("This is needed."))
    named = shared.find_programme(reported.programme, register, problems)
    if named is not None:
        programme = named.pk
    elif programme is None and commune is not None:
        programme = mandate.programme_at(commune.code)
    check_attendance(reported, problems)
    _check_rows(reported, problems)
    facts: dict[str, Any] = {
        "session_id": reported.session_id,
        "kind": kind,
        "commune_id": commune.code if commune else "",
        "place_note": reported.place_note.strip()[:200],
        "programme_id": programme,
        "held_on": reported.held_on,
        "topic": reported.topic.strip()[:300],
        "trainer": reported.trainer.strip()[:150],
        "led_by_id": _led_by(reported, commune.code if commune else "", problems),
        **{name: getattr(reported, name) or 0 for name in COUNTS},
    }
    plain = {**facts, "handouts": sorted(reported.handouts), "trained": sorted(reported.trained)}
    facts["content_hash"] = hashlib.sha256(
        json.dumps(plain, sort_keys=True, default=str).encode()
    ).hexdigest()
    facts["channel"] = reported.channel if reported.channel in Channel.values else Channel.PAGE
    return facts, problems


def check_attendance(reported: Any, problems: Problems) -> None:
    """Report where the numbers of groups exceed the number of people, or nobody came."""
    people = reported.people or 0
    if people < 1:
        problems.say("people", _("Say how many people came, at least one."))
    if people > MOST_PEOPLE:
        problems.say(
            "people", _("More than %(most)s people is not possible here.") % {"most": MOST_PEOPLE}
        )
    for names, sentence in (
        (SEXES, _("Women, men and others are more than the people who came.")),
        (AGES, _("The age groups are more than the people who came.")),
    ):
        if sum(getattr(reported, name) or 0 for name in names) > people:
            problems.say(names[0], sentence)
    for name in ATTRIBUTES:
        if (getattr(reported, name) or 0) > people:
            problems.say(name, _("This is more than the people who came."))


def _check_rows(reported: ReportedSession, problems: Problems) -> None:
    names = [name.strip() for name, _pieces in reported.handouts]
    if len(names) > MOST_ROWS or len(reported.trained) > MOST_ROWS:
        problems.say("handouts", _("At most %s rows fit here.") % MOST_ROWS)
    if any(not name or len(name) > 200 for name in names) or len(set(names)) < len(names):
        problems.say("handouts", _("Name each material once, in at most 200 letters."))
    if any(not 1 <= pieces <= 1_000_000 for _name, pieces in reported.handouts):
        problems.say("handouts", _("Write how many pieces were handed out, at least one."))
    trained = [name.strip() for name in reported.trained]
    if any(not name or len(name) > 150 for name in trained) or len(set(trained)) < len(trained):
        problems.say("trained", _("Name each trained person once, in at most 150 letters."))


def _led_by(reported: ReportedSession, commune: str, problems: Problems) -> int | None:
    """Return the person trained at the session that this one follows, by the trainer's name."""
    if not reported.follows:
        return None
    earlier = TrainedPerson.objects.filter(
        session__session_id=reported.follows,
        session__voided_at=None,
        session__commune__code__startswith=commune[:2] or "-",
    )
    row = earlier.filter(name=reported.trainer.strip()).first()
    if row is None:
        problems.say(
            "follows",
            _("“%(name)s” was not trained at a session “%(id)s” in this province.")
            % {"name": reported.trainer, "id": reported.follows},
        )
        return None
    return row.pk


def _insert(
    facts: dict[str, Any], reported: ReportedSession, by: User | None, job: str
) -> Recorded[InformationSession]:
    twins = InformationSession.objects.filter(session_id=facts["session_id"])
    twin = twins.first()
    if twin is None:
        session = InformationSession(**facts, recorded_by=by)
        session.full_clean(exclude=["recorded_by", "commune", "programme", "led_by"])
        try:
            with transaction.atomic():
                session.save(force_insert=True)
        except IntegrityError:
            twin = twins.first()
            if twin is None:
                raise
    if twin is not None:
        same = twin.content_hash == facts["content_hash"]
        return Recorded(twin, Outcome.UNCHANGED if same else Outcome.CONFLICT)
    Handout.objects.bulk_create(
        Handout(session=session, name=name.strip(), pieces=n) for name, n in reported.handouts
    )
    TrainedPerson.objects.bulk_create(
        TrainedPerson(session=session, name=name.strip()) for name in reported.trained
    )
    trail.record(
        by=by,
        verb="session.recorded",
        subject=session,
        place_code=session.commune_id,
        after={"session_id": session.session_id, "people": session.people},
        job=job,
    )
    return Recorded(session, Outcome.ADDED)


@transaction.atomic
def void_session(
    *, by: User | None, session: InformationSession, reason: str, job: str = ""
) -> InformationSession:
    """Void a session: it is left out of every total.

    A reason is needed; voiding twice changes nothing.
    """
    if not reason.strip():
        raise ValidationError({"reason": [_("Say why.")]})
    Mandate(by, "rounds.record").demand(session.commune_id, session.programme_id)
    session = InformationSession.objects.select_for_update(of=("self",)).get(pk=session.pk)
    if session.voided_at is None:
        session.voided_at = timezone.now()
        session.void_reason = reason.strip()
        session.save(update_fields=["voided_at", "void_reason"])
        trail.record(
            by=by,
            verb="session.voided",
            subject=session,
            place_code=session.commune_id,
            reason=reason,
            job=job,
        )
    return session
