"""From working figures to a release: suppress, attack, write down; approve; read nothing else.

Every cube (one indicator of one kind of provider) is suppressed and audited with all its
totals at once: commune x service, commune, province x service, province, service, nation.
What is not in a cube is not released: counts of cases that were not judged, medians,
single providers, months and years (their sums would give hidden quarters away).
Delivered on time is released once no request of the quarter is younger than its promise
(docs/decisions/on-time-is-released-settled.md). What was approved is read back and
attacked once more before it is published (``scorecards.auditing``).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import may
from audit import trail
from scorecards import auditing, comparing, gaps, partitions, periods, putting
from scorecards.auditing import CUBE, DIMS, FEW_DIMS
from scorecards.catalogue import RULE_OF
from scorecards.models import Release, Score
from scorecards.scoring import METHOD_VERSION
from scorecards.scoring.lattice import ALL
from scorecards.scoring.shares import LEAST_JUDGED, share_status, shares
from scorecards.scoring.vocabulary import Status

CELL = [*CUBE, "service", "place_code"]
MARGINS = [("province", "commune"), ("province", "service"), ("province",), ("service",), ()]
_FEW_MARGINS = [("province",), ()]
_COLUMNS = (
    "release_id",
    "period",
    *CELL,
    "level",
    "province_code",
    "status",
    "why",
    "numerator",
    "denominator",
    "share",
    "low",
    "high",
    "deff",
)


STALLED_AFTER = timedelta(minutes=1)
"""So long a task may take to reach a release that was just begun."""


def ended_quarters() -> list[str]:
    """The quarters that are over and have working figures, oldest first."""
    today = timezone.localdate()
    parsed = [
        periods.parse(code) for code in periods.plausible(partitions.parts(partitions.SCORES))
    ]
    return sorted(p.code for p in parsed if p.length == "quarter" and p.last < today)


def is_released(period: str) -> bool:
    """True where readers see a release of this quarter."""
    return Release.objects.filter(period=period, is_current=True).exists()


def check_releasable(period: str) -> None:
    """Raise ``ValidationError`` unless it is a quarter that has working figures."""
    if periods.parse(period).length != "quarter":
        raise ValidationError(_("Only quarters are released."))
    if not Score.objects.filter(period=period).exists():
        raise ValidationError(_("There are no figures of this quarter."))


def begin(*, by: User | None, period: str) -> Release:
    """Write down a new release of a quarter, to be prepared against the current one."""
    if by is not None and not may(by, "releases.approve"):
        raise PermissionDenied
    check_releasable(period)
    with transaction.atomic():
        current = Release.objects.filter(period=period, is_current=True).first()
        release = Release(
            period=period, previous=current, prepared_by=by, method_version=METHOD_VERSION
        )
        release.full_clean()
        release.save()
        trail.record(by=by, verb="prepare release", subject=release)
    return release


def begun(*, by: User, period: str) -> Release:
    """The release that this person began of the quarter and nobody finished, or a new one.

    So that a task which was interrupted goes on where it stood. Raises as ``begin``.
    """
    current = Release.objects.filter(period=period, is_current=True).first()
    waiting = (Release.State.PREPARING, Release.State.AUDITED, Release.State.APPROVED)
    found = Release.objects.filter(
        period=period, prepared_by=by, previous=current, state__in=waiting
    )
    return found.order_by("pk").last() or begin(by=by, period=period)


def stalled() -> list[int]:
    """Releases to be prepared or published that nobody works on: who does holds the row."""
    since = timezone.now() - STALLED_AFTER
    with transaction.atomic():
        free = Release.objects.select_for_update(skip_locked=True).filter(
            state__in=(Release.State.PREPARING, Release.State.APPROVED), prepared_at__lt=since
        )
        return [release.pk for release in free.order_by("pk")]


def prepare(release_id: int) -> Release:
    """Suppress and attack; the release is "audited", or "failed" if anything can be worked out.

    Safe to repeat: what an earlier attempt wrote is taken away first. A release that is
    no longer being prepared is left alone.
    """
    _make_room(Release.objects.get(pk=release_id).period)
    with transaction.atomic():
        release = Release.objects.select_for_update().get(pk=release_id)
        if release.state != Release.State.PREPARING:
            return release
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM scorecards_releasedcell WHERE period = %s AND release_id = %s",
                [release.period, release.pk],
            )
        working = _working(release.period)
        before = auditing.stored(release.previous) if release.previous else None
        found = [safe_cube(cube, before) for cube in _cubes(working)]
        table = pd.concat([cells for cells, _ in found], ignore_index=True) if found else None
        if table is not None and len(table):
            cells = _with_figures(table, working)
            _write(release, cells)
            until = _month_of(working["newest_observation"].max())
            _compare(release, cells, until)
            found.append((cells.iloc[:0], _tell_gaps(release, until)))
            release.cells = len(table)
            release.hidden = int((table["status"] == Status.HIDDEN).sum())
            release.shown = int((table["status"] == Status.SHOWN).sum())
        release.breaches = sum(leaks for _, leaks in found)
        release.data_until = working["newest_observation"].max() if len(working) else None
        passed = release.breaches == 0
        release.state = Release.State.AUDITED if passed else Release.State.FAILED
        release.save()
        trail.record(
            by=release.prepared_by,
            verb="audit release",
            subject=release,
            after={"cells": release.cells, "breaches": release.breaches},
        )
    return release


def _make_room(period: str) -> None:
    """Have the parts that a release of this period is written to, in a transaction of its own.

    A new part locks the table of releases, and whoever begins or approves another one would
    wait for the minutes that the suppression takes.
    """
    with transaction.atomic():
        for table in (
            partitions.RELEASED,
            partitions.COMPARISONS,
            partitions.OVERALL,
            partitions.CLASSES,
            partitions.GAPS,
        ):
            partitions.ensure(table, [period])


def _month_of(moment: datetime) -> datetime:
    """No finer date leaves the house."""
    local = timezone.localtime(moment)
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _compare(release: Release, cells: pd.DataFrame, data_until: Any) -> None:
    """Ranks, peers, changes and overall scores, from the cells of the release alone."""
    period = periods.parse(release.period)
    comparing.store(comparing.released(period, cells, data_until), release=release.pk)


def _tell_gaps(release: Release, data_until: Any) -> int:
    """Write the gaps between groups of voters that may be told; how many leak."""
    before = _gaps_before(release)
    rows = gaps.safe(gaps.of_period(periods.parse(release.period)), before)
    given = {"period": release.period, "release": release.pk, "data_until": data_until}
    putting.put(partitions.GAPS, rows, **given)
    return gaps.leaks(gaps.stored(release.pk, release.period), before)


def _gaps_before(release: Release) -> pd.DataFrame | None:
    if release.previous_id is None:
        return None
    return gaps.stored(release.previous_id, release.period)


def approve(*, by: User, release: Release) -> Release:
    """Decide that an audited release goes out; ``publish`` does it, after one more attack.

    Raises PermissionDenied, and ValidationError where it did not pass or where another
    release has been published since.
    """
    if not may(by, "releases.approve"):
        raise PermissionDenied
    with transaction.atomic():
        release = Release.objects.select_for_update().get(pk=release.pk)
        if release.state != Release.State.AUDITED or release.breaches:
            raise ValidationError(_("Only a release that passed the audit can be published."))
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

    It replaces the release it was audited against, and only that. Safe to repeat: a
    release that is not approved, or published already, is left alone.
    """
    with transaction.atomic():
        release = Release.objects.select_for_update().get(pk=release_id)
        if release.state != Release.State.APPROVED:
            return release
        told = gaps.stored(release.pk, release.period)
        release.breaches = auditing.leaks(release) + gaps.leaks(told, _gaps_before(release))
        current = (
            Release.objects.select_for_update().filter(period=release.period, is_current=True)
        ).first()
        if release.breaches or release.previous_id != (current.pk if current else None):
            release.state = Release.State.FAILED
            release.save()
            found = {"breaches": release.breaches}
            by = release.approved_by
            trail.record(by=by, verb="refuse release", subject=release, after=found)
            return release
        if current is not None:
            current.is_current = False
            current.save(update_fields=["is_current"])
        release.state, release.is_current = Release.State.PUBLISHED, True
        release.published_at = timezone.now()
        release.full_clean()
        release.save()
        trail.record(by=release.approved_by, verb="publish release", subject=release)
    return release


def _current(period: str) -> int | None:
    found = Release.objects.filter(period=period, is_current=True)
    return found.values_list("pk", flat=True).first()


def set_aside(*, by: User, release: Release, reason: str) -> Release:
    """Decide not to publish a release that waits or failed."""
    if not may(by, "releases.approve"):
        raise PermissionDenied
    with transaction.atomic():
        release = Release.objects.select_for_update().get(pk=release.pk)
        if release.state in (Release.State.PUBLISHED, Release.State.APPROVED):
            raise ValidationError(_("What is published is corrected by a new release."))
        release.state, release.note = Release.State.SET_ASIDE, reason
        release.save()
        trail.record(by=by, verb="set release aside", subject=release, reason=reason)
    return release


def safe_cube(
    cube: pd.DataFrame, before: pd.DataFrame | None, *, secondary: bool = True
) -> tuple[pd.DataFrame, int]:
    """One cube suppressed and attacked: its cells, and how many could be worked out.

    ``cube`` are commune rows of one indicator and kind: province, commune, service,
    judged, met. ``before`` is the cube of the release that this one corrects, in the
    form this returns. ``secondary`` is for tests of the attack.
    """
    # Its solver takes half a second to import, which every start would pay.
    from scorecards.scoring.disclosure import suppress

    few = not cube["service"].astype(bool).any()
    dims, margins = (FEW_DIMS, _FEW_MARGINS) if few else (DIMS, MARGINS)
    key = {name: cube[name].iloc[0] for name in CUBE}
    own = cube[dims]
    previous = None if before is None else auditing.as_previous(before, tuple(key.values()), own)
    released = suppress(
        cube[[*dims, "judged", "met"]],
        margins,
        dims=dims,
        previous=previous,
        secondary=secondary,
    )
    leaks = auditing.attacked(released, previous)
    return released.assign(**key, service=released.get("service", "")), leaks


def _working(period: str) -> pd.DataFrame:
    """The working cells of places in one period, single providers left out."""
    columns = [*CELL, "province_code", "level", "numerator", "denominator", "deff", "no_standard"]
    columns += ["still_open", "newest_observation"]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(columns)} FROM scorecards_score "  # noqa: S608 - ours
            "WHERE period = %s AND level <> 'provider' ORDER BY place_code, service",
            [period],
        )
        return pd.DataFrame(cursor.fetchall(), columns=pd.Index(columns))


def _cubes(working: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The finest judged cells of each cube: by service where there are services."""
    judged = (working["level"] == "commune") & (working["denominator"] > 0)
    communes = working[judged & ~_unsettled(working)]
    for _key, rows in communes.groupby(CUBE, sort=True):
        by_service = rows[rows["service"] != ""]
        finest = by_service if len(by_service) else rows
        yield finest.assign(
            province=finest["province_code"],
            commune=finest["place_code"],
            judged=finest["denominator"],
            met=finest["numerator"],
        ).reset_index(drop=True)


def _with_figures(table: pd.DataFrame, working: pd.DataFrame) -> pd.DataFrame:
    """Released cells in the columns of ``ReleasedCell``, and cells without any standard."""
    summed = (table["commune"] == ALL).to_numpy()
    nation = (table["province"] == ALL).to_numpy()
    place = np.where(nation, "", np.where(summed, table["province"], table["commune"]))
    cells = table[CUBE].assign(
        service=table["service"].where(table["service"] != ALL, ""),
        place_code=place,
        level=np.where(nation, "nation", np.where(summed, "province", "commune")),
        province_code=np.where(nation, "", table["province"]),
        why="",
    )
    cells = cells.merge(working[[*CELL, "deff"]], how="left", on=CELL)
    shown = (table["status"] == Status.SHOWN).to_numpy()
    numbers = shares(
        table["met"].where(shown), table["judged"].where(shown), deff=cells["deff"].fillna(1.0)
    )
    band = (table["status"] == Status.UNDER_THREE).to_numpy()
    cells["status"] = np.where(
        shown, [str(s) for s in share_status(table["judged"])], table["status"].astype(str)
    )
    cells["numerator"] = table["met"].where(shown)
    cells["denominator"] = table["judged"].where(shown | band)
    cells["share"] = numbers["share"]
    cells["low"] = np.where(band, table["share_low"], numbers["low"])
    cells["high"] = np.where(band, table["share_high"], numbers["high"])
    cells.loc[~shown, "deff"] = np.nan
    tables = [cells, _without_standard(working), _not_yet_known(working, cells)]
    return pd.concat(tables, ignore_index=True).drop_duplicates(CELL)


def _unsettled(working: pd.DataFrame) -> "pd.Series[bool]":
    """Rows of "on time" of a kind of provider that has requests younger than their promise."""
    timed = working["indicator"].map(RULE_OF) == "time"
    kinds = working.loc[timed & (working["still_open"] > 0), "provider_kind"].unique()
    return timed & working["provider_kind"].isin(kinds)


def _not_yet_known(working: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """ "Not yet known" for on time, in the places of which the release shows figures anyway."""
    waiting = working[_unsettled(working) & (working["service"] == "")]
    there = ["provider_kind", "place_code"]
    known = cells[cells["share"].notna() & (cells["service"] == "")][there].drop_duplicates()
    found = waiting.merge(known, on=there)
    return found[[*CELL, "level", "province_code"]].assign(status="not_yet_known", why="still_open")


def _without_standard(working: pd.DataFrame) -> pd.DataFrame:
    """Cells in which ten people or more met with a service that has no published standard."""
    found = working[(working["denominator"] == 0) & (working["no_standard"] >= LEAST_JUDGED)]
    return found[[*CELL, "level", "province_code"]].assign(status="no_data", why="no_standard")


def _write(release: Release, cells: pd.DataFrame) -> None:
    table = cells.reindex(columns=list(_COLUMNS[2:])).astype(object)
    table = table.where(table.notna(), None)
    names = ", ".join(_COLUMNS)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY scorecards_releasedcell ({names}) FROM STDIN") as stream,
    ):
        for row in table.itertuples(index=False):
            numbers = [int(v) if i in _WHOLE and v is not None else v for i, v in enumerate(row)]
            stream.write_row((release.pk, release.period, *numbers))


_WHOLE = {_COLUMNS[2:].index("numerator"), _COLUMNS[2:].index("denominator")}
