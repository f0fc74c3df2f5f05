"""Stories of change: consent decides who reads, a second person checks, withdrawing deletes."""

import io
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from PIL import Image

from accounts.models import User
from audit.models import Entry
from scorecards.plans import services
from scorecards.plans.models import Action, Story
from scorecards.plans.tests import makers

WORDS = "ទីចាត់ការបើកទ្វារនៅម៉ោងប្រាំពីរ <b>ខ្ញុំលែងរង់ចាំ</b>"


def photo() -> SimpleUploadedFile:
    """A photo that says where and when it was taken."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0132] = "2026:05:01 09:00:00"
    exif[0x8825] = {1: "N", 2: (11.0, 33.0, 0.0)}
    Image.new("RGB", (60, 40), "teal").save(out, "JPEG", exif=exif)
    return SimpleUploadedFile("IMG_0012.jpg", out.getvalue(), "image/jpeg")


def reported(by: User, action: Action, **changes: Any) -> Story:
    facts = {
        "text": WORDS,
        "told_on": date(2026, 7, 1),
        "consent_public": True,
        "consent_photo": True,
        "photo": photo(),
    }
    return services.record_story(by=by, action=action, **(facts | changes))


def page() -> str:
    return Client().get("/commitments/010201/", headers={"accept-language": "en"}).content.decode()


def test_a_story_goes_from_the_form_to_the_public_page_and_away(
    agreed: Action, team: User, lead: User, django_capture_on_commit_callbacks: Any
) -> None:
    mine, office = Client(), Client()
    mine.force_login(team)
    office.force_login(lead)
    form = {"text": WORDS, "told_on": "01/07/2026", "photo": photo()}
    refused = mine.post(f"/plans/actions/{agreed.uuid}/story/", form | {"consent_public": "on"})
    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == ["consent_photo"]
    assert WORDS.split(" <", maxsplit=1)[0] in refused.content.decode(), "what was typed is lost"
    agrees = {"consent_public": "on", "consent_photo": "on", "photo": photo()}
    mine.post(f"/plans/actions/{agreed.uuid}/story/", form | agrees)
    story = Story.objects.get()
    address = f"/commitments/stories/{story.uuid}/"
    assert WORDS.split(" <", maxsplit=1)[0] not in page()
    assert Client().get(address).status_code == 404, "an unchecked photo is open to the public"
    assert (
        f"/plans/stories/{story.uuid}/moderate/" in office.get("/plans/stories/").content.decode()
    )
    assert "/plans/stories/" in office.get("/plans/moderation/").content.decode()
    office.post(f"/plans/stories/{story.uuid}/moderate/", {"decision": "shown"})
    shown = page()
    assert "&lt;b&gt;ខ្ញុំលែងរង់ចាំ" in shown
    assert "<b>ខ្ញុំ" not in shown
    with Image.open(io.BytesIO(Client().get(address).content)) as kept:
        assert not kept.getexif()
    with django_capture_on_commit_callbacks(execute=True):
        mine.post(f"/plans/stories/{story.uuid}/withdraw/")
    name = story.photo.name
    story.refresh_from_db()
    assert (story.text, bool(story.photo), story.withdrawn_on is None) == ("", False, False)
    assert not Story._meta.get_field("photo").storage.exists(name)
    assert Client().get(address).status_code == 404
    assert WORDS.split(" <", maxsplit=1)[0] not in page()
    trail = str(list(Entry.objects.filter(verb__startswith="plan.story").values()))
    assert "ទីចាត់ការ" not in trail
    assert trail.count("plan.story_") == 3


def test_consent_and_a_second_person_decide(agreed: Action, team: User, lead: User) -> None:
    private = reported(team, agreed, consent_public=False, consent_photo=False, photo=None)
    with pytest.raises(ValidationError, match="did not agree"):
        services.moderate_story(by=lead, story=private, decision="shown")
    own = reported(lead, agreed, text="ខ្ញុំទទួលបានសំបុត្រកំណើត")
    with pytest.raises(ValidationError, match="Another person"):
        services.moderate_story(by=lead, story=own, decision="shown")
    assert reported(team, agreed, consent_photo=True) == private, "the same words are kept once"
    with pytest.raises(ValidationError, match="consent"):
        reported(team, agreed, text="x", consent_photo=False)
    with pytest.raises(PermissionDenied):
        reported(makers.person("council"), agreed, text="y")
    with pytest.raises(PermissionDenied):
        reported(makers.person("facilitator", "020101"), agreed, text="z")
    for wrong in ({"photo": "x.jpg"}, {"moderation": "shown"}, {"text": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Story.objects.filter(pk=private.pk).update(**wrong)
