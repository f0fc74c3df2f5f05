"""Rules for every answer, log line and start of the platform."""

import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.tests.factories import make_user
from config import timetable
from config.headers import POLICY, ContentPolicy
from config.logs import HIDDEN, Discreet, discreet
from config.static import Storage
from pages.content_policy import hash_of, policy_of
from tests.addresses import addresses

ROOT = Path(__file__).resolve().parents[1]


def test_every_answer_forbids_what_comes_from_elsewhere(client: Any, db: None) -> None:
    answer = client.get("/nowhere/")
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "script-src" not in POLICY, "scripts fall under default-src 'self': none inline"


def test_only_pages_with_charts_may_have_inline_styles(client: Any, db: None) -> None:
    assert "unsafe-inline" not in client.get("/sign-in/")["Content-Security-Policy"]
    assert "'unsafe-inline'" in client.get("/compare/")["Content-Security-Policy"]
    folders = [ROOT / name for name in ("platform", "surveys", "scorecards", "dashboards")]
    templates = [
        path
        for folder in folders
        for path in folder.rglob("*.html")
        if "templates" in path.parts and "node_modules" not in path.parts
    ]
    assert len(templates) > 100
    inline = {path.name for path in templates if re.search(r"<style|\sstyle=", path.read_text())}
    assert inline == {"donor_services.html", "provinces_content.html"}, (
        "the policy of a page without charts allows no inline style"
    )


def test_the_apps_pages_allow_exactly_the_styles_they_bring(client: Any, db: None) -> None:
    page = b"<style>a{}</style><style media='print'>b{}</style>"
    answer = policy_of(page)
    for text in ("a{}", "b{}"):
        assert hash_of(text) in answer
    assert hash_of("c{}") not in answer
    # what the standard's own example says of this hash (CSP Level 3, 2.3.1)
    assert (
        hash_of("alert('Hello, world.');")
        == "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"
    )
    assert "unsafe-inline" not in answer


def test_a_page_may_bring_a_policy_of_its_own() -> None:
    def own(request: Any) -> HttpResponse:
        return HttpResponse(headers={"Content-Security-Policy": "default-src 'none'"})

    answer = ContentPolicy(own)(RequestFactory().get("/"))
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("DETAIL:  Key (phone)=(012345678) already exists.", f"DETAIL: {HIDDEN}"),
        ("call from +855 12 345 678 lost", f"call from {HIDDEN} lost"),
        ("call from 012-345-678", f"call from {HIDDEN}"),
        ("Not Found: /search?q=Sok+Dara", f"Not Found: /search?{HIDDEN}"),
        ("redis://:secret@127.0.0.1:6379/0", f"redis://:{HIDDEN}@127.0.0.1:6379/0"),
        ("commune 01020304 scored in 12 ms", "commune 01020304 scored in 12 ms"),
        (f"/v1/key/{'a1' * 32}/projects/1/formList", f"/v1/key/{HIDDEN}/projects/1/formList"),
        ("/v1/test/QW~er!t$12/projects/1", f"/v1/test/{HIDDEN}/projects/1"),
        ("/ivr/v1/step/nonce-of-a-call/4", f"/ivr/v1/step/{HIDDEN}/4"),
        (f"token {'a1' * 32} unknown", f"token {HIDDEN} unknown"),
        ('nonce="1764.ab", cnonce=xy, nc=1', f'nonce="{HIDDEN}", cnonce={HIDDEN}, nc=1'),
        ("/submissions/uuid:0d1b2c3e-0412-4a5b-9c3d-aabbccddeeff", None),
        ("Task scorecards.tasks.run[0d1b2c3e-0412-4a5b] received", None),
        ("2026-11-21 05:59:25 worker ready", None),
    ],
)
def test_log_lines_hide_what_is_personal(text: str, kept: str | None) -> None:
    assert discreet(text) == (text if kept is None else kept)


def test_no_secret_part_of_any_address_is_logged() -> None:
    """Every address with a token, a nonce or a session in it."""
    secret = "S3cret-of-this-address"
    parts: dict[str, object] = {"token": secret, "nonce": secret, "which": secret}
    held = [a for a in addresses() if re.search(r"<(\w+:)?(token|nonce|which)>", a.route)]
    assert len(held) > 15
    for address in held:
        path = address.filled(parts)
        assert secret in path
        assert secret not in discreet(f"Not Found: {path}"), path


def test_tracebacks_are_discreet_too() -> None:
    try:
        name = " ".join(["Sok", "Dara"])  # the source line is part of a traceback
        raise ValueError(f"refused\nDETAIL:  Key (name)=({name})")
    except ValueError:
        record = logging.LogRecord("x", 40, "", 1, "failed", (), sys.exc_info())
    text = Discreet("%(message)s").format(record)
    assert "Sok Dara" not in text
    assert "ValueError" in text


@pytest.mark.parametrize("path", ["/app/", "/app/?bare", "/tablet/"])
def test_pages_with_a_frame_of_their_own_say_demo_in_a_demo_only(
    client: Any, db: None, path: str
) -> None:
    assert b"DEMO" not in client.get(path).content
    cache.clear()  # the citizens' app keeps its page for some minutes
    make_user(is_demo=True)
    assert client.get(path).content.count(b"<strong>DEMO</strong>") == 1


def test_a_missing_static_file_keeps_its_plain_name(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("body { background: url('gone.png') }")
    storage = Storage(location=tmp_path, base_url="/static/")
    assert storage.hashed_name("a.css").startswith("a.")
    assert storage.hashed_name("a.css") != "a.css"
    assert storage.hashed_name("gone.png") == "gone.png"
    done = list(storage.post_process({"a.css": (storage, "a.css")}))
    assert not [entry for entry in done if isinstance(entry[2], Exception)]


def test_rooms_name_what_happens_by_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "roomofclocks").mkdir()
    (tmp_path / "roomofclocks" / "__init__.py").write_text("")
    (tmp_path / "roomofclocks" / "schedule.py").write_text(
        "SCHEDULE = {'nightly': {'task': 'x', 'schedule': 60}}"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert timetable.collect(["roomofclocks", "khmer"]) == {
        "roomofclocks: nightly": {"task": "x", "schedule": 60}
    }


def test_where_people_are_served_everything_is_sent_over_tls() -> None:
    code = (
        "from django.conf import settings as s; "
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, "
        "s.SECURE_HSTS_SECONDS > 0, s.DEBUG, s.ALLOWED_HOSTS)"
    )
    variables = {
        "LIVE": "1",
        "SECRET_KEY": "long and quite random, of twelve words " * 2,
        "ROUNDING_SECRET": "another one as random, of as many words " * 2,
        "ALLOWED_HOSTS": "keep.example, www.keep.example",
        "DATABASE_URL": "postgresql://x/y",
        "BROKER_URL": "redis://x/0",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
    }
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "True True True True False ['keep.example', 'www.keep.example']"


@pytest.mark.slow
def test_an_installation_for_people_passes_django_s_own_checks() -> None:
    key = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ-._~"
    environment = {
        **os.environ,
        "LIVE": "1",
        "SECRET_KEY": f"{key}1",
        "CONTACT_KEY": f"{key}2",
        "ROUNDING_SECRET": f"{key}3",
        "ALLOWED_HOSTS": "example.org",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "BROKER_URL": "redis://127.0.0.1:1/0",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
    }
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # tests alone set it
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
