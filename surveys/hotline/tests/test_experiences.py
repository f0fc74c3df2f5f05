"""An experience reported by telephone is a case where it can be judged, and never more than was
said.
"""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from audit.models import Entry
from standards.calendar import promised_day
from standards.models import Standard
from surveys.hotline import content, experiences, figures, menu
from surveys.hotline.models import Told
from surveys.hotline.tests.phone import Phone
from surveys.models import Case

pytestmark = pytest.mark.django_db
Dial = Callable[..., Phone]
TODAY = date(2026, 5, 20)


def telling(**more: object) -> Told:
    """The report of a caller, about a certified copy (1,000 riel, 3 working days) unless given."""
    code = str(more.pop("service", "certified-copy"))
    standard = Standard.objects.in_force(TODAY).filter(service__code=code).first()
    given = {"got": "in_time", "paid": "at_most", "when": "last_month"}
    return Told(
        caller_key="somebody",
        service_code=code,
        option="standard",
        commune_code="010201",
        standard_id=standard.pk if standard else None,
        answers=given | {k: v for k, v in more.items() if v},
    )


def test_every_month_and_promise_keeps_the_verdict_that_was_told(line: object) -> None:
    """Whatever day it is: in time is in time, late is late, and no day lies ahead."""
    judged = {"in_time": 0, "late": 0, "open": 0, "nothing": 0}
    for kind, promise in (("working", 1), ("working", 10), ("calendar", 3), ("calendar", 40)):
        standard = Standard(days_max=promise, day_kind=kind)
        for step in range(0, 400, 7):
            today = date(2026, 1, 1) + timedelta(days=step)
            for when in ("this_month", "last_month", "two_months_ago"):
                first, last = experiences.month(when, today) or (today, today)
                assert first.day == 1
                assert first <= last <= today
                for got in ("in_time", "late", "open"):
                    kept = experiences.days(got, first, last, standard, today)
                    if kept is None:
                        judged["nothing"] += 1
                        continue
                    judged[got] += 1
                    due = promised_day(kept.asked_on, standard)
                    assert due is not None
                    assert first <= kept.asked_on <= last
                    if got == "open":
                        assert kept.received_on is None
                        assert due < today, "late already, whenever in that month it was asked"
                    else:
                        assert kept.received_on is not None
                        assert kept.asked_on <= kept.received_on <= today
                        assert (kept.received_on <= due) == (got == "in_time")
    assert all(judged.values()), judged


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, ("received", "2026-04-01", 1000)),
        ({"got": "late"}, ("received", "2026-04-01", 1000)),
        ({"got": "open"}, ("open", "2026-04-30", 1000)),
        ({"got": "refused", "paid": "unknown"}, ("refused", "2026-04-01", None)),
        ({"paid": "unknown"}, ("received", "2026-04-01", None)),
        ({"when": "two_months_ago"}, ("received", "2026-03-01", 1000)),
        ({"service": "birth-registration"}, ("received", "2026-04-01", 0)),
    ],
)
def test_what_was_told_becomes_what_it_says(
    line: object, values: dict[str, str], expected: tuple[str, str, int | None]
) -> None:
    case = experiences.as_case(telling(**values), "", TODAY)
    assert case is not None
    assert (case.status, str(case.asked_on), case.fee_paid) == expected
    assert case.visits is None
    assert case.receipt is None
    assert case.documents_asked is None, "what was not asked stays unknown"


@pytest.mark.parametrize(
    "values",
    [
        {"when": "earlier"},
        {"when": ""},
        {"got": "received"},  # without a published time, nobody was asked whether it was late
        {"got": "late", "when": "this_month", "service": "birth-registration"},
        {"got": "open", "when": "this_month"},
        {"service": "outpatient-consultation"},
    ],
)
def test_what_says_too_little_or_cannot_be_is_no_case(line: object, values: dict[str, str]) -> None:
    first_days = date(2026, 5, 4)  # nothing of ten working days can be late within this month
    wanted = telling(**values)
    wanted.answers = {k: v for k, v in wanted.answers.items() if values.get(k, v)}
    assert experiences.as_case(wanted, "", first_days) is None


def test_a_promise_that_changed_since_that_month_is_not_held_against_the_office(
    line: object,
) -> None:
    reported = telling()
    heard = Standard.objects.get(pk=reported.standard_id)
    heard.valid_from = date(2026, 4, 15)
    heard.save(update_fields=["valid_from"])
    before = heard.valid_from - timedelta(days=1)
    Standard.objects.create(
        service=heard.service, fee=500, valid_from=date(2017, 2, 8), valid_to=before
    )
    assert experiences.as_case(reported, "", TODAY) is None
    reported.answers["when"] = "this_month"
    assert experiences.as_case(reported, "", TODAY) is not None


def test_more_than_the_price_of_one_sheet_is_not_too_much(line: object) -> None:
    case = experiences.as_case(telling(paid="more"), "2000", TODAY)
    assert case is not None
    assert case.fee_paid == 2000
    Standard.objects.filter(service__code="certified-copy").update(fee_unit="document")
    case = experiences.as_case(telling(paid="more"), "2000", TODAY)
    assert case is not None
    assert case.fee_paid is None, "how many were bought was not asked"


def test_a_caller_tells_and_it_is_a_case_of_the_scores_once(
    dial: Dial, recorded: list[str], heard: Callable[[Phone], list[str]]
) -> None:
    for _time in range(2):
        phone = dial().press("1") if not Told.objects.exists() else dial()
        phone.keys("81")
        if "tell.notice" in heard(phone):
            phone.press("1")
        phone.keys(menu.keys_to("certified-copy", content.content().facts))
        assert "days.official" in heard(phone)
        phone.press("2").press("2").press("2").press("2")  # late, more, about 5,000, last month
        phone.press("2" if phone.wanted == 1 else "010201")
        if phone.wanted > 1:
            phone.press("010201")
        phone.press("1")
    assert Told.objects.count() == 2
    case = Case.objects.get()
    asked = (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)
    assert (case.channel, case.commune_id, case.asked_on) == ("hotline", "010201", asked)
    assert (case.status, case.fee_paid) == ("received", 5000)
    assert case.standard is not None
    assert case.fee_paid > case.standard.fee
    assert case.received_on == promised_day(asked, case.standard) + timedelta(days=1)
    assert not case.days_known, "it says late, and not by how many days"
    assert Entry.objects.filter(verb="case.recorded", subject_id=str(case.pk)).count() == 1
    assert [t.case_month for t in Told.objects.order_by("pk")] == [asked, None]
    since = timezone.now() - timedelta(days=1)
    assert (figures.summary(since).reported, figures.summary(since).cases) == (2, 1)
    assert "12345678" not in str(list(Case.objects.values()) + list(Entry.objects.values()))


def test_who_cannot_be_told_apart_or_tells_too_often_fills_no_score(line: object) -> None:
    for more in ({"caller_key": ""}, {"counts": False}, {"complete": False}):
        reported = telling()
        for name, value in more.items():
            setattr(reported, name, value)
        assert not experiences.keep(reported, "", TODAY)
    assert not Case.objects.exists()
