"""A chain over the history: each seal covers the entries since the previous seal, and that seal.

An entry is not sealed while it is written: every write of the platform would wait for the one
before. Instead a job seals what was written since, every ten minutes. An attacker who can write to
the database, but does not know the installation's keys, cannot change, remove or insert an entry
that was sealed without `manage.py verify_audit` naming the place.
"""

import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction

from audit.models import Entry, Seal
from sealing import Purpose, key_of

_FIELDS = (
    "pk",
    "at",
    "actor_id",
    "actor",
    "verb",
    "subject_type",
    "subject_id",
    "place_code",
    "before",
    "after",
    "reason",
)
BEGIN = "0" * 64
MOST = 50_000
"""Entries that one seal covers at most, so that a seal is quickly computed."""


@dataclass(frozen=True)
class Break:
    """A place where the history does not fit its seals."""

    seal: Seal
    sentence: str


def _lines(rows: Iterable[tuple[Any, ...]]) -> Iterator[bytes]:
    for row in rows:
        pk, at, *others = row
        parts = [pk, at.isoformat(), *others]
        yield json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str).encode() + b"\n"


def digest_of(before: str, first: int, last: int) -> tuple[str, int]:
    """Return the digest of the entries ``first`` to ``last`` after ``before``, and how many they
    are.
    """
    mac = hmac.new(key_of(Purpose.AUDIT), before.encode() + b"\n", "sha256")
    rows = Entry.objects.filter(pk__gte=first, pk__lte=last).order_by("pk").values_list(*_FIELDS)
    count = 0
    for line in _lines(rows.iterator(chunk_size=2000)):
        mac.update(line)
        count += 1
    return mac.hexdigest(), count


def _last_written() -> int | None:
    """Return the number of the last entry, once nobody writes one with a lower number any more.

    The lock waits for transactions that have written an entry, two seconds at most; None where
    one takes longer, and the next run tries again.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            cursor.execute("SELECT audit_last_written()")  # locks: see migration 0005
            value = cursor.fetchone()[0]
            return None if value is None else int(value)
    except OperationalError:
        return None


@transaction.atomic
def _seal_next(last: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('audit.chain'))")
    before = Seal.objects.order_by("last").last()
    first = before.last + 1 if before else 1
    if first > last:
        return False
    covered = Entry.objects.filter(pk__gte=first, pk__lte=last).order_by("pk")
    numbers = covered.values_list("pk", flat=True)[MOST - 1 : MOST]
    end = next(iter(numbers), last)
    digest, count = digest_of(before.digest if before else BEGIN, first, end)
    Seal.objects.create(first=first, last=end, entries=count, digest=digest)
    return True


def seal_entries() -> int:
    """Seal what was written since the last seal; return how many seals were made."""
    last, made = _last_written(), 0
    while last is not None and _seal_next(last):
        made += 1
    return made


def breaks() -> Iterator[Break]:
    """Yield where the history was changed outside the platform, from the first seal on."""
    before, expected = BEGIN, 1
    for seal in Seal.objects.order_by("last").iterator():
        if seal.first != expected:
            yield Break(seal, f"the seal of entries {expected} to {seal.first - 1} is missing")
        digest, count = digest_of(before, seal.first, seal.last)
        if count != seal.entries:
            yield Break(seal, f"{seal.entries} entries were sealed, {count} are there")
        elif not hmac.compare_digest(digest, seal.digest):
            yield Break(seal, "an entry, or the seal before, was changed")
        before, expected = seal.digest, seal.last + 1
