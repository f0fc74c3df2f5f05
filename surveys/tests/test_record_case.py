"""Recording one case: what is stored, what is refused, and in what words."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone, translation

from accounts.models import User
from audit.models import Entry
from places.models import Place
from standards.models import Provider, Service, Standard
from standards.revisions import edit_standard
from surveys.models import Case, CaseRevision, ObservationChange
from surveys.services import Outcome, correct_case, record_case, void_case
from surveys.tests.country import make_person, reported_case

pytestmark = pytest.mark.django_db


def problems_of(by: User, **values: object) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        record_case(by=by, reported=reported_case(**values))
    assert not Case.objects.exists()
    return dict(caught.value.message_dict)


def test_a_case_is_kept_with_its_trail_and_the_standard_in_force(facilitator: User) -> None:
    recorded = record_case(by=facilitator, reported=reported_case())
    case = Case.objects.get()
    assert (recorded.case, recorded.outcome) == (case, Outcome.ADDED)
    assert case.provider.code == "hall-010201"
    assert case.standard == Standard.objects.get(service__code="birth-registration")
    assert case.documents_asked == ["family-book"]
    assert case.currency == "KHR"
    assert case.province_code == "01"
    entry = Entry.objects.get()
    assert (entry.verb, entry.actor, entry.place_code) == (
        "case.recorded",
        facilitator.username,
        "010201",
    )
    change = ObservationChange.objects.get()
    assert (change.commune_code, change.month, change.observation) == (
        "010201",
        date(2026, 3, 1),
        "case",
    )


def test_the_same_again_adds_nothing_and_otherwise_changes_nothing(facilitator: User) -> None:
    record_case(by=facilitator, reported=reported_case())
    again = record_case(by=facilitator, reported=reported_case(documents_asked=["Family  Book"]))
    assert again.outcome == Outcome.UNCHANGED
    other = record_case(by=facilitator, reported=reported_case(fee_paid=500))
    assert other.outcome == Outcome.CONFLICT
    assert Case.objects.get().fee_paid == 0
    assert Entry.objects.count() == ObservationChange.objects.count() == 1


@pytest.mark.parametrize(
    ("service", "provider"),
    [
        ("birth-registration", "hall-010201"),
        ("id-card", "police-010201"),
        ("certified-copy", "owso-0102"),
        ("outpatient-consultation", "hc-banteay"),
    ],
)
def test_an_unnamed_provider_is_the_communes_own(
    facilitator: User, service: str, provider: str
) -> None:
    record_case(by=facilitator, reported=reported_case(service=service, documents_asked=None))
    assert Case.objects.get().provider.code == provider


def test_a_centres_own_posted_fee_is_its_standard_also_for_a_neighbour(coordinator: User) -> None:
    record_case(
        by=coordinator,
        reported=reported_case(
            service="outpatient-consultation", commune="010202", documents_asked=None
        ),
    )
    case = Case.objects.get()
    assert case.standard is not None
    assert case.standard.fee == 4000


def test_the_standard_is_the_one_of_the_day_of_asking(facilitator: User) -> None:
    record_case(
        by=facilitator,
        reported=reported_case(
            service="id-card", asked_on=date(2016, 1, 4), received_on=date(2016, 2, 1)
        ),
    )
    case = Case.objects.get()
    assert case.standard is not None
    assert case.standard.fee == 10000


def test_a_later_edit_of_the_standard_leaves_the_case_alone(facilitator: User) -> None:
    """Correcting a case judges it by the standard it had; ``rejudging`` alone moves it to another."""
    case = record_case(by=facilitator, reported=reported_case()).case
    before = case.standard_id
    edited = edit_standard(standard=case.standard, by=None, reason="misread", fee=1000)
    assert edited.pk != before
    corrected = correct_case(case=case, by=facilitator, reason="typing error", fee_paid=500)
    assert corrected.standard_id == before


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"case_id": ""}, "case_id", "name of its own"),
        ({"case_id": "x" * 81}, "case_id", "80"),
        ({"commune": ""}, "commune", "six digits"),
        ({"commune": "019999"}, "commune", "019999"),
        ({"service": ""}, "service", "which service"),
        ({"service": "horoscope"}, "service", "horoscope"),
        ({"provider": "nowhere"}, "provider", "nowhere"),
        ({"provider": "police-010201"}, "provider", "does not give this"),
        ({"service": "school-enrolment"}, "provider", "school-a, school-b"),
        ({"service": "passport-adult"}, "option", "fast, normal"),
        ({"option": "express"}, "option", "express"),
        ({"asked_on": None}, "asked_on", "which day"),
        ({"received_on": date(2026, 3, 1)}, "received_on", "before it was asked"),
        ({"received_on": None}, "received_on", "on which day"),
        ({"status": "open"}, "received_on", "open"),
        ({"status": ""}, "status", "received, open"),
        ({"status": "lost"}, "status", "lost"),
        ({"fee_paid": -1}, "fee_paid", "no amount"),
        ({"fee_paid": 10**13}, "fee_paid", "no amount"),
        ({"currency": "EUR"}, "currency", "EUR"),
        ({"age": 121}, "age", "0 and 120"),
        ({"age": -1}, "age", "0 and 120"),
        ({"visits": 100}, "visits", "0 and 99"),
        ({"sex": "robot"}, "sex", "robot"),
        ({"programme": "no-such"}, "programme", "no-such"),
        ({"documents_asked": ["x" * 121]}, "documents_asked", "120"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    facilitator: User, values: dict[str, object], field: str, words: str
) -> None:
    with translation.override("en"):
        problems = problems_of(facilitator, **values)
    assert list(problems) == [field]
    assert words in problems[field][0]


def test_days_to_come_are_refused(facilitator: User) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert list(problems_of(facilitator, received_on=tomorrow)) == ["received_on"]
    assert "asked_on" in problems_of(facilitator, asked_on=tomorrow, received_on=tomorrow)


def test_retired_codes_are_refused_from_the_day_they_retired(facilitator: User) -> None:
    Service.objects.filter(code="birth-registration").update(retired_on=date(2026, 3, 1))
    assert list(problems_of(facilitator)) == ["service"]
    Service.objects.update(retired_on=None)
    Place.objects.filter(code="010201").update(valid_to=date(2026, 3, 1))
    assert list(problems_of(facilitator)) == ["commune"]
    Place.objects.update(valid_to=None)
    Provider.objects.filter(code="hall-010201").update(valid_to=date(2026, 3, 1))
    assert list(problems_of(facilitator, provider="hall-010201")) == ["provider"]
    record_case(by=facilitator, reported=reported_case(asked_on=date(2026, 2, 27)))


def test_a_facilitator_without_an_account_is_kept_by_name(facilitator: User) -> None:
    record_case(by=facilitator, reported=reported_case(facilitator="CAF 7"))
    record_case(
        by=facilitator, reported=reported_case(case_id="K-2", facilitator=facilitator.username)
    )
    first, second = Case.objects.order_by("case_id")
    assert (first.facilitator, first.facilitator_name) == (None, "CAF 7")
    assert (second.facilitator, second.facilitator_name) == (facilitator, "")


def test_nobody_records_where_they_may_not(facilitator: User) -> None:
    for person in (facilitator, make_person("council", "020101"), make_person("donor")):
        with pytest.raises(PermissionDenied):
            record_case(by=person, reported=reported_case(commune="020101"))
    assert not Case.objects.exists()


def test_a_correction_keeps_what_was_said_and_tells_both_months(facilitator: User) -> None:
    case = record_case(by=facilitator, reported=reported_case()).case
    ObservationChange.objects.all().delete()
    correct_case(
        case=case, by=facilitator, reason="wrong month", asked_on=date(2026, 2, 27), fee_paid=1500
    )
    case.refresh_from_db()
    assert (case.asked_on, case.fee_paid) == (date(2026, 2, 27), 1500)
    assert [c.month for c in ObservationChange.objects.order_by("month")] == [
        date(2026, 2, 1),
        date(2026, 3, 1),
    ]
    revision = CaseRevision.objects.get()
    assert (revision.before["asked_on"], revision.reason) == ("2026-03-02", "wrong month")
    entry = Entry.objects.get(verb="case.corrected")
    assert entry.before is not None
    assert entry.before["fee_paid"] == 0
    assert entry.reason == "wrong month"


def test_a_correction_obeys_the_same_rules(facilitator: User) -> None:
    case = record_case(by=facilitator, reported=reported_case()).case
    with pytest.raises(ValidationError):
        correct_case(case=case, by=facilitator, reason="", fee_paid=1)
    with pytest.raises(ValidationError):
        correct_case(case=case, by=facilitator, reason="x", age=300)
    with pytest.raises(ValidationError):
        correct_case(case=case, by=facilitator, reason="x", case_id="other")
    with pytest.raises(PermissionDenied):
        correct_case(case=case, by=facilitator, reason="moved", commune="020101")
    with pytest.raises(PermissionDenied):
        correct_case(case=case, by=make_person("council", "010201"), reason="x", fee_paid=1)
    correct_case(case=case, by=facilitator, reason="nothing new")
    assert not CaseRevision.objects.exists()


def test_a_voided_case_stands_aside_for_good(facilitator: User) -> None:
    case = record_case(by=facilitator, reported=reported_case()).case
    void_case(case=case, by=facilitator, reason="counted twice")
    void_case(case=case, by=facilitator, reason="again")
    assert not Case.objects.standing().exists()
    assert Case.objects.get().void_reason == "counted twice"
    assert Entry.objects.filter(verb="case.voided").count() == 1
    assert ObservationChange.objects.count() == 2
    assert record_case(by=facilitator, reported=reported_case()).outcome == Outcome.UNCHANGED
    with pytest.raises(ValidationError):
        correct_case(case=case, by=facilitator, reason="x", fee_paid=1)


def test_single_cases_are_seen_only_where_one_covers_them(coordinator: User) -> None:
    facilitator = make_person("facilitator", "010201")
    record_case(by=coordinator, reported=reported_case())
    record_case(by=coordinator, reported=reported_case(case_id="K-2", commune="010202"))
    seen = {
        person.username: Case.objects.visible_to(person).count()
        for person in (
            coordinator,
            facilitator,
            make_person("council", "010201"),
            make_person("donor"),
            make_person("coordinator", "0102"),
            make_person("coordinator", "02"),
            make_person("coordinator"),
        )
    }
    assert seen == {
        "coordinator-01": 2,
        "facilitator-010201": 1,
        "council-010201": 0,
        "donor-None": 0,
        "coordinator-0102": 2,
        "coordinator-02": 0,
        "coordinator-None": 2,
    }
