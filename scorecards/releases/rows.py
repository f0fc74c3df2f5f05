"""Write the rows of one release by COPY: a hundred thousand of them take a second."""

import io

import pandas as pd
import pyarrow as pa
from django.db import connection
from pyarrow import csv

from scorecards.models import Release

_WHOLE = ("numerator", "denominator", "met", "not_met", "kept_met", "kept_not_met")


def copy_in(table: str, release: Release, rows: pd.DataFrame) -> None:
    """Add ``rows``, named as the columns of ``table``, to those of this release."""
    if rows.empty:
        return
    integer_columns = {name: "Int64" for name in _WHOLE if name in rows.columns}
    given = plain(rows).astype(integer_columns).assign(release_id=release.pk, period=release.period)
    buffer = io.BytesIO()
    options = csv.WriteOptions(include_header=False)
    csv.write_csv(pa.Table.from_pandas(given, preserve_index=False), buffer, options)
    names = ", ".join(given.columns)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT csv)") as stream,
    ):
        stream.write(buffer.getbuffer())


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """The same rows with texts as Python's own, not categories or Arrow's, and true booleans.

    Arrow writes some of its own texts as CSV with bytes that PostgreSQL refuses.
    """
    for name, kind in table.dtypes.items():
        if kind == "category" or pd.api.types.is_string_dtype(kind):
            table = table.assign(**{str(name): table[name].astype(object)})
    if "self_assessment" in table.columns:
        table = table.assign(self_assessment=table["self_assessment"].astype(bool))
    return table


def delete(table: str, release: Release) -> None:
    """Take away what an earlier attempt at this release wrote."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} WHERE period = %s AND release_id = %s",  # noqa: S608 - ours
            [release.period, release.pk],
        )
