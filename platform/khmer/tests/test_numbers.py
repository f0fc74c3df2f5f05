"""Whole numbers: what programs write is read, what only looks like a digit is refused."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khmer.digits import to_khmer
from khmer.numbers import UnreadableNumber, parse_decimal, parse_whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("34", 34),
        ("៣៤", 34),
        ("2.0", 2),
        ("34.00", 34),
        ("10201.0", 10201),
        ("1e3", 1000),
        ("1.5E+03", 1500),
        ("5,000.00", 5000),
        ("5,000.000", 5000),
        ("5.000,00", 5000),
        ("៥.០០០", 5000),
        ("1 234 567", 1_234_567),
        (" +7 ", 7),
        ("007", 7),
    ],
)
def test_a_number_is_read_however_a_program_writes_it(text: str, number: int) -> None:
    assert parse_whole_number(text) == number


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("²", "not_a_number"),
        ("①", "not_a_number"),
        ("٣", "not_a_number"),
        ("３", "not_a_number"),
        ("1_000", "not_a_number"),
        ("0x10", "not_a_number"),
        ("NaN", "not_a_number"),
        ("inf", "not_a_number"),
        ("1\x00", "not_a_number"),
        ("1\ud800", "not_a_number"),
        ("2.5", "fractional"),
        ("1.5e0", "fractional"),
        ("-1", "negative"),
        ("1e99", "too_big"),
        ("9" * 19, "too_big"),
        ("9" * 5000, "too_big"),
        ("x" * 5000, "not_a_number"),
    ],
)
def test_what_is_no_number_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(UnreadableNumber) as refused:
        parse_whole_number(text)
    assert refused.value.code == code


@given(st.integers(0, 10**18 - 1))
def test_every_number_is_read_back(number: int) -> None:
    assert parse_whole_number(str(number)) == parse_whole_number(to_khmer(str(number))) == number
    assert parse_whole_number(f"{number:,}") == parse_whole_number(f"{number}.0") == number


@given(st.text())
def test_any_text_is_a_number_or_a_reason(text: str) -> None:
    with contextlib.suppress(UnreadableNumber):
        assert parse_whole_number(text) >= 0
    with contextlib.suppress(UnreadableNumber):
        assert parse_decimal(text).is_finite()
