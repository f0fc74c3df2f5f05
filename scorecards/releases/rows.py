"""Write and delete the rows of one release."""

import pandas as pd
from django.db import connection

from scorecards.models import Release
from scorecards.storage import partitions
from scorecards.storage.copy_in import copy_in

TABLES = (
    partitions.RELEASED,
    partitions.STATES,
    partitions.COMPARISONS,
    partitions.OVERALL,
    partitions.CLASSES,
    partitions.GAPS,
)
"""The tables that a release writes to."""


def add(table: str, release: Release, rows: pd.DataFrame) -> None:
    """Add ``rows``, named as the columns of ``table``, to those of this release."""
    copy_in(table, rows.assign(release_id=release.pk, period=release.period))


def delete(table: str, release: Release) -> None:
    """Delete what an earlier attempt at this release wrote."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} WHERE period = %s AND release_id = %s",  # noqa: S608 - ours
            [release.period, release.pk],
        )
