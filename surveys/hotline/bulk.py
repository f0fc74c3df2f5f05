"""Import many recordings at once: a folder or a ZIP whose files are named for what they say.

A file is named by its clip (``welcome.wav``) or by its number on the printed script (``017.wav``,
``017 welcome.mp3``). One unusable file never stops the others.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from accounts.models import User
from surveys.hotline import recording, script
from surveys.hotline.models import Language

MOST_FILES: Final = 400
LARGEST: Final = 200 * 1024 * 1024
"""Bytes of all files together, unpacked."""
_NUMBERED: Final = re.compile(r"0*([0-9]{1,4})(?:[ _.-].*)?")


@dataclass(frozen=True)
class Taken:
    """The result for one file: the line it was taken for, or the reason of refusal."""

    file: str
    line: script.Line | None = None
    problem: str = ""


def take(*, files: Iterable["UploadedFile[Any]"], language: Language, by: User) -> list[Taken]:
    """Import every sound file.

    A ZIP is unpacked. Raises ValidationError where they are too many.
    """
    lines = script.lines(language.code)
    unpacked = list(_unpacked(files))
    if len(unpacked) > MOST_FILES:
        raise ValidationError(_("Send at most %(n)s files at once.") % {"n": MOST_FILES})
    taken = []
    for name, content, problem in unpacked:
        line = meant(name, lines)
        if problem:
            why = problem
        elif line is None:
            why = _("No line of the script has this name or number.")
        else:
            why = _kept(line, content, language, by)
        taken.append(Taken(name, line, why))
    return taken


def _kept(line: script.Line, content: bytes, language: Language, by: User) -> str:
    """Import one recording; return what is wrong with it, or ""."""
    try:
        recording.keep(by=by, language=language, name=line.name, upload=content, facts=line.facts)
    except ValidationError as refused:
        return str(refused.messages[0])
    return ""


def meant(file: str, lines: list[script.Line]) -> script.Line | None:
    """Return the line of the script that a file's name means; None where it means none."""
    stem = PurePath(file).stem.strip()
    by_name = {line.name: line for line in lines}
    if stem in by_name:
        return by_name[stem]
    numbered = _NUMBERED.fullmatch(stem)
    if numbered and 1 <= int(numbered[1]) <= len(lines):
        return lines[int(numbered[1]) - 1]
    return None


def _unpacked(files: Iterable["UploadedFile[Any]"]) -> Iterator[tuple[str, bytes, str]]:
    """Yield the name, content and problem of every file, those inside a ZIP one by one."""
    left = LARGEST
    for file in files:
        name = file.name or ""
        if not name.lower().endswith(".zip"):
            left -= file.size or 0
            yield (name, file.read(), "") if left >= 0 else (name, b"", _too_much())
            continue
        try:
            with zipfile.ZipFile(BytesIO(file.read())) as packed:
                members = [m for m in packed.infolist() if _is_sound(m)]
                for member in members[: MOST_FILES + 1]:
                    left -= member.file_size
                    if left < 0 or member.file_size > recording.LARGEST_UPLOAD:
                        yield member.filename, b"", _too_much()
                    else:
                        yield member.filename, packed.read(member), ""
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
            yield name, b"", _("This is no ZIP file that can be read. Pack the folder again.")


def _is_sound(member: zipfile.ZipInfo) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) for part in PurePath(member.filename).parts)
    return not (member.is_dir() or hidden)


def _too_much() -> str:
    return _("The files are too large. Send fewer at once.")
