"""Walk through the whole platform, as each kind of person, on a small phone, in Khmer.

Every page that a link leads to is opened once per role: it answers, it does not scroll sideways, it
names its language, and axe-core finds nothing wrong with it. New pages are found automatically.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.urls import Resolver404, resolve

from accounts.models import User
from tests.accessibility import problems

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A visitor, and those whose pages differ most: an administrator sees what coordinators see.
WHO = ("", "council", "facilitator", "admin")

# Swagger and Django's admin are other people's pages.
NOT_OURS = ("/admin/", "/api/")


def views_behind(links: list[str]) -> dict[str, str]:
    """Return the platform's links, one for each view that is behind them."""
    results: dict[str, str] = {}
    for link in links:
        path = urlsplit(link).path
        try:
            name = resolve(path).view_name
        except Resolver404:
            name = path
        results.setdefault(name, link)
    return results


def in_other_circumstances(page: Any) -> list[str]:
    """Return what is wrong on a dark screen, and with letters of twice the size on a wider one."""
    page.emulate_media(color_scheme="dark")
    results = [f"dark: {line}" for line in problems(page, rules=CONTRAST)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 800, "height": 740})
    results += page.evaluate(TWICE_AS_LARGE)
    page.set_viewport_size(PHONE)
    return results


def walk(page: Any, base: str, start: str, looked_at: set[str]) -> dict[str, list[str]]:
    """Open ``start`` and all that it leads to; return address -> what is wrong there.

    ``looked_at``: views that were opened dark and enlarged before, which is not repeated.
    """
    waiting, seen, wrong = [start], set(views_behind([start])), {}
    while waiting:
        path = waiting.pop(0)
        answer = page.goto(base + path)
        complaints = [] if answer.status == 200 else [f"answered {answer.status}"]
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        page.wait_for_load_state("networkidle")
        complaints += page.evaluate(LOOK)
        complaints += problems(page)
        (name,) = views_behind([path])
        if name not in looked_at:
            looked_at.add(name)
            complaints += in_other_circumstances(page)
        if complaints:
            wrong[path] = complaints
        links = page.evaluate(LINKS)
        for name, link in views_behind(links).items():
            if name not in seen and not link.startswith(NOT_OURS):
                seen.add(name)
                waiting.append(link)
    assert len(seen) > 1
    return wrong


PHONE = {"width": 360, "height": 740}
CONTRAST = ("color-contrast",)

TWICE_AS_LARGE = """() => {
    const root = document.documentElement;
    root.style.fontSize = "200%";
    const found = root.scrollWidth > innerWidth
        ? [`letters of twice the size scroll sideways: ${root.scrollWidth} px`] : [];
    root.style.fontSize = "";
    return found;
}"""

LINKS = """() => [...document.querySelectorAll("a[href]:not([download])")]
    .filter((a) => a.origin === location.origin && !/\\.(csv|xlsx|json|pdf|xml|zip|png)$/.test(a.pathname))
    .map((a) => a.pathname + a.search)"""

LOOK = """() => {
    const found = [];
    if (document.documentElement.scrollWidth > innerWidth)
        found.push(`scrolls sideways: ${document.documentElement.scrollWidth} px`);
    if (document.documentElement.lang !== "km") found.push("is not in Khmer");
    if (document.querySelectorAll("h1").length !== 1) found.push("has not one h1");
    if (!document.title.trim()) found.push("has no title");
    if (!document.body.innerText.includes("DEMO")) found.push("does not say DEMO");
    if (document.querySelector("meta[http-equiv=refresh]")) found.push("reloads itself");
    for (const figure of document.querySelectorAll("[data-figure]")) {
        if (figure.tabIndex < 0)
            found.push(`a figure cannot be reached by keyboard: ${figure.dataset.figure}`);
    }
    return found;
}"""


def test_every_page_of_every_role_fits_and_is_accessible(
    live_server: Any,
    new_context: Callable[..., Any],
    sign_in: Any,
    settings: Any,
    tmp_path: Path,
) -> None:
    settings.VAR = tmp_path  # the accounts and the key of a demo that people look at stay theirs
    call_command("load_country")
    call_command("load_hotline")
    call_command("demo", cases=400, provinces=1, seed=7)
    wrong: dict[str, dict[str, list[str]]] = {}
    looked_at: set[str] = set()
    for name in WHO:
        page = new_context(viewport=PHONE, reduced_motion="reduce").new_page()
        if name:
            sign_in(page, User.objects.get(username=name))
        wrong[name or "a visitor"] = walk(
            page, live_server.url, "/home/" if name else "/", looked_at
        )
        page.context.close()
    lines = [
        f"{who} at {path}: {complaint}"
        for who, pages in wrong.items()
        for path, complaints in pages.items()
        for complaint in complaints
    ]
    assert not lines, "\n".join(lines)
