"""The state of a call, read and written in one statement each.

A caller hears silence for as long as a step takes, and fifty people call at once: so the three
statements of the answer path are written in SQL instead of being composed by the ORM at every key.
A step is stored only if the call is still at the step where it was read (``steps_taken``), so that
of two requests for one step one is carried out and the other hears the same again.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from surveys.hotline.models import Call, Line


@dataclass(frozen=True)
class Standing:
    """One call as it was read, with what is remembered of its caller."""

    call: int
    line: Line
    sid: str
    nonce: str
    direction: str
    caller_key: str
    state: dict[str, Any] | None
    steps_taken: int
    started_at: datetime
    ended: bool
    request: int | None
    language: str
    """The language remembered of the caller, or asked for with the call; empty for neither."""
    commune: str
    """The commune that the caller named in an earlier call; empty where none is remembered."""
    notice: str
    """The version of the notice the caller agreed to; empty where none is remembered."""


_READ: Final = """
SELECT call.id, call.line_id, call.sid, call.nonce, call.direction, call.caller_key, call.state,
    call.steps_taken, call.started_at, call.ended_at IS NOT NULL, call.request_id,
    coalesce(nullif(caller.language, ''), call.language), coalesce(caller.commune_code, ''),
    coalesce(caller.notice, ''),
    line.account_sid, line.sealed_tokens
FROM hotline_call AS call
JOIN hotline_line AS line ON line.id = call.line_id
LEFT JOIN hotline_caller AS caller ON caller.caller_key = call.caller_key
"""

_OPEN: Final = """
WITH seen AS (UPDATE hotline_caller SET last_call_at = %(now)s WHERE caller_key = %(caller_key)s)
INSERT INTO hotline_call (line_id, sid, nonce, caller_key, operator, direction, status, language,
    steps_taken, started_at)
VALUES (%(line)s, %(sid)s, %(nonce)s, %(caller_key)s, %(operator)s, %(direction)s, %(status)s, '',
    0, %(now)s)
ON CONFLICT (line_id, sid) DO NOTHING
"""

_KEEP: Final = """
WITH taken AS (
    UPDATE hotline_call
    SET state = %(state)s, language = %(language)s, status = %(status)s,
        steps_taken = steps_taken + 1,
        first_fact_at = CASE WHEN %(fact)s THEN coalesce(first_fact_at, %(now)s)
            ELSE first_fact_at END
    WHERE id = %(call)s AND steps_taken = %(number)s AND ended_at IS NULL
    RETURNING id
)
INSERT INTO hotline_step
    (call_id, number, node, service_code, result, key, document, at, milliseconds)
SELECT id, %(number)s, %(node)s, %(service)s, %(result)s, %(key)s, %(document)s, %(now)s, %(ms)s
FROM taken
"""


def by_nonce(nonce: str) -> Standing | None:
    """Return the call behind the unguessable part of an address."""
    return _read("WHERE call.nonce = %s", [nonce])


def by_sid(line: Line, sid: str) -> Standing | None:
    """Return the call with the company's id ``sid``."""
    return _read("WHERE call.line_id = %s AND call.sid = %s", [line.pk, sid])


def _read(where: str, values: list[Any]) -> Standing | None:
    with connection.cursor() as cursor:
        cursor.execute(_READ + where, values)
        row = cursor.fetchone()
    if row is None:
        return None
    pk, line_pk, *same, account, tokens = row
    sid, nonce, direction, caller_key, state, *rest = same
    line = Line(pk=line_pk, account_sid=account, sealed_tokens=json.loads(tokens))
    payload = json.loads(state) if state else None
    return Standing(pk, line, sid, nonce, direction, caller_key, payload, *rest)


def open_call(
    line: Line, sid: str, *, nonce: str, caller_key: str, operator: str, direction: str
) -> Standing:
    """Record a new call; where two requests open the same one, both get the same."""
    with connection.cursor() as cursor:
        cursor.execute(
            _OPEN,
            {
                "line": line.pk,
                "sid": sid,
                "nonce": nonce,
                "caller_key": caller_key,
                "operator": operator,
                "direction": direction,
                "status": Call.Status.IN_PROGRESS,
                "now": timezone.now(),
            },
        )
    opened = by_sid(line, sid)
    if opened is None:
        raise LookupError("a call that was just opened is gone")
    return opened


def keep_step(at: Standing, *, state: dict[str, Any], fact: bool, **step: Any) -> bool:
    """Store one step of the call; False where another request was quicker or the call has ended.

    ``step`` names node, service, language, result, key, document and ms of the step.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP,
            {
                **step,
                "call": at.call,
                "number": at.steps_taken,
                "state": json.dumps(state),
                "status": Call.Status.IN_PROGRESS,
                "fact": fact,
                "now": timezone.now(),
            },
        )
        return bool(cursor.rowcount)
