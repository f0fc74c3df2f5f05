"""Without reading and without a network: the app answers and asks by people's recordings alone."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache

from conftest import wait_for, wait_for_page
from surveys import recordings
from surveys.hotline import content
from surveys.hotline.models import Language
from surveys.hotline.numbers import CLIPS
from surveys.hotline.tests.conftest import record
from surveys.models import Case
from surveys.tests.country import make_country

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

COPY = "certified-copy"
LISTEN = """
window.heard = [];
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  const ear = document.querySelector(".ear[aria-pressed=true]");
  this.addEventListener("ended", () => {
    if (this.currentTime > 0.05 && !this.error) window.heard.push(ear.dataset.say);
  });
  return play.call(this);
};
"""


@pytest.fixture
def spoken() -> int:
    """Everything a hotline says in Khmer is recorded; how many sounds a phone may keep."""
    make_country()
    Language.objects.update_or_create(
        code="km", defaults={"name_km": "ខ្មែរ", "name_en": "Khmer", "is_open": True}
    )
    content.forget()
    names = [*content.prompts(), *CLIPS]
    for service in content.content().facts.services:
        names.append(f"service.{service.code}")
        for option in service.options:
            names += [f"option.{option.code}", *(f"document.{p}" for p in option.papers or ())]
    for name in dict.fromkeys(names):
        record(name, milliseconds=120)
    content.forget()
    cache.clear()
    return len(set(recordings.recordings("km").values()))


def hear(page: Any, *names: str) -> None:
    """Touch the ears one after the other; each is listened to until its sound has ended."""
    for name in names:
        page.evaluate("window.heard = []")
        page.locator(f"[data-say='{name}']").first.click()
        wait_for_page(page, "name => window.heard.includes(name)", name)


def test_offline_in_khmer_by_ear_alone_on_a_small_phone(
    spoken: int, live_server: Any, new_context: Callable[..., Any]
) -> None:
    page = new_context(viewport={"width": 360, "height": 740}).new_page()
    page.add_init_script(LISTEN)
    page.goto(f"{live_server.url}/app/#/commune")
    page.get_by_role("searchbox").fill("010201")
    page.locator(".rows button").first.click()
    kept = "caches.open('citizen-voices').then((kept) => kept.keys()).then((all) => all.length)"
    wait_for(lambda: page.evaluate(kept) >= spoken, what="every sound on the phone", seconds=60)
    page.context.set_offline(True)
    page.goto(f"{live_server.url}/app/")
    tile = page.locator(".tile").filter(has=page.locator(f"[data-say='service:{COPY}']"))
    assert page.locator("html").get_attribute("lang") == "km"
    # the price
    hear(page, f"service:{COPY}")
    tile.locator(".tile__go").click()
    hear(page, *(f"{kind}:{COPY}:standard" for kind in ("fee", "days", "papers")))
    # telling what happened
    page.evaluate("location.hash = '#/tell'")
    hear(page, "say:service.choose", f"service:{COPY}")
    tile.locator(".tile__go").click()
    hear(page, "say:app.commune")
    page.locator("main .chip").first.click()  # the commune of before
    hear(page, "say:app.got", "say:app.got.open", "say:app.got.received")
    page.locator(".heard:has([data-say='say:app.got.received']) .chip").click()
    hear(page, "say:app.paid", "say:app.paid.nothing", "say:app.paid.official")
    page.locator(".heard:has([data-say='say:app.paid.official']) .chip").click()
    hear(page, "say:app.asked", "say:app.today", "say:app.visits", "number:2", "say:app.receipt")
    page.locator(".heard:has([data-say='say:app.today']) .chip").first.click()
    page.locator(".heard:has([data-say='number:2']) .chip").click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    hear(page, "say:app.send")
    page.locator(".button:has(+ [data-say='say:app.send'])").click()
    hear(page, "say:tell.thanks")
    assert not Case.objects.exists()
    page.context.set_offline(False)
    wait_for(Case.objects.exists, what="the case to be sent")
    case = Case.objects.get()
    assert (case.status, case.fee_paid, case.visits) == ("received", 1000, 2)
