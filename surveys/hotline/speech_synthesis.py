"""English speech by machine until people have recorded it: espeak-ng, run in a background job.

Khmer and the languages of the highlands are not spoken by machine, and the database refuses it: the
existing voices would be understood by few. The machine's clips are labelled in the studio, and a
person's recording replaces them permanently.

espeak-ng comes with its voices in a wheel (``espeakng-loader``) and is called through ctypes in
``espeak.py``: its interface is four functions, and the existing wrappers do not return the sound.
"""

import hashlib
import io
import json
import re
import struct
import subprocess
import sys
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import imageio_ffmpeg
import numpy as np
from django.db import transaction
from django.utils import timezone

import media
from audit import trail
from surveys.hotline import content, recording, script, sound
from surveys.hotline.models import Clip, Language

_PROGRAM: Final = Path(__file__).with_name("espeak.py")
_GAP: Final = sound.RATE // 2


class MachineError(RuntimeError):
    """espeak-ng cannot be used here."""


def spoken(sentences: Sequence[str], voice: str) -> Iterator[tuple[int, sound.Samples]]:
    """Yield (sample rate, 16-bit samples) of each sentence; raises MachineError."""
    done = subprocess.run(
        # -P: otherwise this folder's numbers.py would hide Python's
        [sys.executable, "-P", str(_PROGRAM)],
        input=json.dumps({"voice": voice, "sentences": list(sentences)}).encode(),
        capture_output=True,
        timeout=300,
        check=False,
    )
    if done.returncode:
        raise MachineError(done.stderr.decode("utf-8", "replace").strip()[-200:])
    out = io.BytesIO(done.stdout)
    (rate,) = struct.unpack("<I", out.read(4))
    while size := out.read(4):
        samples = out.read(struct.unpack("<I", size)[0])
        yield rate, np.frombuffer(samples, dtype="<i2").astype(np.int16)


def on_telephone(sentences: Sequence[str], voice: str) -> list[bytes]:
    """Return each sentence as telephone WAV at the hotline's loudness.

    All are set to one loudness by one gain, because what is shorter than 0.4 s has none of its
    own (EBU R128), and ffmpeg is started once.
    """
    pieces, ends, rate, at = [], [], 0, 0
    for rate, samples in spoken(sentences, voice):
        loud = np.flatnonzero(np.abs(samples) > 200)
        cut = samples[loud[0] : loud[-1] + 1] if loud.size else samples
        length = -(-len(cut) * sound.RATE // rate)
        pieces += [cut, np.zeros(rate * (length + _GAP) // sound.RATE - len(cut), np.int16)]
        ends.append((at, at + length))
        at += length + _GAP
    if not pieces:
        return []
    values = np.concatenate(pieces).astype("<i2").tobytes()
    samples = np.frombuffer(_at_one_loudness(values, rate), dtype="<i2").astype(np.int16)
    return [sound.written(samples[start:end]) for start, end in ends]


def _at_one_loudness(samples: bytes, rate: int) -> bytes:
    """Return the same sound for the telephone: filtered, measured, then set by one gain."""
    narrow, text = _filtered(samples, rate, "highpass=f=120")
    _same, text = _filtered(narrow, sound.RATE, "ebur128")
    measured = re.findall(r"I:\s+(-?[0-9.]+) LUFS", text)
    if not measured:
        raise MachineError("the loudness could not be measured")
    gain = recording.LOUDNESS - float(measured[-1])
    return _filtered(
        narrow, sound.RATE, f"volume={gain:.2f}dB,alimiter=limit=0.8:level=0:latency=1"
    )[0]


def _filtered(samples: bytes, rate: int, chain: str) -> tuple[bytes, str]:
    """Run ffmpeg's filter chain; return (samples at the telephone's rate, ffmpeg's messages)."""
    done = subprocess.run(
        [
            *(imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostats"),
            *("-f", "s16le", "-ar", str(rate), "-ac", "1", "-i", "-"),
            *("-af", chain, "-ar", str(sound.RATE), "-ac", "1", "-f", "s16le", "-"),
        ],
        input=samples,
        capture_output=True,
        timeout=300,
        check=False,
    )
    if done.returncode:
        raise MachineError("ffmpeg could not set the loudness")
    return done.stdout, done.stderr.decode("utf-8", "replace")


def speak_missing() -> int:
    """Speak what no person has recorded in a language that has a machine voice; return how many.

    Machine clips are made again when their words have changed. Safe to repeat.
    """
    return sum(_speak(x) for x in Language.objects.exclude(machine_voice=""))


def _speak(language: Language) -> int:
    wanted = [
        (entry.line, words)
        for entry in script.entries(language)
        if not entry.line.optional
        for words in [entry.line.words(language.code)]
        if entry.clip is None or (entry.clip.is_machine and not _stands(entry.clip, words))
    ]
    wavs = on_telephone([words for _line, words in wanted], language.machine_voice)
    fresh = [
        _clip(language, line.name, wav, _bound(words))
        for (line, words), wav in zip(wanted, wavs, strict=True)
    ]
    if fresh:
        _keep(language, fresh)
    content.forget()
    return len(fresh)


def _clip(language: Language, name: str, wav: bytes, bound: str) -> Clip:
    sha = hashlib.sha256(wav).hexdigest()
    media.write(sound.clip_name(sha), wav)
    with wave.open(io.BytesIO(wav)) as reported:
        milliseconds = reported.getnframes() * 1000 // reported.getframerate()
    return Clip(
        language=language,
        name=name,
        sha256=sha,
        milliseconds=milliseconds,
        facts_hash=bound,
        original=f"espeak-ng {language.machine_voice}",
        is_machine=True,
    )


@transaction.atomic
def _keep(language: Language, fresh: list[Clip]) -> None:
    """Store the machine's clips, except where somebody has just recorded."""
    Language.objects.select_for_update().get(pk=language.pk)
    stands = Clip.objects.filter(language=language, replaced_at=None)
    by_people = set(stands.filter(is_machine=False).values_list("name", flat=True))
    placed = [clip for clip in fresh if clip.name not in by_people]
    names = [clip.name for clip in placed]
    stands.filter(name__in=names).update(replaced_at=timezone.now())
    Clip.objects.bulk_create(placed)
    trail.record(
        by=None,
        job="voice",
        verb="clips.spoken by machine",
        subject=language,
        after={"language": language.code, "clips": len(placed)},
    )


def _stands(clip: Clip, words: str) -> bool:
    there = media.exists(sound.clip_name(clip.sha256))
    return there and clip.facts_hash == _bound(words)


def _bound(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
