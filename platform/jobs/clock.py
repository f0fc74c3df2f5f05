"""The clock of scheduled work: the database's, so that all workers agree on the moment."""

from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """Return the moment by the database's clock: one clock, however many machines work."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row = cursor.fetchone()
    moment: datetime = row[0]
    return moment
