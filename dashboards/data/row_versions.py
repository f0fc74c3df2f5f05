"""Compute a version of rows of the database from PostgreSQL's own columns."""

from collections.abc import Mapping
from typing import Any

from django.apps import apps

from replicas import connection_for_reading


def version_of(rows: Mapping[str, str], code: str) -> str:
    """Return a text that changes whenever a row of these models is made, changed or deleted.

    PostgreSQL stores a changed row as a new one: in another place (``ctid``), by another
    transaction (``xmin``). One statement reads these of all rows; no writer has to do anything.
    """
    parts = " UNION ALL ".join(
        f'SELECT count(*), sum(hashtextextended(xmin::text || ctid::text, 0)) FROM "{table}"'  # noqa: S608 - our own words
        f" WHERE {condition}"
        for table, condition in ((table_of(model), where) for model, where in rows.items())
    )
    with connection_for_reading().cursor() as cursor:
        cursor.execute(parts, {"code": code})
        return repr(cursor.fetchall())


def table_of(model: str) -> str:
    """Return the table of a model; of "app.Model.field" the one joining both sides of the field."""
    app, name, *field = model.split(".")
    of_model: Any = apps.get_model(app, name)
    return str((getattr(of_model, field[0]).through if field else of_model)._meta.db_table)
