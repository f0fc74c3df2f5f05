"""The pages of cases: what is asked, shown, kept, and to whom it is closed."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from surveys.importing import uploads
from surveys.models import Case, ImportBatch
from surveys.services import record_case
from surveys.tests.country import make_person, reported_case

pytestmark = pytest.mark.django_db

ANSWERS = {
    "case_id": "P-1",
    "commune": "010201",
    "service": "birth-registration",
    "asked_on": "០២/០៣/២០២៦",
    "received_on": "4/3/2026",
    "status": "received",
    "fee_paid": "៥.០០០",
    "receipt": "no",
    "papers": ["family-book"],
    "other_papers": "លិខិតធានា",
    "visits": "២",
    "sex": "female",
    "poor_card": "yes",
}


@pytest.fixture
def signed_in(client: Client, facilitator: User) -> Client:
    client.force_login(facilitator)
    return client


def test_the_form_becomes_a_case(signed_in: Client, facilitator: User) -> None:
    response = signed_in.post(reverse("surveys:new_case"), ANSWERS)
    case = Case.objects.get()
    assert response.status_code == 302, response.content.decode()
    assert response["Location"] == reverse("surveys:case", args=[case.pk])
    assert (case.fee_paid, case.visits, case.receipt, case.poor_card) == (5000, 2, False, True)
    assert (case.channel, case.facilitator, case.recorded_by) == ("page", facilitator, facilitator)
    assert case.documents_asked == ["family-book", "លិខិតធានា"]
    assert case.disability is None
    signed_in.post(reverse("surveys:new_case"), ANSWERS)
    assert Case.objects.count() == 1


def test_nothing_typed_is_lost_when_something_is_wrong(signed_in: Client) -> None:
    wrong = {**ANSWERS, "asked_on": "soon", "age": "300", "note": "រង់ចាំយូរ"}
    page = signed_in.post(reverse("surveys:new_case"), wrong)
    text = page.content.decode()
    assert page.status_code == 422
    assert not Case.objects.exists()
    for typed in ("soon", "300", "រង់ចាំយូរ", "៥.០០០", "លិខិតធានា", 'value="P-1"'):
        assert typed in text
    later = signed_in.post(reverse("surveys:new_case"), {**ANSWERS, "age": "300"})
    assert set(later.context["form"].errors) == {"age"}


def test_the_standard_in_force_stands_beside_the_form(signed_in: Client) -> None:
    with translation.override("en"):
        signed_in.cookies.load({"django_language": "en"})
        asked = {"commune": "010201", "service": "birth-registration", "asked_on": "2/3/2026"}
        beside = signed_in.post(reverse("surveys:beside"), asked).content.decode()
        assert "10 working days" in re.sub(r"\s+", " ", beside)
        assert "16/03/2026" in beside
        assert "family book" in beside
        assert 'id="depends-papers" hx-swap-oob' in beside
        none = signed_in.post(reverse("surveys:beside"), {**asked, "asked_on": "2/3/2019"})
        assert "No published standard" in none.content.decode()
        # without JavaScript, a button shows the same and loses nothing
        shown = signed_in.post(reverse("surveys:new_case"), {**ANSWERS, "show": "1"})
        assert shown.status_code == 200
        assert "16/03/2026" in shown.content.decode()
        assert 'value="៥.០០០"' in shown.content.decode()
        assert not Case.objects.exists()


def test_providers_and_options_are_asked_only_where_there_is_a_choice(signed_in: Client) -> None:
    asked = {"commune": "010201", "asked_on": "2/3/2026"}

    def fields(service: str) -> set[str]:
        answer = signed_in.post(reverse("surveys:beside"), {**asked, "service": service})
        return set(answer.context["form"].fields)

    assert "provider" in fields("school-enrolment")
    assert "option" in fields("passport-adult")
    assert not {"provider", "option"} & fields("birth-registration")
    assert "medicine_given" in fields("outpatient-consultation")


def test_a_case_is_corrected_and_voided_with_a_reason(signed_in: Client, facilitator: User) -> None:
    case = record_case(by=facilitator, reported=reported_case()).case
    page = signed_in.get(reverse("surveys:correct", args=[case.pk]))
    form = page.context["form"]
    fields = {name: form[name].value() for name in form.fields}
    fields = {name: value for name, value in fields.items() if value not in (None, "", False)}
    without = signed_in.post(
        reverse("surveys:correct", args=[case.pk]), {**fields, "fee_paid": "5"}
    )
    assert without.status_code == 422
    done = signed_in.post(
        reverse("surveys:correct", args=[case.pk]),
        {**fields, "fee_paid": "1,500", "reason": "typo"},
    )
    assert done.status_code == 302, done.context["form"].errors
    case.refresh_from_db()
    assert (case.fee_paid, case.documents_asked) == (1500, ["family-book"])
    assert (
        signed_in.post(reverse("surveys:void", args=[case.pk]), {"reason": ""}).status_code == 422
    )
    signed_in.post(reverse("surveys:void", args=[case.pk]), {"reason": "twice"})
    case.refresh_from_db()
    assert case.void_reason == "twice"
    assert "twice" in signed_in.get(reverse("surveys:case", args=[case.pk])).content.decode()


@pytest.mark.parametrize("role", ["council", "district", "donor"])
def test_councils_districts_and_donors_see_no_single_case(
    client: Client, coordinator: User, role: str
) -> None:
    case = record_case(by=coordinator, reported=reported_case()).case
    client.force_login(make_person(role, "01"))
    pages = [
        reverse("surveys:home"),
        reverse("surveys:cases"),
        reverse("surveys:new_case"),
        reverse("surveys:beside"),
        reverse("surveys:case", args=[case.pk]),
        reverse("surveys:correct", args=[case.pk]),
        reverse("surveys:void", args=[case.pk]),
        reverse("surveys:import"),
        reverse("surveys:import_batch", args=[1]),
        reverse("surveys:import_rejected", args=[1]),
        reverse("surveys:import_template", args=["cases", "csv"]),
    ]
    for page in pages:
        assert client.get(page).status_code == 403, page
        assert client.post(page, {"reason": "x"}).status_code == 403, page
    client.logout()
    for page in pages:
        assert client.get(page).status_code == 302, page


def test_a_facilitator_sees_the_cases_of_her_communes_only(
    signed_in: Client, coordinator: User
) -> None:
    mine = record_case(by=coordinator, reported=reported_case()).case
    other = record_case(
        by=coordinator, reported=reported_case(case_id="K-2", commune="010202")
    ).case
    assert signed_in.get(reverse("surveys:case", args=[mine.pk])).status_code == 200
    assert signed_in.get(reverse("surveys:case", args=[other.pk])).status_code == 404
    assert signed_in.get(reverse("surveys:correct", args=[other.pk])).status_code == 404
    listed = signed_in.get(reverse("surveys:cases")).context["cases"]
    assert [case.pk for case in listed] == [mine.pk]


def test_lists_cost_the_same_however_many_cases(
    signed_in: Client, facilitator: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        record_case(by=facilitator, reported=reported_case(case_id=f"K-{number}"))
    signed_in.get(reverse("surveys:home"))
    with django_assert_max_num_queries(10):
        signed_in.get(reverse("surveys:home"))
    # the choices of its filters, the kept lists and the number of cases are queries too
    with django_assert_max_num_queries(11):
        signed_in.get(reverse("surveys:cases"))


def upload(client: Client, text: bytes, name: str = "a.csv") -> ImportBatch:
    response = client.post(
        reverse("surveys:import"), {"kind": "cases", "file": SimpleUploadedFile(name, text)}
    )
    assert response.status_code == 302, response.context["form"].errors
    batch = ImportBatch.objects.latest("pk")
    assert response["Location"] == reverse("surveys:import_batch", args=[batch.pk])
    return batch


def test_an_upload_is_imported_once_however_often_its_task_runs(
    client: Client, coordinator: User
) -> None:
    client.force_login(coordinator)
    text = (
        "case_id,commune,service,asked_on,status,age\n"
        "K-1,010201,birth-registration,2026-03-02,open,30\n"
        "K-2,010201,birth-registration,2026-03-02,open,300\n"
    )
    batch = upload(client, text.encode())
    waiting = client.get(reverse("surveys:import_batch", args=[batch.pk])).content.decode()
    assert "hx-get" in waiting
    assert [uploads.run_upload(batch.pk), uploads.run_upload(batch.pk)] == [1, 0]
    batch.refresh_from_db()
    assert (batch.state, batch.added, batch.rejected, bool(batch.source)) == ("done", 1, 1, False)
    assert Case.objects.get().recorded_by == coordinator
    page = client.get(reverse("surveys:import_batch", args=[batch.pk])).content.decode()
    assert batch.told[0] in page
    back = client.get(reverse("surveys:import_rejected", args=[batch.pk]))
    assert b"K-2" in back.getvalue()
    assert "a-rejected.csv" in back["Content-Disposition"]
    client.force_login(make_person("coordinator", "01", "somebody-else"))
    assert client.get(reverse("surveys:import_rejected", args=[batch.pk])).status_code == 404


def test_an_unreadable_upload_says_why(client: Client, coordinator: User) -> None:
    client.force_login(coordinator)
    batch = upload(client, b"")
    uploads.run_upload(batch.pk)
    batch.refresh_from_db()
    assert batch.state == "failed"
    assert (
        batch.problem
        in client.get(reverse("surveys:import_batch", args=[batch.pk])).content.decode()
    )


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["km", "en"])
def test_the_template_can_be_sent_as_it_is(
    client: Client, coordinator: User, suffix: str, language: str
) -> None:
    client.force_login(coordinator)
    client.cookies.load({"django_language": language})
    sheet = client.get(reverse("surveys:import_template", args=["cases", suffix])).content
    batch = upload(client, sheet, f"a.{suffix}")
    uploads.run_upload(batch.pk)
    batch.refresh_from_db()
    assert (batch.added, batch.rejected, batch.problem) == (1, 0, "")
