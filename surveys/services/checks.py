"""Recording and voiding one check."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail as audit_trail
from surveys.models import Check
from surveys.register import Register
from surveys.rules import check_facts
from surveys.services.mandate import Mandate
from surveys.services.outcomes import Outcome, Recorded
from surveys.services.trail import plain, tell_scorecards
from surveys.telling import CheckTold

_RESOLVED = {
    "check_id",
    "indicator_code",
    "commune",
    "provider",
    "programme",
    "facilitator",
    "recorded_by",
    "batch",
}


def record_check(
    *,
    by: User | None,
    told: CheckTold,
    job: str = "",
    register: Register | None = None,
    today: date | None = None,
) -> Recorded[Check]:
    """Record one yes or no as told; again adds nothing, otherwise changes nothing.

    Raises ValidationError (sentences by field) and PermissionDenied.
    """
    mandate = Mandate(by, "cases.record")
    mandate.demand()
    facts, problems = check_facts(told, register or Register(), today=today or timezone.localdate())
    if facts["commune_id"]:
        mandate.demand(facts["commune_id"], facts["programme_id"])
    if problems:
        raise ValidationError(dict(problems))
    if facts["programme_id"] is None:
        facts["programme_id"] = mandate.programme_at(facts["commune_id"])
    with transaction.atomic():
        return _insert(facts, by, job)


def _insert(facts: dict[str, Any], by: User | None, job: str) -> Recorded[Check]:
    check = Check(**facts, recorded_by=by)
    twins = Check.objects.filter(check_id=check.check_id, indicator_code=check.indicator_code)
    existing = twins.first()
    if existing is None:
        check.full_clean(exclude=_RESOLVED)
        try:
            with transaction.atomic():
                check.save(force_insert=True)
        except IntegrityError:
            existing = twins.first()
            if existing is None:
                raise
    if existing is not None:
        same = existing.content_hash == check.content_hash
        return Recorded(existing, Outcome.UNCHANGED if same else Outcome.CONFLICT)
    audit_trail.record(
        by=by,
        verb="check.recorded",
        subject=check,
        place_code=check.commune_id,
        after=plain(facts),
        job=job,
    )
    tell_scorecards("check", [(check.commune_id, check.seen_on)])
    return Recorded(check, Outcome.ADDED)


def void_check(*, check: Check, by: User | None, reason: str, job: str = "") -> Check:
    """Take a mistaken check out of every score, with a reason; voiding twice changes nothing."""
    if not reason.strip():
        raise ValidationError({"reason": [_("Say why.")]})
    mandate = Mandate(by, "cases.correct")
    with transaction.atomic():
        check = Check.objects.select_for_update().get(pk=check.pk)
        mandate.demand(check.commune_id, check.programme_id)
        if check.voided_at is not None:
            return check
        check.voided_at = timezone.now()
        check.void_reason = reason
        check.save(update_fields=["voided_at", "void_reason"])
        audit_trail.record(
            by=by,
            verb="check.voided",
            subject=check,
            place_code=check.commune_id,
            reason=reason,
            job=job,
        )
        tell_scorecards("check", [(check.commune_id, check.seen_on)])
    return check
