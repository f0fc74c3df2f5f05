"""Taps for 60 people who vote one by one on the tablet on 6 criteria (goal: at most 480).

``value`` counts the taps of the vote itself: from the first person's start until everybody has
voted, in the real app in a browser. Printed beside it: the taps to record who came, and all taps
of the meeting from opening it until it is sent.
"""

import os

from benchmarks import field
from benchmarks._meeting import browser, open_round, prepare
from benchmarks.nation import drop_unless_kept, say

PEOPLE, CRITERIA = 60, 6
COUNT = (
    "window.taps = 0; addEventListener('click', (e) => { if (e.isTrusted) window.taps++; }, true);"
)


def main() -> None:
    """Hold the meeting, count the taps."""
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    field.open_field("bench_meeting_taps")
    try:
        enrolment, row = prepare()
        with field.web_server() as port, sync_playwright() as playwright:
            context = browser(playwright).new_context(viewport={"width": 800, "height": 1280})
            context.add_init_script(COUNT)
            page = open_round(context, f"http://127.0.0.1:{port}", enrolment, row.code)
            before = page.evaluate("window.taps")
            page.locator("[data-kind='community']").click()
            page.locator("[data-part='attendance']").click()
            for number in range(PEOPLE):
                page.locator(f"[data-add='{'women' if number % 2 else 'men'}']").click()
            came = page.evaluate("window.taps") - before
            page.locator(".bar__back").click()
            page.locator("[data-part='criteria']").click()
            for place in range(CRITERIA - 1):
                page.locator("[data-key]").nth(place).click()
            page.locator("#own").fill("ទឹកស្អាត")
            page.locator("main form button[type=submit]").click()
            page.locator(".bar__back").click()
            page.locator("[data-part='votes']").click()
            start = page.evaluate("window.taps")
            for number in range(PEOPLE):
                page.locator("[data-start]").click()
                for place in range(CRITERIA):
                    page.locator(f"[data-score='{1 + (number + place) % 5}']").click()
                page.locator(f"[data-voted='{number + 1}']").wait_for()
            taps = page.evaluate("window.taps") - start
            total = page.evaluate("window.taps") - before
    finally:
        drop_unless_kept()
    print(f"to record who came: {came} taps; from opening to the last vote: {total} taps")
    say("meeting-taps", taps, "taps", against=480)


if __name__ == "__main__":
    main()
