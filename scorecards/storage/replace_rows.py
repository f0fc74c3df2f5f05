"""Storage of the rows of one period and release; unchanged rows are not touched."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
from django.db import connection
from django.utils import timezone

from scorecards.method import METHOD_VERSION
from scorecards.storage.copy_in import copy_in

KEYS = {
    "scorecards_comparison": ("indicator", "provider_kind", "place_code"),
    "scorecards_overall": ("provider_kind", "place_code"),
    "scorecards_placeclass": ("indicator", "provider_kind", "service", "place_code"),
    "scorecards_votegap": ("indicator", "among", "provider_kind", "place_code"),
    "scorecards_ontime": ("provider_kind", "service", "place_code"),
}


@dataclass(frozen=True)
class Stored:
    """Count rows that are stored now, and rows that were written or deleted."""

    cells: int
    changed: int

    def __add__(self, other: "Stored") -> "Stored":
        return Stored(self.cells + other.cells, self.changed + other.changed)


def add(table: str, rows: pd.DataFrame, *, period: str, release: int, data_until: Any) -> Stored:
    """Store the rows of a release that has none in this table; ``rows`` as for ``put``."""
    if rows.empty:
        return Stored(0, 0)
    complete = rows.assign(
        period=period,
        release_id=release,
        province_code=rows["place_code"].str[:2],
        method_version=METHOD_VERSION,
        data_until=data_until,
        computed_at=timezone.now(),
    )
    copy_in(table, complete)
    return Stored(len(rows), len(rows))


def put(table: str, rows: pd.DataFrame, *, period: str, release: int, data_until: Any) -> Stored:
    """Replace the stored rows of one period and release; unchanged rows are not touched.

    Rows that are not among ``rows`` are deleted; unchanged ones keep even ``computed_at``.

    ``rows`` has the columns of the table but those that are the same everywhere; missing
    numbers become null. Runs inside a transaction.
    """
    rows = rows.assign(province_code=rows["place_code"].str[:2]) if len(rows) else rows
    names = list(rows.columns)
    key = KEYS[table]
    values = [name for name in names if name not in key]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS fresh_rows")
        chosen = ", ".join(names or key)
        cursor.execute(
            f"CREATE TEMP TABLE fresh_rows ON COMMIT DROP AS SELECT {chosen} FROM {table} "  # noqa: S608
            "WITH NO DATA"
        )
        if len(rows):
            copy_in("fresh_rows", rows)
        cursor.execute("ANALYZE fresh_rows")
        same = " AND ".join(f"old.{name} = n.{name}" for name in key)
        cursor.execute(
            f"DELETE FROM {table} old WHERE old.period = %s AND old.release_id = %s "  # noqa: S608
            f"AND NOT EXISTS (SELECT FROM fresh_rows n WHERE {same})",
            [period, release],
        )
        changed = cursor.rowcount
        if names:
            given = [period, release, METHOD_VERSION, data_until, timezone.now()]
            cursor.execute(_upsert(table, key, values), given)
            changed += cursor.rowcount
    return Stored(len(rows), changed)


def _upsert(table: str, key: tuple[str, ...], values: list[str]) -> str:
    names = ", ".join((*key, *values))
    own = ("method_version", "data_until")
    sets = ", ".join(f"{name} = excluded.{name}" for name in (*values, *own, "computed_at"))
    old, new = (
        ", ".join(f"{row}.{name}" for name in (*values, *own)) for row in ("old", "excluded")
    )
    fresh = ", ".join(f"n.{name}" for name in (*key, *values))
    return f"""
        INSERT INTO {table} AS old
            (period, release_id, method_version, data_until, computed_at, {names})
        SELECT given.*, {fresh} FROM fresh_rows n, (SELECT %s::varchar AS p, %s::bigint AS r,
            %s::varchar AS m, %s::timestamptz AS d, %s::timestamptz AS c) given
        ON CONFLICT (period, release_id, {", ".join(key)}) DO UPDATE SET {sets}
        WHERE ({old}) IS DISTINCT FROM ({new})"""  # noqa: S608 - names of ours
