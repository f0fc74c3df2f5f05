"""Text in spreadsheets: no cell is run as a formula, and what was escaped is read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spreadsheets import FORMULA_STARTS, escape, escape_text, unescape


@pytest.mark.parametrize(
    "cell", ['=HYPERLINK("http://x")', "+855 12 345 678", "-2+3", "@SUM(A1)", "\tx", "\r=1+1"]
)
def test_what_a_program_would_run_begins_with_an_apostrophe(cell: str) -> None:
    assert escape(cell) == escape_text(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "ភូមិ", "5000", "'quoted'", "a=b", "0"])
def test_other_text_is_left_as_it_is(cell: str) -> None:
    assert escape(cell) == escape_text(cell) == unescape(cell) == cell


@pytest.mark.parametrize("number", ["-12.5", "+3", "-1e3"])
def test_a_plain_number_stays_a_number_where_numbers_are_expected(number: str) -> None:
    assert escape_text(number) == number
    assert escape(number) == f"'{number}"


@given(st.text())
def test_what_was_escaped_is_read_back(cell: str) -> None:
    assert not escape(cell).startswith(FORMULA_STARTS)
    if not (cell[:1] == "'" and cell[1:].startswith(FORMULA_STARTS)):
        assert unescape(escape(cell)) == cell
