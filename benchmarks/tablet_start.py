"""The tablet app from its address to the first question, on a processor six times slower.

``value`` is the median, in milliseconds, of two waits of an enrolled tablet added: from the
start of the navigation until one can say who one is, and from the tap on a form of 59
questions until its first question is drawn, with every commune of the country on the
tablet. (The PIN between the two is slow on purpose and not counted.) ``against`` is the bare
page of sign-in of the same server. Goal: under 1,500 ms, and at most 60 KB of script and style.
"""

import gzip
import os
import re
import shutil
from statistics import median
from typing import Any

from benchmarks import field
from benchmarks.nation import ROOT, drop_unless_kept, say

SLOWER = 6
ROUNDS = 5
DIST = ROOT / "surveys/tablet/static/tablet/dist"


def first_load() -> int:
    """Bytes of script and style that the page names, gzip."""
    named = re.findall(
        r'/static/tablet/dist/([^"]+\.(?:js|css))', (DIST / "index.html").read_text()
    )
    return sum(len(gzip.compress((DIST / name).read_bytes(), 9)) for name in named)


def _throttled(context: Any) -> Any:
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return page


def _seen(page: Any, selector: str) -> float:
    """Milliseconds on the page's own clock at which ``selector`` is there."""
    return float(
        page.evaluate(
            """(selector) => new Promise((done) => {
                const look = () => document.querySelector(selector)
                    ? requestAnimationFrame(() => setTimeout(() => done(performance.now())))
                    : requestAnimationFrame(look);
                look(); })""",
            selector,
        )
    )


def started(context: Any, base: str) -> float:
    """One start: the wait for the people, and the wait for the first question."""
    page = _throttled(context)
    page.goto(f"{base}/tablet/", wait_until="commit")
    first = _seen(page, "main .list .row")
    page.locator("main .list .row").first.click()
    page.locator("#pin").fill("1234")
    page.locator("form button.main").click()
    page.locator("[data-unsent]").wait_for()
    form = page.locator("button.row", has_text="large")
    form.wait_for()
    before = float(page.evaluate("() => performance.now()"))
    form.click(no_wait_after=True)
    second = _seen(page, ".question") - before
    page.close()
    return first + second


def enrolled(browser: Any, base: str, code: str) -> Any:
    """A tablet with its forms and lists and one person's PIN."""
    context = browser.new_context(viewport={"width": 800, "height": 1280}, locale="km-KH")
    page = context.new_page()
    page.goto(f"{base}/tablet/#code={code}")
    page.locator("main .list .row").first.click()
    for _time in range(2):
        page.locator("#pin").fill("1234")
        page.locator("form button.main").click()
    page.locator("[data-unsent]").wait_for()
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.close()
    return context


def main() -> None:
    """Enrol a tablet at a real server, start it in turn with the bare page, tell both."""
    field.open_field("bench_tablet")
    try:
        from django.core.management import call_command

        call_command("load_country", verbosity=0)
        from accounts.models import User
        from surveys.forms import tablets
        from surveys.models import AppUser

        field.prepare_forms()
        tablet = AppUser.objects.get()
        tablet.people.add(User.objects.create_user("bench.person", None, display_name="Bench"))
        code = tablets.new_code(tablet=tablet, by=None)
        from playwright.sync_api import sync_playwright

        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        with field.web_server() as port, sync_playwright() as playwright:
            base = f"http://127.0.0.1:{port}"
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            )
            context = enrolled(browser, base, code)
            ours, bare = [], []
            for _round in range(ROUNDS):
                ours.append(started(context, base))
                page = _throttled(context)
                page.goto(f"{base}/sign-in/", wait_until="commit")
                bare.append(_seen(page, "input[type=password]"))
                page.close()
            browser.close()
    finally:
        drop_unless_kept()
    print(f"first load: {first_load():,} bytes of script and style, gzip (at most 61,440)")
    print("starts:", ", ".join(f"{ms:.0f}" for ms in ours), "ms")
    say("tablet-start", median(ours), "ms", against=median(bare))


if __name__ == "__main__":
    main()
