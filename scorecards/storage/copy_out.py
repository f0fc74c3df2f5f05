"""Read the rows of a query by COPY and Arrow: a million of them take seconds and no Python objects.

Texts are categories, lists of texts one text joined by ``SEPARATOR``, days datetime64. Yes, no and
not known are 1, 0 and NaN, so that every column has one meaning of missing.
"""

import io
from collections.abc import Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
from django.db import connection
from psycopg import Copy, errors
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn
from pyarrow import csv

SEPARATOR = "\x1f"
_BOOL, _TEXTS = 16, 1015
_TEXT = pa.dictionary(pa.int32(), pa.string())
_ARROW = {
    _BOOL: pa.bool_(),
    20: pa.int64(),
    21: pa.int64(),
    23: pa.int64(),
    701: pa.float64(),
    1082: pa.date32(),
}
"""PostgreSQL's types by their numbers; everything else is text."""


def copied(sql: str, values: Sequence[Any], leave_out: Sequence[str] = ()) -> pd.DataFrame:
    """Return the rows of a SELECT, without the columns named in ``leave_out``.

    A whole number that may be missing becomes a float. Runs in the transaction of the caller.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({sql}) q LIMIT 0", values)  # noqa: S608 - callers' own
        columns = [(c.name, c.type_code) for c in cursor.description if c.name not in leave_out]
        chosen = ", ".join(
            f"array_to_string(q.{name}, E'\\x1f') AS {name}" if kind == _TEXTS else f"q.{name}"
            for name, kind in columns
        )
        buffer = io.BytesIO()
        copy = f"COPY (SELECT {chosen} FROM ({sql}) q) TO STDOUT (FORMAT csv, HEADER)"  # noqa: S608
        with cursor.copy(copy, values) as stream:
            _receive(stream, connection.connection.pgconn, buffer)
    buffer.seek(0)
    table = csv.read_csv(
        buffer,
        read_options=csv.ReadOptions(use_threads=False),  # other cores are used by other workers
        convert_options=csv.ConvertOptions(
            column_types={name: _ARROW.get(kind, _TEXT) for name, kind in columns},
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )
    for place, (name, kind) in enumerate(columns):
        if kind == _BOOL:
            # Arrow converts booleans to floats only by way of a small integer.
            table = table.set_column(place, name, table[name].cast(pa.int8()).cast(pa.float64()))
    frame: pd.DataFrame = table.to_pandas(date_as_object=False, use_threads=False)
    return frame


def _receive(stream: Copy, link: PGconn, into: io.BytesIO) -> None:
    """Receive all rows of a COPY; those that have arrived are taken from libpq itself.

    psycopg's own way asks for each row whether it has to wait, which costs three times as much as
    the row.
    """
    for row in stream:
        into.write(row)
        size, more = link.get_copy_data(_WITHOUT_WAITING)
        while size > 0:
            into.write(more)
            size, more = link.get_copy_data(_WITHOUT_WAITING)
        if size < 0:
            break
    for result in list(iter(link.get_result, None)):
        if result.status != ExecStatus.COMMAND_OK:
            raise errors.error_from_result(result)


_WITHOUT_WAITING = 1
