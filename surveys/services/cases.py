"""Recording, correcting and voiding one case."""

from dataclasses import fields, replace
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail as audit_trail
from audit.notes import without_words
from surveys.models import Case, CaseRevision, Channel
from surveys.reference_data import Register
from surveys.reported import ReportedCase
from surveys.services.outbox import plain, tell_scorecards
from surveys.services.record_and_void import demand_reason, insert_once, settle, take_out
from surveys.services.results import Outcome, Recorded
from surveys.services.write_permission import Mandate
from surveys.validation import case_facts
from surveys.validation.cases import CONTENT

# The register has looked these up, so querying them again proves nothing.
_RESOLVED = {
    "case_id",
    "commune",
    "provider",
    "service",
    "standard",
    "programme",
    "facilitator",
    "recorded_by",
    "batch",
}
ANONYMOUS = frozenset({Channel.CITIZEN.value, Channel.HOTLINE.value})
"""Channels whose senders have no account: their days are checked against a shorter range."""
_STANDARD_COLUMNS = ("service_id", "option", "provider_id", "asked_on")


def record_case(
    *,
    by: User | None,
    reported: ReportedCase,
    job: str = "",
    register: Register | None = None,
    today: date | None = None,
) -> Recorded[Case]:
    """Record a reported case. Idempotent: same id and content is UNCHANGED, other content CONFLICT.

    The standard in force on the day of asking is kept with the case. Raises
    ValidationError (sentences by field) and PermissionDenied.
    """
    mandate = Mandate(by, "cases.record")
    mandate.demand()
    facts, problems = case_facts(
        reported,
        register or Register(),
        today=today or timezone.localdate(),
        anonymous=by is None and reported.channel in ANONYMOUS,
    )
    settle(mandate, facts, problems)
    with transaction.atomic():
        case = Case(**facts, recorded_by=by)
        twins = Case.objects.filter(case_id=case.case_id)
        recorded = insert_once(case, twins, facts, resolved=_RESOLVED, by=by, job=job)
        if recorded.outcome == Outcome.ADDED:
            tell_scorecards("case", [(case.commune_id, case.asked_on)], case=case.pk)
        return recorded


def report_of(case: Case) -> ReportedCase:
    """Return a stored case as the report that would make it: codes and values."""
    reported = ReportedCase(
        commune=case.commune_id,
        provider=case.provider.code,
        service=case.service.code,
        facilitator=(
            case.facilitator.username if case.facilitator is not None else case.facilitator_name
        ),
        programme=case.programme.code if case.programme is not None else "",
        channel=case.channel_note or case.channel,
    )
    linked = {"commune", "provider", "service", "facilitator", "programme", "channel"}
    plainly = {f.name for f in fields(ReportedCase)} - linked
    return replace(reported, **{name: getattr(case, name) for name in plainly - {"channel_note"}})


def correct_case(
    *,
    case: Case,
    by: User | None,
    reason: str,
    job: str = "",
    today: date | None = None,
    **changes: Any,
) -> Case:
    """Correct a case; its earlier values are kept, with who corrected it and why.

    ``changes`` are fields of ``ReportedCase`` (codes and values). The case keeps the standard it
    was recorded with unless its service, option, provider or day of asking changes. Raises
    ValidationError and PermissionDenied.
    """
    demand_reason(reason)
    mandate = Mandate(by, "cases.correct")
    with transaction.atomic():
        case = _locked(case)
        mandate.demand(case.commune_id, case.programme_id)
        if case.voided_at is not None:
            raise ValidationError(_("This case was voided; it can no longer be corrected."))
        reported = replace(report_of(case), **changes)
        facts, problems = case_facts(reported, Register(), today=today or timezone.localdate())
        if facts["commune_id"]:
            mandate.demand(facts["commune_id"], facts["programme_id"])
        if reported.case_id != case.case_id:
            problems.say("case_id", _("The name of a case cannot be changed."))
        if problems:
            raise ValidationError(dict(problems))
        return _apply(case, facts, by, reason, job)


def _apply(case: Case, facts: dict[str, Any], by: User | None, reason: str, job: str) -> Case:
    if all(getattr(case, name) == facts[name] for name in _STANDARD_COLUMNS):
        facts["standard_id"] = case.standard_id
    before = {name: getattr(case, name) for name in facts}
    changed = {name for name in facts if before[name] != facts[name]}
    if not changed & {*CONTENT, "programme_id"}:
        return case
    was = (case.commune_id, case.asked_on)
    for name in changed:
        setattr(case, name, facts[name])
    case.full_clean(exclude=_RESOLVED)
    case.save()
    was_reported = without_words(plain(before))
    CaseRevision.objects.create(case=case, by=by, before=was_reported, reason=reason)
    audit_trail.record(
        by=by,
        verb="case.corrected",
        subject=case,
        place_code=case.commune_id,
        before=plain({name: before[name] for name in sorted(changed)}),
        after=plain({name: facts[name] for name in sorted(changed)}),
        reason=reason,
        job=job,
    )
    tell_scorecards("case", [was, (case.commune_id, case.asked_on)], case=case.pk)
    return case


def erase_note(*, case: Case, by: User) -> Case:
    """Erase the words of a note permanently, in the case and in its earlier values.

    Nothing that is counted changes. The audit trail records who erased it. Raises PermissionDenied.
    """
    with transaction.atomic():
        case = _locked(case)
        Mandate(by, "cases.correct").demand(case.commune_id, case.programme_id)
        had = bool(case.note)
        case.note = ""
        case.save(update_fields=["note"])
        for revision in CaseRevision.objects.filter(case=case, before__has_key="note"):
            revision.before = {**revision.before, "note": ""}
            revision.save(update_fields=["before"])
        if had:
            place = case.commune_id
            audit_trail.record(by=by, verb="case.note_erased", subject=case, place_code=place)
    return case


def void_case(*, case: Case, by: User | None, reason: str, job: str = "") -> Case:
    """Void a mistaken case: it is in no score, but stays readable, with who did it and why.

    Voiding a voided case changes nothing. Raises ValidationError and PermissionDenied.
    """
    demand_reason(reason)
    with transaction.atomic():
        case = _locked(case)
        day = case.asked_on
        if take_out(case, of=case, kind="case", day=day, by=by, reason=reason, job=job):
            CaseRevision.objects.create(case=case, by=by, before={"voided_at": None}, reason=reason)
    return case


def count_case_again(*, case: Case, by: User | None, reason: str, job: str = "") -> Case:
    """Count a voided case again; its history shows that it was void.

    A case that counts is left alone. Raises ValidationError and PermissionDenied.
    """
    demand_reason(reason)
    with transaction.atomic():
        case = _locked(case)
        Mandate(by, "cases.correct").demand(case.commune_id, case.programme_id)
        if case.voided_at is None:
            return case
        before = plain({"voided_at": case.voided_at, "void_reason": case.void_reason})
        case.voided_at, case.void_reason = None, ""
        case.save()
        kept = {"voided_at": before["voided_at"]}
        CaseRevision.objects.create(case=case, by=by, before=kept, reason=reason)
        audit_trail.record(
            by=by,
            verb="case.counted_again",
            subject=case,
            place_code=case.commune_id,
            before=before,
            reason=reason,
            job=job,
        )
        tell_scorecards("case", [(case.commune_id, case.asked_on)], case=case.pk)
    return case


def _locked(case: Case) -> Case:
    """Return the case, locked until the transaction ends."""
    return (
        Case.objects.select_for_update(of=("self",))
        .select_related("provider", "service", "facilitator", "programme")
        .get(pk=case.pk)
    )
