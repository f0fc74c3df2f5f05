"""Reading cells: what is written in any of the accepted ways is read as what was meant."""

from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khmer.dates import format_date
from khmer.digits import to_khmer
from khmer.riel import format_number, format_riel
from parsing.errors import UnreadableValue
from spreadsheets import escape, unescape
from surveys.importing.columns import OF_KIND, by_header, header_key
from surveys.parsing import values

DAYS = st.dates(date(1950, 1, 1), date(2100, 1, 1))


@given(DAYS)
def test_a_day_is_read_in_every_writing(day: date) -> None:
    for written in (
        day.isoformat(),
        format_date(day, "en"),
        format_date(day, "km"),
        f"{day.day}/{day.month}/{day.year}",
        to_khmer(day.isoformat()),
    ):
        assert values.read_day(written) == day


@given(st.integers(0, 10**11))
def test_an_amount_is_read_in_every_writing(amount: int) -> None:
    for written in (
        str(amount),
        to_khmer(str(amount)),
        format_number(amount, "en"),
        format_number(amount, "km"),
        format_riel(amount, "km"),
        format_riel(amount, "en"),
    ):
        assert values.read_amount(written) == amount


@given(st.integers(0, 10**8))
def test_a_number_is_read_in_either_digits(number: int) -> None:
    assert values.read_number(str(number)) == values.read_number(to_khmer(str(number))) == number


@given(st.text(max_size=30))
def test_no_text_breaks_a_reader(text: str) -> None:
    for columns in OF_KIND.values():
        for column in columns:
            with suppress(UnreadableValue):
                column.read(text)


@given(st.text(max_size=20))
def test_a_cell_that_was_made_harmless_comes_back_as_it_was(cell: str) -> None:
    written = escape(cell)
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    back = unescape(written) if written[:1] == "'" else written
    assert back == cell or cell.startswith("'")


@pytest.mark.parametrize("kind", list(OF_KIND))
def test_every_header_means_one_column(kind: str) -> None:
    columns = OF_KIND[kind]
    existing = by_header(columns)
    for column in columns:
        for sentence in (column.name, column.khmer, *column.also):
            assert existing[header_key(sentence)] is column, sentence
    assert existing[header_key("ASKED ON" if kind == "cases" else columns[0].name.upper())]


def test_yes_and_no_in_both_languages() -> None:
    assert all(values.read_yes_no(word) for word in ("yes", "YES", "បាទ", "ចាស", "1", "១"))
    assert not any(values.read_yes_no(word) for word in ("no", "ទេ", "0", "០"))


@pytest.mark.parametrize("kind", list(OF_KIND))
def test_the_guide_names_every_header(kind: str) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "cases.md").read_text(encoding="utf-8")
    section = guide.split(f"### Columns of {kind}")[1].split("\n#")[0]
    shared = guide.split("### Columns of cases")[1] if kind != "cases" else section
    for column in OF_KIND[kind]:
        assert f"`{column.name}`" in section, column.name
        for sentence in (column.khmer, *column.also):
            assert sentence in section or sentence in shared, sentence
