"""The phone counts days as the server does, and has every word in both languages."""

import json
import re
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khmer import digits, text, workdays
from places.gazetteer import read_package

pytestmark = pytest.mark.national

PURE = Path(__file__).parents[1] / "static/citizen/dist/pure.mjs"


def phone(script: str, given_: Any) -> Any:
    """Run the app's own functions in Node on many inputs at once."""
    program = f"import * as app from {json.dumps(PURE.as_uri())};"
    program += "import fs from 'fs'; const given = JSON.parse(fs.readFileSync(0, 'utf8'));"
    program += f"process.stdout.write(JSON.stringify({script}));"
    done = subprocess.run(
        ["node", "--input-type=module", "-e", program],
        input=json.dumps(given_),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))
ASKED = st.tuples(DAYS, st.integers(0, 60), st.integers(0, 90))


@settings(max_examples=5, deadline=None)
@given(st.lists(ASKED, min_size=100, max_size=200), st.lists(DAYS, max_size=120))
def test_promised_days_and_days_passed_are_the_servers(
    asked: list[tuple[date, int, int]], holidays: list[date]
) -> None:
    until = [date.fromordinal(day.toordinal() + later) for day, _n, later in asked]
    reported = phone(
        "(() => { const off = new Set(given.off); return given.asked.map(([day, n, until]) => ["
        "app.promised(day, n, 'working', off), app.promised(day, n, 'calendar', off), "
        "app.workdays(day, until, off)]); })()",
        {
            "off": [day.isoformat() for day in holidays],
            "asked": [
                [day.isoformat(), n, end.isoformat()]
                for (day, n, _later), end in zip(asked, until, strict=True)
            ],
        },
    )
    for (day, n, _later), end, answer in zip(asked, until, reported, strict=True):
        assert answer == [
            workdays.add(day, n, holidays).isoformat(),  # type: ignore[union-attr]
            workdays.add_calendar(day, n).isoformat(),  # type: ignore[union-attr]
            workdays.count(day, end, holidays),
        ]


def test_no_published_time_gives_no_promised_day() -> None:
    assert phone("app.promised('2026-04-10', null, '', new Set())", None) is None


def test_both_dictionaries_are_complete_and_have_the_same_gaps() -> None:
    senses = phone("app.SENSES", None)
    seen: set[str] = set()
    for sense in senses.values():
        assert sense["KM"].keys() == sense["EN"].keys()
        assert not seen & sense["KM"].keys()  # one home for a word
        seen |= sense["KM"].keys()
    for name, km, en in ((n, s["KM"][n], s["EN"][n]) for s in senses.values() for n in s["KM"]):
        assert km.strip()
        assert en.strip()
        assert set(re.findall(r"\{\w+\}", km)) == set(re.findall(r"\{\w+\}", en)), name
        if name != "language":
            assert re.search(r"[\u1780-\u17ff]", km), name
            assert not re.search(r"[\u1780-\u17ff]", en), name


def test_search_folds_and_amounts_are_read_as_on_the_server() -> None:
    names = ["បន្ទាយ\u200bនាង", "  Banteay   NEANG ", "ក\u200cខ"]
    for level in ("province", "district", "commune"):
        for row in read_package(level):
            for name in row.values():
                if any("ក" <= sign <= "៓" for sign in name):
                    # as some keyboards type it: subscript da, o in two parts
                    names += [name, name.replace("្ត", "្ដ").replace("ោ", "\u17b6\u17c1")]
    names += ["ស\u17d2រ\u17d2តី", "ប\u17bbី", "ប៊ី", "ឲ្យ", "ភ\u17c6\u17d2ន", "\u17c1ក", "\u17d2"]
    assert phone("given.map(app.fold)", names) == [digits.to_ascii(text.fold(n)) for n in names]
    typed = ["៤០០០", "4,000", "៤.០០០", "4 000", "0", "-1", "4.5", "abc", ""]
    assert phone("given.map(app.number)", typed) == [4000, 4000, 4000, 4000, 0, *[None] * 4]
