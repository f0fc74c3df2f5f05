"""Store a recording: kept as it came, cleaned and set to one loudness, checked, put in place.

ffmpeg (a static program from a wheel) cuts silence, filters rumble and sets -18 LUFS; what is too
long, clipped or nearly silent is refused with a sentence that says what to do. The targets are our
choice: no standard for telephone menus was found.
"""

import hashlib
import json
import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import imageio_ffmpeg
import numpy as np
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

import media
from accounts.models import User
from accounts.permissions import may
from audit import trail
from surveys.hotline import budget, content, sound
from surveys.hotline.models import Clip, Language

LOUDNESS: Final = -18.0
QUIETEST: Final = -40.0
LONGEST_SECONDS: Final = 60
LARGEST_UPLOAD: Final = 15 * 1024 * 1024
CLIPPED_SHARE: Final = 0.001
FULL_SCALE: Final = 32_700
_TRIM: Final = "silenceremove=start_periods=1:start_threshold=-45dB:start_silence=0.05,areverse"
_CHAIN: Final = (
    f"highpass=f=120,{_TRIM},{_TRIM},loudnorm=I={LOUDNESS}:TP=-2:LRA=7:print_format=json"
)


def keep(
    *,
    by: User | None,
    language: Language,
    name: str,
    upload: bytes,
    facts: str = "",
    machine: bool = False,
) -> Clip:
    """Store one recording in place of the current one. Raises ValidationError."""
    _check_upload(by, upload)
    wav, measured = _cleaned(upload)
    samples = _checked(wav, measured)
    budget.check(name, language.code, len(samples) / sound.RATE)
    sha = hashlib.sha256(wav).hexdigest()
    media.write(sound.clip_name(sha), wav)
    name_of_original = f"{language.code}/{hashlib.sha256(upload).hexdigest()}"
    original = default_storage.save(f"hotline/originals/{name_of_original}", ContentFile(upload))
    with transaction.atomic():
        Language.objects.select_for_update().get(pk=language.pk)  # one recording at a time
        Clip.objects.filter(language=language, name=name, replaced_at=None).update(
            replaced_at=timezone.now()
        )
        clip = Clip.objects.create(
            language=language,
            name=name,
            sha256=sha,
            milliseconds=len(samples) * 1000 // sound.RATE,
            loudness=_number(measured, "output_i"),
            peak=_number(measured, "output_tp"),
            facts_hash=facts,
            original=original,
            is_machine=machine,
            recorded_by=by,
        )
        after = {"name": name, "language": language.code, "sha256": sha}
        trail.record(by=by, job="voice", verb="clip.recorded", subject=clip, after=after)
    content.forget()
    return clip


def _check_upload(by: User | None, upload: bytes) -> None:
    """Refuse people without permission, empty uploads and large ones."""
    if by is not None and not may(by, "hotline.edit"):
        raise ValidationError(_("You may not record prompts."))
    if not upload:
        raise ValidationError(_("Nothing was recorded. Allow the microphone and try again."))
    if len(upload) > LARGEST_UPLOAD:
        raise ValidationError(_("The file is too large. Record one sentence at a time."))


def _cleaned(upload: bytes) -> tuple[bytes, dict[str, Any]]:
    """Return telephone sound of an upload in any format, and what was measured of the upload."""
    with TemporaryDirectory() as folder:
        source, target, raw = (Path(folder) / name for name in ("in", "out.wav", "raw.pcm"))
        source.write_bytes(upload)
        done = subprocess.run(
            [
                imageio_ffmpeg.get_ffmpeg_exe(),
                *("-hide_banner", "-nostdin", "-y", "-protocol_whitelist", "file"),
                *("-t", str(LONGEST_SECONDS + 5), "-i", str(source), "-vn", "-af", _CHAIN),
                *("-ar", str(sound.RATE), "-ac", "1", "-c:a", "pcm_s16le"),
                *("-map_metadata", "-1", "-fflags", "+bitexact", str(target)),
                # the upload as it came, to see whether it was clipped
                *("-vn", "-ac", "1", "-c:a", "pcm_s16le", "-f", "s16le", str(raw)),
            ],
            capture_output=True,
            timeout=60,
            check=False,
        )
        if done.returncode or not target.exists():
            raise ValidationError(_("This is no sound that can be read. Record again, or use WAV."))
        matches = re.findall(r"\{[^{}]*\}", done.stderr.decode("utf-8", "replace"))
        measured = json.loads(matches[-1]) if matches else {}
        loudest = np.abs(np.fromfile(raw, dtype="<i2").astype(np.int32)) >= FULL_SCALE
        measured["clipped"] = loudest.mean() if loudest.size else 0.0
        return target.read_bytes(), measured


def _number(measured: dict[str, Any], name: str) -> float | None:
    try:
        value = float(measured[name])
    except (KeyError, ValueError):
        return None
    return value if np.isfinite(value) else None


def _checked(wav: bytes, measured: dict[str, Any]) -> sound.Samples:
    """Return the samples.

    Raise ValidationError where nobody could understand them on a telephone.
    """
    samples = sound.read(wav)
    heard = _number(measured, "input_i")
    if len(samples) < sound.RATE // 10 or (heard is not None and heard < QUIETEST):
        raise ValidationError(_("Almost nothing can be heard. Speak closer to the microphone."))
    if len(samples) > LONGEST_SECONDS * sound.RATE:
        raise ValidationError(_("Longer than a minute. Record one sentence at a time."))
    if measured["clipped"] > CLIPPED_SHARE:
        raise ValidationError(_("Too loud: the sound breaks. Speak softer or further away."))
    return samples
