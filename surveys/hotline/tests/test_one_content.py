"""One content: what is spoken, texted and shown is the standard in force, and goes stale with it."""

from collections.abc import Callable
from operator import itemgetter

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from standards import loading, services
from standards.models import Standard
from surveys.hotline import content, menu, messages, numbers, sound, speech, speech_synthesis
from surveys.hotline.models import Clip
from surveys.hotline.setting_up import load_hotline
from surveys.hotline.tests.conftest import make_editor
from surveys.hotline.tests.phone import Phone
from surveys.hotline.tests.test_flow import every_turn
from surveys.hotline.tests.test_recording import voice

pytestmark = pytest.mark.django_db
Dial = Callable[..., Phone]
Heard = Callable[[Phone], list[str]]


@pytest.fixture
def published(db: None) -> list[Standard]:
    """Every standard that the platform comes with."""
    loading.load_services()
    loading.load_documents()
    loading.load_standards()
    content.forget()
    return list(Standard.objects.in_force(timezone.localdate()).filter(provider=None))


def test_every_published_fee_and_time_is_spoken_as_it_is_stored(published: list[Standard]) -> None:
    assert len(published) >= 15
    loaded = content.content().facts.by_code
    for row in published:
        option = loaded[row.service.code].option(row.option)
        fee, days = speech.fee(option), speech.days(option)
        if row.fee is None:
            assert fee == ("fee.unknown",)
        elif row.fee == 0:
            assert fee[:2] == ("fee.official", "fee.free")
        else:
            end = next(i for i, name in enumerate(fee) if name.startswith("unit."))
            assert numbers.decoded(list(fee[1:end])) == row.fee
            assert fee[end] == {"KHR": "unit.riel", "USD": "unit.dollar"}[row.currency]
        if row.days_max is None:
            assert days == ("days.unknown",)
        else:
            assert numbers.decoded(list(days[1:-1])) == row.days_max


def test_no_step_is_longer_than_25_seconds_measured_on_the_sounds_themselves(
    published: list[Standard],
) -> None:
    load_hotline()
    speech_synthesis.speak_missing()
    loaded = content.content()
    measured = []
    for turn in {t.say: t for t in every_turn(loaded.facts)}.values():
        clips = content.spoken(turn.say, "en", loaded, turn.state).clips
        assert clips, turn.say
        wav = sound.joined(sound.plan(clips).parts)
        measured.append(((len(wav) - 44) / 2 / sound.RATE, turn.state.node, turn.say))
    assert len(measured) > 50
    longest = max(measured, key=itemgetter(0))
    assert 10 < longest[0] <= 25, longest


def test_the_day_it_was_checked_is_spoken_and_texted(published: list[Standard]) -> None:
    row = next(x for x in published if x.checked_on and x.documents_known)
    option = content.content().facts.by_code[row.service.code].option(row.option)
    checked = speech.checked(option, speech.pages(option) - 1)
    year = ("date.year", *numbers.fragments(row.checked_on.year))
    assert checked == ("checked.on", f"month.{row.checked_on.month}", *year)
    name = {"km": row.service.name_km, "en": row.service.name_en}
    words = messages.answer(name, option, messages.checked_on(row), "en")
    assert f"{row.checked_on:%d/%m/%Y}" in words


def test_a_new_fee_makes_the_recording_stale_and_fragments_speak_it(
    dial: Dial,
    recorded: list[str],
    heard: Heard,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(content, "KEPT_FOR", 0.0)
    row = Standard.objects.in_force(timezone.localdate()).get(service__code="certified-copy")
    sentence = content.sentence("certified-copy", row.option)
    editor = Client()
    editor.force_login(make_editor())
    editor.post(
        reverse("hotline:record", args=["km"]),
        {"name": sentence, "sound": SimpleUploadedFile("a.wav", voice())},
    )
    assert Clip.objects.filter(name=sentence, replaced_at=None).count() == 1

    def sentences() -> list[str]:
        phone = dial()
        if "main.other" not in heard(phone):
            phone.press("1")
        return heard(phone.keys(menu.keys_to("certified-copy", content.content().facts)))

    def in_studio() -> str:
        page = editor.get(reverse("hotline:studio", args=["km"]), {"show": "stale"})
        return page.content.decode()

    assert sentence in sentences()
    assert sentence not in in_studio()
    services.edit_standard(standard=row, by=None, reason="a new decree", fee=12_500, days_max=7)
    names = sentences()
    assert sentence not in names
    assert (
        numbers.decoded(names[names.index("fee.official") + 1 : names.index("unit.riel")]) == 12_500
    )
    days = names.index("days.official") + 1
    assert numbers.decoded(names[days : names.index("unit.working-day")]) == 7
    assert f'id="{sentence}"' in in_studio()
