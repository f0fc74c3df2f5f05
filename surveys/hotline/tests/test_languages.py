"""A language is opened and closed for callers by a permitted person; the checks before that."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from audit.models import Entry
from surveys.hotline import content, languages, script
from surveys.hotline.models import Language, Line
from surveys.hotline.tests.conftest import make_editor, record
from surveys.hotline.tests.phone import Phone
from surveys.tests.country import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def bunong(line: Line) -> Language:
    return Language.objects.create(code="cmo", name_km="ព្នង", name_en="Bunong", position=2)


def offer(client: Client, code: str, **fields: str) -> str:
    page = client.post(reverse("hotline:offer", args=[code]), fields, follow=True)
    assert page.status_code == 200
    return page.content.decode()


def test_callers_can_choose_a_language_once_somebody_opened_it(
    bunong: Language, client: Client, dial: Callable[..., Phone], recorded: list[str]
) -> None:
    record("language.cmo", language="cmo")
    before = content.content().facts.languages
    assert "cmo" not in before
    client.force_login(make_editor())
    page = client.get(reverse("hotline:studio", args=["cmo"])).content.decode()
    assert reverse("hotline:offer", args=["cmo"]) in page
    offer(client, "cmo", open="1")
    bunong.refresh_from_db()
    assert not bunong.is_open  # lines are missing, and nobody said that this is known
    assert "message--success" in offer(client, "cmo", open="1", incomplete="1")
    content.forget()
    assert "cmo" in content.content().facts.languages
    entry = Entry.objects.get(verb="hotline.language_opened")
    assert entry.actor == "editor"
    assert entry.after["missing"] == languages.missing(bunong) > 0
    assert "message--success" in offer(client, "cmo", open="0")
    content.forget()
    assert content.content().facts.languages == before
    assert Entry.objects.filter(verb="hotline.language_closed").count() == 1


def test_a_language_whose_name_nobody_recorded_is_not_opened(bunong: Language) -> None:
    with pytest.raises(ValidationError, match="ឈ្មោះ"):
        languages.open_language(language=bunong, by=make_editor(), incomplete=True)
    assert not Language.objects.get(code="cmo").is_open


def test_a_complete_language_is_opened_without_more_questions(bunong: Language) -> None:
    for entry in script.entries(bunong):
        record(entry.line.name, language="cmo", facts=entry.line.facts)
    record("language.cmo", language="cmo")
    assert languages.missing(bunong) == 0
    assert languages.open_language(language=bunong, by=make_editor()).is_open


def test_the_last_language_stays_open(bunong: Language, client: Client) -> None:
    client.force_login(make_editor())
    assert "message--error" in offer(client, "km", open="0")
    assert Language.objects.get(code="km").is_open
    Language.objects.filter(code="cmo").update(is_open=True)
    assert "message--success" in offer(client, "km", open="0")
    assert not Language.objects.get(code="km").is_open


def test_only_who_looks_after_the_hotline_opens_a_language(
    bunong: Language, client: Client
) -> None:
    person = make_person("facilitator", "010201")
    for act in (languages.open_language, languages.close_language):
        with pytest.raises(PermissionDenied):
            act(language=bunong, by=person)
    client.force_login(person)
    for code in ("cmo", "km"):
        assert client.post(reverse("hotline:offer", args=[code]), {"open": "1"}).status_code == 403
    client.force_login(make_editor())
    assert client.post(reverse("hotline:offer", args=["xx"]), {"open": "1"}).status_code == 404
    assert client.get(reverse("hotline:offer", args=["km"])).status_code == 405
