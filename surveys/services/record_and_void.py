"""Common steps of recording and voiding any kind of observation."""

from collections.abc import Collection
from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail as audit_trail
from surveys.models import Case, Check, Meeting, Vote
from surveys.services.outbox import plain, tell_scorecards
from surveys.services.results import Outcome, Recorded
from surveys.services.write_permission import Mandate
from surveys.validation import Problems

Observed = TypeVar("Observed", Case, Check, Meeting)


def settle(mandate: Mandate, facts: dict[str, Any], problems: Problems) -> None:
    """Demand the mandate for where the facts belong, and give them its programme if they name none.

    Raises PermissionDenied before any ValidationError, whose sentences would otherwise reveal
    something about other people's communes.
    """
    if facts["commune_id"]:
        mandate.demand(facts["commune_id"], facts["programme_id"])
    if problems:
        raise ValidationError(dict(problems))
    if facts["programme_id"] is None:
        facts["programme_id"] = mandate.programme_at(facts["commune_id"])


def insert_once(
    new: Observed,
    twins: QuerySet[Observed],
    facts: dict[str, Any],
    *,
    resolved: Collection[str],
    by: User | None,
    job: str,
) -> Recorded[Observed]:
    """Insert unless the same id was there first: unchanged with the same content, else a conflict.

    ``resolved`` are fields that the register looked up, so that querying them again proves nothing.
    Must run in a transaction.
    """
    twin = twins.first()
    if twin is None:
        new.full_clean(exclude=resolved)
        try:
            with transaction.atomic():
                new.save(force_insert=True)
        except IntegrityError:
            # a twin came first; anything else that the database refuses is raised again
            twin = twins.first()
            if twin is None:
                raise
    if twin is not None:
        same = twin.content_hash == new.content_hash
        return Recorded(twin, Outcome.UNCHANGED if same else Outcome.CONFLICT)
    audit_trail.record(
        by=by,
        verb=f"{new._meta.model_name}.recorded",
        subject=new,
        place_code=new.commune_id,
        after=plain(facts),
        job=job,
    )
    return Recorded(new, Outcome.ADDED)


def demand_reason(reason: str) -> None:
    """Raise ValidationError unless a reason is given."""
    if not reason.strip():
        raise ValidationError({"reason": [_("Say why.")]})


def take_out(
    row: Case | Check | Meeting | Vote,
    *,
    of: Case | Check | Meeting,
    kind: str,
    day: date,
    by: User | None,
    reason: str,
    job: str,
) -> bool:
    """Void a row that the caller holds locked; False when it was voided before.

    ``of`` is the row that has a commune: the row itself, or a vote's meeting; ``kind`` and
    ``day`` say which scores change. Raises PermissionDenied.
    """
    Mandate(by, "cases.correct").demand(of.commune_id, of.programme_id)
    if row.voided_at is not None:
        return False
    row.voided_at = timezone.now()
    row.void_reason = reason
    row.save()
    audit_trail.record(
        by=by,
        verb=f"{row._meta.model_name}.voided",
        subject=row,
        place_code=of.commune_id,
        reason=reason,
        job=job,
    )
    case = row.pk if isinstance(row, Case) else None
    tell_scorecards(kind, [(of.commune_id, day)], case=case)
    return True
