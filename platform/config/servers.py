"""The servers of this checkout: the ones you name, or embedded ones under ``var/``.

``DATABASE_URL`` and ``BROKER_URL`` name servers of your own, and then nothing
is started. Without them the process joins the PostgreSQL and the Valkey that
already run for this checkout, or has them started; the last program to end has
them stopped (``config.embedded``).
"""

import os
import secrets
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from config.embedded.holding import Hold
from config.embedded.sentences import ServersError

__all__ = [
    "VAR",
    "ServersError",
    "broker",
    "cache_address",
    "database",
    "database_from",
    "ensure",
    "leave",
    "look_after",
    "results",
]

VAR = Path(__file__).resolve().parents[2] / "var"
_holds: list[Hold] = []


def local_secret(var: Path, name: str = "secret") -> str:
    """Return this checkout's own secret of that name, made once and kept under ``var/``."""
    file = var / name
    if not file.exists():
        var.mkdir(parents=True, exist_ok=True)
        draft = var / f"{name}.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            os.link(draft, file)  # fails when another start was quicker: then its secret counts
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text()


_VARIABLES = {"postgres": "DATABASE_URL", "valkey": "BROKER_URL"}


def _join(kind: str) -> str:
    if os.environ.get("LIVE") == "1" and os.environ.get("EMBEDDED_SERVERS") != "1":
        raise ServersError(
            f"LIVE=1 needs {_VARIABLES[kind]}: a server of your own (docs/install/). To serve "
            "people with the embedded PostgreSQL and Valkey of this folder, set EMBEDDED_SERVERS=1."
        )
    hold = Hold(kind, VAR)
    address = hold.join()
    _holds.append(hold)
    return address


@cache
def _database_url() -> str:
    return os.environ.get("DATABASE_URL") or _join("postgres")


def database() -> dict[str, Any]:
    """Return Django's description of the database."""
    return database_from(_database_url())


def database_from(address: str) -> dict[str, Any]:
    """Return Django's description of the database behind a ``postgresql://`` address."""
    url = urlsplit(address)
    if url.scheme not in {"postgres", "postgresql"}:
        raise ServersError(
            "DATABASE_URL must read postgresql://user:password@host:port/name; "
            f"this one begins with {url.scheme or 'nothing'}."
        )
    options = dict(parse_qsl(url.query))
    host = unquote(url.hostname or "") or options.pop("host", "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")) or "postgres",
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": host,
        "PORT": str(url.port or ""),
        "CONN_MAX_AGE": 3600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


@cache
def broker() -> str:
    """Return the broker's address."""
    return os.environ.get("BROKER_URL") or _join("valkey")


def results() -> str:
    """Return the address of Celery's results: the broker, or CACHE_URL where that keeps none."""
    if broker().startswith(("redis://", "rediss://", "redis+socket://")):
        return broker()
    if url := os.environ.get("CACHE_URL"):
        return url
    raise ServersError(
        "BROKER_URL names a broker that keeps no results: name a Valkey or Redis in CACHE_URL too."
    )


def cache_address() -> str:
    """Return the cache's address: CACHE_URL, or another database of the broker's server.

    Never the broker's own database, because emptying a cache empties its database.
    """
    if url := os.environ.get("CACHE_URL"):
        return url
    address = urlsplit(results())
    number = int(address.path.strip("/") or 0)
    return urlunsplit(address._replace(path=f"/{(number + 8) % 16}"))


def ensure() -> None:
    """Have both servers up, or raise `ServersError` with one clear sentence."""
    database()
    broker()


def look_after() -> list[str]:
    """Have embedded servers that were killed started again; return a message for each.

    Raises ServersError for one that cannot be started again.
    """
    return [news for hold in _holds for news in hold.look_after()]


def leave() -> None:
    """Give the servers up before the process ends; the last process has them stopped."""
    while _holds:
        _holds.pop().leave()
    _database_url.cache_clear()
    broker.cache_clear()
