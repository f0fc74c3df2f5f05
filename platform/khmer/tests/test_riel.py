import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khmer.digits import to_khmer
from khmer.riel import UnreadableRiel, format_number, format_riel, parse_riel

amounts = st.integers(min_value=0, max_value=10**12 - 1)


@pytest.mark.parametrize(
    "text",
    [
        "10000",
        "10,000",
        "10.000",
        "10 000",
        "10\u00a0000",
        "១០០០០",
        "១០.០០០៛",
        "១០,០០០ រៀល",
        "10,000 Riel",
        "KHR 10,000",
        "៛10000",
        "10000.0",
        "10,000.00",
        "10.000,00",
        "1e4",
        "1.0E+04",
        "\u200b10,000",
    ],
)
def test_an_amount_is_read_however_it_is_written(text: str) -> None:
    assert parse_riel(text) == 10_000


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("៛", "empty"),
        ("-500", "negative"),
        ("−500", "negative"),
        ("(500)", "negative"),
        ("10.5", "fractional"),
        ("10,50", "fractional"),
        ("10,00", "fractional"),
        ("1,234.5", "fractional"),
        ("1,234.567", "fractional"),
        ("12,34,567", "fractional"),
        ("ten", "not_a_number"),
        ("10 00", "not_a_number"),
        ("5$", "not_a_number"),
        ("9" * 13, "too_big"),
        ("9" * 5000, "too_big"),
    ],
)
def test_what_is_no_amount_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(UnreadableRiel) as refused:
        parse_riel(text)
    assert refused.value.code == code


@given(amounts)
def test_every_way_of_writing_an_amount_is_read_back(amount: int) -> None:
    for text in (
        str(amount),
        to_khmer(str(amount)),
        f"{amount:,}",
        f"{amount:,}".replace(",", "."),
        f"{amount:,}".replace(",", " "),
        format_riel(amount, "km"),
        format_riel(amount, "en"),
    ):
        assert parse_riel(text) == amount


@given(st.text())
def test_any_text_is_an_amount_or_a_reason(text: str) -> None:
    with contextlib.suppress(UnreadableRiel):
        assert parse_riel(text) >= 0


def test_amounts_are_grouped_as_the_language_does() -> None:
    assert format_number(1234567, "km") == "១.២៣៤.៥៦៧"
    assert format_number(1234567, "en") == "1,234,567"
    assert format_riel(10000, "km") == "១០.០០០\u00a0៛"
    assert format_riel(10000, "en") == "10,000\u00a0riel"
