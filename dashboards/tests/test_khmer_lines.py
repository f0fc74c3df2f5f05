"""Khmer on paper: no line breaks inside a syllable, in the running text of any sheet.

The text of a PDF cannot be read back letter by letter where letters join, so the typesetter is
asked instead where each syllable ended up.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typst
from django.utils import translation

from dashboards.reports import sheets
from dashboards.reports.frame import Asked
from dashboards.tests.country import PERIOD, make_country
from places.models import Place
from printing.typesetter import FONTS
from scorecards.plans.official_form import pdf
from standards.models import Service

SYLLABLE = re.compile(
    "[\u1780-\u17b3](?:\u17d2[\u1780-\u17b3]|[\u17b4-\u17d1\u17d3\u17dd])*|[0-9០-៩]+|[A-Za-z]+|\\s+|.",
    re.DOTALL,
)
"""A Khmer letter with the letters and signs below, above and around it; else a number or a word."""

PAGE = """
#set page(width: 2000pt, height: auto, margin: 0pt)
#set text(font: ("Noto Sans Khmer", "Noto Sans"), size: 10pt, lang: "km")
#let data = json(bytes(sys.inputs.data))
#let mark(t, s) = context {
  let at = here().position()
  [#metadata((t, s, at.x / 1pt, at.y / 1pt))<at>]
}
#for (t, text) in data.enumerate() {
  block(width: 90pt, for (s, syllable) in text.enumerate() { mark(t, s); syllable } + mark(t, text.len()))
}
#context [#metadata(data.flatten().dedup().map(one => (one, measure(one).width / 1pt)))<widths>]
"""
HALF_A_LETTER = 0.7


def broken(parts: list[list[str]], folder: Path) -> tuple[int, list[str]]:
    """How many lines break in texts set in a narrow column, and where one breaks in a syllable.

    ``parts`` are texts as lists of syllables.

    A syllable that goes over to the next line as a whole ends there at its own width.
    """
    page = folder / "page.typ"
    page.write_text(PAGE)
    asked = typst.Compiler(
        str(page),
        root=str(folder),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(parts, ensure_ascii=False)},
    )
    at = {(t, s): (x, y) for t, s, x, y in json.loads(asked.query("<at>", field="value"))}
    widths = dict(json.loads(asked.query("<widths>", field="value"))[0])
    breaks, wrong = 0, []
    for t, text in enumerate(parts):
        for s, syllable in enumerate(text):
            (_x, y), (end, below) = at[t, s], at[t, s + 1]
            if below <= y + 1:
                continue
            breaks += 1
            if end and not syllable.isspace() and abs(end - widths[syllable]) > HALF_A_LETTER:
                wrong.append("".join(text[max(0, s - 5) : s + 5]))
    return breaks, wrong


def running(values: Any) -> Iterator[str]:
    """Every Khmer text of more than two words in what a sheet is made of."""
    if isinstance(values, dict):
        values = list(values.values())
    if isinstance(values, list | tuple):
        for one in values:
            yield from running(one)
    elif isinstance(values, str) and len(re.findall("[\u1780-\u17b3]", values)) > 12:
        yield values.replace("\u200b", "")


@pytest.mark.django_db
def test_no_line_of_any_sheet_breaks_inside_a_syllable(tmp_path: Path) -> None:
    make_country()
    Service.objects.filter(code="birth-registration").update(
        name_km="ព្រះរាជាណាចក្រកម្ពុជាស្ត្រីក្រុមប្រឹក្សាឃុំសង្កាត់ខណ្ឌក្រុងស្រុកសហគមន៍"
    )
    places = {place.code: place for place in Place.objects.select_related("parent__parent")}
    texts: set[str] = set()
    with translation.override("km"):
        for kind, code in (("scorecard", "010203"), ("wall", "010203"), ("nation", "")):
            asked = Asked(kind, PERIOD, "https://x.example", places.get(code))
            texts |= set(running(sheets.OF_KIND[kind].gather(asked)))
        texts |= set(running(pdf._words()))
    breaks, wrong = broken([SYLLABLE.findall(text) for text in sorted(texts)], tmp_path)
    assert len(texts) > 30
    assert breaks > 100
    assert wrong == []


def test_a_break_inside_a_syllable_would_be_seen(tmp_path: Path) -> None:
    assert SYLLABLE.findall("ប្រឹក្សាឃុំ") == ["ប្រឹ", "ក្សា", "ឃុំ"]
    breaks, wrong = broken([["ក្រុ", "ម", "ប្រឹ", "ក្សា"] * 12], tmp_path)
    assert breaks > 2
    assert wrong == []
    # a zero-width space allows a break before the last letter of each
    _breaks, wrong = broken([["ក្រុ\u200bម"] * 40], tmp_path)
    assert wrong
