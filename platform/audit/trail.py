"""The one way to write audit entries (inside the transaction of the write), and to read them."""

from typing import Any, Protocol

from django.db import connection, models

from audit.models import Entry


class Actor(Protocol):
    """Whoever acts: a person, or None for a job."""

    pk: Any

    def get_username(self) -> str: ...


def record(
    *,
    by: Actor | None,
    verb: str,
    subject: models.Model,
    place_code: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    job: str = "",
) -> Entry:
    """Write one audit entry for ``subject`` in the caller's transaction.

    Raises RuntimeError outside a transaction: an entry that can survive a write
    that was rolled back would be a lie.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("audit.trail.record must run in the transaction of the write")
    return Entry.objects.create(
        actor_id=by.pk if by is not None else None,
        actor=by.get_username() if by is not None else (job or "system"),
        verb=verb,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        place_code=place_code,
        before=before,
        after=after,
        reason=reason,
    )


def history(subject: models.Model) -> models.QuerySet[Entry]:
    """What happened to one record, newest first."""
    return Entry.objects.filter(
        subject_type=subject._meta.label_lower, subject_id=str(subject.pk)
    ).order_by("-at", "-pk")
