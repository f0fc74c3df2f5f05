"""A forged instance is judged by the server as the tablet would have judged it."""

import pytest

from surveys.models import QualityFlag
from surveys.submissions.intake.receive import Sender, receive
from surveys.submissions.processing.derive import observe_waiting
from surveys.submissions.tests import factories

pytestmark = pytest.mark.django_db

FORM = """
| survey |
| | type | name | label | choice_filter | relevant | constraint | required |
| | select_one province | province | P | | | | yes |
| | select_one district | district | D | province=${province} | | | |
| | select_one district | near | N | province=${province} and name!=${district} | | | |
| | select_multiple district | seen | S | province=${province} or size>100 | | | |
| | select_one_from_file communes.csv | commune | C | province=${province} | | | |
| | begin_repeat | visit | V |
| | select_one district | where | W | province=current()/../../province | | | |
| | end_repeat | |
| | integer | age | A | | ${province}='01' | . < 120 | |
| choices |
| | list_name | name | label | province | size |
| | province | 01 | One | | |
| | province | 02 | Two | | |
| | district | 0101 | One-one | 01 | 5 |
| | district | 0102 | One-two | 01 | 5 |
| | district | 0201 | Two-one | 02 | 500 |
| | district | 0202 | Two-two | 02 | 5 |
| settings |
| | form_id | version |
| | places | 1 |
"""
RIGHT = {
    "province": "01",
    "district": "0101",
    "near": "0102",
    "seen": "0101 0201",
    "commune": "010201",
    "age": "30",
}


@pytest.fixture
def sender(programme):
    factories.published(programme, FORM)
    return Sender(programme_id=programme.pk)


def flags_of(sender, visits=("0101",), **changes):
    answers = "".join(f"<{k}>{v}</{k}>" for k, v in {**RIGHT, **changes}.items())
    answers += "".join(f"<visit><where>{v}</where></visit>" for v in visits)
    xml = factories.record(form="places", answers=answers)
    receive(sender=sender, xml=xml)
    observe_waiting()
    quality_flags = QualityFlag.objects.exclude(kind__in=["duplicate", "same_answers"])
    return {(f.kind, f.path.rpartition("/")[2]) for f in quality_flags}


def test_what_the_form_offers_is_no_trouble(sender):
    assert flags_of(sender) == set()


@pytest.mark.parametrize(
    ("changes", "flag"),
    [
        ({"district": "0201"}, ("not_a_choice", "district")),
        ({"district": "9999"}, ("not_a_choice", "district")),
        ({"near": "0101"}, ("not_a_choice", "near")),
        ({"seen": "0101 0202"}, ("not_a_choice", "seen")),
        ({"commune": "020101"}, ("not_a_choice", "commune")),
        ({"commune": "999999"}, ("not_a_choice", "commune")),
        ({"visits": ("0101", "0202")}, ("not_a_choice", "where")),
        ({"age": "130"}, ("constraint", "age")),
        ({"province": ""}, ("required", "province")),
    ],
    ids=str,
)
def test_what_the_form_would_not_have_offered_is_flagged(sender, changes, flag):
    assert flag in flags_of(sender, **changes)


def test_an_answer_to_a_question_that_was_not_asked_is_flagged(sender):
    changes = {"province": "02", "district": "0201", "near": "0202", "seen": "0202"}
    result = flags_of(sender, visits=("0201",), commune="020101", **changes)
    assert ("irrelevant", "age") in result
