"""Offices may answer a figure before it is released; the answer is printed beside it."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.models import User
from scorecards.models import Release, ReleasedCell
from scorecards.plans import reading, replies, services
from scorecards.plans.models import Moderation, Reply
from scorecards.plans.tests import makers
from scorecards.storage import partitions

pytestmark = pytest.mark.django_db


@pytest.fixture
def release(country: None) -> Release:
    made = Release.objects.create(period="2026-Q3", method_version="1", state=Release.State.AUDITED)
    partitions.ensure("scorecards_releasedcell", ["2026-Q3"])
    for place, indicator in (("010201", "CA-C1"), ("010201", "CA-P1"), ("020101", "CA-C1")):
        ReleasedCell.objects.create(
            release=made,
            period="2026-Q3",
            indicator=indicator,
            provider_kind="commune",
            place_code=place,
            province_code=place[:2],
            level="commune",
            status="full",
            numerator=27,
            denominator=39,
        )
    return made


def opened(lead: User, release: Release, days: int = 14) -> int:
    until = timezone.localdate() + timedelta(days=days)
    return replies.open_replies(by=lead, release=release, answer_until=until)


def test_offices_of_my_places_are_asked_once(lead: User, release: Release) -> None:
    assert opened(lead, release) == 2
    assert opened(lead, release) == 0
    assert set(Reply.objects.values_list("commune", flat=True)) == {"010201"}
    with pytest.raises(PermissionDenied):
        opened(makers.person("facilitator"), release)


@pytest.mark.parametrize("days", [0, -1, 61])
def test_the_time_to_answer_is_plausible(lead: User, release: Release, days: int) -> None:
    with pytest.raises(ValidationError):
        opened(lead, release, days)


def test_a_published_release_takes_no_more_replies(lead: User, release: Release) -> None:
    Release.objects.filter(pk=release.pk).update(state=Release.State.FAILED)
    release.refresh_from_db()
    with pytest.raises(ValidationError):
        opened(lead, release)


def test_a_figure_is_under_review_then_answered_then_its_text_is_shown(
    lead: User, council: User, release: Release
) -> None:
    opened(lead, release)
    assert [r.under_review for r in replies.public("010201")] == [True, True]
    reply = Reply.objects.filter(indicator__code="CA-C1").get()
    with pytest.raises(ValidationError):
        replies.answer_reply(by=council, reply=reply, agrees=False, text=" ")
    replies.answer_reply(by=council, reply=reply, agrees=False, text="two clerks were ill")
    with pytest.raises(ValidationError):
        replies.answer_reply(by=council, reply=reply, agrees=True, text="")
    page = Client(headers={"accept-language": "en"})
    shown = page.get("/commitments/010201/").content.decode()
    assert "the office does not agree" in shown
    assert "two clerks were ill" not in shown
    services.moderate_reply(by=lead, reply=reply, decision=Moderation.SHOWN)
    assert "two clerks were ill" in page.get("/commitments/010201/").content.decode()


def test_when_the_time_is_over_nothing_is_under_review(
    lead: User, council: User, release: Release
) -> None:
    opened(lead, release)
    Reply.objects.update(answer_until=timezone.localdate() - timedelta(days=1))
    assert replies.public("010201") == []
    with pytest.raises(ValidationError):
        replies.answer_reply(by=council, reply=Reply.objects.all()[0], agrees=True, text="")


def test_an_office_answers_on_a_page(lead: User, council: User, release: Release) -> None:
    opened(lead, release)
    client = Client(headers={"accept-language": "en"})
    client.force_login(council)
    assert "About 27 of 39" in client.get("/plans/replies/").content.decode()
    reply = Reply.objects.all()[0]
    path = f"/plans/replies/{reply.uuid}/"
    assert client.post(path, {"agrees": "no", "text": ""}).status_code == 422
    assert client.post(path, {"agrees": "no", "text": "why"}).status_code == 302
    stranger = Client()
    stranger.force_login(makers.person("council", "020101"))
    assert stranger.get(path).status_code == 404


def photo_with_position() -> bytes:
    """A photo that says where and when it was taken."""
    exif = Image.Exif()
    exif[0x0132] = "2026:10:01 08:00:00"
    exif.get_ifd(0x8825)[2] = (11.5, 33.2, 0.0)
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, format="JPEG", exif=exif)
    return out.getvalue()


def test_what_an_office_hands_in_is_checked_and_stands_beside_the_figure(
    lead: User, council: User, release: Release, client: Client, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    opened(lead, release)
    beside = reading.replies_beside("010201", "2026-Q3")
    assert {key for key, one in beside.items() if one.under_review} == {
        ("commune", "", "CA-C1"),
        ("commune", "", "CA-P1"),
    }
    reply = Reply.objects.get(indicator__code="CA-C1")
    client.force_login(council)
    address = f"/plans/replies/{reply.uuid}/"
    answer = {"agrees": "no", "text": "We posted the prices in October.", "evidence_page": "p. 2"}
    wrong = SimpleUploadedFile("prices.jpg", b"MZ not a photo")
    refused = client.post(address, {**answer, "file": wrong}, headers={"accept-language": "en"})
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Choose a photo" in page
    assert "We posted the prices in October." in page, "nothing that was written is lost"
    file = SimpleUploadedFile("prices.jpg", photo_with_position())
    assert client.post(address, {**answer, "file": file}).status_code == 302
    reply.refresh_from_db()
    with reply.evidence.open("rb") as file_kept, Image.open(file_kept) as kept:
        assert not dict(kept.getexif())
    shown = f"/commitments/replies/{reply.uuid}/"
    assert client.get(shown)["Content-Type"] == "image/jpeg"
    assert Client().get(shown).status_code == 404, "the public waits until somebody checked it"
    outcome = reading.replies_beside("010201", "2026-Q3")["commune", "", "CA-C1"]
    assert (outcome.under_review, outcome.agrees, outcome.text, outcome.evidence) == (
        False,
        False,
        "",
        "",
    )
    services.moderate_reply(by=lead, reply=reply, decision=Moderation.SHOWN)
    outcome = reading.replies_beside("010201", "2026-Q3")["commune", "", "CA-C1"]
    assert (outcome.text, outcome.evidence, outcome.evidence_page) == (
        answer["text"],
        shown,
        "p. 2",
    )
    assert Client().get(shown).status_code == 200
    services.moderate_reply(by=lead, reply=reply, decision=Moderation.HIDDEN)
    assert Client().get(shown).status_code == 404


def test_the_scorecard_prints_the_reply_at_its_figure(
    lead: User, council: User, release: Release
) -> None:
    opened(lead, release)
    reply = Reply.objects.get(indicator__code="CA-C1")
    rows = {"name": "x", "wording": "y", "is_shown": True, "printed": "about 27 of 39"}

    def printed() -> str:
        reply_now = reading.replies_beside("010201", "2026-Q3").get(("commune", "", "CA-C1"))
        return render_to_string("dashboards/result.html", {"result": {**rows, "reply": reply_now}})

    assert "under review by the office" in printed()
    replies.answer_reply(by=council, reply=reply, agrees=False, text="The table hangs there.")
    assert "The office does not agree." in printed()
    assert "The table hangs there." not in printed(), "not yet checked"
    services.moderate_reply(by=lead, reply=reply, decision=Moderation.SHOWN)
    assert "The table hangs there." in printed()
    Reply.objects.filter(pk=reply.pk).update(
        answered_at=None,
        agrees=None,
        text="",
        answer_until=timezone.localdate() - timedelta(days=1),
    )
    assert "office" not in printed(), "the time is over: the figure stands without a reply"
