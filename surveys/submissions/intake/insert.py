"""The INSERT of an arriving record, with as little work as a safe one needs.

Django's cursor asks ``SELECT 1`` before each request and writes parameters into the
text of the statement. Here psycopg prepares the statement and sends the bytes as they
are, and a connection that turns out dead is opened again: the INSERT may safely be
repeated, because a twin of itself changes nothing.
"""

from collections.abc import Sequence
from typing import Any, cast

import psycopg
from django.db import connection, transaction
from psycopg import sql

# One statement is one transaction and one round trip. The sub-select prevents an id that an edit
# already has from becoming a record of its own.
_INSERT = sql.SQL(
    """
INSERT INTO surveys_submission (form_id, version_id, instance_id, xml, sha256, received_at,
    device_id, user_agent, app_user_id, submitter_id, state, observe_error, province_code,
    commune_code, answers_hash, missing_media, call_back)
SELECT %s, %s, %s, %b, %s, now(), %s, %s, %s, %s, 'received', '', '', '', '', '{}', false
WHERE NOT EXISTS (
    SELECT 1 FROM surveys_submissionversion WHERE form_id = %s AND instance_id = %s)
ON CONFLICT (form_id, instance_id) DO NOTHING
RETURNING id
"""
)


def insert(values: Sequence[Any]) -> int | None:
    """Return the new row's number; None when the id was known before.

    Inside a transaction it takes part in it; otherwise it is committed when this returns.
    """
    if connection.in_atomic_block:
        return _execute(values)
    try:
        return _execute(values)
    except psycopg.OperationalError:
        # the connection was lost since the last request; nothing of ours was in it
        connection.close()
        with transaction.atomic():
            return _execute(values)


def _execute(values: Sequence[Any]) -> int | None:
    connection.ensure_connection()
    # a failed check would find out no more than the statement itself
    cast("Any", connection).health_check_done = True
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(_INSERT, values)
        row = cursor.fetchone()
    return None if row is None else int(row[0])
