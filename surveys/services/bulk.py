"""Record many observations at once, for spreadsheets and demo data.

A chunk is checked in memory against ``Register.load()``, copied into a staging table and inserted
with one statement, so that 200,000 rows cost a few round trips each 5,000. The audit entry and
outbox row that ``record_case`` writes for each case are written for the whole batch by
``close_batch``; each row names its batch.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import trail as audit_trail
from surveys.models import Case, Check, ImportBatch, Vote
from surveys.reference_data import Register
from surveys.reported import ReportedCase, ReportedCheck
from surveys.services import bulk_insert
from surveys.services.meetings import VoteRow, check_vote_rows
from surveys.services.outbox import wake_scorecards
from surveys.services.results import Outcome, RowResult
from surveys.services.write_permission import Mandate
from surveys.validation import Problems, case_facts, check_facts

T = TypeVar("T")
Rules = Callable[..., tuple[dict[str, Any], Problems]]

CHUNK = 5000
"""Rows at a time: large enough for COPY to pay, small enough to stay in memory."""


def record_cases(
    *,
    batch: ImportBatch,
    reported: Sequence[ReportedCase],
    register: Register,
    mandate: Mandate,
    today: date | None = None,
    recorded_at: Sequence[datetime] | None = None,
) -> list[RowResult]:
    """Record a chunk of cases for a batch; return the result for each, in order.

    Call it inside a transaction, chunk after chunk, then ``close_batch``. The first row under a
    ``case_id`` is recorded; a later one with the same content is unchanged, with other content a
    conflict. A bad row raises nothing. ``recorded_at`` is only for invented data: the moment at
    which each row pretends to have been recorded.
    """
    return _record(
        reported,
        case_facts,
        bulk_insert.CASES if recorded_at is None else bulk_insert.BACKDATED_CASES,
        recorded_at=recorded_at,
        batch=batch,
        register=register,
        mandate=mandate,
        today=today,
    )


def record_checks(
    *,
    batch: ImportBatch,
    reported: Sequence[ReportedCheck],
    register: Register,
    mandate: Mandate,
    today: date | None = None,
) -> list[RowResult]:
    """Record a chunk of checks; as ``record_cases``."""
    return _record(
        reported,
        check_facts,
        bulk_insert.CHECKS,
        batch=batch,
        register=register,
        mandate=mandate,
        today=today,
    )


def record_vote_rows(
    *,
    batch: ImportBatch,
    reported: Sequence[VoteRow],
    register: Register,
    mandate: Mandate,
    today: date | None = None,
) -> list[RowResult]:
    """Record a chunk of votes, each given with its meeting, which is made where needed.

    Results are as in ``record_cases``.
    """
    facts, results = check_vote_rows(
        reported, register, mandate, batch, today or timezone.localdate()
    )
    _settle(facts, results, bulk_insert.VOTES, batch)
    return results


def _record(
    reported: Sequence[T],
    rules: Rules,
    table: bulk_insert.Table,
    *,
    batch: ImportBatch,
    register: Register,
    mandate: Mandate,
    today: date | None,
    recorded_at: Sequence[datetime] | None = None,
) -> list[RowResult]:
    results: list[RowResult] = []
    good: list[tuple[int, dict[str, Any]]] = []
    today = today or timezone.localdate()
    for number, one in enumerate(reported):
        facts, problems = rules(one, register, today=today)
        commune = facts["commune_id"]
        if commune and not mandate.covers(commune, facts["programme_id"]):
            problems.say(
                "commune", _("You may not record for commune %(code)s.") % {"code": commune}
            )
        if problems:
            results.append(RowResult(Outcome.REJECTED, problems))
            continue
        if facts["programme_id"] is None:
            facts["programme_id"] = mandate.programme_at(commune)
        if recorded_at is not None:
            facts["recorded_at"] = facts["updated_at"] = recorded_at[number]
        good.append((number, facts))
        results.append(RowResult(Outcome.ADDED))
    _settle(good, results, table, batch)
    return results


def _settle(
    good: list[tuple[int, dict[str, Any]]],
    results: list[RowResult],
    table: bulk_insert.Table,
    batch: ImportBatch,
) -> None:
    """Insert the good rows and note which were recorded before, with the same or other content."""
    for number, same in bulk_insert.insert(table, good, batch).items():
        if same:
            results[number].outcome = Outcome.UNCHANGED
            continue
        results[number].outcome = Outcome.CONFLICT
        results[number].problems.say(
            table.name_field,
            _("Already recorded with another content. Nothing was changed; correct it there."),
        )


def close_batch(*, batch: ImportBatch) -> None:
    """Write the audit entry of a whole batch, and what scorecards compute again.

    Must run in the transaction of the rows.
    """
    table = {
        ImportBatch.Kind.CASES: bulk_insert.CASES,
        ImportBatch.Kind.CHECKS: bulk_insert.CHECKS,
        ImportBatch.Kind.VOTES: bulk_insert.VOTES,
    }.get(ImportBatch.Kind(batch.kind))
    if table is not None:  # rounds and sessions change no score by themselves
        with connection.cursor() as cursor:
            cursor.execute(table.changes_sql, [batch.pk])
    audit_trail.record(
        by=batch.by,
        verb=f"{batch.kind}.imported",
        subject=batch,
        after={
            "file": batch.file_name,
            "read": batch.read,
            "added": batch.added,
            "unchanged": batch.unchanged,
            "conflicts": batch.conflicts,
            "rejected": batch.rejected,
        },
        job="" if batch.by else "import",
    )
    wake_scorecards()


def count_of(batch: ImportBatch) -> int:
    """Count the stored observations of this batch."""
    model = {"cases": Case, "checks": Check, "votes": Vote}[batch.kind]
    return model._default_manager.filter(batch=batch).count()
