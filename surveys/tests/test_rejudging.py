"""Cases follow their standard when it is corrected, succeeded in the past, or withdrawn."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from standards import revision_steps
from standards import services as standards
from standards.models import Document, Provider, Service, Standard, StandardChange
from surveys import observations, tasks
from surveys.models import Case, CaseRevision, ObservationChange
from surveys.services import record_case, rejudging
from surveys.tests.country import ASKED, make_country, reported_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    make_country()
    observation = record_case(by=None, reported=reported_case(), job="test").observation
    ObservationChange.objects.all().delete()
    return observation


def judged_fee(case: Case) -> int | None:
    """The official fee beside the case, as scoring reads it."""
    row = observations.cases_to_judge(pk=case.pk).get()
    fee: int | None = row["fee_official"]
    return fee


def test_a_corrected_standard_judges_its_cases_again(case):
    old = case.standard
    assert old is not None
    new = standards.edit_standard(standard=old, by=None, job="test", reason="misread", fee=700)
    assert rejudging.rejudge_cases() == 1
    case.refresh_from_db()
    assert (case.standard, judged_fee(case)) == (new, 700)
    revision = CaseRevision.objects.get(case=case)
    assert (revision.before, revision.reason) == ({"standard_id": old.pk}, "misread")
    change = ObservationChange.objects.get()
    assert (change.commune_code, change.case_number) == (case.commune_id, case.pk)


def test_a_price_from_next_month_judges_no_case_again(case):
    assert case.standard is not None
    standards.succeed_standard(
        standard=case.standard,
        starts_on=timezone.localdate() + timedelta(days=20),
        by=None,
        reason="new",
        fee=99,
    )
    before = judged_fee(case)
    rejudging.rejudge_cases()
    case.refresh_from_db()
    # the row was replaced by one that ends; what it says of the day of the case is the same
    assert judged_fee(case) == before


def test_a_price_that_began_before_anybody_told_us_judges_the_cases_since(case):
    assert case.standard is not None
    kept = record_case(
        by=None,
        reported=reported_case(case_id="EARLIER", asked_on=ASKED - timedelta(days=9)),
        job="test",
    ).observation
    fee = judged_fee(kept)
    standards.succeed_standard(
        standard=case.standard, starts_on=ASKED, by=None, reason="since March", fee=5
    )
    rejudging.rejudge_cases()
    assert (judged_fee(case), judged_fee(kept)) == (5, fee)


def test_a_withdrawn_standard_judges_nobody(case):
    assert case.standard is not None
    standards.withdraw_standard(standard=case.standard, by=None, reason="never published")
    rejudging.rejudge_cases()
    case.refresh_from_db()
    assert case.standard is None


def test_a_standard_found_later_judges_cases_that_had_none(case):
    Case.objects.filter(pk=case.pk).update(option="fast", standard=None)
    new = standards.add_standard(
        service=case.service, option="fast", by=None, reason="found", fee=3, job="test"
    )
    rejudging.rejudge_cases()
    case.refresh_from_db()
    assert case.standard == new


def test_cases_of_a_provider_with_its_own_fee_keep_it(case):
    Service.objects.filter(pk=case.service_id).update(fee_by_provider=True)
    service = Service.objects.get(pk=case.service_id)
    own = standards.post_fee(
        provider=case.provider, service=service, by=None, fee=321, posted_on=date(2026, 1, 1)
    )
    rejudging.rejudge_cases()
    case.refresh_from_db()
    assert case.standard == own
    national = Standard.objects.current().get(service=service, provider=None)
    standards.edit_standard(standard=national, by=None, job="test", reason="misread", fee=9)
    rejudging.rejudge_cases()
    assert judged_fee(case) == 321
    counted = rejudging.cases_of_change(
        service=service.pk, option="standard", provider=None, first=None, last=None
    )
    assert not counted.exists()
    assert Provider.objects.get(pk=case.provider_id).standards.count() == 1


def test_a_document_added_to_the_list_is_recognised_in_what_was_told(case):
    assert case.standard is not None
    case.documents_asked = ["Village letter"]
    case.save()
    letter = Document.objects.create(
        code="village-letter", name_km="លិខិតភូមិ", name_en="Village letter"
    )
    standards.edit_standard(
        standard=case.standard, by=None, job="test", reason="list", documents=[letter]
    )
    rejudging.rejudge_cases()
    case.refresh_from_db()
    assert case.documents_asked == ["village-letter"]
    revision = CaseRevision.objects.get(case=case)
    assert revision.before["documents_asked"] == ["Village letter"]


def test_handling_again_changes_nothing_and_a_late_case_is_found(case, monkeypatch):
    old = case.standard
    assert old is not None
    new = standards.edit_standard(standard=old, by=None, job="test", reason="misread", fee=700)
    rejudging.rejudge_cases()
    assert rejudging.rejudge_cases() == 0
    # a case whose transaction began before the change and ended after it
    Case.objects.filter(pk=case.pk).update(standard=old)
    assert rejudging.rejudge_cases() == 1
    case.refresh_from_db()
    assert case.standard == new
    monkeypatch.setattr(rejudging, "KEPT_FOR", timedelta(0))
    rejudging.rejudge_cases()
    assert not StandardChange.objects.exists()


def test_more_cases_than_a_chunk_are_all_judged_again(case, monkeypatch):
    monkeypatch.setattr(rejudging, "CHUNK", 2)
    for number in range(4):
        record_case(by=None, reported=reported_case(case_id=f"MORE-{number}"), job="test")
    assert case.standard is not None
    new = standards.edit_standard(
        standard=case.standard, by=None, job="test", reason="misread", fee=700
    )
    assert rejudging.rejudge_cases() == 5
    assert Case.objects.filter(standard=new).count() == 5


def test_many_changes_at_once_ask_a_worker_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading a country changes fifty standards: one task handles them all."""
    sent: list[str] = []
    monkeypatch.setattr(revision_steps.messages, "send", sent.append)
    for _change in range(3):
        revision_steps._wake()
    assert sent == [revision_steps.REJUDGE]
    tasks.rejudge_cases()
    revision_steps._wake()
    assert len(sent) == 2, "a change after the task began asks again"
