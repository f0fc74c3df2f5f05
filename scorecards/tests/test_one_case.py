"""Of one changed case only its own fact is made again; the scores are those of everything."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from scorecards import tasks
from scorecards.models import JudgedCase
from scorecards.periods import month_code
from scorecards.pipeline import judge_cases
from scorecards.pipeline.incremental import MOVED, Work
from scorecards.tests.nation import draw_cases, draw_meetings, score_everything, tell_everything
from scorecards.tests.test_two_ways import alarms
from surveys.models import Case, ObservationChange
from surveys.services import correct_case, record_case, void_case
from surveys.tests.country import ASKED, reported_case


@pytest.fixture(params=["PostgreSQL 18", "PostgreSQL 15"])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Statements as this server takes them, and as one does that cannot tell old rows."""
    if request.param == "PostgreSQL 15":
        monkeypatch.setattr(judge_cases, "_tells_old_rows", lambda: False)


@pytest.fixture
def scored(nation: None) -> None:
    draw_cases(200)
    draw_meetings(4)
    score_everything()
    assert alarms() == []


def follow(case: Case) -> None:
    """Compute what the change of this one case asks for; it asked for no other."""
    numbers = set(ObservationChange.objects.values_list("case_number", flat=True))
    assert numbers == {case.pk}
    tasks.recompute_changed()
    assert alarms() == []


def test_a_case_told_corrected_moved_and_voided_is_in_the_scores_each_time(
    server: None, scored: None
) -> None:
    by = User.objects.create_superuser("anybody")
    case = record_case(by=by, reported=reported_case()).observation
    follow(case)
    assert JudgedCase.objects.get(case_id=case.pk).commune_code == "010201"
    for changes in (
        {"fee_paid": 7000},
        {"asked_on": ASKED - timedelta(days=40)},
        {"commune": "020101"},
        {"commune": "010202", "asked_on": ASKED},
    ):
        case = correct_case(case=case, by=by, reason="misheard", **changes)
        follow(case)
        fact = JudgedCase.objects.get(case_id=case.pk)
        assert (fact.commune_code, fact.month) == (case.commune_id, month_code(case.asked_on))
    void_case(case=case, by=by, reason="told twice")
    follow(case)
    assert not JudgedCase.objects.filter(case_id=case.pk).exists()


def tell(case: Case | None, observation: str, of: Case) -> None:
    ObservationChange.objects.create(
        province_code=of.province_code,
        commune_code=of.commune_id,
        month=of.asked_on.replace(day=1),
        observation=observation,
        case_number=case and case.pk,
    )


def test_the_other_cases_of_the_month_are_judged_when_they_are_told_of(scored: None) -> None:
    first, second = Case.objects.filter(
        commune_id="010201", asked_on__month=3, provider__kind="commune", status="received"
    )[:2]
    Case.objects.filter(pk__in=[first.pk, second.pk]).update(visits=4, updated_at=timezone.now())
    JudgedCase.objects.filter(case_id__in=[first.pk, second.pk]).update(visits=1)

    def judged() -> tuple[int | None, int | None]:
        facts = {fact.case_id: fact for fact in JudgedCase.objects.all()}
        return facts[first.pk].visits, facts[second.pk].visits

    tell(None, "vote", first)
    tasks.recompute_changed()
    assert judged() == (1, 1)
    tell(first, "case", first)
    tasks.recompute_changed()
    assert judged() == (0, 1)
    tell(None, "case", first)
    tasks.recompute_changed()
    assert judged() == (0, 0)
    assert alarms() == []


def test_what_is_asked_of_a_commune_adds_up() -> None:
    work = Work.none()
    work.add("2026-02", "vote")
    assert (work.cases, work.votes, work.checks) == (set(), True, False)
    work.add("2026-02", "case", 5)
    work.add("2026-03", "case", 7)
    assert work.cases == {5, 7}
    other = Work.none()
    other.add("2026-02", "case", 9)
    assert (work | other).cases == {5, 7, 9}
    other.add("2026-02", "case")
    other.add("2026-02", "case", 11)
    assert other.cases is None
    assert (work | other).cases is None
    for everything in (MOVED, "anything new"):
        reported_of_all = Work.none()
        reported_of_all.add("2026-02", everything)
        assert reported_of_all.cases is None


def test_changes_of_most_communes_of_a_province_are_computed_as_one(
    scored: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scorecards.pipeline.incremental.ALL_CASES", 1)
    cases = list(Case.objects.filter(province_code="01", asked_on__lt=date(2026, 4, 1))[:30])
    for case in cases:
        Case.objects.filter(pk=case.pk).update(fee_paid=66_000, updated_at=timezone.now())
        tell(case, "case", case)
    tasks.recompute_changed()
    assert alarms() == []
    assert not ObservationChange.objects.exists()


def test_in_a_new_database_the_first_cases_have_their_working_days(nation: None) -> None:
    draw_cases(200)
    tell_everything()
    tasks.recompute_changed()
    assert alarms() == []
    assert JudgedCase.objects.filter(days__isnull=False).exists()
