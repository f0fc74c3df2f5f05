from hypothesis import given
from hypothesis import strategies as st

from khmer.digits import to_ascii, to_khmer


def test_each_digit_is_written_both_ways() -> None:
    assert to_ascii("០១២៣៤៥៦៧៨៩") == "0123456789"
    assert to_khmer("0123456789") == "០១២៣៤៥៦៧៨៩"


def test_other_text_is_left_alone() -> None:
    assert to_ascii("ឃុំ ០១០២០១ (A-1)") == "ឃុំ 010201 (A-1)"


@given(st.integers(min_value=0))
def test_there_and_back_is_the_same_number(number: int) -> None:
    assert to_ascii(to_khmer(str(number))) == str(number)
    assert int(to_khmer(str(number))) == number
