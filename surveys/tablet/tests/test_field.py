"""A day in the field: no network, a killed browser, a server in trouble; nothing is lost."""

import base64
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from conftest import wait_for
from surveys.forms import tablets
from surveys.models import AppUser, Case, Quarantine, Submission
from surveys.submissions.processing.derive import observe_waiting
from surveys.tablet import views
from surveys.tablet.tests.hand import Hand
from surveys.tests.country import make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TITLE = "Case interview"
OPENROSA = {"X-OpenRosa-Version": "1.0", "Content-Type": "text/xml; charset=utf-8"}


def answers(times: int, **text: Any) -> Callable[[Any], None]:
    """A route that answers so the first ``times``, and then lets the server answer."""
    left = [times]

    def route(asked: Any) -> None:
        if asked.request.method == "POST" and left[0]:
            left[0] -= 1
            asked.fulfill(**text)
        else:
            asked.continue_()

    return route


def interview(hand: Hand, **more: str) -> Hand:
    return hand.begin(TITLE).fill(**more).finish()


def test_offline_from_the_first_screen_to_the_queue(hand: Hand) -> None:
    hand.page.context.set_offline(True)
    hand.page.reload()
    hand.person("ដារា", "1234", new=False)
    interview(hand)
    # a slow tablet may still be trying: the try ends, and the record waits
    hand.queue().until_state("ready")
    assert hand.states() == ["ready"]
    assert not Submission.objects.exists()
    hand.page.context.set_offline(False)
    hand.until_state("sent")
    assert Submission.objects.count() == 1
    observe_waiting()
    case = Case.objects.get()
    assert (case.commune_id, case.service.code, case.fee_paid, case.visits) == (
        "010201",
        "birth-registration",
        0,
        2,
    )
    assert case.facilitator is not None
    assert case.facilitator.username == "caf.dara"
    assert case.channel == "tablet"


def test_a_browser_killed_in_the_middle_of_a_form_resumes_where_it_stood(hand: Hand) -> None:
    hand.begin(TITLE).fill(until="fee_paid")
    hand.answer("fee_paid", "៥០០០")
    hand.until_kept("<fee_paid>5000</fee_paid>")
    context, page = hand.page.context, hand.page
    page.close()
    again = Hand(context.new_page(), hand.base).open().person("ដារា", "1234", new=False)
    field = again.page.locator(".question[data-path$='/fee_paid'] input")
    field.wait_for()
    assert field.input_value() == "៥០០០"
    again.fill(fee_paid="៥០០០").finish()
    again.queue().until_state("sent")
    assert b"<fee_paid>5000</fee_paid>" in bytes(Submission.objects.get().xml)


def test_a_browser_killed_while_sending_sends_once(hand: Hand) -> None:
    context, page = hand.page.context, hand.page

    def arrives_but_the_answer_does_not(asked: Any) -> None:
        if asked.request.method == "POST":
            asked.fetch()
            page.close()
        else:
            asked.continue_()

    page.route("**/submission*", arrives_but_the_answer_does_not)
    hand.begin(TITLE).fill()
    with page.expect_event("close"):
        page.get_by_role("button", name="បញ្ចប់").click()
    again = Hand(context.new_page(), hand.base).open().person("ដារា", "1234", new=False).home()
    again.sync().queue().until_state("sent")
    assert Submission.objects.count() == 1


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ({"status": 500, "body": "oops"}, "ម៉ាស៊ីនមេមានបញ្ហា"),
        (
            {"status": 200, "body": "<html>Pay for Wi-Fi</html>", "content_type": "text/html"},
            "បណ្តាញនេះឆ្លើយជំនួស",
        ),
        ({"status": 201, "body": "<html>welcome</html>", "content_type": "text/html"}, "បណ្តាញនេះ"),
    ],
    ids=["500", "captive portal", "a portal that says 201"],
)
def test_trouble_on_the_way_keeps_the_record_and_sends_it_later(
    hand: Hand, texts: dict[str, Any], sentence: str
) -> None:
    hand.page.route("**/submission*", answers(1, **texts))
    interview(hand)
    hand.page.locator(".notice", has_text=sentence).wait_for()
    hand.queue()
    assert hand.states() == ["ready"]
    assert not Submission.objects.exists()
    hand.page.get_by_role("button", name="ថយក្រោយ").first.click()
    hand.home().sync().queue().until_state("sent")
    assert Submission.objects.count() == 1


HOLD_THE_LOCK = """() => new Promise((held) => {
    navigator.locks.request("send", () => new Promise((free) => {
      window.letGo = free;
      held();
    }));
})"""


def test_a_record_finished_while_another_sending_is_under_way_is_sent_after_it(hand: Hand) -> None:
    other = hand.page.context.new_page()
    other.goto(f"{hand.base}/tablet/")
    other.evaluate(HOLD_THE_LOCK)
    hand.page.bring_to_front()
    interview(hand)
    hand.queue()
    assert hand.states() == ["ready"]
    other.evaluate("window.letGo()")
    hand.until_state("sent")
    assert Submission.objects.count() == 1


def test_what_another_page_could_not_send_is_told_here_too(hand: Hand) -> None:
    hand.page.route("**/submission*", lambda asked: asked.abort())
    interview(hand)
    other = hand.page.context.new_page()
    gone = {"status": 403, "body": "<OpenRosaResponse/>"}
    other.route("**/submission*", answers(1, headers=OPENROSA, **gone))
    Hand(other, hand.base).open()
    other.get_by_role("heading", name="តើអ្នកជានរណា?").wait_for()
    other.evaluate("dispatchEvent(new Event('online'))")
    hand.page.locator(".notice--bad", has_text="លែងត្រូវបានទទួលស្គាល់").wait_for()


def sync_in_the_background(page: Any) -> None:
    """The browser's own Background Sync of this tablet, now."""
    tools = page.context.new_cdp_session(page)
    seen: list[dict[str, Any]] = []
    tools.on("ServiceWorker.workerRegistrationUpdated", lambda e: seen.extend(e["registrations"]))
    tools.send("ServiceWorker.enable")
    wait_for(lambda: page.evaluate("1") and seen, what="the worker to be known")
    registration = next(r for r in seen if r["scopeURL"].endswith("/tablet/"))
    tools.send(
        "ServiceWorker.dispatchSyncEvent",
        {
            "origin": registration["scopeURL"].removesuffix("/tablet/"),
            "registrationId": registration["registrationId"],
            "tag": "send",
            "lastChance": False,
        },
    )


def test_what_is_ready_is_sent_with_the_app_closed(hand: Hand) -> None:
    hand.page.route("**/submission*", lambda asked: asked.abort())
    interview(hand)
    hand.page.locator(".notice--bad").wait_for()
    hand.page.goto(f"{hand.base}/static/pages/mark.svg")
    sync_in_the_background(hand.page)
    wait_for(Submission.objects.exists, what="the worker to send the record")


def test_a_refused_record_is_shown_kept_and_never_blocks_the_others(hand: Hand) -> None:
    refusal = {
        "status": 409,
        "body": "<OpenRosaResponse><message>other content</message></OpenRosaResponse>",
    }
    hand.page.route("**/submission*", answers(1, headers=OPENROSA, **refusal))
    interview(hand)
    hand.queue().until_state("refused")
    hand.page.get_by_role("button", name="ថយក្រោយ").first.click()
    interview(hand, visits="3")
    hand.queue().until_state("sent")
    assert sorted(hand.states()) == ["refused", "sent"]
    hand.page.locator(".row[data-state='refused']").click()
    assert "other content" in str(hand.page.locator(".notice--bad").first.text_content())
    hand.page.get_by_role("button", name="សាកផ្ញើម្តងទៀត").click()
    hand.page.get_by_role("button", name="ថយក្រោយ").first.click()
    hand.home().sync().queue().until_state("sent", number=2)
    assert Submission.objects.count() == 2


def test_a_photo_too_large_is_shrunk_and_sent(hand: Hand) -> None:
    hand.page.route(
        "**/submission*",
        answers(1, status=413, headers=OPENROSA, body="<OpenRosaResponse/>"),
    )
    hand.begin(TITLE).fill(until="receipt_photo", fee_paid="5000", currency="KHR", receipt="yes")
    photo = hand.page.evaluate(
        """async () => { const c = new OffscreenCanvas(2400, 1800); const x = c.getContext('2d');
        for (let i = 0; i < 4000; i++) { x.fillStyle = `hsl(${i * 37 % 360} 80% 50%)`;
          x.fillRect(Math.random() * 2400, Math.random() * 1800, 40, 40); }
        const b = await c.convertToBlob({type: 'image/jpeg', quality: 0.95});
        const reader = new FileReader(); reader.readAsDataURL(b);
        await new Promise((read) => { reader.onload = read; });
        return reader.result.split(',')[1]; }"""
    )
    photo = base64.b64decode(photo)
    hand.page.locator("input[type=file]").set_input_files(
        {"name": "receipt.jpg", "mimeType": "image/jpeg", "buffer": photo}
    )
    hand.page.locator("img.photo").wait_for()
    hand.fill(fee_paid="5000", currency="KHR", receipt="yes").finish()
    hand.queue().until_state("sent")
    kept = Submission.objects.get().attachments.get()
    assert 0 < kept.size < len(photo) / 2


def test_two_people_on_one_tablet_never_see_each_others_work(hand: Hand) -> None:
    hand.page.context.set_offline(True)
    hand.begin(TITLE).fill(until="fee_paid")
    hand.page.get_by_role("button", name="ថយក្រោយ").first.click()
    hand.home()
    hand.page.get_by_role("button", name="ចាកចេញ").click()
    hand.person("ស្រី", "9876").home().queue()
    assert hand.page.locator(".row[data-state]").count() == 0
    hand.page.get_by_role("button", name="ថយក្រោយ").first.click()
    hand.home()
    hand.page.get_by_role("button", name="ចាកចេញ").click()
    hand.person("ដារា", "9876", new=False)
    hand.page.locator(".notice--bad", has_text="ខុស").wait_for()
    hand.page.locator("#pin").fill("1234")
    hand.page.locator("form button.main").click()
    hand.home().queue()
    assert hand.states() == ["draft"]


def test_an_update_of_the_app_keeps_the_drafts(
    hand: Hand, tmp_path: Path, monkeypatch: Any
) -> None:
    hand.begin(TITLE).fill(until="fee_paid")
    hand.page.get_by_role("button", name="ថយក្រោយ").first.click()
    hand.home()
    newer = tmp_path / "dist"
    shutil.copytree(views._DIST, newer)
    worker = newer / "sw.js"
    worker.write_text(
        worker.read_text().replace('/tablet/","revision":"', '/tablet/","revision":"new')
    )
    page = (newer / "index.html").read_text().replace("<body>", "<body data-version='2'>")
    (newer / "index.html").write_text(page)
    monkeypatch.setattr(views, "_DIST", newer)
    hand.page.reload()
    hand.page.get_by_role("button", name=re.compile("មានកំណែថ្មី")).click()
    hand.page.locator("body[data-version='2']").wait_for()
    hand.person("ដារា", "1234", new=False).home().queue()
    assert hand.states() == ["draft"]
    hand.page.locator(".row[data-state='draft']").click()
    hand.page.get_by_role("button", name="បើក").click()
    hand.page.locator(".question[data-path$='/fee_paid']").wait_for()
    hand.fill().finish().queue().until_state("sent")
    assert Submission.objects.count() == 1


def test_a_returned_record_opens_with_the_comment_and_replaces_the_first(hand: Hand) -> None:
    from surveys.models import ReviewState, SubmissionComment

    interview(hand)
    hand.queue().until_state("sent")
    observe_waiting()
    sent = Submission.objects.get()
    SubmissionComment.objects.create(submission=sent, body="សូមពិនិត្យថ្លៃ")
    Submission.objects.update(state=ReviewState.RETURNED)
    hand.page.get_by_role("button", name="ថយក្រោយ").first.click()
    hand.home().sync().queue()
    hand.page.locator(".row[data-state='returned']").click()
    hand.page.get_by_role("button", name="បើក").click()
    hand.fill(fee_paid="2000", currency="KHR").finish()
    hand.queue().until_state("sent", number=2)
    one = Submission.objects.get()
    assert one.current is not None
    assert b"<fee_paid>2000</fee_paid>" in bytes(one.current.xml)
    assert one.instance_id == sent.instance_id


def test_everything_unsent_is_exported_and_a_coordinator_imports_it(
    hand: Hand, tablet: AppUser
) -> None:
    hand.page.context.set_offline(True)
    interview(hand)
    hand.queue().until_state("ready")
    with hand.page.expect_download() as started:
        hand.page.get_by_role("button", name="នាំចេញទាំងអស់ដែលមិនទាន់ផ្ញើ").click()
    exported = json.loads(Path(started.value.path()).read_text())
    assert [r["state"] for r in exported["records"]] == ["ready"]
    client = Client()
    coordinator = make_person("coordinator", "01")
    # a tablet is its whole programme's, which has more provinces than this one
    coordinator.memberships.update(programme=tablet.programme, place=None)
    role = coordinator.memberships.get().role
    role.permissions = [*role.permissions, "submissions.review"]
    role.save()
    client.force_login(coordinator)
    for _twice in range(2):
        with Path(started.value.path()).open("rb") as file:
            answer = client.post(
                "/tablets/import/", {"tablet": tablet.pk, "file": file}, follow=True
            )
        assert "message--error" not in answer.content.decode()
    assert Submission.objects.count() == 1
    hand.page.context.set_offline(False)
    hand.until_state("sent")
    assert Submission.objects.count() == 1
    assert not Quarantine.objects.exists()


def test_a_revoked_tablet_keeps_everything_and_is_enrolled_again(
    hand: Hand, tablet: AppUser, forget_remembered: Callable[[], None]
) -> None:
    tablets.revoke(tablet=tablet, by=None)
    forget_remembered()
    interview(hand)
    hand.page.locator(".notice", has_text="លែងត្រូវបានទទួលស្គាល់").wait_for()
    hand.queue()
    assert hand.states() == ["ready"]


def test_the_standard_in_force_is_shown_while_asking_about_the_fee(hand: Hand) -> None:
    hand.begin(TITLE).fill(
        until="fee_paid", service="certified-copy", provider="owso-0102", units="1"
    )
    shown = str(hand.page.locator(".standard").text_content())
    assert "១.០០០" in shown
    assert "៣ ថ្ងៃធ្វើការ" in shown


def test_the_app_fits_a_phone_and_needs_no_wide_screen(hand: Hand) -> None:
    hand.page.set_viewport_size({"width": 360, "height": 740})
    hand.begin(TITLE)
    for _step in range(4):
        assert hand.page.evaluate("document.documentElement.scrollWidth") <= 360
        hand.fill(until="asked_on")
