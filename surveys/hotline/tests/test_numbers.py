"""Numbers are said as CLDR spells them, and heard back as what they were."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.hotline import numbers

RULES = {
    int(base): rule.rstrip(";")
    for base, rule in json.loads(
        (Path(__file__).parent / "cldr/km-spellout.json").read_text("utf-8")
    )["rules"]
    if base.isdecimal() and int(base) <= numbers.LARGEST
}


def cldr(n: int) -> str:
    """``n`` by CLDR's own published rules for Khmer, read as Unicode describes them (TR35, RBNF).

    The rule of the largest base not above ``n`` applies; ``←←`` is ``n`` divided by the base's
    power of ten, ``→→`` the rest, and what stands in brackets is left out where nothing is left.
    """
    base = max(existing for existing in RULES if existing <= n)
    power = 10 ** (len(str(base)) - 1)
    rule = RULES[base]
    if n % power == 0:
        rule = re.sub(r"\[.*?\]", "", rule)
    text = rule.replace("[", "").replace("]", "").replace("\u200b", "")
    if "←←" in text:
        text = text.replace("←←", cldr(n // power))
    return text.replace("→→", cldr(n % power)) if "→→" in text else text


@pytest.mark.parametrize(
    ("n", "reading"),
    [
        (0, "សូន្យ"),
        (400, "បួន·រយ"),
        (2_000, "ពីរ·ពាន់"),
        (10_000, "មួយ·ម៉ឺន"),
        (12_500, "មួយ·ម៉ឺន·ពីរ·ពាន់·ប្រាំ·រយ"),
        (75_000, "ប្រាំពីរ·ម៉ឺន·ប្រាំ·ពាន់"),
        (120_000, "មួយ·សែន·ពីរ·ម៉ឺន"),
        (1_250_000, "មួយ·លាន·ពីរ·សែន·ប្រាំ·ម៉ឺន"),
        (
            9_999_999,
            "ប្រាំបួន·លាន·ប្រាំបួន·សែន·ប្រាំបួន·ម៉ឺន·ប្រាំបួន·ពាន់·ប្រាំបួន·រយ·កៅសិប·ប្រាំបួន",
        ),
        (10_000_000, "ដប់·លាន"),
        (12_000_000, "ដប់·ពីរ·លាន"),
        (250_000_000, "ពីរ·រយ·ហាសិប·លាន"),
        (15, "ដប់·ប្រាំ"),
        (45, "សែសិប·ប្រាំ"),
        (365, "បី·រយ·ហុកសិប·ប្រាំ"),
        (2026, "ពីរ·ពាន់·ម្ភៃ·ប្រាំមួយ"),
    ],
)
def test_worked_examples_are_said_fragment_by_fragment(n: int, reading: str) -> None:
    assert "·".join(numbers.WORDS[int(c.split(".")[1])] for c in numbers.fragments(n)) == reading
    assert numbers.spelled(n) == reading.replace("·", "")


def test_every_small_number_and_every_fee_step_is_cldrs_spell_out() -> None:
    borders = {
        n
        for magnitude in (100, 1_000, 10_000, 100_000, 1_000_000)
        for count in range(1, 11)
        for n in range(count * magnitude - 2, count * magnitude + 3)
        if n <= numbers.LARGEST
    }
    for n in [*range(20_001), *range(20_000, 10_000_001, 500), *sorted(borders)]:
        assert numbers.spelled(n) == cldr(n)
        assert numbers.decoded(numbers.fragments(n)) == n


@given(st.integers(0, numbers.LARGEST))
def test_any_number_is_cldrs_spell_out_and_is_heard_back(n: int) -> None:
    names = numbers.fragments(n)
    assert numbers.spelled(n) == cldr(n)
    assert "\u200b" not in numbers.spelled(n)
    assert numbers.decoded(names) == n
    assert len(names) <= 15
    assert set(names) <= set(numbers.CLIPS)


def test_twenty_four_fragments_are_enough() -> None:
    assert len(numbers.CLIPS) == 24
    assert set(numbers.WORDS) == {base for base in RULES if base}.union({0})
    assert max(len(numbers.fragments(n)) for n in (9_999_999, numbers.LARGEST)) == 15


@pytest.mark.parametrize("bad", [-1, 1_000_000_000, 1.5, "5", None, True])
def test_what_is_no_number_in_range_is_refused(bad: object) -> None:
    with pytest.raises(ValueError, match="whole number"):
        numbers.fragments(bad)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "names",
    [["number.1000"], ["number.1", "number.1"], [], ["silence.150"], ["number.20", "number.10"]],
)
def test_a_sequence_nobody_says_is_not_decoded(names: list[str]) -> None:
    with pytest.raises(ValueError, match=r"spoken|clip"):
        numbers.decoded(names)


@pytest.mark.parametrize("language", ["km", "en"])
def test_no_two_numbers_are_the_same_word(language: str) -> None:
    words = numbers.words_of(language)
    assert len(set(words.values())) == len(words)


def test_english_numbers_begin_as_english_does() -> None:
    """The teens and tens are made of the small ones' first letters; the rest is checked by ear."""
    english = numbers.words_of("en")
    stems = {2: "tw", 3: "th", 4: "fo", 5: "fi", 6: "six", 7: "seven", 8: "eigh", 9: "nin"}
    for digit, stem in stems.items():
        assert english[digit].startswith(stem)
        assert english[digit * 10].startswith(stem)
        if digit > 2:
            assert english[10 + digit].startswith(stem)
            assert english[10 + digit].endswith("teen")
