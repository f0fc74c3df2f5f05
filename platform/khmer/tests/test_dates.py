import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khmer.dates import (
    UnreadableDate,
    date_order,
    format_date,
    format_day,
    format_period,
    parse_date,
)
from khmer.digits import to_khmer

days = st.dates(date(1900, 1, 1), date(2200, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01",
        "01/03/2026",
        "1/3/2026",
        "01-03-2026",
        "01.03.2026",
        "០១/០៣/២០២៦",
        " ២០២៦-០៣-០១\u200b",
        "2026-03-01 00:00:00",
        "2026-03-01T00:00",
        "2026-03-01 14:30",
        "1/3/2026 2:30:00 PM",
        "2026-02-28T18:00:00Z",
        "2026-03-01T06:59:00+07:00",
        "1 March 2026",
        "01-Mar-2026",
        "March 1, 2026",
        "១ មីនា ២០២៦",
        "ថ្ងៃទី១ ខែមីនា ឆ្នាំ២០២៦",
        "ថ្ងៃទី០១ខែមីនាឆ្នាំ២០២៦",
        "០១-ខែមីនា-២០២៦",
        "\u200e01\u200e/\u200e03\u200e/\u200e2026",  # as Windows copies a date
    ],
)
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert parse_date(text) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \u200b ", "empty"),
        ("yesterday", "not_a_date"),
        ("2026-03-01 25:30", "not_a_date"),
        ("46082", "number"),
        ("46082.0", "number"),
        ("01-Mar-26", "short_year"),
        ("1 Foo 2026", "not_a_date"),
        ("2026-03-01T00:00+99:00", "not_a_date"),
        ("ខែមីនា", "not_a_date"),
        ("1" * 5000, "not_a_date"),
        ("31/02/2026", "no_such_day"),
        ("03/31/2026", "no_such_day"),
        ("0000-00-00", "year_out_of_range"),
        ("01/03/26", "short_year"),
        ("01/03/2569", "year_out_of_range"),
        ("٠١/٠٣/٢٠٢٦", "not_a_date"),
    ],
)
def test_what_is_no_date_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(UnreadableDate) as refused:
        parse_date(text)
    assert refused.value.code == code


@given(days)
def test_every_form_of_a_day_is_read_back(day: date) -> None:
    for text in (day.isoformat(), to_khmer(day.isoformat()), format_date(day, "km")):
        assert parse_date(text) == day
    assert parse_date(format_day(day, "km")) == parse_date(format_day(day, "en")) == day
    assert parse_date(format_date(day, "en")) == day


def test_a_month_is_known_by_spellings_that_look_alike() -> None:
    for typed in ("វិច្ឆិកា", "វិចិ\u17d2ឆកា", "វិច្ឆិ\u200bកា"):
        assert parse_date(f"២១ {typed} ២០២៦") == date(2026, 11, 21)
    assert parse_date("1 Sept 2026") == parse_date("១ កញា\u17d2ញ ២០២៦") == date(2026, 9, 1)


@given(st.text())
def test_any_text_is_a_day_or_a_reason(text: str) -> None:
    with contextlib.suppress(UnreadableDate):
        parse_date(text)


def test_a_day_is_written_in_words() -> None:
    assert format_day(date(2026, 11, 21), "en") == "21 November 2026"
    assert format_day(date(2026, 11, 21), "km") == "ថ្ងៃទី២១ ខែវិច្ឆិកា ឆ្នាំ២០២៦"


@pytest.mark.parametrize(
    ("code", "khmer", "english"),
    [
        ("2026", "ឆ្នាំ២០២៦", "Year 2026"),
        ("2026-Q3", "ត្រីមាសទី៣ ឆ្នាំ២០២៦", "Quarter 3, 2026"),
        ("2026-12", "ខែធ្នូ ឆ្នាំ២០២៦", "December 2026"),
        ("2026-Q5", "2026-Q5", "2026-Q5"),
    ],
)
def test_a_period_is_written_in_words(code: str, khmer: str, english: str) -> None:
    assert format_period(code, "km") == khmer
    assert format_period(code, "en") == english


def test_the_order_of_day_and_month_is_known_only_where_the_text_proves_it() -> None:
    assert [date_order(t) for t in ("25/03/2026", "03/25/2026", "03/04/2026")] == [
        "day",
        "month",
        "either",
    ]
    assert {date_order(t) for t in ("05/05/2026", "2026-03-04", "x", "45/67/2026", "")} == {""}
    assert parse_date("03/04/2026 10:00", month_first=True) == date(2026, 3, 4)
