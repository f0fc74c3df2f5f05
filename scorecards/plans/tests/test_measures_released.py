"""Measures in releases: exact where public one by one, rounded where they count people."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Programme, User
from places.models import Place
from scorecards.method.estimates.intervals import wilson
from scorecards.models import Release
from scorecards.plans import reading
from scorecards.plans.measures import counts, release, shown, table
from scorecards.plans.measures.definitions import BY_CODE, OF_PEOPLE
from scorecards.plans.models import Action, MeasureCell, MeasureRelease
from scorecards.plans.tests import makers
from standards.models import Provider
from surveys.rounds.models import InformationSession, Round, RoundStage

pytestmark = pytest.mark.django_db
LAST = date(2026, 9, 30)


def published(period: str = "2026-Q3", previous: Release | None = None) -> Release:
    if previous is not None:
        Release.objects.filter(pk=previous.pk).update(is_current=False)
    people = [User.objects.create_user(f"n{User.objects.count()}-{n}") for n in range(2)]
    return Release.objects.create(
        period=period,
        state=Release.State.PUBLISHED,
        is_current=True,
        previous=previous,
        prepared_by=people[0],
        approved_by=people[1],
        published_at=timezone.now(),
    )


def lives(team: User, count: int) -> None:
    """Agreed actions: every third confirmed, every fifth denied, every fourth moved."""
    first = makers.agreed(team)
    made = [first, *(makers.action(team, first.plan, activity=str(n)) for n in range(count - 1))]
    for number, one in enumerate(made):
        facts: dict[str, Any] = {"moves": int(number % 4 == 0)}
        if number % 3 == 0:
            day = date(2026, 1, 20) + timedelta(days=12 * (number + 1))
            facts |= {"state": "confirmed", "claim": 1, "said_done_on": day, "confirmed_on": day}
        elif number % 5 == 0:
            facts |= {"state": "in_progress", "claim": 1, "denials": 1, "said_done_on": LAST}
        Action.objects.filter(pk=one.pk).update(**facts)


def session(number: int, women: int, people: int) -> None:
    InformationSession.objects.create(
        session_id=f"s{number}",
        kind="information",
        commune=Place.objects.get(code="010201"),
        held_on=LAST,
        topic="t",
        trainer="t",
        people=people,
        women=women,
    )


def test_every_level_has_the_share_of_a_naive_count_with_wilsons_interval(team: User) -> None:
    lives(team, 31)
    published()
    assert release.release_measures() == 1
    assert release.release_measures() == 0, "once a release"
    rows = list(Action.objects.all())
    claimed = [row for row in rows if row.claim]
    passed = [row for row in rows if row.first_due_on < LAST]
    naive = {
        "confirmed": (sum(row.state == "confirmed" for row in rows), len(rows)),
        "said_done": (len(claimed), len(rows)),
        "denied": (sum(row.denials > 0 for row in claimed), len(claimed)),
        "moved": (sum(row.moves > 0 for row in rows), len(rows)),
        "on_time": (
            sum(
                row.state == "confirmed" and row.said_done_on <= row.first_due_on for row in passed
            ),
            len(passed),
        ),
    }
    for place in ("", "01", "0102", "010201"):
        results = {one.measure.code: one for one in reading.measures(place)}
        for code, (met, total) in naive.items():
            assert (results[code].numerator, results[code].denominator) == (met, total), code
            low, high = wilson(met, total)
            assert (results[code].low, results[code].high) == (
                pytest.approx(low),
                pytest.approx(high),
            )
    by_level = [one for one in shown.released("010201", splits=True) if one.split == "commune"]
    assert {one.measure.code for one in by_level} == {"confirmed", "on_time"}


def test_below_ten_nothing_is_printed_and_a_later_change_waits_for_the_next_release(
    team: User,
) -> None:
    lives(team, 9)
    first = published()
    release.release_measures()
    assert reading.measures("010201") == []
    published(previous=first)
    makers.action(team, Action.objects.first().plan, activity="tenth")  # type: ignore[union-attr]
    assert reading.measures("010201") == []
    release.release_measures()
    assert {one.denominator for one in reading.measures("010201")} == {10}


def test_numbers_of_people_are_rounded_and_small_changes_repeat_the_print(team: User) -> None:
    for number in range(4):
        session(number, women=7, people=11)
    first = published()
    release.release_measures()
    before = {one.measure.code: one for one in reading.measures("0102")}["women"]
    assert before.numerator % 3 == before.denominator % 3 == 0
    assert abs(before.numerator - 28) <= 2
    assert abs(before.denominator - 44) <= 4
    assert before.is_rounded
    session(99, women=2, people=3)  # three more people: the same print again
    second = published(previous=first)
    release.release_measures()
    again = {one.measure.code: one for one in reading.measures("0102")}["women"]
    assert (again.numerator, again.denominator) == (before.numerator, before.denominator)
    session(100, women=12, people=20)
    published(previous=second)
    release.release_measures()
    renewed = {one.measure.code: one for one in reading.measures("0102")}["women"]
    assert abs(renewed.numerator - 42) <= 2, "ten and more have changed"


def test_no_number_of_people_is_printed_exactly_and_small_groups_are_not_printed(
    team: User,
) -> None:
    session(1, women=8, people=9)  # fewer than ten came
    published()
    release.release_measures()
    assert not MeasureCell.objects.filter(measure__in=OF_PEOPLE).exists()
    session(2, women=6, people=6)
    decided = release.decide_people("2026-Q3")
    people = table.printed(decided)
    assert (people["numerator"] % 3 == 0).all()
    assert (people["denominator"] >= 9).all()


def test_keys_of_gatherings_add_up_as_the_database_would(team: User) -> None:
    for number in range(40):
        session(number, women=number % 5, people=10)
    people_by_commune = counts.people_by_commune()
    women = people_by_commune.loc[people_by_commune["measure"] == "women"].iloc[0]
    from django.conf import settings

    from scorecards.method.disclosure.record_keys import Kind, record_keys

    with_women = InformationSession.objects.filter(women__gt=0).values_list("pk", flat=True)
    keys = record_keys(Kind.SESSION, list(with_women), settings.ROUNDING_SECRET)
    assert int(women["met_key"]) == sum(map(int, keys)) % 2**64


def make_round(year: int, half: int, *done: str, planned: date = LAST) -> Round:
    made = Round.objects.create(
        code=f"{year % 100:02d}{half}{Round.objects.count():03d}",
        provider=Provider.objects.get(code="hall-010201"),
        commune_id="010201",
        programme=Programme.objects.first(),
        year=year,
        half=half,
    )
    for name in ("met", "agreed", "followed_up"):
        RoundStage.objects.create(
            round=made,
            name=name,
            planned_on=planned,
            done_on=LAST if name in done else None,
        )
    return made


def test_rounds_held_plans_agreed_and_full_cycles(team: User) -> None:
    full = ("met", "agreed", "followed_up")
    for year, half in ((2025, 1), (2025, 2), (2026, 1)):
        make_round(year, half, *full)
    make_round(2026, 2, "met")
    make_round(2024, 1)
    make_round(2024, 2, planned=LAST + timedelta(days=40))  # not due yet
    result = counts.by_commune(LAST)

    def of(measure: str) -> tuple[int, int]:
        row = result.loc[result["measure"] == measure].iloc[0]
        return int(row["met"]), int(row["total"])

    assert of("rounds_held") == (4, 5)
    assert of("plans_agreed") == (3, 4)
    assert of("three_cycles") == (1, 1)


def test_places_far_from_the_nation_are_marked_and_small_ones_are_not() -> None:
    rows = pd.DataFrame(
        [("confirmed", "", f"01{n:02d}01", 50, 100) for n in range(1, 30)]
        + [("confirmed", "", "013001", 5, 100), ("confirmed", "", "013101", 1, 5)],
        columns=list(counts.COLUMNS),
    )
    result = table.exact(rows).set_index("place_code")
    assert result.loc["013001", "standing"] == "far_below"
    assert result.loc["010101", "standing"] == "as_expected"
    assert result.loc["013101", "standing"] == "not_drawn"


def test_the_page_the_file_and_the_api_say_the_same(team: User, client: Client) -> None:
    lives(team, 31)
    published()
    release.release_measures()
    page = client.get("/commitments/?place=010201", headers={"accept-language": "en"})
    text = page.content.decode()
    assert str(BY_CODE["confirmed"].name) in text
    assert "11 of 31" in text
    assert "Median days" not in text, "days are not released"
    answer = client.get("/commitments/measures.csv?place=0102")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    payload = client.get("/api/v1/plan-measures/?place=0102").json()
    assert [{k: str(v) for k, v in row.items()} for row in payload] == rows
    assert {row["place"] for row in rows} == {"0102", "010201"}
    client.force_login(team)
    inside = client.get("/commitments/?place=010201", headers={"accept-language": "en"})
    assert "Median days" in inside.content.decode(), "the team sees its working figures"
    for wrong in ("?place=999999", "?measure=none", "?period=2001-Q1"):
        assert client.get(f"/commitments/{wrong}").status_code == 404
        assert client.get(f"/api/v1/plan-measures/{wrong}").status_code == 404
    assert MeasureRelease.objects.count() == 1
