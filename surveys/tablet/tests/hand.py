"""A facilitator on a real tablet: enrols, types a PIN, fills forms, waits for the queue."""

from dataclasses import dataclass, field
from typing import Any

from conftest import wait_for_page

ANSWERS: dict[str, str] = {
    "consent": "yes",
    "commune": "010201",
    "service": "birth-registration",
    "provider": "hall-010201",
    "asked_on": "02/03/2026",
    "status": "received",
    "received_on": "04/03/2026",
    "fee_known": "yes",
    "fee_paid": "០",
    "documents_known": "no",
    "visits": "2",
}


@dataclass
class Hand:
    """Drives one page of the app."""

    page: Any
    base: str
    seen: list[str] = field(default_factory=list)

    def open(self) -> "Hand":
        self.page.goto(f"{self.base}/tablet/")
        return self

    def enrol(self, code: str) -> "Hand":
        self.page.goto(f"{self.base}/tablet/#code={code}")
        self.page.get_by_role("heading", name="តើអ្នកជានរណា?").wait_for()
        # from here on the tablet opens without a network
        self.page.evaluate(
            """async () => { await navigator.serviceWorker.ready;
            if (!navigator.serviceWorker.controller) await new Promise((done) =>
              navigator.serviceWorker.addEventListener("controllerchange", done, {once: true})); }"""
        )
        return self

    def person(self, name: str, pin: str, *, new: bool = True) -> "Hand":
        self.page.get_by_role("button", name=name).click()
        for _time in range(2 if new else 1):
            self.page.locator("#pin").fill(pin)
            self.page.locator("form button.main").click()
        return self

    def home(self) -> "Hand":
        self.page.locator("[data-unsent]").wait_for()
        return self

    def begin(self, title: str) -> "Hand":
        self.home()
        self.page.locator("button.row", has_text=title).click()
        self.page.locator(".foot .count").wait_for()
        return self

    def answer(self, name: str, value: str) -> None:
        """Answer one question of the screen, however it is asked."""
        here = self.page.locator(f".question[data-path$='/{name}']")
        if here.locator(".date").count():
            for field_, part in zip(
                here.locator(".date input").all(), value.split("/"), strict=True
            ):
                field_.fill(part)
        elif here.locator(".choices, .faces").count():
            choice = here.locator(f"[data-value='{value}']")
            if choice.get_attribute("aria-checked") != "true":
                choice.click()
        else:
            here.locator("input, textarea").first.fill(value)

    def next(self) -> None:
        """Go to the next screen; the count or the end shows that the screen has changed."""
        before = self.page.locator(".foot .count").text_content()
        self.page.locator(".foot .main").click()
        self.page.locator(f".foot .count:not(:text-is('{before}'))").wait_for()

    def fill(self, until: str = "", **answers: str) -> "Hand":
        """Answer by name until the question ``until`` or the end of the form."""
        existing = ANSWERS | answers
        while self.page.get_by_role("heading", name="ចប់ការសម្ភាស").count() == 0:
            names = [
                str(q.get_attribute("data-path")).split("/")[-1]
                for q in self.page.locator(".question[data-path]").all()
            ]
            if until and until in names:
                return self
            for name in names:
                if name in existing:
                    self.answer(name, existing[name])
            self.seen += names
            if self.at_end():
                self.page.locator(".foot .main").click()
                self.page.get_by_role("heading", name="ចប់ការសម្ភាស").wait_for()
            else:
                self.next()
        return self

    def at_end(self) -> bool:
        """On the last question the count stays when one goes on to the end."""
        count = str(self.page.locator(".foot .count").text_content())
        now, _slash, all_ = count.partition(" / ")
        return now == all_

    def finish(self) -> "Hand":
        self.page.get_by_role("button", name="បញ្ចប់").click()
        return self.home()

    def sync(self) -> "Hand":
        self.page.get_by_role("button", name="ផ្ញើ និងទាញយកឥឡូវ").click()
        self.page.locator(".notice").wait_for()
        return self

    def queue(self) -> "Hand":
        self.page.locator("[data-unsent]").click()
        self.page.get_by_role("heading", name="កំណត់ត្រារបស់ខ្ញុំ").wait_for()
        return self

    def states(self) -> list[str]:
        self.page.locator(".row[data-state]").first.wait_for()
        return [
            str(r.get_attribute("data-state")) for r in self.page.locator(".row[data-state]").all()
        ]

    def until_kept(self, xml: str) -> "Hand":
        """Until a record in the tablet's own store holds these words."""
        wait_for_page(
            self.page,
            """async (xml) => {
              const db = await new Promise((done) => {
                const asked = indexedDB.open("tablet");
                asked.onsuccess = () => done(asked.result);
              });
              const all = await new Promise((done) => {
                const asked = db.transaction("records").objectStore("records").getAll();
                asked.onsuccess = () => done(asked.result);
              });
              db.close();
              return all.some((record) => record.xml.includes(xml));
            }""",
            xml,
        )
        return self

    def until_state(self, state: str, *, number: int = 1) -> "Hand":
        self.page.locator(f".row[data-state='{state}']").nth(number - 1).wait_for()
        return self
