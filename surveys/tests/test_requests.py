"""A citizen follows a request by a code alone; what they trusted us with is unreadable to others."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from audit.models import Entry
from standards.models import Holiday, Service, Standard
from surveys import phone_numbers, requests
from surveys.models import Case, Contact, ObservationChange, Request

pytestmark = pytest.mark.django_db
HANDED_IN = date(2026, 4, 10)  # a Friday before Khmer New Year
AFTER = date(2026, 4, 22)


@pytest.fixture
def promised(country: None) -> None:
    """A certified copy takes three working days; the new year lies in between."""
    Standard.objects.filter(service__code="certified-copy").delete()
    Standard.objects.create(
        service=Service.objects.get(code="certified-copy"),
        fee=1000,
        days_max=3,
        day_kind="working",
        valid_from=date(2017, 2, 8),
    )
    for day in (14, 15, 16):
        Holiday.objects.create(date=date(2026, 4, day), name_km="ចូលឆ្នាំ", name_en="New Year")


def handed_in(**more: object) -> tuple[Request, str]:
    values: dict[str, object] = {
        "commune": "010201",
        "service": "certified-copy",
        "asked_on": HANDED_IN,
        "channel": "citizen",
        "today": HANDED_IN,
    }
    return requests.open_request(**(values | more))  # type: ignore[arg-type]


def test_the_promised_day_counts_working_days_and_holidays(promised: None) -> None:
    kept, code = handed_in()
    assert len(code) == 8
    assert code.isdigit()
    # Monday 13, then the new year, Friday 17, Monday 20
    where = requests.following(requests.find_request(code), today=date(2026, 4, 20))
    assert where.promised == date(2026, 4, 20)
    assert not where.overdue
    assert requests.following(kept, today=date(2026, 4, 21)).overdue


def test_a_request_is_a_case_from_its_first_day_and_tells_the_scorecards(promised: None) -> None:
    kept, _code = handed_in()
    assert kept.case.status == "open"
    assert kept.case.channel == "citizen"
    assert ObservationChange.objects.filter(commune_code="010201").exists()


def test_closing_corrects_the_case_and_purges_the_number(promised: None) -> None:
    kept, code = handed_in(number="012 345 678")
    assert Contact.objects.count() == 1
    requests.close_request(
        request=kept,
        channel="citizen",
        received_on=AFTER,
        fee_paid=4000,
        visits=3,
        today=AFTER,
    )
    case = Case.objects.get()
    assert (case.status, case.received_on, case.fee_paid, case.visits) == (
        "received",
        AFTER,
        4000,
        3,
    )
    assert not Contact.objects.exists()
    assert requests.following(requests.find_request(code), today=AFTER).closed
    assert Entry.objects.filter(verb="request.closed").count() == 1


def test_closing_twice_changes_nothing(promised: None) -> None:
    kept, _code = handed_in()
    for fee in (1000, 9000):
        requests.close_request(request=kept, channel="citizen", fee_paid=fee, today=AFTER)
    assert Case.objects.get().fee_paid == 1000


def test_a_day_before_handing_in_is_refused_and_the_request_stays_open(promised: None) -> None:
    kept, _code = handed_in()
    with pytest.raises(ValidationError):
        requests.close_request(
            request=kept, channel="citizen", received_on=date(2026, 4, 1), today=AFTER
        )
    kept.refresh_from_db()
    assert kept.closed_at is None


def test_an_unknown_code_and_a_voided_case_are_not_found(promised: None) -> None:
    kept, code = handed_in()
    with pytest.raises(requests.UnknownRequestError):
        requests.find_request("00000000" if code != "00000000" else "00000001")
    Case.objects.filter(pk=kept.case_id).update(voided_at="2026-04-11T00:00Z", void_reason="test")
    with pytest.raises(requests.UnknownRequestError):
        requests.find_request(code)


def test_neither_code_nor_number_can_be_read_in_the_database(promised: None) -> None:
    _kept, code = handed_in(number="+855 12 345 678")
    with connection.cursor() as cursor:
        for table in ("surveys_request", "surveys_contact", "surveys_case", "audit_entry"):
            cursor.execute(f"SELECT {table}::text FROM {table}")
            rows = " ".join(row[0] for row in cursor.fetchall())
            assert code not in rows
            assert "12345678" not in rows
            assert b"12345678".hex() not in rows
    assert phone_numbers.opened(Contact.objects.get().sealed_number) == "+85512345678"


def test_only_those_whose_day_has_come_and_who_asked_are_reminded(promised: None) -> None:
    asked, _code = handed_in(number="012345678")
    handed_in()
    assert requests.due_for_reminder(date(2026, 4, 17)) == []
    assert requests.due_for_reminder(date(2026, 4, 20)) == [asked]


@given(st.integers(1, 9), st.integers(10**6, 10**8 - 1))
def test_a_number_is_one_number_however_it_is_written(first: int, rest: int) -> None:
    body = f"{first}{rest}"
    assert (
        phone_numbers.international(f"0{body}")
        == phone_numbers.international(f"+855 {body[:2]} {body[2:]}")
        == f"+855{body}"
    )


@pytest.mark.parametrize("bad", ["", "1294", "0000000000", "+1 202 555 0100", "012 34", "abc"])
def test_what_is_no_number_of_this_country_is_refused(bad: str) -> None:
    with pytest.raises(phone_numbers.UnreadableNumberError):
        phone_numbers.international(bad)


def test_a_broken_seal_is_not_opened() -> None:
    seal = phone_numbers.sealed("+85512345678")
    with pytest.raises(phone_numbers.BrokenSealError):
        phone_numbers.opened(seal[:-4] + b"AAA=")
