"""From records to a release: round, check, write down; approve; check again; publish.

Two people with a national mandate lead a release: one begins it, another approves it.
Every cube (one indicator of one kind of provider) is rounded with all its totals: commune x
service, commune, province x service, province, service, nation, and groups of voters
(``scorecards.method.disclosure``, docs/decisions/0031-rounded-release.md). Not in a cube, and not
released: counts of cases that were not judged, medians, single providers, months and years.
"On time" is released once no request of the quarter is younger than its promise
(docs/decisions/0022-on-time-is-released-settled.md).
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import scopes
from audit import trail
from scorecards import periods
from scorecards.method import METHOD_VERSION
from scorecards.method.disclosure import rounding
from scorecards.models import Release, Score
from scorecards.pipeline import comparisons
from scorecards.releases import audit, figures, records, rows, states
from scorecards.storage import partitions, replace_rows
from scorecards.storage.snapshots import meanwhile, one_snapshot

log = logging.getLogger(__name__)

STALLED_AFTER = timedelta(minutes=1)
"""The time that a task may take to reach a release that was just begun."""


def ended_quarters() -> list[str]:
    """Return the quarters that are over and have working figures, oldest first."""
    today = timezone.localdate()
    parsed = [
        periods.parse(code) for code in periods.plausible(partitions.parts(partitions.SCORES))
    ]
    return sorted(p.code for p in parsed if p.length == "quarter" and p.last < today)


def is_released(period: str) -> bool:
    """Return whether readers see a release of this quarter."""
    return Release.objects.filter(period=period, is_current=True).exists()


def check_releasable(period: str) -> None:
    """Raise ``ValidationError`` unless it is a quarter that has working figures."""
    if periods.parse(period).length != "quarter":
        raise ValidationError(_("Only quarters are released."))
    if not Score.objects.filter(period=period).exists():
        raise ValidationError(_("There are no figures of this quarter."))


def may_release(user: object) -> bool:
    """Return whether this person may release: only with a mandate for the whole nation."""
    held = scopes(user, "releases.approve")
    return any(not scope.place and scope.programme is None for scope in held)


def begin(*, by: User | None, period: str) -> Release:
    """Write down a new release of a quarter, to be prepared against the current one.

    ``by`` None is for measurements: such a release cannot be approved. Raises
    PermissionDenied, and ValidationError for a period that cannot be released or where
    the secret of rounding is not the one of earlier releases.
    """
    if by is not None and not may_release(by):
        raise PermissionDenied
    _check_secret()
    check_releasable(period)
    with transaction.atomic():
        current = Release.objects.filter(period=period, is_current=True).first()
        release = Release(
            period=period,
            previous=current,
            prepared_by=by,
            method_version=METHOD_VERSION,
            secret_mark=states.secret_mark(),
        )
        release.full_clean()
        release.save()
        trail.record(by=by, verb="prepare release", subject=release)
    return release


def begun(*, by: User, period: str) -> Release:
    """Return the release that this person began of the quarter and nobody finished, or a new one.

    A task which was interrupted continues with it. Raises as ``begin``.
    """
    current = Release.objects.filter(period=period, is_current=True).first()
    waiting = (Release.State.PREPARING, Release.State.AUDITED, Release.State.APPROVED)
    releases = Release.objects.filter(
        period=period, prepared_by=by, previous=current, state__in=waiting
    )
    return releases.order_by("pk").last() or begin(by=by, period=period)


def stalled() -> list[int]:
    """List releases to be prepared or published whose row no worker has locked."""
    since = timezone.now() - STALLED_AFTER
    with transaction.atomic():
        free = Release.objects.select_for_update(skip_locked=True).filter(
            state__in=(Release.State.PREPARING, Release.State.APPROVED), prepared_at__lt=since
        )
        return [release.pk for release in free.order_by("pk")]


def _check_secret() -> None:
    """Another secret would give the same records other numbers, and both would be compared."""
    last = Release.objects.filter(rules=Release.Rules.ROUNDED, state=Release.State.PUBLISHED)
    marks = last.order_by("-pk").values_list("secret_mark", flat=True)[:1]
    if any(mark and mark != states.secret_mark() for mark in marks):
        raise ValidationError(
            _(
                "The secret of rounding is not the one of the releases before. Restore "
                "ROUNDING_SECRET (or var/rounding-secret): with another one, comparing releases "
                "would undo the rounding."
            )
        )


def prepare(release_id: int) -> Release:
    """Round, write and check; the release is "audited", or "failed" with the reasons in its note.

    Everything is read in one snapshot. Safe to repeat and to race: what an earlier attempt
    wrote is taken away first, and a release that is no longer being prepared is left alone.
    """
    period = Release.objects.get(pk=release_id).period
    _make_room(period)
    with _alone(release_id), one_snapshot():
        release = Release.objects.select_for_update().get(pk=release_id)
        if release.state != Release.State.PREPARING:
            return release
        for table in rows.TABLES:
            rows.delete(table, release)
        kept = states.kept(period)
        with meanwhile(lambda: audit.decide_again(period, kept)) as decided_again:
            decided = decide(period, kept)
            _write(release, decided)
            problems = audit.problems(release)
            problems += audit.second_rounding(decided, decided_again())
        release.breaches, release.note = len(problems), "\n".join(problems)
        release.state = Release.State.FAILED if problems else Release.State.AUDITED
        release.save()
        trail.record(
            by=release.prepared_by,
            verb="prepare release",
            subject=release,
            after=_numbers_of(release),
        )
    log.info("release %s of %s: %s", release.pk, release.period, _numbers_of(release))
    return release


def _numbers_of(release: Release) -> dict[str, Any]:
    """Return the numbers of a release for the log and the audit trail: cells and faults by name."""
    names = ("printed", "repeated", "withdrawn", "gaps", "breaches")
    return {name: getattr(release, name) for name in names}


@contextmanager
def _alone(release_id: int) -> Iterator[None]:
    """Wait for another preparation of the same release, before the snapshot is taken."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('release'), %s)", [release_id])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('release'), %s)", [release_id])


def _make_room(period: str) -> None:
    """Have the parts that a release of this period is written to, in a transaction of its own.

    A new part locks the table of releases, and whoever begins or approves another one would
    wait for the whole computation.
    """
    with transaction.atomic():
        for table in rows.TABLES:
            partitions.ensure(table, [period])


def decide(period: str, kept: pd.DataFrame) -> pd.DataFrame:
    """Return every cell of the quarter with what is printed of it; see ``disclosure.release``."""
    settled = states.settled(kept)
    cells = records.count_cells(periods.parse(period), states.secret(), settled=settled)
    return rounding.release(cells, kept, states.secret())


def _write(release: Release, decided: pd.DataFrame) -> None:
    """Write states, printed figures and what is computed from them."""
    effects = figures.design_effects(release.period)
    cells = figures.of_cells(decided, effects)
    newest = Score.objects.filter(period=release.period, level="nation")
    until = newest.aggregate(newest=Max("newest_observation"))["newest"]
    release.data_until = _month_of(until) if until else None

    def write_cells() -> None:
        states.keep(release, decided)
        rows.add(partitions.RELEASED, release, cells)

    # Ranks, peers, changes and overall scores are made from the printed cells alone.
    printed_figures = comparisons.released(periods.parse(release.period), cells, release.data_until)
    comparisons.store(printed_figures, release=release.pk, meanwhile=write_cells)
    gaps = figures.of_gaps(decided, effects)
    replace_rows.add(
        partitions.GAPS,
        gaps,
        period=release.period,
        release=release.pk,
        data_until=release.data_until,
    )
    printed = cells["share"].notna()
    names = records.CELL
    again = cells[printed].merge(decided.loc[~decided["is_new"], names], on=names)
    release.printed, release.withdrawn = int(printed.sum()), int((~printed).sum())
    release.repeated, release.gaps = len(again), int((gaps["status"] == "shown").sum())


def _month_of(moment: datetime) -> datetime:
    """Return the month of a moment: no finer date is published."""
    local = timezone.localtime(moment)
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def approve(*, by: User, release: Release) -> Release:
    """Decide that a prepared release goes out; ``publish`` does it, after one more check.

    Raises PermissionDenied without a national mandate, and ValidationError for the person
    who began it, where it did not pass, or where another release was published since.
    """
    if not may_release(by):
        raise PermissionDenied
    with transaction.atomic():
        release = Release.objects.select_for_update().get(pk=release.pk)
        if release.state != Release.State.AUDITED or release.breaches:
            raise ValidationError(_("Only a release that passed the check can be published."))
        if release.prepared_by_id in (None, by.pk):
            raise ValidationError(
                _("Somebody else has to approve this release: nobody approves what they began.")
            )
        if release.previous_id != _current(release.period):
            raise ValidationError(
                _("Another release of this quarter was published since; prepare this one again.")
            )
        release.state, release.approved_by = Release.State.APPROVED, by
        release.full_clean()
        release.save()
        trail.record(by=by, verb="approve release", subject=release)
    return release


def publish(release_id: int) -> Release:
    """Publish an approved release, if what is stored still passes; else it is "failed".

    It replaces the release it was decided against, and only that. Safe to repeat: a
    release that is not approved, or published already, is left alone.
    """
    with transaction.atomic():
        release = Release.objects.select_for_update().get(pk=release_id)
        if release.state != Release.State.APPROVED:
            return release
        current = (
            Release.objects.select_for_update().filter(period=release.period, is_current=True)
        ).first()
        problems = audit.problems(release)
        if release.previous_id != (current.pk if current else None):
            problems.append("another release of this quarter was published since")
        if problems:
            release.breaches, release.note = len(problems), "\n".join(problems)
            release.state = Release.State.FAILED
            release.save()
            by = release.approved_by
            after = {"problems": problems}
            trail.record(by=by, verb="refuse release", subject=release, after=after)
            log.error("release %s of %s is refused: %s", release.pk, release.period, problems)
            return release
        if current is not None:
            current.is_current = False
            current.save(update_fields=["is_current"])
        release.state, release.is_current = Release.State.PUBLISHED, True
        release.published_at = timezone.now()
        release.full_clean()
        release.save()
        by, after = release.approved_by, _numbers_of(release)
        trail.record(by=by, verb="publish release", subject=release, after=after)
    log.info("release %s of %s is published: %s", release.pk, release.period, _numbers_of(release))
    return release


def _current(period: str) -> int | None:
    releases = Release.objects.filter(period=period, is_current=True)
    return releases.values_list("pk", flat=True).first()


def set_aside(*, by: User, release: Release, reason: str) -> Release:
    """Decide not to publish a release that waits or failed."""
    if not may_release(by):
        raise PermissionDenied
    with transaction.atomic():
        release = Release.objects.select_for_update().get(pk=release.pk)
        if release.state in (Release.State.PUBLISHED, Release.State.APPROVED):
            raise ValidationError(_("What is published is corrected by a new release."))
        release.state, release.note = Release.State.SET_ASIDE, reason
        release.save()
        trail.record(by=by, verb="set release aside", subject=release, reason=reason)
    return release
