"""Derive flags and cases, votes or checks from stored records, and again after an edit.

Safe to repeat and to run at the same time: the row is locked, what was derived before is stored
with a fingerprint, and the same content again changes nothing.
"""

import errno
import logging
import re
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from jobs import attempts
from surveys.models import (
    QualityFlag,
    Submission,
    Trouble,
)
from surveys.submissions.exports import csv_lines
from surveys.submissions.notify import wakeups
from surveys.submissions.processing import quality_flags
from surveys.submissions.processing.answers import (
    Answers,
    Readable,
    current_xml,
    moment,
    read_current,
)
from surveys.submissions.processing.batch_context import Around
from surveys.submissions.processing.form_rules import Filled, Raised, judge_all
from surveys.submissions.processing.record_observations import record_all

_COMMUNE = re.compile(r"[0-9]{6}")
_log = logging.getLogger(__name__)
BATCH = 100
_DERIVED = (
    *("observed_at", "first_observed_at", "observe_error", "began_at", "ended_at", "person"),
    *("answers_hash", "missing_media", "call_back", "commune_code", "province_code"),
    *("line", "line_key"),
)
"""Fields that observation writes."""

_TROUBLE = ("trouble", "tries", "deaths", "next_try_at")
"""Fields that are written only for a record with an earlier failure."""

WAITS = (timedelta(seconds=30), *(timedelta(minutes=m) for m in (2, 5, 15, 30, 60, 120)))
"""Times until each further try of a record for which the database or the disk failed."""

MOST_DEATHS = 2
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}


def is_transient(trouble: BaseException) -> bool:
    """Return whether a retry may succeed: database, lock, disk or memory failed, not the record."""
    if isinstance(trouble, OSError):
        return trouble.errno in _FULL
    return isinstance(trouble, (OperationalError, InterfaceError, MemoryError))


def observe_waiting(*, limit: int = 10_000) -> int:
    """Observe what is stored and waiting, oldest first; return how many were done.

    Several workers may run at once: each takes rows that no other holds. When a worker was killed
    over them, each is read alone, and one that kills again is given up.
    """
    done = 0
    last = 0
    due = Q(next_try_at=None) | Q(next_try_at__lte=timezone.now())
    while done < limit:
        waiting = Submission.objects.filter(due, observed_at=None, pk__gt=last).order_by("pk")
        batch = list(waiting.values_list("pk", "deaths")[:BATCH])
        if not batch:
            break
        together = [pk for pk, deaths in batch if not deaths and not attempts.is_again()]
        done += _observe_batch(together) if together else 0
        done += sum(_observe_alone(pk) for pk, _deaths in batch if pk not in together)
        last = batch[-1][0]
    return done


def _observe_alone(submission_id: int) -> int:
    """Observe one record that may kill the worker.

    It is counted before, and given up after some tries.
    """
    waiting = Submission.objects.filter(pk=submission_id, observed_at=None)
    if waiting.filter(deaths__gte=MOST_DEATHS).exists():
        _give_up(submission_id, Trouble.STOPPED, "The worker was killed each time.")
        return 1
    waiting.update(deaths=F("deaths") + 1)
    done = observe(submission_id)
    waiting.update(deaths=0)  # the worker lived, and the record waits for another reason
    return done


def _observe_batch(ids: list[int]) -> int:
    try:
        with transaction.atomic():
            return _observe_these(ids)
    except Exception:
        # one of them fails: each by itself, so that the others are observed
        _log.warning("A batch of %s records is observed one by one", len(ids), exc_info=True)
        return sum(observe(pk) for pk in ids)


def observe(submission_id: int) -> int:
    """Observe one record if it waits; 1 if it did. A record that cannot be read never blocks."""
    try:
        with transaction.atomic():
            return _observe_these([submission_id])
    except Exception as trouble:
        if is_transient(trouble):
            return _try_later(submission_id, trouble)
        _log.exception("Submission %s could not be observed", submission_id)
        _give_up(submission_id, Trouble.ERROR, f"{type(trouble).__name__}: {trouble}")
    return 1


def _try_later(submission_id: int, trouble: Exception) -> int:
    """Set the next try, later each time; 1 when it was tried often enough and is given up."""
    waiting = Submission.objects.filter(pk=submission_id, observed_at=None)
    tries = waiting.values_list("tries", flat=True).first() or 0
    if tries >= len(WAITS):
        _log.error("Submission %s is given up after %s tries", submission_id, tries, exc_info=True)
        _give_up(submission_id, Trouble.BUSY, f"{type(trouble).__name__}: {trouble}")
        return 1
    _log.warning("Submission %s is tried again later: %s", submission_id, type(trouble).__name__)
    waiting.update(tries=tries + 1, trouble=Trouble.BUSY, next_try_at=timezone.now() + WAITS[tries])
    return 0


def _give_up(submission_id: int, trouble: Trouble, detail: str) -> None:
    """Mark a record as one for a person to look at; the others continue."""
    Submission.objects.filter(pk=submission_id, observed_at=None).update(
        observed_at=timezone.now(),
        observe_error=detail[:2000] or trouble,
        trouble=trouble,
        next_try_at=None,
        tries=0,
        deaths=0,
    )


def _observe_these(ids: list[int]) -> int:
    """Observe those of these records that wait and that nobody else holds."""
    rows = list(
        Submission.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("form__programme", "current", "app_user", "submitter")
        .prefetch_related("attachments", "observations", "app_user__people")
        .filter(pk__in=ids, observed_at=None)
        .order_by("pk")
    )
    if not rows:
        return 0
    read = [read_current(row) for row in rows]
    around = Around(rows)
    around.know({r.pk: f[1].fingerprint for r, f in zip(rows, read, strict=True) if f})
    verdicts = _judge(rows, read, around)
    flags = []
    for row, reading in zip(rows, read, strict=True):
        flags += [
            QualityFlag(submission=row, kind=f.kind, path=f.path[:300], detail=f.detail)
            for f in [*verdicts.get(row.pk, []), *_observe(row, reading, around)]
        ]
        around.remember(row)
    QualityFlag.objects.filter(submission__in=rows).delete()
    QualityFlag.objects.bulk_create(flags, ignore_conflicts=True)
    troubled = any(row.trouble or row.tries or row.deaths for row in rows)
    for row in rows:
        row.trouble, row.tries, row.deaths, row.next_try_at = "", 0, 0, None
    Submission.objects.bulk_update(rows, _DERIVED + (_TROUBLE if troubled else ()))
    return len(rows)


def _judge(
    rows: list[Submission], read: list[tuple[Readable, Answers] | None], around: Around
) -> dict[int, list[Raised]]:
    """Apply the forms' rules to the records: record number -> problems raised."""
    filled = {
        row.pk: Filled(*reading, around.house(row.form.programme), _when(row, *reading))
        for row, reading in zip(rows, read, strict=True)
        if reading is not None
    }
    return dict(zip(filled, judge_all(list(filled.values())), strict=True))


def _when(submission: Submission, form: Readable, answers: Answers) -> datetime:
    """Return when a record was filled: its own end or start, else its arrival."""
    times = (moment(answers.preloaded(form.compiled, name)) for name in ("end", "start"))
    return next((time for time in times if time), submission.received_at)


def _observe(
    submission: Submission, reading: tuple[Readable, Answers] | None, around: Around
) -> list[Raised]:
    flags: list[Raised] = []
    submission.observe_error = ""
    if reading is not None:
        form, answers = reading
        csv_lines.put(submission, current_xml(submission), around.layout(submission.form_id))
        flags = _facts_and_flags(submission, form, answers, around)
        flags += record_all(submission, form, answers, around)
    submission.observed_at = timezone.now()
    if submission.first_observed_at is None:
        submission.first_observed_at = submission.observed_at
        if around.has_webhooks(submission.form.programme):
            wakeups.tell_webhooks("submission.created", submission)
    return flags


def _facts_and_flags(
    submission: Submission, form: Readable, answers: Answers, around: Around
) -> list[Raised]:
    programme = submission.form.programme
    rules = around.rules(programme)
    began = moment(answers.preloaded(form.compiled, "start"))
    ended = moment(answers.preloaded(form.compiled, "end"))
    submission.began_at, submission.ended_at = began, ended
    submission.person = _person(submission, answers.preloaded(form.compiled, "username"))
    submission.answers_hash = answers.fingerprint
    submission.missing_media = quality_flags.missing_media(submission, form, answers)
    submission.call_back = quality_flags.drawn_for_call_back(submission, rules.callback_percent)
    commune = _commune_of(form, answers)
    submission.commune_code, submission.province_code = commune, commune[:2]
    return [
        *quality_flags.too_fast(form, answers, began, ended),
        *quality_flags.same_answers(form, answers),
        *quality_flags.far_away(form, answers, around.place(commune), rules),
        *quality_flags.duplicates(submission, answers.fingerprint, around),
        *quality_flags.outside_hours(rules, began),
        *quality_flags.bad_media(submission, form, answers),
    ]


def _person(submission: Submission, username: str) -> User | None:
    """Return the person who filled the record: one of the tablet's people, else the sender."""
    tablet = submission.app_user
    if tablet is None:
        return submission.submitter
    people = list(tablet.people.all())
    named = next((p for p in people if p.username == username), None)
    return named or (people[0] if len(people) == 1 and not username else None)


def _commune_of(form: Readable, answers: Answers) -> str:
    """Return the commune a record is about: of its observation, or of a question named so."""
    observes = form.compiled.get("observes") or {}
    for path in [*observes.values(), form.compiled["root"]]:
        code = answers.text(f"{path}/commune") if path else ""
        if _COMMUNE.fullmatch(code):
            return code
    for path in form.questions:
        if path.endswith("/commune"):
            code = answers.text(path)
            if _COMMUNE.fullmatch(code):
                return code
    return ""


def observe_again(submission: Submission) -> None:
    """Put a record back among those that wait (after a review, or a new rule)."""
    Submission.objects.filter(pk=submission.pk).update(
        observed_at=None, next_try_at=None, tries=0, deaths=0
    )
    wakeups.observe_soon()
