"""Questions on the tablet: what people really type, say and tap becomes what the form means."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Programme
from conftest import wait_for_page
from khmer.digits import to_khmer
from surveys.forms.publishing import attach
from surveys.models import AppUser, Submission
from surveys.submissions.tests import factories
from surveys.tablet.tests.hand import Hand
from surveys.tablet.tests.test_field import TITLE, interview

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FORM = """
| survey |
| | type | name | label::Khmer (km) | media::audio::Khmer (km) | appearance |
| | begin_group | page | ទំព័រ | | field-list |
| | decimal | weight | ទម្ងន់ | | |
| | integer | price | តម្លៃ | | |
| | date | seen | ថ្ងៃ | | |
| | select_one kinds | kind | ប្រភេទ | | |
| | end_group | | | | |
| | audio | voice | សំឡេង | | |
| | select_one villages | village | ភូមិ | | |
| choices |
| | list_name | name | label::Khmer (km) | media::audio::Khmer (km) |
| | kinds | good | ល្អ | good.wav |
| | kinds | bad | អាក្រក់ | |
{villages}
| settings |
| | form_title | form_id | version | default_language |
| | Odd things | odd | 1 | Khmer (km) |
""".format(
    villages="\n".join(
        f"| | villages | v{n} | ភូមិ\u200bទី {to_khmer(str(n))} | |" for n in range(1, 61)
    )
)
# A second of silence, as a recorder writes it.
SOUND = (
    b"RIFF\x64\x1f\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00"
    b"\x01\x00\x08\x00data\x40\x1f\x00\x00" + b"\x80" * 8000
)
# The test machine has no microphone: its stream is a tone made in the page.
A_TONE = """() => { navigator.mediaDevices.getUserMedia = async () => {
    const sound = new AudioContext(); const tone = sound.createOscillator();
    const out = sound.createMediaStreamDestination();
    tone.connect(out); tone.start(); return out.stream; } }"""


@pytest.fixture
def odd(programme: Programme, tablet: AppUser) -> None:
    form = factories.published(programme, FORM)
    assert form.current is not None
    attach(version=form.current, name="good.wav", content=SOUND, content_type="", by=None)


@pytest.fixture
def asking(odd: None, hand: Hand) -> Hand:
    """A tablet that stands on the page of numbers and dates."""
    return hand.begin("Odd things")


DECIMALS = {
    "៣.៥": "3.5",
    "៣,៥": "3.5",
    "0,500": "0.500",
    "1,500": "1500",
    "១ ៥០០,២៥": "1500.25",
    "1,500.25": "1500.25",
    "-០.៥": "-0.5",
    "1.500": "1.500",
}
WHOLE = {"៥.០០០": "5000", "5,000": "5000", "១២ ០០០": "12000", "០": "0"}


def test_numbers_are_taken_as_people_write_them(asking: Hand) -> None:
    for typed, meant in DECIMALS.items():
        asking.answer("weight", typed)
        asking.until_kept(f"<weight>{meant}</weight>")
    for typed, meant in WHOLE.items():
        asking.answer("price", typed)
        asking.until_kept(f"<price>{meant}</price>")


def test_what_is_no_number_or_half_a_date_stops_the_person_until_it_is_mended(asking: Hand) -> None:
    page = asking.page
    asking.answer("weight", "1.2.3")
    page.locator(".question[data-path$='/weight'] .notice--bad").wait_for()
    asking.answer("weight", "12")
    asking.until_kept("<weight>12</weight>")
    day, month, year = page.locator(".question[data-path$='/seen'] .date input").all()
    day.fill("៣១")
    month.fill("១១")
    page.locator(".foot .main").click()
    bad = page.locator(".question[data-path$='/seen'] .notice--bad")
    bad.wait_for()
    year.fill("២០២៦")  # there is no 31 November
    bad.wait_for()
    page.locator(".foot .main").click()
    assert page.locator(".question[data-path$='/seen']").count() == 1
    day.fill("៣០")
    asking.until_kept("<seen>2026-11-30</seen>")
    asking.next()
    page.locator(".question[data-path$='/voice']").wait_for()


def test_choices_are_heard_without_being_chosen(asking: Hand) -> None:
    page = asking.page
    page.evaluate(
        """() => { const play = HTMLMediaElement.prototype.play; window.heard = [];
        HTMLMediaElement.prototype.play = function () {
          this.addEventListener("playing", () => window.heard.push(this.duration)); return play.call(this); } }"""
    )
    spoken = page.locator(".question[data-path$='/kind'] .spoken")
    assert spoken.count() == 1  # a choice without a recording offers nothing to hear
    spoken.get_by_role("button", name="ល្អ").last.click()
    wait_for_page(page, "() => window.heard.length === 1")
    assert page.evaluate("window.heard[0]") == 1
    assert page.locator("[data-value='good'][aria-checked='true']").count() == 0
    asking.answer("kind", "good")
    asking.until_kept("<kind>good</kind>")


def test_a_long_list_is_searched_in_khmer(asking: Hand) -> None:
    page = asking.page
    asking.next()
    asking.next()
    here = page.locator(".question[data-path$='/village']")
    here.locator("[data-value]").first.wait_for()
    assert here.locator("[data-value]").count() == 40  # all sixty would freeze a cheap tablet
    for typed in ("ភូមិទី ៥៧", "ភូមិ ទី57"):
        here.locator("input[type=search]").fill(typed)
        here.locator("[data-value=v57]").wait_for()
        here.locator("[data-value]").nth(1).wait_for(state="detached")
        assert here.locator("[data-value]").all_text_contents() == ["ភូមិ\u200bទី ៥៧"]
    here.locator("[data-value=v57]").click()
    here.locator("input[type=search]").fill("ភូមិទី ៣")
    here.locator("[data-value=v57][aria-checked=true]").wait_for()  # what was chosen stays visible
    asking.until_kept("<village>v57</village>")


def test_a_recording_cut_short_by_going_on_is_kept_and_sent(asking: Hand) -> None:
    page = asking.page
    page.evaluate(A_TONE)
    asking.next()
    page.get_by_role("button", name="●").click()
    page.locator("[aria-pressed=true]", has_text="■").wait_for()
    asking.next()
    asking.until_kept(".webm</voice>")
    asking.fill().finish().queue().until_state("sent")
    sound = Submission.objects.get().attachments.get()
    assert sound.size > 0
    assert sound.name.endswith(".webm")


def test_a_photo_of_a_draft_is_in_the_export(hand: Hand) -> None:
    answers = {"fee_paid": "5000", "currency": "KHR", "receipt": "yes"}
    hand.begin(TITLE).fill(until="receipt_photo", **answers)
    hand.page.locator("input[type=file]").set_input_files(
        {"name": "r.png", "mimeType": "image/png", "buffer": b"\x89PNG no picture"}
    )
    hand.until_kept(".png</receipt_photo>")
    hand.page.get_by_role("button", name="ថយក្រោយ").first.click()
    hand.home().queue()
    with hand.page.expect_download() as started:
        hand.page.get_by_role("button", name="នាំចេញទាំងអស់ដែលមិនទាន់ផ្ញើ").click()
    (one,) = json.loads(Path(started.value.path()).read_text())["records"]
    assert one["state"] == "draft"
    assert [a["type"] for a in one["attachments"]] == ["image/png"]


def breaks_off(visits: str) -> Callable[[Any], None]:
    """A route on which a record with so many visits never arrives."""

    def route(asked: Any) -> None:
        sent = asked.request.post_data_buffer or b""
        if asked.request.method == "POST" and f"<visits>{visits}</visits>".encode() in sent:
            asked.abort()
        else:
            asked.continue_()

    return route


def test_a_record_that_breaks_every_connection_stands_in_nobodys_way(hand: Hand) -> None:
    hand.page.route("**/submission*", breaks_off("7"))
    interview(hand, visits="7")
    hand.page.locator(".notice--bad").wait_for()
    interview(hand, visits="2")
    hand.queue().until_state("sent")
    assert sorted(hand.states()) == ["ready", "sent"]
    assert b"<visits>2</visits>" in bytes(Submission.objects.get().xml)
