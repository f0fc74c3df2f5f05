"""Kinds of records that surveys keep for a time: notes, imported files, answers to reviews."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import WebSession
from retention.kinds import Kind, keep_for_a_time
from surveys.models import Case, ImportBatch

MOST_AT_ONCE = 5000


def _old_notes(before: datetime) -> QuerySet[Case]:
    return Case.objects.filter(recorded_at__lt=before).exclude(note="")


def erase_notes(before: datetime) -> int:
    """Empty the notes of old cases; nothing that is counted changes."""
    return _old_notes(before).update(note="")


def _old_imports(before: datetime) -> QuerySet[ImportBatch]:
    has_file = ~Q(source="") | ~Q(rejected_file="")
    return ImportBatch.objects.filter(has_file, finished_at__lt=before)


def erase_import_files(before: datetime) -> int:
    """Delete uploaded spreadsheets and their rejected rows; the observations stay."""
    count = 0
    for batch in _old_imports(before)[:MOST_AT_ONCE]:
        for file in (batch.source, batch.rejected_file):
            if file:
                file.delete(save=False)
        batch.save(update_fields=["source", "rejected_file"])
        count += 1
    return count


def _old_sessions(before: datetime) -> Iterable[QuerySet[Any]]:
    models: tuple[type[Model], ...] = (WebSession, Session)
    return [model._default_manager.filter(expire_date__lt=before) for model in models]


def announce() -> None:
    """Register the rules of retention for data of surveys."""
    keep_for_a_time(
        Kind(
            code="case-notes",
            name=_("Notes of single cases"),
            why=_("Free text may name somebody. Figures never use it."),
            usual_days=730,
            least_days=30,
            waiting=lambda before: _old_notes(before).count(),
            erase=erase_notes,
        )
    )
    keep_for_a_time(
        Kind(
            code="import-files",
            name=_("Uploaded spreadsheets and their rejected rows"),
            why=_("Needed only until rejected rows are corrected."),
            usual_days=90,
            least_days=7,
            waiting=lambda before: _old_imports(before).count(),
            erase=erase_import_files,
        )
    )
    keep_for_a_time(
        Kind(
            code="ended-sessions",
            name=_("Sessions that have ended"),
            why=_("They tell when somebody worked."),
            usual_days=7,
            least_days=1,
            waiting=lambda before: sum(rows.count() for rows in _old_sessions(before)),
            erase=lambda before: sum(rows.delete()[0] for rows in _old_sessions(before)),
        )
    )
