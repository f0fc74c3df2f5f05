"""Current releases for their readers: quarter, day and method."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from scorecards.models import Release


@dataclass(frozen=True)
class PublishedRelease:
    """The current release of one quarter."""

    number: int
    period: str
    published_on: date
    published_at: datetime
    method_version: str
    is_correction: bool


def current(period: str) -> PublishedRelease | None:
    """Return the release of this quarter that readers see, or None."""
    release = Release.objects.filter(period=period, is_current=True).first()
    return None if release is None else _as_published(release)


def newest(last: int = 2) -> list[PublishedRelease]:
    """Return the current releases of the newest quarters, the newest first."""
    rows = Release.objects.filter(is_current=True).order_by("-period")[:last]
    return [_as_published(row) for row in rows]


def _as_published(row: Release) -> PublishedRelease:
    assert row.published_at is not None
    return PublishedRelease(
        number=row.pk,
        period=row.period,
        published_on=timezone.localtime(row.published_at).date(),
        published_at=row.published_at,
        method_version=row.method_version,
        is_correction=row.previous_id is not None,
    )
