"""The tablet app from its address to the first question, on a processor six times slower.

``value`` is the median, in milliseconds, of what a facilitator waits for the machine: from the
start of the navigation until the people of the tablet are on screen and a tap is answered, and
from the tap on a form of 59 questions, with all communes, until its first question can be
answered (typing the PIN between the two is not counted). ``against`` is the same 59 questions and
communes as one page of plain HTML, in the same browser from the same kind of web server in the
same run. Goals: under 1,500 ms, and at most 60 KB of script and style, gzip, for the first load.
"""

import gzip
import io
import os
import re
import shutil
from contextlib import redirect_stdout
from statistics import median
from typing import Any

from benchmarks import field
from benchmarks.nation import ROOT, drop_unless_kept, say

SLOWER = 6
ROUNDS = 5
MOST_BYTES = 60 * 1024
PIN = "1234"
DIST = ROOT / "surveys/tablet/static/tablet/dist"
# The moment when something is on screen and the next frame is free for a tap, and the last tap.
WATCH = """
window.ready = {};
addEventListener("click", () => { window.tapped = performance.now(); }, true);
const seen = (name) => requestAnimationFrame(() =>
  setTimeout(() => { window.ready[name] ??= performance.now(); }));
const wanted = {people: "ul.list button.row", home: "[data-unsent]", form: ".foot .count",
  plain: "button.plain"};
const look = () => { for (const [name, where] of Object.entries(wanted))
  if (!(name in window.ready) && document.querySelector(where)) seen(name); };
new MutationObserver(look).observe(document, {childList: true, subtree: true});
"""


def form() -> str:
    """Return the 59 questions of the other benchmarks, the first one asking for the commune."""
    text = field.large_form()
    first = next(line for line in text.splitlines() if " q0 " in line)
    return text.replace(first, "| | select_one_from_file communes.csv | q0 | Which commune? |")


def prepare() -> tuple[str, Any]:
    """Make the country, a programme that works everywhere, the form and a tablet.

    Return the tablet's code and the programme.
    """
    from django.core.management import call_command

    from accounts.models import Programme, User
    from surveys.forms.publishing import prepare as prepared
    from surveys.forms.publishing import publish, save_draft
    from surveys.forms.tablets import make_tablet, new_code

    with redirect_stdout(io.StringIO()):  # what it skipped is no figure of ours
        call_command("load_country", verbosity=0)
    programme = Programme.objects.create(code="bench", name_km="ល្បឿន", name_en="Bench")
    draft = save_draft(programme=programme, prepared=prepared(form().encode(), "md"), by=None)
    publish(form=draft.form, by=None)
    person = User.objects.create_user("caf.dara", "bench-password-1")
    tablet, _token = make_tablet(programme=programme, name="bench", by=None, people=[person])
    return new_code(tablet=tablet, by=None), programme


def first_load() -> int:
    """Return bytes of script and style that the page names, gzip."""
    page = (DIST / "index.html").read_text()
    named = re.findall(r'/static/tablet/dist/([^"]+\.(?:js|css))', page)
    return sum(len(gzip.compress((DIST / name).read_bytes(), 9)) for name in named)


def slow(context: Any) -> Any:
    """Return a page on a slow processor that notes when things are ready."""
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(WATCH)
    return page


def when(page: Any, name: str) -> float:
    """Return milliseconds since the navigation began when this was ready."""
    ready_at = page.wait_for_function("(name) => window.ready[name]", arg=name, timeout=60_000)
    return float(ready_at.json_value())


def enrol(context: Any, base: str, code: str) -> None:
    """Enrol the tablet and choose the PIN, unhurried; the worker keeps the app from here on."""
    page = context.new_page()
    page.goto(f"{base}/tablet/#code={code}")
    page.locator("ul.list button.row").first.click(timeout=60_000)
    for _twice in range(2):
        page.locator("#pin").fill(PIN)
        page.locator("form button.main").click()
    page.locator("[data-unsent]").wait_for()
    page.locator("button.row", has_text="large").wait_for(timeout=60_000)
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    page.close()


def started(context: Any, base: str) -> tuple[float, float]:
    """Return milliseconds to the people of the tablet, and from the tap on the form to its
    question.
    """
    page = slow(context)
    page.goto(f"{base}/tablet/", wait_until="commit")
    people = when(page, "people")
    page.locator("ul.list button.row").first.click()
    page.locator("#pin").fill(PIN)
    page.locator("form button.main").click()
    when(page, "home")
    page.locator("button.row", has_text="large").click()
    asked = when(page, "form") - float(page.evaluate("window.tapped"))
    # back to the home screen: a tab closed inside a form would open there again
    page.locator(".bar__back").click()
    page.locator("[data-unsent]").wait_for()
    page.close()
    return people, asked


def plain(context: Any, base: str) -> float:
    """Return milliseconds to the plain page."""
    page = slow(context)
    page.goto(f"{base}/plain", wait_until="commit")
    taken = when(page, "plain")
    page.close()
    return taken


def measure(base: str, other: str, code: str) -> tuple[list[tuple[float, float]], list[float]]:
    """Measure the app and the plain page in turn; return the milliseconds of each."""
    from playwright.sync_api import sync_playwright

    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    program = program or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        context = browser.new_context(viewport={"width": 800, "height": 1280}, locale="km-KH")
        enrol(context, base, code)
        started(context, base)  # the browser itself warms up
        plain(context, other)
        pairs = [(started(context, base), plain(context, other)) for _round in range(ROUNDS)]
        browser.close()
    return [app for app, _plain in pairs], [bare for _app, bare in pairs]


def main() -> None:
    """Serve, start the app and the plain page in turn, print both."""
    # Playwright keeps an event loop in this thread, beside which Django's ORM is used
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    field.open_field("bench_tablet_start")
    try:
        code, _programme = prepare()
        with (
            field.web_server() as port,
            field.web_server("benchmarks._plain_form:application") as bare,
        ):
            apps, bares = measure(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{bare}", code)
    finally:
        drop_unless_kept()
    print("to the people of the tablet:", ", ".join(f"{a:.0f}" for a, _b in apps), "ms")
    print("from the tap to the question:", ", ".join(f"{b:.0f}" for _a, b in apps), "ms")
    print("plain page:", ", ".join(f"{b:.0f}" for b in bares), "ms")
    print(f"first load: {first_load():,} bytes of script and style, gzip (at most {MOST_BYTES:,})")
    say("tablet-start", median(a + b for a, b in apps), "ms", against=median(bares))


if __name__ == "__main__":
    main()
