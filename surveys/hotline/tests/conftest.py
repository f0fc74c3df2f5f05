import hashlib
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.test import Client

import media
from surveys.hotline import content, lines, numbers, sound
from surveys.hotline.models import Clip, Language, Line
from surveys.hotline.tests.phone import BASE, Phone
from surveys.tests.country import make_country

TOKEN = "a secret of the telephone company"


@pytest.fixture
def line(db: None, settings: Any) -> Line:
    settings.PUBLIC_URL = BASE
    # the callers asked for a check are drawn: not in other tests
    settings.HOTLINE_CHECK_PERCENT = 0
    content.forget()
    make_country()
    Language.objects.update_or_create(
        code="km", defaults={"name_km": "ខ្មែរ", "name_en": "Khmer", "is_open": True}
    )
    made = Line(company=Line.Company.SOMLENG, number="1294", account_sid="acc-1")
    lines.set_token(made, TOKEN)
    made.save()
    yield made
    content.forget()


@pytest.fixture
def dial(line: Line, client: Client) -> Callable[..., Phone]:
    """A function that calls the line."""

    def call(**more: Any) -> Phone:
        return Phone(client, line.pk, line.account_sid, TOKEN, **more).dial()

    return call


def record(name: str, milliseconds: int = 400, language: str = "km", facts: str = "") -> Clip:
    """A recording: a tone of its own pitch, kept as a real clip is."""
    pitch = 200 + int(hashlib.sha256(name.encode()).hexdigest(), 16) % 1_500_000 / 1000
    t = np.arange(sound.RATE * milliseconds // 1000) / sound.RATE
    wav = sound.written((np.sin(2 * np.pi * pitch * t) * 9000).astype(np.int16))
    sha = hashlib.sha256(wav).hexdigest()
    media.write(sound.clip_name(sha), wav)
    Clip.objects.filter(language_id=language, name=name, replaced_at=None).delete()
    return Clip.objects.create(
        language_id=language,
        name=name,
        sha256=sha,
        milliseconds=milliseconds,
        facts_hash=facts,
        original="test",
    )


@pytest.fixture
def recorded(line: Line) -> list[str]:
    """Everything the hotline can say in Khmer, recorded."""
    names = [*content.prompts(), *numbers.CLIPS, *(f"month.{m}" for m in range(1, 13))]
    names += ["language.km"]
    for service in content.content().facts.services:
        names += [f"service.{service.code}"]
        for option in service.options:
            names += [f"option.{option.code}", *(f"document.{p}" for p in option.papers or ())]
    for name in dict.fromkeys(names):
        record(name)
    content.forget()
    return names


@pytest.fixture
def heard(line: Line) -> Callable[[Phone], list[str]]:
    """Return what was played last, as clip names: decoded from the sounds' parts."""

    def names(phone: Phone) -> list[str]:
        from surveys.hotline.models import Rendered

        by_sha = {c.sha256: c.name for c in Clip.objects.all()}
        results = []
        for address in phone.played:
            sha = address.split("/")[-1].removesuffix(".wav")
            parts = json.loads(json.dumps(Rendered.objects.get(sha256=sha).parts))
            results += [by_sha[p] for p in parts if isinstance(p, str)]
        return results

    return names


@pytest.fixture
def company(line: Line) -> Any:
    """The line's company, which can be called and asked."""
    from surveys.hotline.tests.company import Company

    made = Company()
    Line.objects.filter(pk=line.pk).update(api_base=made.address)
    yield made
    made.close()


def make_editor() -> Any:
    """Somebody who looks after the hotline."""
    from accounts.models import Membership, Role, User

    role, _made = Role.objects.get_or_create(
        code="hotline-editor",
        defaults={
            "name_km": "អ្នកកែ",
            "name_en": "Editor",
            "about_km": "-",
            "about_en": "-",
            "permissions": ["hotline.edit"],
        },
    )
    user = User.objects.create_user("editor", "a long password 9")
    Membership.objects.create(user=user, role=role)
    return user
