"""Gaps between groups of voters: computed, shown to permitted people, rounded in a release."""

import itertools
import random
import re
import statistics
from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from scorecards import periods, tasks
from scorecards.models import Release, ReleasedCell, VoteGap
from scorecards.pipeline import comparisons, vote_gaps, workday_table
from scorecards.reading import statistics as stored_statistics
from scorecards.releases import lifecycle
from scorecards.tests.nation import make_person, publish, second_person, tell_everything
from standards.models import Provider
from surveys.models import Meeting, Vote
from surveys.tests.country import widen_country

QUARTER = "2026-Q1"
FIRST = date(2026, 1, 5)


def hold(hall: Provider, day: int, seats: list[tuple[int, str, bool | None]]) -> Meeting:
    """One meeting; a seat is a score, the voter's sex, and whether they are young."""
    meeting = Meeting.objects.create(
        meeting_id=f"{hall.code}-{day}-{Meeting.objects.count()}",
        kind="community",
        held_on=FIRST + timedelta(days=day),
        provider=hall,
        commune_id=hall.place_id,
        province_code=hall.place_id[:2],
    )
    Vote.objects.bulk_create(
        Vote(
            vote_id=f"{meeting.meeting_id}-{number}",
            meeting=meeting,
            indicator_code="CA-P1",
            score=score,
            sex=sex,
            youth=youth,
        )
        for number, (score, sex, youth) in enumerate(seats)
    )
    return meeting


@pytest.fixture
def voted(nation: None) -> None:
    """Sixteen communes with one to seven meetings of the halls, drawn from a seed.

    The first has a large one as well: a group of one commune is released from thirty on.
    """
    widen_country(7)
    workday_table.refresh(timezone.localdate())
    rng = random.Random(4)

    def seat() -> tuple[int, str, bool | None]:
        score = rng.randrange(1, 6)
        sex = rng.choice(["female", "female", "male", ""])
        return score, sex, rng.choice([True, False, False, False, None])

    halls = list(Provider.objects.filter(kind="commune").order_by("code"))
    for hall in halls:
        for _ in range(rng.randrange(1, 8)):
            hold(hall, rng.randrange(80), [seat() for _ in range(rng.randrange(2, 9))])
    hold(halls[0], 40, [seat() for _ in range(150)])
    tell_everything()
    tasks.recompute_changed()


@pytest.fixture
def coordinator(voted: None) -> User:
    return make_person("coordinator")


Sides = dict[tuple[str, str], tuple[list[int], list[int]]]


def naive() -> Sides:
    """Scores of the members and of the others, by group and place, in plain loops."""
    sides: Sides = defaultdict(lambda: ([], []))
    for vote in Vote.objects.select_related("meeting"):
        if vote.voided_at or vote.meeting.voided_at or vote.meeting.kind != "community":
            continue
        member = {"women": {"female": True, "male": False}.get(vote.sex), "youth": vote.youth}
        for among, is_in in member.items():
            for place in (vote.meeting.commune_id, vote.meeting.province_code, ""):
                if is_in is not None:
                    sides[among, place][not is_in].append(vote.score)
    return dict(sides)


def test_working_gaps_are_those_of_plain_loops_and_never_of_fewer_than_five(voted: None) -> None:
    hold(Provider.objects.get(code="hall-010201"), 3, [(5, "female", True)] * 9).delete()
    comparisons.compute(periods.parse(QUARTER))
    stored = {
        (row.among, row.place_code): row
        for row in VoteGap.objects.filter(period=QUARTER, release_id=0)
    }
    expected = {key: both for key, both in naive().items() if min(len(side) for side in both) >= 5}
    assert set(stored) == set(expected)
    assert {len(place) for _, place in stored} == {0, 2, 6}
    for key, (inside, outside) in expected.items():
        row = stored[key]
        assert (row.voters, row.others) == (len(inside), len(outside))
        assert row.mean == pytest.approx(statistics.fmean(inside))
        assert row.gap == pytest.approx(statistics.fmean(inside) - statistics.fmean(outside))
        if row.low is not None:
            assert row.low <= row.gap <= row.high
    before = list(VoteGap.objects.order_by("pk").values())
    assert comparisons.compute(periods.parse(QUARTER)).changed == 0
    assert list(VoteGap.objects.order_by("pk").values()) == before


def test_one_meeting_gives_a_gap_without_an_interval(nation: None) -> None:
    hall = Provider.objects.get(code="hall-010201")
    hold(hall, 1, [(2, "female", None)] * 6 + [(4, "male", None)] * 5)
    (row,) = (
        vote_gaps.working(vote_gaps.of_period(periods.parse(QUARTER)))
        .query("level == 'commune'")
        .to_dict("records")
    )
    assert (row["voters"], row["others"], row["gap"]) == (6, 5, -2)
    assert np.isnan(row["low"])


def gaps_for(user: User | None, period: str = QUARTER) -> pd.DataFrame:
    """Everything this person can fetch of gaps, place by place, which must be the whole."""
    client = Client()
    if user is not None:
        client.force_login(user)
    asked = {"period": period}
    rows = client.get("/api/v1/scores/gaps/", asked).json()["results"]
    codes = {row["place_code"] for row in rows}
    parts = [
        client.get("/api/v1/scores/gaps/", {**asked, "place": code}).json()["results"]
        for code in sorted(codes)
    ]
    assert sorted(map(str, itertools.chain(*parts))) == sorted(map(str, rows))
    assert len(stored_statistics.gaps(user, period)) == len(rows)
    return pd.DataFrame(rows)


def test_who_sees_which_gaps(coordinator: User) -> None:
    comparisons.compute(periods.parse(QUARTER))
    council, facilitator = make_person("council_member", "010201"), None
    own = VoteGap.objects.filter(level="commune", release_id=0).first()
    assert own is not None
    facilitator = make_person("facilitator", own.place_code)
    for user in (None, council, make_person("donor")):
        assert gaps_for(user).empty
    assert set(gaps_for(facilitator)["place_code"]) == {own.place_code}
    assert set(gaps_for(coordinator)["level"]) == {"commune", "province", "nation"}
    publish(coordinator, QUARTER)
    released = gaps_for(None)
    assert {"province", "nation"} <= set(released["level"])
    assert not released["working"].any()
    pd.testing.assert_frame_equal(released, gaps_for(council))
    assert gaps_for(None, "2026").empty
    counts = released[["voters", "others", "satisfied", "others_satisfied"]]
    assert (counts % 3 == 0).all(axis=None)
    assert (released[["voters", "others"]] >= 9).all(axis=None)
    assert released[["mean", "others_mean", "gap"]].isna().all(axis=None)
    shares = released["satisfied"] / released["voters"]
    np.testing.assert_allclose(released["share"], shares)
    np.testing.assert_allclose(released["share_gap"], shares - released["others_share"])
    assert (released["share_low"] < released["share_gap"]).all()


def test_scorecards_and_explanations_tell_of_released_groups(coordinator: User) -> None:
    publish(coordinator, QUARTER)
    rows = gaps_for(None)
    commune = rows[rows["level"] == "commune"].iloc[0]
    visitor = Client(headers={"accept-language": "en"})
    asked = {"period": QUARTER, "indicator": "CA-P1", "provider_kind": "commune"}
    pages = [
        visitor.get(f"/communes/{commune['place_code']}/", {"period": QUARTER}),
        *(
            visitor.get("/scores/explain/", asked | {"kind": "commune", "place": code})
            for code in (commune["place_code"], "01", "")
        ),
    ]
    for page in pages:
        assert page.status_code == 200
        assert re.search(r"\d+ in a hundred were satisfied \(about \d+ votes\)", page.text)
        assert not re.search(r"\bnan\b", page.text)


def test_released_groups_are_rounded_numbers_of_ten_or_more_on_both_sides(
    coordinator: User,
) -> None:
    publish(coordinator, QUARTER)
    rows, sides = gaps_for(make_person("donor")), naive()
    assert len(rows) > 5
    for row in rows.to_dict("records"):
        inside, outside = sides[(row["among"], row["place_code"])]
        assert min(len(inside), len(outside)) >= 10
        for scores, judged, satisfied in (
            (inside, "voters", "satisfied"),
            (outside, "others", "others_satisfied"),
        ):
            good = sum(score >= 4 for score in scores)
            assert abs(row[satisfied] - good) <= 2
            assert abs(row[judged] - row[satisfied] - (len(scores) - good)) <= 2


def test_a_correction_by_one_voter_changes_nothing_that_is_told(coordinator: User) -> None:
    publish(coordinator, QUARTER)
    with pytest.raises(DatabaseError, match="published"), transaction.atomic():
        VoteGap.objects.filter(release_id__gt=0).delete()
    key = ["among", "place_code"]
    first = gaps_for(None).set_index(key).drop(columns=["computed_at", "data_until"])
    vote = Vote.objects.exclude(sex="").exclude(youth=None)[0]
    vote.score = 6 - vote.score if vote.score != 3 else 5
    vote.save()
    Vote.objects.exclude(pk=vote.pk).filter(meeting__commune="010201", sex="female")[0].delete()
    publish(coordinator, QUARTER)
    second = gaps_for(None).set_index(key).drop(columns=["computed_at", "data_until"])
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize(
    "change",
    [
        {"voters": 12, "others": 12, "satisfied": 0, "others_satisfied": 0},
        {"satisfied": 1},
        {"share_gap": None, "mean": 2.0, "others_mean": 3.0, "gap": -1.0},
    ],
)
def test_a_group_that_nobody_decided_stops_an_approved_release(
    coordinator: User, change: dict[str, float | None]
) -> None:
    release = lifecycle.prepare(lifecycle.begin(by=coordinator, period=QUARTER).pk)
    release = lifecycle.approve(by=second_person(), release=release)
    row = VoteGap.objects.filter(release_id=release.pk, status="shown").first()
    assert row is not None
    VoteGap.objects.filter(pk=row.pk).update(**change)
    assert lifecycle.publish(release.pk).state == Release.State.FAILED
    assert gaps_for(None).empty


def test_the_database_takes_no_gap_of_four(nation: None) -> None:
    comparisons.compute(periods.parse(QUARTER))
    row = VoteGap(
        period=QUARTER,
        indicator="CA-P1",
        among="women",
        provider_kind="commune",
        level="nation",
        status="shown",
        voters=4,
        others=50,
        mean=2,
        others_mean=2,
        gap=0,
        method_version="1",
        computed_at=timezone.now(),
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_one_sided_groups_and_few_people_of_an_office_have_no_row(nation: None) -> None:
    """A printed 0 means at most two people: of few it says nearly how each one voted."""
    widen_country(3)
    workday_table.refresh(timezone.localdate())
    mixed, one_sided = [2, 5] * 20, {"010201": 5, "010202": 1}
    for hall in Provider.objects.filter(kind="commune"):
        women = [one_sided[hall.place_id]] * 40 if hall.place_id in one_sided else mixed
        everybody = [(score, "female", None) for score in women]
        hold(hall, 1, [*everybody, *((score, "male", None) for score in mixed)])
        staff = mixed[:20] if hall.place_id == "020101" else mixed
        own = hold(hall, 2, [(score, "", None) for score in staff])
        Meeting.objects.filter(pk=own.pk).update(kind=Meeting.Kind.SELF_ASSESSMENT)
    tell_everything()
    tasks.recompute_changed()
    release = publish(make_person("coordinator"), QUARTER)
    assert release.is_current
    community, theirs = (
        set(
            ReleasedCell.objects.filter(
                release_id=release.pk, self_assessment=own, level="commune"
            ).values_list("place_code", flat=True)
        )
        for own in (False, True)
    )
    assert community > {*one_sided}  # all votes of a meeting are printed as before
    assert theirs == community - {"020101"}
    rows = VoteGap.objects.filter(release_id=release.pk, level="commune")
    assert {row.place_code for row in rows} == community - {*one_sided}
