"""Recordings: any format in, one telephone sound out; what nobody would understand is refused."""

import io
import subprocess
import wave

import imageio_ffmpeg
import numpy as np
import pytest
from django.core.exceptions import ValidationError

import media
from audit.models import Entry
from surveys.hotline import recording, script, sound
from surveys.hotline.models import Clip, Language
from surveys.hotline.setting_up import load_hotline
from surveys.hotline.tests.conftest import make_editor
from surveys.tests.country import make_country, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def khmer() -> Language:
    make_country()
    load_hotline()
    return Language.objects.get(code="km")


def voice(seconds: float = 2.0, level: float = 0.2, rate: int = 48_000) -> bytes:
    """Something like speech: a buzzing tone in syllables, with silence around it."""
    t = np.arange(int(seconds * rate)) / rate
    tone = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 9))
    syllables = (np.sin(2 * np.pi * 2 * t) > -0.5).astype(float)
    quiet = np.zeros(rate // 2)
    samples = np.concatenate([quiet, level * tone * syllables, quiet])
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes())
    return out.getvalue()


def test_a_browsers_recording_becomes_one_telephone_sound(khmer: Language) -> None:
    webm = subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-i", "-", "-c:a", "libopus", "-f", "webm", "-"],
        input=voice(),
        capture_output=True,
        check=True,
    ).stdout
    editor = make_editor()
    clip = recording.keep(by=editor, language=khmer, name="goodbye", upload=webm)
    samples = sound.read(media.read(sound.clip_name(clip.sha256)))
    assert 1500 < clip.milliseconds < 2600, "silence before and after is cut"
    assert clip.loudness is not None
    assert abs(clip.loudness - recording.LOUDNESS) <= 1.5
    assert np.abs(samples.astype(int)).max() < 32_767
    assert Entry.objects.filter(verb="clip.recorded").count() == 1


def test_a_new_recording_replaces_the_one_that_stood(khmer: Language) -> None:
    for level in (0.2, 0.3):
        recording.keep(by=None, language=khmer, name="goodbye", upload=voice(level=level))
    assert Clip.objects.filter(name="goodbye").count() == 2
    assert Clip.objects.filter(name="goodbye", replaced_at=None).count() == 1


@pytest.mark.parametrize(
    "upload",
    [
        b"",
        b"no sound at all",
        voice(level=0.0),
        voice(level=0.0005),
        voice(level=9.0),
        voice(seconds=70),
    ],
    ids=["empty", "text", "silent", "too quiet", "clipped", "too long"],
)
def test_what_nobody_would_understand_is_refused_with_a_sentence(
    khmer: Language, upload: bytes
) -> None:
    with pytest.raises(ValidationError) as refused:
        recording.keep(by=None, language=khmer, name="goodbye", upload=upload)
    assert refused.value.messages[0]
    assert not Clip.objects.exists()


def test_a_facilitator_may_not_record(khmer: Language) -> None:
    with pytest.raises(ValidationError):
        recording.keep(
            by=make_person("facilitator", "010201"), language=khmer, name="goodbye", upload=voice()
        )


def test_the_script_names_everything_the_flow_can_say(khmer: Language) -> None:
    names = {line.name for line in script.lines()}
    assert {
        "main.other",
        "number.1000",
        "month.12",
        "language.cmo",
        "service.id-card",
    } <= names
    assert all(line.words("km") and line.words("en") for line in script.lines())
    states = {e.line.name: e.state for e in script.entries(khmer)}
    assert states["goodbye"] == "missing"
    recording.keep(by=None, language=khmer, name="goodbye", upload=voice())
    assert {e.line.name: e.state for e in script.entries(khmer)}["goodbye"] == "recorded"


def test_no_machine_is_given_a_khmer_voice(khmer: Language) -> None:
    from django.db import IntegrityError

    with pytest.raises(IntegrityError):
        Language.objects.filter(code="km").update(machine_voice="km")


def test_loading_again_changes_nothing(khmer: Language) -> None:
    Language.objects.filter(code="cmo").update(is_open=True)
    assert load_hotline() == 0
    assert Language.objects.get(code="cmo").is_open
