"""One telephone sound from many clips: PCM joined with silences, named by its hash.

All clips are WAV, PCM s16le, 8 kHz, mono, so that joining is appending samples: 120 ms between the
fragments of a number, 350 ms between sentences, 5 ms of fade at each end against clicks. A sound is
named by the hash of its parts, so the same sentence is made once, can be cached permanently, and
changes its address when a clip does.
"""

import hashlib
import io
import json
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

import media

RATE: Final = 8000
BETWEEN_FRAGMENTS: Final = 120
BETWEEN_SENTENCES: Final = 350
LONGEST: Final = 60
"""Seconds; nothing longer is ever joined."""
_FADE: Final = RATE * 5 // 1000
FRAGMENTS: Final = ("number.", "unit.", "month.", "date.")

Samples = npt.NDArray[np.int16]


class SoundError(ValueError):
    """A sound that cannot be played on the telephone."""


@dataclass(frozen=True)
class Joined:
    """The parts of one sound: clips by hash and silences in milliseconds, in order."""

    parts: tuple[str | int, ...]

    @property
    def sha256(self) -> str:
        """The name of the sound."""
        return hashlib.sha256(json.dumps(self.parts).encode()).hexdigest()


_SIGNAL: Final = "signal"
KEY_AWAITED: Final = Joined((_SIGNAL,))
"""Two short tones where nothing is recorded for a step: the line is alive and awaits a key."""


def signal() -> Samples:
    """Return two soft tones of 440 Hz, 150 ms each, with 100 ms between them."""
    tone = np.sin(2 * np.pi * 440 * np.arange(RATE * 150 // 1000) / RATE) * 6000
    one = faded(tone.astype(np.int16))
    return np.concatenate([one, np.zeros(RATE // 10, dtype=np.int16), one])


def _piece(part: str | int) -> Samples:
    if isinstance(part, int):
        return np.zeros(RATE * part // 1000, dtype=np.int16)
    return signal() if part == _SIGNAL else faded(read(media.read(clip_name(part))))


def plan(clips: Sequence[tuple[str, str]]) -> Joined:
    """Put silences between clips, given as (name, hash): short ones between fragments."""
    parts: list[str | int] = []
    for (name, sha), (before, _sha) in zip(clips, [("", ""), *clips], strict=False):
        if before:
            close = name.startswith(FRAGMENTS) and before.startswith(FRAGMENTS)
            parts.append(BETWEEN_FRAGMENTS if close else BETWEEN_SENTENCES)
        parts.append(sha)
    return Joined(tuple(parts))


def clip_name(sha256: str) -> str:
    """Return the name in the storage of a clip."""
    return f"hotline/clips/{sha256}.wav"


def joined_name(sha256: str) -> str:
    """Return the name in the storage of a joined sound."""
    return f"hotline/joined/{sha256}.wav"


def read(wav: bytes) -> Samples:
    """Return the samples of a WAV file; raises SoundError where it is not 8 kHz mono PCM."""
    try:
        with wave.open(io.BytesIO(wav)) as sound:
            if (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) != (RATE, 1, 2):
                raise SoundError("a sound is not 8 kHz mono 16 bit")
            return np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2")
    except (wave.Error, EOFError) as broken:
        raise SoundError("a sound is no WAV file") from broken


def written(samples: Samples) -> bytes:
    """Return a WAV file of these samples."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(samples.astype("<i2").tobytes())
    return out.getvalue()


def faded(samples: Samples) -> Samples:
    """Return the same sound, faded in and out over 5 ms."""
    length = min(_FADE, len(samples) // 2)
    if not length:
        return samples
    eased = samples.astype(np.float64)
    ramp = np.linspace(0, 1, length)
    eased[:length] *= ramp
    eased[-length:] *= ramp[::-1]
    return eased.astype(np.int16)


def joined(parts: Sequence[str | int]) -> bytes:
    """Return the WAV file that ``parts`` describe.

    Raises SoundError past a minute or without a clip.
    """
    pieces = [_piece(part) for part in parts]
    samples = np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int16)
    if len(samples) > LONGEST * RATE:
        raise SoundError("longer than a minute")
    return written(samples)


def ready(sound: Joined) -> str:
    """Return the name in the storage of a joined sound, which is made if it is missing.

    Two processes may do so at the same time.
    """
    name = joined_name(sound.sha256)
    if not media.exists(name):
        media.write(name, joined(sound.parts))
    return name
