"""The keys that work everywhere are explained to callers, and do what is said of them."""

from surveys.hotline import menu
from surveys.hotline.tests.test_flow import FACTS, PROMPTS, pressed


def test_after_a_list_of_services_0_repeats_star_goes_back_and_hash_to_the_main_menu() -> None:
    turn = pressed("1")
    assert turn.state.node == "info.service"
    assert turn.say[-1] == "keys.help"
    assert menu.step(turn.state, "0", FACTS).say == turn.say
    assert menu.step(turn.state, "*", FACTS).state.node == "main"
    assert menu.step(turn.state, "#", FACTS).state.node == "main"


def test_the_prompt_names_all_three_in_khmer_and_english() -> None:
    for english, khmer in (("0", "លេខ០"), ("star", "ផ្កាយ"), ("hash", "ទ្រុង")):
        assert english in PROMPTS["keys.help"]["en"]
        assert khmer in PROMPTS["keys.help"]["km"]
