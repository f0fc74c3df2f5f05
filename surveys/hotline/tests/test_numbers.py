"""Numbers are said as CLDR spells them, and heard back as what they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.hotline import numbers

UNITS = ["សូន្យ", "មួយ", "ពីរ", "បី", "បួន", "ប្រាំ", "ប្រាំមួយ", "ប្រាំពីរ", "ប្រាំបី", "ប្រាំបួន"]
TENS = ["ដប់", "ម្ភៃ", "សាមសិប", "សែសិប", "ហាសិប", "ហុកសិប", "ចិតសិប", "ប៉ែតសិប", "កៅសិប"]


def cldr(n: int) -> str:
    """A second, naive reading of CLDR's rules for km (spellout-cardinal), rule by rule."""
    rules = [
        (1_000_000, "លាន"),
        (100_000, "សែន"),
        (10_000, "ម៉ឺន"),
        (1_000, "ពាន់"),
        (100, "រយ"),
    ]
    for base, word in rules:
        if n >= base:
            rest = cldr(n % base) if n % base else ""
            return cldr(n // base) + word + rest
    if n >= 10:
        return TENS[n // 10 - 1] + (UNITS[n % 10] if n % 10 else "")
    return UNITS[n]


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
    for n in [*range(20_001), *range(20_000, 10_000_001, 500)]:
        assert numbers.spelled(n) == cldr(n)
        assert numbers.decoded(numbers.fragments(n)) == n


@given(st.integers(0, 10_000_000))
def test_any_number_is_cldrs_spell_out_and_is_heard_back(n: int) -> None:
    names = numbers.fragments(n)
    assert numbers.spelled(n) == cldr(n)
    assert "\u200b" not in numbers.spelled(n)
    assert numbers.decoded(names) == n
    assert len(names) <= 12
    assert set(names) <= set(numbers.CLIPS)


def test_twenty_four_fragments_are_enough() -> None:
    assert len(numbers.CLIPS) == 24


@pytest.mark.parametrize("bad", [-1, 10_000_001, 1.5, "5", None, True])
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
