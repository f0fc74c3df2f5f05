"""Lines: their signing secrets, their signed requests, their budgets."""

from contextlib import suppress
from datetime import date, timedelta
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import F, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from twilio.request_validator import RequestValidator

import throttling
from parsing.errors import UnreadableValue
from parsing.values import read_whole_number
from surveys import phone_numbers
from surveys.hotline.models import Call, Line

LONGEST_CALL = timedelta(minutes=6)
LOCAL = "http://localhost:8000"
"""The address where nothing is configured; only the simulator calls there."""
CALLS_A_DAY = 20
"""The most calls of one caller; more are declined."""


def public_address(path: str) -> str:
    """Return an absolute address as the telephone company must call it, from our own setting.

    It is never taken from the request's headers: a forged host would change what is signed.
    """
    return f"{(settings.PUBLIC_URL or LOCAL).rstrip('/')}{path}"


def tokens(line: Line) -> list[str]:
    """Decrypt the line's signing secrets, the current one first; unreadable ones are left out.

    Without a readable secret no request is accepted as signed.
    """
    secrets = []
    for token in line.sealed_tokens:
        with suppress(phone_numbers.BrokenSealError):
            secrets.append(phone_numbers.opened(token.encode()))
    return secrets


def set_token(line: Line, token: str) -> None:
    """Give the line a new signing secret; the previous one stays valid until the next change."""
    line.sealed_tokens = [phone_numbers.sealed(token).decode(), *line.sealed_tokens[:1]]


def signed(line: Line, request: HttpRequest) -> bool:
    """Return whether the request has the line's signature (HMAC-SHA1 of address and fields)."""
    given = request.headers.get("X-Twilio-Signature", "")
    address = public_address(request.get_full_path())
    fields = request.POST.dict() if request.method == "POST" else {}
    account = fields.get("AccountSid") or request.GET.get("AccountSid", "")
    if not given or account != line.account_sid:
        return False
    return any(RequestValidator(token).validate(address, fields, given) for token in tokens(line))


def _refused_on(day: date) -> str:
    return f"hotline:refused:{day}"


def count_refused() -> None:
    """Count a request that was not signed by its line's company; kept for a year."""
    throttling.count(_refused_on(timezone.localdate()), seconds=366 * 24 * 3600)


def refused(days: int) -> int:
    """Return how many requests were refused as unsigned in the last so many days."""
    today = timezone.localdate()
    keys = [_refused_on(today - timedelta(days=n)) for n in range(days)]
    return sum(cache.get_many(keys).values())


_USED: Final = """
SELECT coalesce(sum(seconds), 0),
    count(*) FILTER (WHERE ended_at IS NULL AND started_at >= %(current)s),
    count(*) FILTER (WHERE caller_key = %(caller_key)s AND caller_key <> ''
        AND status NOT IN ('missed', 'declined'))
FROM hotline_call WHERE line_id = %(line)s AND started_at >= %(day)s
"""


def refuses(line: Line, caller_key: str) -> bool:
    """Return whether a new call must be declined.

    The line is closed, its budget is used up, or there are too many calls: at once, or today by
    this caller.
    """
    if not line.is_open:
        return True
    now = timezone.now()
    day = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    values: dict[str, Any] = {
        "line": line.pk,
        "day": day,
        "current": now - LONGEST_CALL,
        "caller_key": caller_key,
    }
    with connection.cursor() as cursor:
        cursor.execute(_USED, values)
        seconds, current, own = cursor.fetchone()
    return bool(
        seconds >= line.minutes_a_day * 60 or current >= line.calls_at_once or own >= CALLS_A_DAY
    )


def cost_in_riel(line: Line, since: object) -> int:
    """Return the cost of the line's calls since then: each begun minute by the line's tariff."""
    minutes = Call.objects.filter(line=line, started_at__gte=since, seconds__gt=0).aggregate(
        begun=Coalesce(Sum((F("seconds") + 59) / 60), 0)
    )["begun"]
    return int(minutes) * line.riel_a_minute


def seconds_of(text: str) -> int | None:
    """Return the length of a call as a company writes it; None where it is no number of seconds."""
    try:
        return read_whole_number(text, most=7 * 86_400)
    except UnreadableValue:
        return None
