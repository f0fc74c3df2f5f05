import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from khmer.text import fold, strip_invisible

invisible = st.sampled_from("\u200b\u200c\u200d\u200e\u202a\u202c\u2060\u2069\ufeff\u00ad")


def test_zero_width_spaces_do_not_tell_two_names_apart() -> None:
    assert fold("ភ្នំ\u200bពេញ") == fold("ភ្នំពេញ")


def test_case_and_blanks_do_not_tell_two_names_apart() -> None:
    assert fold("  Phnom \u00a0 PENH\n") == "phnom penh"


def test_visible_text_is_kept_when_only_invisible_characters_go() -> None:
    assert strip_invisible("Ta\u200b Veaeng") == "Ta Veaeng"


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_composed_and_decomposed_are_the_same(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(st.lists(st.sampled_from("កខគឃងចឆជឈញដ្្ាិីុូ"), min_size=1), invisible)
def test_invisible_characters_anywhere_change_nothing(letters: list[str], mark: str) -> None:
    assert fold(mark.join(letters)) == fold("".join(letters))
