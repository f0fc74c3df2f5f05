"""Rows come out of PostgreSQL as they are, however many; errors there are raised."""

import numpy as np
import pytest
from django.db import connection, transaction
from psycopg.errors import DivisionByZero

from scorecards.storage.copy_out import SEPARATOR, copied

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("rows", [0, 1, 50_000])
def test_every_row_arrives_once_and_in_order(rows: int) -> None:
    table = copied("SELECT n, repeat('ភ', n %% 40) AS word FROM generate_series(1, %s) n", [rows])
    assert table["n"].tolist() == list(range(1, rows + 1))
    assert [len(word) for word in table["word"]] == [n % 40 for n in range(1, rows + 1)]


def test_what_is_missing_is_missing_in_every_kind_of_column() -> None:
    table = copied(
        "SELECT * FROM (VALUES (1, true, 'a,\"b\"', ARRAY['x', 'y']::varchar[], date '2026-02-28'), "
        "(NULL, NULL, NULL, NULL, NULL)) v (number, yes, word, words, day)",
        [],
        leave_out=["number"],
    )
    first, second = table.itertuples(index=False)
    assert (first.yes, first.word, first.words) == (1.0, 'a,"b"', f"x{SEPARATOR}y")
    assert first.day == np.datetime64("2026-02-28")
    assert table.iloc[1].isna().all(), second


def test_an_error_between_the_rows_is_raised_and_the_connection_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(DivisionByZero), transaction.atomic():
        copied("SELECT 1 / (90000 - n) AS a FROM generate_series(1, 100000) n", [])
    assert not caplog.records
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
