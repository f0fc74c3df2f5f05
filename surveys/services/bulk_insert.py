"""COPY into a staging table, then one INSERT that leaves existing rows as they are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, models
from psycopg import sql

from surveys.models import Case, Check, ImportBatch, Vote


@dataclass(frozen=True)
class Table:
    """One kind of observation as bulk insertion needs it: model, key, columns."""

    model: type[models.Model]
    name_field: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    content: tuple[str, ...]
    stamped: tuple[str, ...]
    changes_sql: str

    @property
    def staging(self) -> str:
        return f"{self.model._meta.db_table}_staging"


def _columns(model: type[models.Model], leave_out: set[str]) -> tuple[str, ...]:
    every = [f.attname for f in model._meta.concrete_fields]
    return tuple(name for name in every if name not in leave_out)


_STAMPED = ("recorded_at", "updated_at", "recorded_by_id", "batch_id", "void_reason")
_NOT_REPORTED = {"id", "voided_at", *_STAMPED}

CASES = Table(
    model=Case,
    name_field="case_id",
    key=("case_id",),
    columns=_columns(Case, _NOT_REPORTED),
    content=("content_hash",),
    stamped=_STAMPED,
    changes_sql="""
        INSERT INTO surveys_observationchange
            (province_code, commune_code, month, observation, changed_at)
        SELECT DISTINCT province_code, commune_id, date_trunc('month', asked_on)::date, 'case',
            now()
        FROM surveys_case WHERE batch_id = %s
    """,
)
BACKDATED_CASES = replace(
    CASES,
    columns=(*CASES.columns, "recorded_at", "updated_at"),
    stamped=("recorded_by_id", "batch_id", "void_reason"),
)
"""Cases whose moment of recording is given too: invented data with its invented delays."""

CHECKS = Table(
    model=Check,
    name_field="check_id",
    key=("check_id", "indicator_code"),
    columns=_columns(Check, _NOT_REPORTED),
    content=("content_hash",),
    stamped=("recorded_at", "recorded_by_id", "batch_id", "void_reason"),
    changes_sql="""
        INSERT INTO surveys_observationchange
            (province_code, commune_code, month, observation, changed_at)
        SELECT DISTINCT province_code, commune_id, date_trunc('month', seen_on)::date, 'check',
            now()
        FROM surveys_check WHERE batch_id = %s
    """,
)
VOTES = Table(
    model=Vote,
    name_field="vote_id",
    key=("vote_id",),
    columns=_columns(Vote, _NOT_REPORTED),
    content=(
        "meeting_id",
        "indicator_code",
        "score",
        "sex",
        "youth",
        "poor_card",
        "disability",
        "minority",
    ),
    stamped=("batch_id", "void_reason"),
    changes_sql="""
        INSERT INTO surveys_observationchange
            (province_code, commune_code, month, observation, changed_at)
        SELECT DISTINCT m.province_code, m.commune_id, date_trunc('month', m.held_on)::date,
            'vote', now()
        FROM surveys_vote v JOIN surveys_meeting m ON m.id = v.meeting_id WHERE v.batch_id = %s
    """,
)


def insert(
    table: Table, rows: Sequence[tuple[int, dict[str, Any]]], batch: ImportBatch
) -> dict[int, bool]:
    """Insert numbered rows; return for those there before whether they have the same content.

    Must run in a transaction. Of several rows under one name the first is inserted.
    """
    if not rows:
        return {}
    with connection.cursor() as cursor:
        _copy(cursor.cursor, table, rows)
        cursor.execute(_insert_sql(table), _stamps(table, batch))
        fresh = {row if len(row) > 1 else row[0] for row in cursor.fetchall()}
        if len(fresh) == len(rows):
            return {}
        first: dict[int, bool] = {}
        for number, facts in rows:
            name = tuple(facts[k] for k in table.key)
            if (name if len(name) > 1 else name[0]) in fresh:
                fresh.discard(name if len(name) > 1 else name[0])
                first[number] = True
        cursor.execute(_compare_sql(table))
        return {number: same for number, same in cursor.fetchall() if number not in first}


def _copy(cursor: Any, table: Table, rows: Sequence[tuple[int, dict[str, Any]]]) -> None:
    staging = sql.Identifier(table.staging)
    names = _identifiers(table.columns)
    cursor.execute(
        sql.SQL(
            "CREATE TEMP TABLE IF NOT EXISTS {} ON COMMIT DROP AS "
            "SELECT 0 AS row_number, {} FROM {} WITH NO DATA"
        ).format(staging, names, sql.Identifier(table.model._meta.db_table))
    )
    cursor.execute(sql.SQL("TRUNCATE {}").format(staging))
    statement = sql.SQL("COPY {} (row_number, {}) FROM STDIN").format(staging, names)
    with cursor.copy(statement) as copy:
        for number, facts in rows:
            copy.write_row([number, *(facts[name] for name in table.columns)])


def _insert_sql(table: Table) -> sql.Composed:
    names = _identifiers(table.columns)
    stamped = sql.SQL(", ").join(
        sql.SQL("now()") if name.endswith("_at") else sql.Placeholder() for name in table.stamped
    )
    return sql.SQL(
        "INSERT INTO {table} ({names}, {stamped_names}) SELECT {names}, {stamped} FROM {staging} "
        "ORDER BY row_number ON CONFLICT ({key}) DO NOTHING RETURNING {key}"
    ).format(
        table=sql.Identifier(table.model._meta.db_table),
        names=names,
        stamped_names=_identifiers(table.stamped),
        stamped=stamped,
        staging=sql.Identifier(table.staging),
        key=_identifiers(table.key),
    )


def _stamps(table: Table, batch: ImportBatch) -> list[Any]:
    values = {"recorded_by_id": batch.by_id, "batch_id": batch.pk, "void_reason": ""}
    return [values[name] for name in table.stamped if not name.endswith("_at")]


def _compare_sql(table: Table) -> sql.Composed:
    both = sql.SQL(" AND ").join(
        sql.SQL("s.{0} IS NOT DISTINCT FROM t.{0}").format(sql.Identifier(name))
        for name in table.content
    )
    return sql.SQL("SELECT s.row_number, {} FROM {} s JOIN {} t USING ({})").format(
        both,
        sql.Identifier(table.staging),
        sql.Identifier(table.model._meta.db_table),
        _identifiers(table.key),
    )


def _identifiers(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
