"""Record what a submission reports: cases, meetings and checks, or the reason why not."""

import hashlib
import json
from dataclasses import asdict, replace
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from surveys import services
from surveys.models import (
    Case,
    Check,
    Meeting,
    QualityFlag,
    ReviewState,
    Submission,
    SubmissionObservation,
)
from surveys.reference_data import Register
from surveys.reported import ReportedCase, ReportedMeeting
from surveys.submissions.processing.answers import (
    Answers,
    Readable,
)
from surveys.submissions.processing.batch_context import Around
from surveys.submissions.processing.form_rules import Raised
from surveys.submissions.processing.map_observations import Context, Reading, readings

JOB = "submissions"


def counts(submission: Submission, around: Around) -> bool:
    """Return whether this record may be counted in its present state."""
    if submission.deleted_at is not None or submission.state == ReviewState.REJECTED:
        return False
    if around.rules(submission.form.programme).count_only_approved:
        return submission.state == ReviewState.APPROVED
    return True


def record_all(
    submission: Submission, form: Readable, answers: Answers, around: Around
) -> list[Raised]:
    """Bring the observations in line with what the record reports now."""
    read = _readings(submission, form, answers) if counts(submission, around) else []
    every = sorted(submission.observations.all(), key=lambda o: o.pk)
    standing = {(o.kind, o.place): o for o in every if not o.voided}
    flags: list[Raised] = []
    for reading in read:
        before = standing.pop((reading.kind, reading.place), None)
        problem = _tell(submission, reading, before, around)
        if problem:
            flags.append(Raised(QualityFlag.Kind.NOT_OBSERVED, _path(form, reading), problem))
    for gone in standing.values():
        _void(gone, "The record no longer tells of it.")
    return flags


def _path(form: Readable, reading: Reading) -> str:
    path = (form.compiled.get("observes") or {}).get(reading.kind) or ""
    return f"{path}[{reading.place}]"


def _readings(submission: Submission, form: Readable, answers: Answers) -> list[Reading]:
    collect = "org.odk.collect" in submission.user_agent
    from_tablet = submission.app_user_id is not None and "Mozilla" in submission.user_agent
    context = Context(
        programme=submission.form.programme.code,
        channel="tablet" if from_tablet and not collect else "odk",
        facilitator=submission.person.username if submission.person else "",
    )
    return readings(form, answers, context)


def _fingerprint(reading: Reading) -> str:
    reported: Any = reading.reported
    value = [asdict(t) for t in reported] if isinstance(reported, list) else asdict(reported)
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def _tell(
    submission: Submission,
    reading: Reading,
    before: SubmissionObservation | None,
    around: Around,
) -> dict[str, Any]:
    """Record, correct or replace one observation; return what is wrong with it, or {}."""
    fingerprint = _fingerprint(reading)
    if before is not None and before.fingerprint == fingerprint and not before.error:
        return {}
    problem = _outside(submission, reading, around)
    if not problem:
        try:
            with transaction.atomic():
                _record(submission, reading, before, fingerprint, around.register)
        except ValidationError as trouble:
            problem = {k: list(map(str, v)) for k, v in _by_field(trouble).items()}
        except PermissionDenied as trouble:
            problem = {"__all__": [str(trouble)]}
    if problem and before is not None:
        # the record does not report it any more
        _void(before, "The record was edited and can no longer be counted.")
    return problem


def _by_field(trouble: ValidationError) -> dict[str, Any]:
    if hasattr(trouble, "error_dict"):
        return dict(trouble.message_dict)
    return {"__all__": trouble.messages}


def _outside(submission: Submission, reading: Reading, around: Around) -> dict[str, Any]:
    """Collect unreadable answers, and places where this programme or the sender does not work.

    A tablet records in all of its programme; a person only where their own account may.
    """
    problem: dict[str, Any] = {name: [value] for name, value in reading.wrong.items()}
    provinces = around.provinces(submission.form.programme)
    if provinces and reading.commune and reading.commune[:2] not in provinces:
        problem["commune"] = [f"{reading.commune}: not a province of this programme"]
    sender = submission.submitter if submission.app_user_id is None else None
    if sender is not None:
        where = reading.commune or around.seat(getattr(reading.reported, "provider", ""))
        if where and not around.may_record(sender, where, submission.form.programme):
            problem["commune"] = [f"{where}: {sender} may not record there"]
    return problem


def _record(
    submission: Submission,
    reading: Reading,
    before: SubmissionObservation | None,
    fingerprint: str,
    register: Register,
) -> None:
    if before is not None and isinstance(reading.reported, ReportedCase):
        case = Case.objects.get(case_id=before.key)
        changes = asdict(reading.reported)
        changes.pop("case_id")
        services.correct_case(
            case=case, by=None, reason="The record was edited.", job=JOB, **changes
        )
        before.fingerprint = fingerprint
        before.save(update_fields=["fingerprint"])
        return
    if before is not None:
        _void(before, "The record was edited.")
    base = f"sub{submission.pk}-{reading.place}"
    here = (reading.kind, reading.place)
    turn = sum((o.kind, o.place) == here for o in submission.observations.all())
    key = base if turn == 0 else f"{base}.{turn + 1}"
    _tell_services(reading, key, register)
    SubmissionObservation.objects.create(
        submission=submission,
        kind=reading.kind,
        place=reading.place,
        key=key,
        fingerprint=fingerprint,
    )


def _tell_services(reading: Reading, key: str, register: Register) -> None:
    reported = reading.reported
    if isinstance(reported, ReportedCase):
        case = replace(reported, case_id=key)
        services.record_case(by=None, reported=case, job=JOB, register=register)
    elif isinstance(reported, ReportedMeeting):
        votes = [replace(v, vote_id=f"{key}.{v.vote_id}") for v in reported.votes]
        meeting = replace(reported, meeting_id=key, votes=votes)
        services.record_meeting(by=None, reported=meeting, job=JOB, register=register)
    else:
        for check in reported:
            one = replace(check, check_id=key)
            services.record_check(by=None, reported=one, job=JOB, register=register)


def _void(observation: SubmissionObservation, reason: str) -> None:
    """Void everything recorded under one key."""
    if observation.kind == "case":
        for case in Case.objects.filter(case_id=observation.key):
            services.void_case(case=case, by=None, reason=reason, job=JOB)
    elif observation.kind == "meeting":
        for meeting in Meeting.objects.filter(meeting_id=observation.key):
            services.void_meeting(meeting=meeting, by=None, reason=reason, job=JOB)
    else:
        for check in Check.objects.filter(check_id=observation.key, voided_at=None):
            services.void_check(check=check, by=None, reason=reason, job=JOB)
    observation.voided = True
    observation.save(update_fields=["voided"])
