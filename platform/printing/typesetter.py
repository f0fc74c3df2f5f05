"""Typeset a template with its data as PDF, PNG or SVG, and join PDFs."""

import io
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal

import segno
import typst
from django.conf import settings
from pypdf import PdfWriter

FONTS: Final = settings.ROOT / "platform/pages/static/pages/dist"
LONGEST: Final = 24
"""Letters of a word that fit every column."""
_LONG_WORD: Final = re.compile(f"[^\\s\u1780-\u17ff\u200b]{{{LONGEST},}}")
Form = Literal["pdf", "png", "svg"]

_locks: dict[Path, Lock] = {}


@cache
def _compiler(template: Path) -> typst.Compiler:
    return typst.Compiler(
        str(template),
        root=str(settings.ROOT),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
    )


def typeset(
    template: Path, values: Mapping[str, Any], form: Form = "pdf", ppi: float = 72
) -> list[bytes]:
    """Typeset ``template`` with ``values`` (its ``sys.inputs.data``, as JSON).

    Returns one PDF, or the pages one by one as "png" or "svg". Raises typst.TypstError where the
    template does not fit its data.
    """
    compiler = _compiler(template)
    inputs = {"data": json.dumps(breakable(values), ensure_ascii=False)}
    # a compiler remembers what it has set, and serves one at a time
    with _locks.setdefault(template, Lock()):
        made = compiler.compile(format=form, ppi=ppi, sys_inputs=inputs)
    return [page for page in (made if isinstance(made, list) else [made]) if page is not None]


def breakable(outcome: Any) -> Any:
    """Return ``outcome`` with places to break in long words outside Khmer (over ``LONGEST``).

    Addresses and names without blanks would otherwise run off the page. Pictures (SVG) stay as they
    are.
    """
    if isinstance(outcome, Mapping):
        return {name: breakable(value) for name, value in outcome.items()}
    if isinstance(outcome, list | tuple):
        return [breakable(value) for value in outcome]
    if isinstance(outcome, str) and not outcome.startswith("<"):
        return _LONG_WORD.sub(_with_breaks, outcome)
    return outcome


def _with_breaks(match: re.Match[str]) -> str:
    word = match[0]
    parts = [word[start : start + LONGEST // 2] for start in range(0, len(word), LONGEST // 2)]
    return "\u200b".join(parts)


def joined(parts: Sequence[bytes]) -> bytes:
    """Join several PDFs as one, in their order."""
    out = PdfWriter()
    for part in parts:
        out.append(io.BytesIO(part))
    with io.BytesIO() as target:
        out.write(target)
        return target.getvalue()


def code_to_scan(address: str) -> str:
    """Make a QR code that leads to ``address``, as SVG."""
    picture = io.BytesIO()
    segno.make(address, error="m", micro=False).save(picture, kind="svg", border=2, xmldecl=False)
    return picture.getvalue().decode()
