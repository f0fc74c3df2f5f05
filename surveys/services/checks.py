"""Record and void one check."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from surveys.models import Check
from surveys.reference_data import Register
from surveys.reported import ReportedCheck
from surveys.services.outbox import tell_scorecards
from surveys.services.record_and_void import demand_reason, insert_once, settle, take_out
from surveys.services.results import Outcome, Recorded
from surveys.services.write_permission import Mandate
from surveys.validation import check_facts

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
    reported: ReportedCheck,
    job: str = "",
    register: Register | None = None,
    today: date | None = None,
) -> Recorded[Check]:
    """Record one yes or no. Idempotent: same key and content UNCHANGED, other content CONFLICT.

    Raises ValidationError (sentences by field) and PermissionDenied.
    """
    mandate = Mandate(by, "cases.record")
    mandate.demand()
    facts, problems = check_facts(
        reported, register or Register(), today=today or timezone.localdate()
    )
    settle(mandate, facts, problems)
    with transaction.atomic():
        check = Check(**facts, recorded_by=by)
        twins = Check.objects.filter(check_id=check.check_id, indicator_code=check.indicator_code)
        recorded = insert_once(check, twins, facts, resolved=_RESOLVED, by=by, job=job)
        if recorded.outcome == Outcome.ADDED:
            tell_scorecards("check", [(check.commune_id, check.seen_on)])
        return recorded


def void_check(*, check: Check, by: User | None, reason: str, job: str = "") -> Check:
    """Void a mistaken check: it is left out of every score.

    A reason is needed; voiding twice changes nothing.
    """
    demand_reason(reason)
    with transaction.atomic():
        check = Check.objects.select_for_update().get(pk=check.pk)
        day = check.seen_on
        take_out(check, of=check, kind="check", day=day, by=by, reason=reason, job=job)
    return check
