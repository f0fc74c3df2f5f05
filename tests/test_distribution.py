"""Facts and scores could be spread over several servers by commune (docs/scale.md: Citus)."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

SPREAD = {"scorecards_judgedcase": "commune_code", "scorecards_score": "place_code"}
"""Tables that would be distributed, and by which column."""

LACKING = {
    "scorecards_judgedcase": "a case is found by its month and number; who spreads it adds the commune"
}
"""Tables whose unique rules lack that column today, and why."""


def rows(sql: str) -> set[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(SPREAD)])
        return set(cursor.fetchall())


def test_no_foreign_key_points_at_them() -> None:
    result = rows(
        "SELECT conname, conrelid::regclass::text FROM pg_constraint "
        "WHERE contype = 'f' AND confrelid = ANY(%s::text[]::regclass[])"
    )
    assert not result


def test_no_trigger_stands_on_them() -> None:
    result = rows(
        "SELECT tgname, tgrelid::regclass::text FROM pg_trigger "
        "WHERE NOT tgisinternal AND tgrelid = ANY(%s::text[]::regclass[])"
    )
    assert not result


def test_every_unique_rule_holds_the_column_they_would_be_spread_by() -> None:
    result = rows(
        "SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, "
        "string_agg(a.attname, ',' ORDER BY a.attnum) FROM pg_index i JOIN pg_attribute a "
        "ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) "
        "WHERE i.indisunique AND i.indrelid = ANY(%s::text[]::regclass[]) GROUP BY 1, 2"
    )
    assert {table for table, _index, _columns in result} == SPREAD.keys()
    lacking = {
        table for table, _index, columns in result if SPREAD[table] not in columns.split(",")
    }
    assert lacking == LACKING.keys()


def test_no_row_of_them_is_known_by_a_number_of_its_own() -> None:
    """Rows are replaced by their natural keys: a sequence would have to be shared by all servers."""
    result = rows(
        "SELECT attrelid::regclass::text, attname FROM pg_attribute WHERE attidentity <> '' "
        "AND attrelid = ANY(%s::text[]::regclass[])"
    )
    assert not result
