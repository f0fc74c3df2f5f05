"""Add the rows of a DataFrame to a table by COPY: a hundred thousand of them take a second."""

import io

import pandas as pd
import pyarrow as pa
from django.db import connection
from pyarrow import csv

_WHOLE = {
    "numerator",
    "denominator",
    "met",
    "not_met",
    "kept_met",
    "kept_not_met",
    "places",
    "rank_low",
    "rank_high",
    "province_places",
    "like_places",
    "trend_periods",
    "parts_judged",
    "parts_total",
    "cases",
    "still_open",
    "voters",
    "others",
    "satisfied",
    "others_satisfied",
}
"""Columns of whole numbers, which pandas holds as floats where some are missing."""


def copy_in(table: str, rows: pd.DataFrame) -> None:
    """Add ``rows``, named as the columns of ``table``; missing numbers become null.

    Runs in the transaction of the caller.
    """
    if rows.empty:
        return
    integer_columns = {name: "Int64" for name in rows.columns if name in _WHOLE}
    with_types = plain(rows).astype(integer_columns)
    buffer = io.BytesIO()
    options = csv.WriteOptions(include_header=False)
    csv.write_csv(pa.Table.from_pandas(with_types, preserve_index=False), buffer, options)
    names = ", ".join(str(name) for name in rows.columns)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT csv)") as stream,
    ):
        stream.write(buffer.getbuffer())


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """Return the same rows with Python's own texts, not categories or Arrow's, and true booleans.

    Arrow writes some of its own texts as CSV with bytes that PostgreSQL refuses.
    """
    for name, kind in table.dtypes.items():
        if kind == "category" or pd.api.types.is_string_dtype(kind):
            table = table.assign(**{str(name): table[name].astype(object)})
    if "self_assessment" in table.columns:
        table = table.assign(self_assessment=table["self_assessment"].astype(bool))
    return table
