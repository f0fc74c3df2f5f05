"""English by machine: real sound, labelled, replaced by people, and never another language."""

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

import media
from standards.models import Service
from surveys import recordings
from surveys.hotline import content, numbers, script, sound, speech_synthesis
from surveys.hotline.models import Clip, Language, Line
from surveys.hotline.setting_up import load_hotline
from surveys.hotline.tests.conftest import make_editor, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def english(line: Line) -> Language:
    load_hotline()
    return Language.objects.get(code="en")


def heard(clip: Clip) -> sound.Samples:
    return sound.read(media.read(sound.clip_name(clip.sha256)))


def test_everything_nobody_recorded_is_said_in_english_and_can_be_heard(english: Language) -> None:
    record("goodbye", language="en")
    wanted = {line.name: line for line in script.lines("en") if not line.optional}
    assert speech_synthesis.speak_missing() == len(wanted) - 1
    clips = {clip.name: clip for clip in Clip.objects.filter(replaced_at=None)}
    assert set(clips) == set(wanted)
    assert {name for name, clip in clips.items() if not clip.is_machine} == {"goodbye"}
    assert {clip.language_id for clip in clips.values()} == {"en"}
    for name in wanted.keys() - {"goodbye"}:
        samples = heard(clips[name]).astype(float)
        assert 0.1 < len(samples) / sound.RATE < 25, name
        assert np.sqrt(np.mean(samples**2)) > 600, f"{name} is hardly heard"
        assert np.abs(samples).max() < 32_767, f"{name} is cut off"
    letters = [len(wanted[name].words_en) for name in clips]
    assert np.corrcoef(letters, [clip.milliseconds for clip in clips.values()])[0, 1] > 0.9
    assert speech_synthesis.speak_missing() == 0


def test_changed_words_are_said_again_and_a_person_is_never_replaced(english: Language) -> None:
    speech_synthesis.speak_missing()
    Service.objects.filter(code="certified-copy").update(name_en="A certified copy of a paper")
    record("welcome", language="en")
    assert speech_synthesis.speak_missing() == 1
    stands = Clip.objects.filter(replaced_at=None)
    assert stands.filter(name="service.certified-copy").count() == 1
    assert not stands.get(name="welcome").is_machine


@pytest.mark.parametrize("code", ["km", "cmo", "tpu", "krr", "krv", "jra"])
def test_the_database_refuses_a_machine_in_any_other_language(line: Line, code: str) -> None:
    load_hotline()
    with pytest.raises(IntegrityError), transaction.atomic():
        Language.objects.filter(code=code).update(machine_voice="en")
    clip = record("goodbye", language=code)
    with pytest.raises(IntegrityError), transaction.atomic():
        Clip.objects.filter(pk=clip.pk).update(is_machine=True)


def test_a_price_is_heard_whole_and_the_studio_says_what_a_machine_speaks_and_what_is_missing(
    english: Language, client: Client
) -> None:
    speech_synthesis.speak_missing()
    sounds = recordings.recordings("en")
    for service in content.content().facts.services:
        for option in service.options:
            assert f"fee:{service.code}:{option.code}" in sounds
    client.force_login(make_editor())
    page = client.get(reverse("hotline:studio", args=["en"])).content.decode()
    assert page.count("សំឡេងម៉ាស៊ីន") >= Clip.objects.filter(is_machine=True).count()
    khmer = client.get(reverse("hotline:studio", args=["km"]), {"show": "missing"})
    needed = sum(not line.optional for line in script.lines("km"))
    assert khmer.content.decode().count('class="script__line"') == needed


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (0, "0"),
        (15, "15"),
        (12_500, "12 1000 5 100"),
        (2026, "2 1000 20 6"),
        (250_000, "2 100 50 1000"),
    ],
)
def test_english_counts_in_english(n: int, text: str) -> None:
    names = ["fee.official", *numbers.fragments(n), "unit.riel"]
    counted = numbers.counted_in("en", names)
    assert counted == ["fee.official", *(f"number.{v}" for v in text.split()), "unit.riel"]
    assert numbers.counted_in("km", names) == names


def test_digits_stay_digits_in_english() -> None:
    digits = [numbers.clip(d) for d in (1, 2, 0, 0, 4)]
    assert numbers.counted_in("en", digits) == digits


def test_a_voice_that_does_not_exist_is_said_in_a_sentence() -> None:
    with pytest.raises(speech_synthesis.MachineError, match="no voice 'zz'"):
        speech_synthesis.on_telephone(["Hello."], "zz")
    assert speech_synthesis.on_telephone([], "en") == []
