"""The list of cases: search, filters, order, saved lists, many excluded at once, the download."""

import csv
import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import Entry
from surveys.models import Case, CaseRevision, ObservationChange, SavedView
from surveys.services import count_case_again, record_case, void_case
from surveys.services.exclusion import exclude_cases
from surveys.tests.country import make_person, reported_case

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}
LIST = "/cases/"


def record(case_id: str, **values: Any) -> Case:
    return record_case(
        by=None, job="test", reported=reported_case(case_id=case_id, **values)
    ).observation


@pytest.fixture
def cases(coordinator: User) -> dict[str, Case]:
    """Four cases of the coordinator's province and one of elsewhere."""
    return {
        "K-1": record("K-1", fee_paid=0, facilitator="Sok San"),
        "K-2": record(
            "K-2", fee_paid=9000, asked_on=date(2026, 4, 1), received_on=date(2026, 4, 9)
        ),
        "K-10": record("K-10", commune="010202", fee_paid=500, channel="citizen"),
        "P-1": record("P-1", service="id-card", status="open", received_on=None),
        "E-1": record("E-1", commune="020101"),
    }


@pytest.fixture
def page(client: Client, coordinator: User) -> Any:
    """Names of the cases that the list shows for a query."""
    client.force_login(coordinator)

    def shown(**asked: str) -> list[str]:
        answer = client.get(LIST, asked, headers=ENGLISH)
        assert answer.status_code == 200
        return [case.case_id for case in answer.context["cases"]]

    return shown


@pytest.mark.parametrize(
    ("asked", "results"),
    [
        ({}, ["P-1", "K-10", "K-2", "K-1"]),
        ({"q": "K-1"}, ["K-10", "K-1"]),
        ({"q": "E-1"}, []),
        ({"q": "id-card"}, ["P-1"]),
        ({"q": "ស\u200b id-card"}, ["P-1"]),
        ({"q": "Sok San"}, ["K-1"]),
        ({"q": "nobody at all"}, []),
        ({"q": "%"}, []),
        ({"commune": "010202"}, ["K-10"]),
        ({"commune": "០១០២០២"}, ["K-10"]),
        ({"commune": "0102"}, ["P-1", "K-10", "K-2", "K-1"]),
        ({"service": "id-card", "status": "open"}, ["P-1"]),
        ({"channel": "citizen"}, ["K-10"]),
        ({"since": "01/04/2026"}, ["K-2"]),
        ({"until": "31/03/2026", "service": "birth-registration"}, ["K-10", "K-1"]),
        ({"sort": "paid"}, ["K-2", "K-10", "P-1", "K-1"]),
        ({"sort": "oldest"}, ["K-1", "K-10", "P-1", "K-2"]),
        ({"sort": "commune"}, ["K-2", "P-1", "K-1", "K-10"]),
        ({"counted": "no"}, []),
        ({"sort": "nonsense"}, ["P-1", "K-10", "K-2", "K-1"]),
        ({"since": "not a day"}, ["P-1", "K-10", "K-2", "K-1"]),
        ({"commune": "999999", "q": "K-1"}, ["K-10", "K-1"]),
    ],
)
def test_the_list_shows_what_fits(
    cases: dict[str, Case], page: Any, asked: dict[str, str], results: list[str]
) -> None:
    assert page(**asked) == results


def test_what_cannot_be_read_is_named_and_nothing_typed_is_lost(
    client: Client, cases: dict[str, Case], coordinator: User
) -> None:
    client.force_login(coordinator)
    answer = client.get(LIST, {"since": "32/13/2026", "commune": "Nowhere"}, headers=ENGLISH)
    text = answer.content.decode()
    assert "No single place has this name" in text
    assert "32/13/2026" in text
    assert "Nowhere" in text
    assert set(answer.context["filters"].errors) == {"since", "commune"}


def test_a_list_is_kept_under_a_name_and_shows_new_cases_too(
    client: Client, cases: dict[str, Case], coordinator: User
) -> None:
    client.force_login(coordinator)
    client.post("/cases/lists/", {"service": "id-card", "sort": "oldest", "name": " ID  cards "})
    view = SavedView.objects.get()
    assert (view.user, view.name, view.query) == (
        coordinator,
        "ID cards",
        "service=id-card&sort=oldest",
    )
    client.post("/cases/lists/", {"service": "id-card", "status": "open", "name": "ID cards"})
    assert SavedView.objects.get().query == "service=id-card&status=open"
    assert "ID cards" in client.get(LIST).content.decode()
    other = Client()
    other.force_login(make_person("coordinator", "02"))
    assert "ID cards" not in other.get(LIST).content.decode()
    other.post(f"/cases/lists/{view.pk}/delete/")
    assert SavedView.objects.exists()
    client.post(f"/cases/lists/{view.pk}/delete/")
    assert not SavedView.objects.exists()


def test_a_list_without_a_name_is_not_kept(client: Client, coordinator: User) -> None:
    client.force_login(coordinator)
    client.post("/cases/lists/", {"status": "open", "name": "  "})
    assert not SavedView.objects.exists()


def test_many_cases_are_excluded_with_a_reason_and_the_scores_are_told(
    client: Client, cases: dict[str, Case], coordinator: User
) -> None:
    client.force_login(coordinator)
    chosen = [cases["K-1"].pk, cases["K-2"].pk]
    ObservationChange.objects.all().delete()
    ask = client.post("/cases/exclude/", {"case": chosen}, headers=ENGLISH)
    assert "Exclude 2 cases" in ask.content.decode()
    assert not Case.objects.exclude(voided_at=None).exists()
    client.post("/cases/exclude/", {"case": chosen, "reason": "  "})
    assert not Case.objects.exclude(voided_at=None).exists()
    done = client.post("/cases/exclude/", {"case": chosen, "reason": "invented by one tablet"})
    assert done.status_code == 302
    assert sorted(Case.objects.exclude(voided_at=None).values_list("case_id", flat=True)) == [
        "K-1",
        "K-2",
    ]
    entries = Entry.objects.filter(verb="case.voided")
    assert {e.reason for e in entries} == {"invented by one tablet"}
    assert entries.count() == 2
    assert set(ObservationChange.objects.values_list("case_number", flat=True)) == set(chosen)


def test_every_case_of_a_list_is_excluded_and_counted_again(
    client: Client, cases: dict[str, Case], coordinator: User
) -> None:
    client.force_login(coordinator)
    asked = {"all": "1", "service": "birth-registration"}
    ask = client.post("/cases/exclude/", asked)
    pks = ask.context["pks"]
    assert len(pks) == 3
    client.post("/cases/exclude/", {"case": pks, "reason": "a test of the form"})
    assert Case.objects.filter(voided_at=None).count() == 2
    client.post("/cases/exclude/", {"case": pks, "back": "1", "reason": "they were real"})
    assert Case.objects.filter(voided_at=None).count() == 5
    assert set(Case.objects.values_list("void_reason", flat=True)) == {""}
    assert Entry.objects.filter(verb="case.counted_again").count() == 3
    history = client.get(reverse("surveys:case", args=[pks[0]])).context["history"]
    assert [step.revision.reason for step in history] == ["they were real", "a test of the form"]


def test_nobody_excludes_what_they_may_not_correct(
    client: Client, cases: dict[str, Case], facilitator: User
) -> None:
    stranger = make_person("coordinator", "02")
    done = exclude_cases(cases=cases.values(), by=stranger, reason="mine only")
    assert (done.done, done.refused) == (1, 4)
    assert list(Case.objects.exclude(voided_at=None)) == [cases["E-1"]]
    client.force_login(stranger)
    client.post("/cases/exclude/", {"case": [cases["K-1"].pk], "reason": "not mine"})
    cases["K-1"].refresh_from_db()
    assert cases["K-1"].voided_at is None
    void_case(case=cases["K-1"], by=None, reason="x", job="test")
    with pytest.raises(PermissionDenied):
        count_case_again(case=cases["K-1"], by=stranger, reason="x")
    with pytest.raises(ValidationError):
        count_case_again(case=cases["K-1"], by=facilitator, reason=" ")


def test_counting_a_case_that_counts_changes_nothing(cases: dict[str, Case]) -> None:
    before = CaseRevision.objects.count()
    count_case_again(case=cases["K-1"], by=None, reason="again", job="test")
    assert CaseRevision.objects.count() == before


def test_the_download_holds_the_list_and_is_recorded(
    client: Client, cases: dict[str, Case], coordinator: User
) -> None:
    Case.objects.filter(pk=cases["K-1"].pk).update(note="=cmd|' /C calc'!A0")
    client.force_login(coordinator)
    asked = {"q": "K-1", "sort": "oldest"}
    answer = client.get("/cases/export.csv", asked, headers=ENGLISH)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["case_id"] for row in rows] == ["K-1", "K-10"]
    assert rows[0]["asked_on"] == "2026-03-02"
    assert rows[0]["note"].startswith("'=")
    entry = Entry.objects.get(verb="cases.exported")
    assert entry.actor == coordinator.username
    assert entry.after == {"filters": "q=K-1&sort=oldest", "cases": 2}
    answer = client.get("/cases/export.xlsx", asked, headers=ENGLISH)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert [row[0] for row in sheet.iter_rows(values_only=True)] == ["case_id", "K-1", "K-10"]
    assert client.get("/cases/export.pdf").status_code == 404


def test_a_download_can_be_imported_again_unchanged(
    client: Client, cases: dict[str, Case], coordinator: User
) -> None:
    """The columns are those of the import: the same rows come back as what is there already."""
    from surveys.importing.columns import CASES, by_header

    client.force_login(coordinator)
    for language in ("en", "km"):
        answer = client.get("/cases/export.csv", headers={"accept-language": language})
        header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
        existing = by_header(CASES)
        from surveys.importing.columns import header_key

        columns = [existing[header_key(name)] for name in header[:-1]]
        first = {c.name: c.read(cell) for c, cell in zip(columns, rows[-1], strict=False) if cell}
        assert first["case_id"] == "K-1"
        assert first["asked_on"] == date(2026, 3, 2)
        assert first["fee_paid"] == 0
