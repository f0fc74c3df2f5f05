"""A person's sessions: of browsers, and those that other apps add to the list."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.factors import WebSession
from accounts.models import User
from accounts.web_sessions import device_of
from audit.trail import record


@dataclass(frozen=True)
class SignIn:
    """One session: ``kind:number`` names it in a form, never its key."""

    kind: str
    number: str
    device: str
    begun_at: datetime | None
    used_at: datetime | None
    is_this: bool = False


@dataclass(frozen=True)
class Source:
    """Sessions of one kind: how to list a person's, and how to end one."""

    listed: Callable[[User], Iterable[SignIn]]
    end: Callable[[User, str], bool]


_sources: dict[str, Source] = {}


def add_source(kind: str, source: Source) -> None:
    """Add another app's sessions to the list."""
    _sources[kind] = source


def note(request: HttpRequest, user: User) -> None:
    """Record that a person signed in, and with what kind of browser."""
    request.session["device"] = device_of(request)
    with transaction.atomic():
        record(by=user, verb="person.signed_in", subject=user)


def _number(key: str) -> str:
    """Return a name of a session that gives no access."""
    return hashlib.sha256(f"session:{key}".encode()).hexdigest()[:20]


def _alive(user: User) -> Iterable[WebSession]:
    """Return sessions whose time has not run out; one of an earlier generation is over."""
    rows = WebSession.objects.filter(user=user, expire_date__gt=timezone.now())
    right = user.get_session_auth_hash()
    return [row for row in rows if row.get_decoded().get("_auth_user_hash") == right]


def of(user: User, request: HttpRequest) -> list[SignIn]:
    """Return every session of this person, the latest used first."""
    here = request.session.session_key
    sessions = [
        SignIn(
            "browser",
            _number(row.session_key),
            row.device or _("A browser"),
            row.begun_at,
            row.used_at,
            row.session_key == here,
        )
        for row in _alive(user)
    ]
    for source in _sources.values():
        sessions += source.listed(user)
    return sorted(sessions, key=lambda each: str(each.used_at), reverse=True)


def is_this(request: HttpRequest, kind: str, number: str) -> bool:
    """Return whether ``kind`` and ``number`` name the session of the request itself."""
    return kind == "browser" and number == _number(request.session.session_key or "")


@transaction.atomic
def end(user: User, kind: str, number: str) -> bool:
    """End one session of this person; False where there is none with that name."""
    if kind == "browser":
        rows = list(WebSession.objects.filter(user=user))
        keys = [row.session_key for row in rows if _number(row.session_key) == number]
        ended = bool(WebSession.objects.filter(session_key__in=keys).delete()[0])
    else:
        ended = kind in _sources and _sources[kind].end(user, number)
    if ended:
        record(by=user, verb="session.ended", subject=user, after={"kind": kind})
    return ended
