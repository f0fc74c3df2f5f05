"""Pages: two taps of a council member, the public page before and after, files and feed alike."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from defusedxml import ElementTree
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.models import User
from scorecards.plans import services
from scorecards.plans.models import Action, Evidence, Moderation, State
from scorecards.plans.services.evidence import clean_photo
from scorecards.plans.tests import makers

pytestmark = pytest.mark.django_db
EN = {"headers": {"accept-language": "en"}}


def browser(user: User | None = None) -> Client:
    client = Client(headers={"accept-language": "en"})
    if user:
        client.force_login(user)
    return client


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_a_council_member_sees_what_is_late_and_answers_in_two_taps(
    agreed: Action, council: User
) -> None:
    client = browser(council)
    shown = page(client, "/plans/work/")
    assert "Late" in shown
    assert agreed.activity in shown
    assert f'action="/plans/actions/{agreed.uuid}/report/"' in shown  # tap 1 opens, tap 2 sends
    answer = client.post(
        f"/plans/actions/{agreed.uuid}/report/", {"state": "said_done", "back": "/plans/work/"}
    )
    assert answer.headers["Location"] == "/plans/work/"
    agreed.refresh_from_db()
    assert (agreed.state, agreed.said_done_by) == (State.SAID_DONE, council)


def test_the_district_sees_what_is_asked_of_it_and_what_is_late(agreed: Action, team: User) -> None:
    makers.action(team, agreed.plan, activity="ask the district", level="district")
    officer = makers.person("district", "0102")
    shown = page(browser(officer), "/plans/districts/0102/")
    assert "ask the district" in shown
    assert agreed.activity in shown
    assert browser(officer).get("/plans/districts/0201/").status_code == 404


def test_the_public_reads_texts_only_once_checked_and_offices_never_people(
    agreed: Action, council: User, lead: User
) -> None:
    path = "/commitments/010201/"
    assert agreed.activity not in page(browser(), path)
    services.moderate_action(by=lead, action=agreed, decision=Moderation.SHOWN)
    services.report_state(by=council, action=agreed, state=State.SAID_DONE)
    shown = page(browser(), path)
    assert agreed.activity in shown
    assert agreed.office.name in shown
    assert council.username not in shown
    assert "reported done" in shown
    citizen = browser()
    sent = f"/commitments/{agreed.uuid}/answer/"
    assert citizen.post(sent, {"answer": "not_done"}).status_code == 302
    after = page(browser(), path)
    assert "citizens said: not done" in after
    assert "in progress" in after


def test_files_feed_and_api_say_what_the_page_says(agreed: Action, lead: User) -> None:
    services.moderate_action(by=lead, action=agreed, decision=Moderation.SHOWN)
    client = browser()
    base = "/commitments/010201/commitments."
    rows = list(csv.DictReader(io.StringIO(client.get(f"{base}csv").content.decode("utf-8-sig"))))
    payload = json.loads(client.get(f"{base}json").content)["commitments"]
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"{base}xlsx").content)).active
    api = client.get("/api/v1/commitments/", {"commune": "010201"}).json()
    texts = {rows[0]["text"], payload[0]["text"], api[0]["text"], sheet.cell(2, 4).value}
    assert texts == {agreed.activity}
    feed = ElementTree.fromstring(client.get("/commitments/010201/feed.rss").content)
    titles = [item.findtext("title") or "" for item in feed.iter("item")]
    assert any(agreed.activity in title for title in titles)
    embedded = client.get("/commitments/010201/embed/")
    assert "X-Frame-Options" not in embedded.headers
    assert client.get("/commitments/999999/").status_code == 404
    assert client.get(f"{base}exe").status_code == 404


def test_an_unchecked_text_is_in_no_file_or_feed(agreed: Action) -> None:
    client = browser()
    for path in (
        *(f"commitments.{suffix}" for suffix in ("csv", "json")),
        *("", "feed.rss", "embed/"),
    ):
        assert agreed.activity not in client.get(f"/commitments/010201/{path}").content.decode()


def test_a_browser_answers_once(agreed: Action, council: User) -> None:
    services.report_state(by=council, action=agreed, state=State.SAID_DONE)
    citizen = browser()
    for _time in range(3):
        citizen.post(f"/commitments/{agreed.uuid}/answer/", {"answer": "done"})
    assert agreed.answers.count() == 1
    assert citizen.post(f"/commitments/{agreed.uuid}/answer/", {"answer": "x"}).status_code == 302


def photo_with_place() -> bytes:
    picture = Image.new("RGB", (60, 30), "red")
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x0132] = "2026:01:02 03:04:05"
    exif.get_ifd(0x8825)[2] = (11.0, 33.0, 0.0)
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_a_photo_is_turned_upright_and_loses_place_and_time() -> None:
    cleaned = Image.open(io.BytesIO(clean_photo(photo_with_place())))
    assert cleaned.size == (30, 60)
    assert not cleaned.getexif()
    for wrong in (b"", b"%PDF-1.4", b"\xff\xd8\xff broken", b"GIF89a"):
        with pytest.raises(ValidationError):
            clean_photo(wrong)


def test_the_public_sees_a_photo_only_once_checked(
    agreed: Action, council: User, lead: User
) -> None:
    file = SimpleUploadedFile("a.jpg", photo_with_place())
    piece = services.add_evidence(by=council, action=agreed, kind="photo", stage="after", file=file)
    path = f"/commitments/{agreed.uuid}/photos/{piece.pk}/"
    assert browser().get(path).status_code == 404
    services.moderate_evidence(by=lead, evidence=piece, decision=Moderation.SHOWN)
    assert browser().get(path).status_code == 200
    again = SimpleUploadedFile("b.jpg", photo_with_place())
    services.add_evidence(by=council, action=agreed, kind="photo", stage="after", file=again)
    assert Evidence.objects.count() == 1


def test_bad_input_on_a_page_is_told_and_keeps_what_was_typed(agreed: Action, team: User) -> None:
    client = browser(team)
    sent = {"due_on": "31/02/2026", "reason": "rain and mud"}
    answer = client.post(f"/plans/actions/{agreed.uuid}/move/", sent)
    assert answer.status_code == 422
    body = answer.content.decode()
    assert "There is no such day" in body
    assert "rain and mud" in body
    new = client.post(f"/plans/{agreed.plan.uuid}/actions/new/", {"activity": "kept words"})
    assert new.status_code == 422
    assert "kept words" in new.content.decode()


def test_the_work_list_asks_a_bounded_number_of_questions(
    agreed: Action, team: User, council: User, django_assert_max_num_queries: Any
) -> None:
    day = timezone.localdate() - timedelta(days=3)
    for number in range(30):
        makers.action(team, agreed.plan, activity=f"a{number}", starts_on=day, due_on=day)
    client = browser(council)
    with django_assert_max_num_queries(25):
        page(client, "/plans/work/")


def test_the_number_of_an_office_is_shown_with_a_trace(agreed: Action, team: User) -> None:
    from audit.models import Entry

    office = services.save_office(
        by=team,
        office=agreed.office,
        place=agreed.commune,
        channel="telephone",
        address="០១២ ៣៤៥ ៦៧៨",
    )
    assert b"12345678" not in bytes(office.sealed_address)
    assert services.show_number(by=team, office=office) == "+85512345678"
    assert Entry.objects.filter(verb="plan.address_shown").count() == 1
    with pytest.raises(ValidationError):
        services.save_office(
            by=team, office=office, place=agreed.commune, channel="sms", address="12"
        )
