"""Khmer that looks the same is the same; what looks different stays different."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khmer.text import fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ស\u17d2\u178fៅ", "ស\u17d2\u178aៅ"),  # subscripts of ta and da
        ("ផ\u17d2ត\u17bb\u17c7", "ផ\u17d2ដ\u17bb\u17c7"),
        ("កោះ", "ក\u17c1\u17b6\u17c7"),  # o in two parts
        ("កោះ", "ក\u17b6\u17c1\u17c7"),  # in the other order
        ("ជើង", "ជ\u17c1\u17b8ង"),
        ("ខែ", "ខ\u17c1\u17c1"),
        ("កុំ", "ក\u17c6\u17bb"),  # order of marks
        ("ភ្នំ", "ភ\u17c6\u17d2ន"),
        ("ប៉ុន្តែ", "ប\u17bb\u17c9ន\u17c2\u17d2ត"),
        ("ស្រុក", "ស\u17bb\u17d2រក"),
        ("ស្ត្រី", "ស\u17d2រ\u17d2តី"),  # subscript ro last
        ("ប៊ី", "ប\u17bbី"),  # a shifter below a vowel above
        ("ឲ្យ", "ឱ្យ"),
        ("ភ្នំ\u200bពេញ", "ភ្នំពេញ"),
        ("អារ", "\u17a4រ"),
    ],
)
def test_spellings_that_look_alike_are_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ត", "ដ"),
        ("កា", "កោ"),
        ("កុ", "កូ"),
        ("ប៉ា", "បា"),
        ("ប៊ុន", "ប៉ុន"),
        ("ខ្មែរ", "ខ្មរ"),
        ("កង", "គង"),
    ],
)
def test_what_looks_different_stays_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    "text",
    [
        "\u1780\u17d2\u17b6\u1781",
        "\u1780\u17d2\u17c9\u1780",
        "\u1780\u17d2\u17d2\u17bb\u178a",
        "\u1780\u17d2",
    ],
)
def test_a_subscript_sign_without_a_letter_is_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text) == fold(text.replace("\u17d2", ""))


@given(st.text(alphabet=st.characters(min_codepoint=0x1780, max_codepoint=0x17FF), max_size=30))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
