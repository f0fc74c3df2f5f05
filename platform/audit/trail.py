"""Audit entries, written here only (inside the transaction of the write), and their reading."""

from typing import Any, Protocol

from django.db import connection, models, transaction

from audit.models import Entry
from audit.notes import without_words


class Actor(Protocol):
    """The author of an action: a person, or None for a job."""

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

    Raises RuntimeError outside a transaction: an entry could otherwise survive a write that was
    rolled back.
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
        before=without_words(before),
        after=without_words(after),
        reason=reason,
    )


def note_reading(
    *, by: Actor, verb: str, subject: models.Model, place_code: str = "", **what: Any
) -> None:
    """Record that somebody read something: a case, an export, sealed reports.

    Opens a transaction of its own where there is none, because reading changes nothing else.
    """
    with transaction.atomic():
        record(by=by, verb=verb, subject=subject, place_code=place_code, after=what or None)


def history(subject: models.Model) -> models.QuerySet[Entry]:
    """Return the entries about one record, newest first."""
    return Entry.objects.filter(
        subject_type=subject._meta.label_lower, subject_id=str(subject.pk)
    ).order_by("-at", "-pk")
