"""Which communes lack cases, and the results of what a person recorded."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.worklist import counts_for
from surveys.counts import own_cases_changed
from surveys.gathering import ENOUGH, communes_at_work, lacking, progress_of, quarter_of
from surveys.models import CaseRevision
from surveys.services import record_case, void_case
from surveys.tests.country import make_person, reported_case

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}
SINCE = quarter_of(timezone.localdate())


def record(number: int, commune: str = "010201", by: User | None = None, start: int = 0) -> None:
    """``number`` cases asked for on the first day of this quarter."""
    for n in range(start, start + number):
        row = reported_case(
            case_id=f"{commune}-{n}", commune=commune, asked_on=SINCE, received_on=SINCE
        )
        record_case(by=by, job="test", reported=row)


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 1, 1), date(2026, 1, 1)),
        (date(2026, 3, 31), date(2026, 1, 1)),
        (date(2026, 11, 30), date(2026, 10, 1)),
        (date(2026, 12, 31), date(2026, 10, 1)),
    ],
)
def test_quarters_begin_in_january_april_july_and_october(day: date, first: date) -> None:
    assert quarter_of(day) == first


def test_a_commune_lacks_cases_until_the_tenth(facilitator: User) -> None:
    mine = communes_at_work(facilitator)
    assert [place.code for place in mine] == ["010201"]
    record(ENOUGH - 1)
    assert [place.code for place in lacking(mine, SINCE)] == ["010201"]
    assert progress_of(mine, SINCE)[0].lacks == 1
    record(1, start=ENOUGH)
    assert not lacking(mine, SINCE)
    assert progress_of(mine, SINCE)[0].lacks == 0


def test_cases_that_do_not_count_fill_nothing(facilitator: User, coordinator: User) -> None:
    record(ENOUGH)
    case = record_case(by=None, job="test", reported=reported_case(case_id="010201-0")).observation
    void_case(case=case, by=coordinator, reason="told twice")
    (row,) = progress_of(communes_at_work(facilitator), SINCE)
    assert (row.cases, row.lacks) == (ENOUGH - 1, 1)


def test_a_coordinator_is_told_of_communes_at_work_and_of_no_others(
    coordinator: User, facilitator: User
) -> None:
    """010202 has neither a facilitator nor a case; 020101 lies in another province."""
    record(1, "020101")
    assert [place.code for place in communes_at_work(coordinator)] == ["010201"]
    record(1, "010202")
    rows = progress_of(communes_at_work(coordinator), SINCE)
    assert [(row.place.code, row.cases, row.people) for row in rows] == [
        ("010201", 0, [str(facilitator)]),
        ("010202", 1, []),
    ]


def test_the_page_names_the_communes_and_how_many_they_lack(
    client: Client, facilitator: User
) -> None:
    record(3)
    client.force_login(facilitator)
    page = client.get("/field/progress/", headers=ENGLISH).content.decode()
    assert "1 of 1 communes lack cases" in page
    assert "7 cases" in page
    assert "/cases/new/?commune=010201" in page
    home = client.get("/home/", headers=ENGLISH).content.decode()
    assert "1 commune lacks cases this quarter" in home


def test_numbers_are_of_all_communes_and_each_stands_on_one_page(
    client: Client, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("surveys.views.progress.A_PAGE", 1)
    record(ENOUGH, "010201")
    record(1, "010202")
    client.force_login(coordinator)
    pages = [
        client.get(f"/field/progress/?page={n}", headers=ENGLISH).content.decode() for n in (1, 2)
    ]
    assert all("1 of 2 communes lack cases" in page for page in pages)
    named = [[code for code in ("010201", "010202") if f"({code})" in page] for page in pages]
    assert named == [["010202"], ["010201"]]


def test_a_facilitator_reads_what_others_changed_and_why(
    client: Client, facilitator: User, coordinator: User
) -> None:
    record(2, by=facilitator)
    mine = record_case(by=None, job="test", reported=reported_case(case_id="010201-0")).observation
    void_case(case=mine, by=coordinator, reason="the same request twice")
    client.force_login(facilitator)
    page = client.get("/field/outcomes/", headers=ENGLISH).content.decode()
    assert "the same request twice" in page
    assert f"/cases/{mine.pk}/" in page
    results = {c.page: c.number for c in counts_for(facilitator) if c.page == "surveys:outcomes"}
    assert "surveys:outcomes" in results
    changed = CaseRevision.objects.filter(own_cases_changed(facilitator))
    assert changed.count() == 1
    CaseRevision.objects.update(at=timezone.now() - timedelta(days=31))
    assert not changed.all()


def test_what_a_person_changed_themselves_is_no_news(facilitator: User) -> None:
    record(1, by=facilitator)
    case = record_case(by=None, job="test", reported=reported_case(case_id="010201-0")).observation
    void_case(case=case, by=facilitator, reason="mine")
    assert not CaseRevision.objects.filter(own_cases_changed(facilitator))


def test_somebody_elsewhere_sees_nothing_of_it(client: Client, facilitator: User) -> None:
    record(1, by=facilitator)
    client.force_login(make_person("facilitator", "020101"))
    for path in ("/field/progress/", "/field/outcomes/"):
        assert "010201" not in client.get(path, headers=ENGLISH).content.decode()
