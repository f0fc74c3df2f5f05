"""A request followed by telephone: found by its code, closed by single keys, never guessed."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from surveys import requests
from surveys.hotline.models import Step
from surveys.hotline.tests.phone import Phone
from surveys.models import Case

pytestmark = pytest.mark.django_db
Dial = Callable[..., Phone]
Heard = Callable[[Phone], list[str]]


def test_a_request_is_found_by_its_code_and_closed_by_a_key(
    dial: Dial, recorded: list[str], heard: Heard
) -> None:
    _kept, code = requests.open_request(
        commune="010201",
        service="certified-copy",
        asked_on=timezone.localdate() - timedelta(days=60),
        channel="citizen",
    )
    phone = dial().keys("182").press(code[:3]).press(code[3:]).press("1")
    names = heard(phone)
    assert "request.late" in names
    phone.press("1").press("2").press("3")
    assert "close.amount" in heard(phone)
    phone.press("1").press("2")
    assert "request.closed" in heard(phone)
    case = Case.objects.get()
    assert case.status == "received"
    assert case.received_on == timezone.localdate() - timedelta(days=1)
    assert (case.fee_paid, case.visits) == (2000, 2)
    assert case.fee_paid > case.standard.fee
    assert code not in str(list(Step.objects.values()))


@pytest.mark.parametrize(("key", "paid"), [("1", 1000), ("2", 0), ("4", None)])
def test_what_was_paid_is_kept_as_it_was_said(
    dial: Dial, recorded: list[str], key: str, paid: int | None
) -> None:
    kept, code = requests.open_request(
        commune="010201",
        service="certified-copy",
        asked_on=timezone.localdate() - timedelta(days=2),
        channel="citizen",
    )
    assert kept.case.standard.fee == 1000
    dial().keys("182").press(code).press("1").press("1").press("4").press(key).press("4")
    case = Case.objects.get()
    assert (case.fee_paid, case.visits) == (paid, 4)
    assert case.received_on == case.asked_on, "never before it was handed in"


def test_a_request_that_was_refused_is_closed_as_refused(dial: Dial, recorded: list[str]) -> None:
    _kept, code = requests.open_request(
        commune="010201", service="certified-copy", asked_on=date(2026, 3, 2), channel="citizen"
    )
    dial().keys("182").press(code).press("1").press("3")
    case = Case.objects.get()
    assert (case.status, case.received_on) == ("refused", None)


def test_guessing_codes_ends_after_five(dial: Dial, recorded: list[str], heard: Heard) -> None:
    _kept, code = requests.open_request(
        commune="010201", service="certified-copy", asked_on=date(2026, 3, 2), channel="citizen"
    )
    phone = dial().press("1")
    wrong = "00000000" if code != "00000000" else "00000001"
    for _try in range(5):
        phone.keys("82").press(wrong).press("1")
        assert "request.unknown" in heard(phone)
    phone.keys("82").press(code).press("1")
    assert "request.unknown" in heard(phone)
