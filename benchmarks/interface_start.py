"""The interface meeting's screen on a processor six times slower, offline (goal: 1,000 ms).

``value`` is the median, in milliseconds, from the tap on the round's interface meeting until both
sides, compliance and inputs are on screen and the next frame is free. Printed beside it: from the
tap that opens the rounds, whose script is read then.
"""

import os
from statistics import median
from typing import Any

from benchmarks import field
from benchmarks._meeting import browser, open_round, prepare
from benchmarks.nation import drop_unless_kept, say

SLOWER, ROUNDS = 6, 7
WATCH = """
window.ready = {};
addEventListener("click", () => { window.tapped = performance.now(); }, true);
new MutationObserver(() => {
  for (const [name, where] of Object.entries({list: "[data-interface]", screen: "[data-projector] tbody tr:nth-child(6)"}))
    if (!(name in window.ready) && document.querySelector(where))
      requestAnimationFrame(() => setTimeout(() => { window.ready[name] ??= performance.now(); }));
}).observe(document, {childList: true, subtree: true});
"""  # noqa: E501


def give_results(row: Any) -> None:
    """Send both meetings of the round, with six criteria and notes."""
    from surveys.rounds.services import meeting_content, meetings
    from surveys.rounds.tests.meeting_hand import KEYS, Person, meeting

    people = [
        Person(frozenset(), {key: 1 + (n + at) % 5 for at, key in enumerate(KEYS)})
        for n in range(40)
    ]
    for kind in ("community", "self_assessment"):
        text = meeting(people, kind=kind)
        meetings.receive_meeting(
            by=None,
            round=row,
            reported=meeting_content.read_reported(text),
            content=meeting_content.as_content(text),
            job="bench",
        )


def one(page: Any, context: Any) -> tuple[float, float]:
    """Return milliseconds to the list of rounds and to the screen, from the tap on each."""
    tools = context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.evaluate("window.ready = {}")
    page.locator("[data-rounds]").click()
    page.wait_for_function("() => window.ready.list")
    listed = float(page.evaluate("window.ready.list - window.tapped"))
    page.locator("[data-interface]").click()
    page.wait_for_function("() => window.ready.screen")
    shown = float(page.evaluate("window.ready.screen - window.tapped"))
    tools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    page.locator("[data-projector] header button").click()
    page.locator(".bar__back").click()
    page.locator("[data-unsent]").wait_for()
    return listed, shown


def main() -> None:
    """Fill a round, open its screen offline."""
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    field.open_field("bench_interface_start")
    try:
        enrolment, row = prepare()
        give_results(row)
        with field.web_server() as port, sync_playwright() as playwright:
            context = browser(playwright).new_context(viewport={"width": 1400, "height": 900})
            context.add_init_script(WATCH)
            page = open_round(context, f"http://127.0.0.1:{port}", enrolment, row.code)
            page.locator(".bar__back").click()
            page.locator("[data-unsent]").wait_for()
            context.set_offline(True)
            one(page, context)
            pairs = [one(page, context) for _round in range(ROUNDS)]
    finally:
        drop_unless_kept()
    print("from the tap on rounds to the list:", ", ".join(f"{a:.0f}" for a, _b in pairs), "ms")
    print("from the tap on the screen:", ", ".join(f"{b:.0f}" for _a, b in pairs), "ms")
    say("interface-start", median(b for _a, b in pairs), "ms", against=1000)


if __name__ == "__main__":
    main()
