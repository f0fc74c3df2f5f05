"""What the tablet keeps: parts already sent, drafts of an older form, room on the disk."""

from typing import Any

import pytest

from accounts.models import Programme
from surveys.models import AppUser, Submission
from surveys.submissions.tests import factories
from surveys.tablet.tests.hand import Hand

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FORM = """
| survey |
| | type | name | label::Khmer (km) |
| | text | first | ទីមួយ |
| | image | one | រូបមួយ |
| | image | two | រូបពីរ |
| settings |
| | form_title | form_id | version | default_language |
| | Photos | photos | {version} | Khmer (km) |
"""
BACK = "ថយក្រោយ"


@pytest.fixture
def photos(programme: Programme, tablet: AppUser) -> None:
    factories.published(programme, FORM.format(version=1))


def take_photo(hand: Hand, name: str) -> None:
    field = hand.page.locator(f".question[data-path$='/{name}'] input[type=file]")
    field.set_input_files(
        {"name": "x.png", "mimeType": "image/png", "buffer": f"no picture {name}".encode()}
    )
    hand.until_kept(f".png</{name}>")


class SecondBreaksOff:
    """A route on which the second POST never arrives; it counts them all."""

    posts = 0

    def __call__(self, asked: Any) -> None:
        if asked.request.method == "POST":
            self.posts += 1
            if self.posts == 2:
                return asked.abort()
        return asked.continue_()


def test_photos_that_arrived_are_not_sent_again(photos: None, hand: Hand) -> None:
    hand.begin("Photos")
    for name in ("first", "one", "two"):
        if name == "first":
            hand.answer("first", "ក")
        else:
            take_photo(hand, name)
        if name != "two":
            hand.next()
    way = SecondBreaksOff()
    hand.page.route("**/submission*", way)
    hand.fill().finish()
    hand.page.locator(".notice--bad").wait_for()
    assert Submission.objects.get().attachments.count() == 1
    hand.sync().queue().until_state("sent")
    assert way.posts == 3  # the first photo once, the second twice
    assert Submission.objects.get().attachments.count() == 2


def test_a_draft_keeps_the_version_it_was_begun_with(
    photos: None, programme: Programme, hand: Hand
) -> None:
    hand.begin("Photos")
    hand.answer("first", "ចាស់")
    hand.until_kept("<first>ចាស់</first>")
    hand.page.get_by_role("button", name=BACK).first.click()
    hand.home()
    newer = FORM.format(version=2).replace("| | image | one | រូបមួយ |", "| | text | new | ថ្មី |")
    factories.published(programme, newer)
    hand.sync()
    hand.begin("Photos").fill(first="ថ្មី", new="ក").finish()
    hand.queue().until_state("sent")
    hand.page.locator(".row[data-state='draft']").click()
    hand.page.get_by_role("button", name="បើក").click()
    hand.page.locator(".foot .count").wait_for()
    hand.fill().finish().queue().until_state("sent", number=2)
    sent = {(s.version.version, b"<new>" in bytes(s.xml)) for s in Submission.objects.all()}
    assert sent == {("1", False), ("2", True)}


def test_a_disk_that_is_nearly_full_is_told_on_the_first_screen(hand: Hand) -> None:
    assert hand.page.locator(".notice--bad").count() == 0
    # the disk of the test machine cannot be filled: the browser's report of it is replaced
    hand.page.add_init_script(
        "navigator.storage.estimate = async () => ({quota: 60_000_000, usage: 40_000_000})"
    )
    hand.page.reload()
    hand.person("ដារា", "1234", new=False).home()
    hand.page.locator(".notice--bad", has_text="ទំហំជិតអស់ហើយ").wait_for()
