"""The funnel of 1,650 communes from a tap until it answers (goal: 1,500 ms).

``value`` is the median, in milliseconds over fresh browsers, from the tap that opens the funnel
until every point is drawn and the next frame is free: Plotly is fetched, read and has drawn.
``against`` is the goal. Printed beside it: with the processor four times slower. Size:
``BENCH_CASES`` (default 1,000,000), so that every commune has a figure.
"""

import os
from statistics import median
from typing import Any

from benchmarks import _released, field, nation

ROUNDS, GOAL = 5, 1500
WATCH = """() => new Promise((done) => {
  const started = performance.now();
  document.querySelector("details:has([data-figure*='figure=funnel']) > summary").click();
  const figure = document.querySelector("[data-figure*='figure=funnel']");
  figure.scrollIntoView();
  figure.addEventListener("figure:live", () => requestAnimationFrame(() => setTimeout(() => done(
    [performance.now() - started, figure.querySelectorAll(".points path.point").length]))));
})"""


def one(browser: Any, url: str, slower: int) -> tuple[float, int]:
    """Return milliseconds from the tap to a funnel that answers, and how many points it has."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, locale="en-GB")
    page = context.new_page()
    # only the funnel is measured: other figures of the page stay as they were sent
    page.route("**/compare.json?figure=dots*", lambda route: route.abort())
    page.goto(url, wait_until="load")
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    taken, points = page.evaluate(WATCH)
    context.close()
    return float(taken), int(points)


def main() -> None:
    """Serve the released nation, open the funnel in fresh browsers."""
    from playwright.sync_api import sync_playwright

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    os.environ["ALLOWED_HOSTS"] = "localhost,127.0.0.1"
    _released.open_released(nation.cases_wanted(1_000_000))
    try:
        with field.web_server() as port, sync_playwright() as playwright:
            url = f"http://127.0.0.1:{port}/compare/"
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
                args=["--no-sandbox", "--disable-background-networking"],
            )
            one(browser, url, 1)
            results = [one(browser, url, 1) for _round in range(ROUNDS)]
            slow = [one(browser, url, 4)[0] for _round in range(3)]
            browser.close()
    finally:
        nation.drop_unless_kept()
    print(f"{results[0][1]} points:", ", ".join(f"{ms:.0f}" for ms, _points in results), "ms")
    print("processor four times slower:", ", ".join(f"{ms:.0f}" for ms in slow), "ms")
    nation.say("funnel-start", median(ms for ms, _points in results), "ms", against=GOAL)


if __name__ == "__main__":
    main()
