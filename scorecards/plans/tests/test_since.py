"""A commitment beside the released score of its criterion: when it was agreed, and since."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from scorecards.models import Release, ReleasedCell
from scorecards.plans import reading
from scorecards.plans.models import Action
from scorecards.plans.tests import makers
from scorecards.plans.work import district_standing
from scorecards.storage import partitions
from standards.models import Indicator

pytestmark = pytest.mark.django_db


def printed(quarter: str, met: int, place: str = "010201") -> None:
    """A released figure of 100 judged cases of the commune hall."""
    partitions.ensure("scorecards_releasedcell", [quarter])
    people = [User.objects.create_user(f"{quarter}-{n}-{place}") for n in range(2)]
    release = Release.objects.create(
        period=quarter, state="audited", prepared_by=people[0], approved_by=people[1]
    )
    cell = ReleasedCell(
        release=release,
        period=quarter,
        indicator="CA-C1",
        provider_kind="commune",
        place_code=place,
        province_code="01",
        level="commune",
        status="full",
        numerator=met,
        denominator=100,
        share=met / 100,
        low=met / 100 - 0.1,
        high=met / 100 + 0.1,
    )
    cell.save(force_insert=True)
    Release.objects.filter(pk=release.pk).update(
        state="published", is_current=True, published_at=timezone.now()
    )


def test_the_score_when_it_was_agreed_and_since_stand_at_the_commitment(team: User) -> None:
    indicator = Indicator.objects.get(code="CA-C1")
    action = makers.agreed(team, indicator=indicator, provider=makers.hall())
    assert reading.commitments("010201", with_scores=True)[0].since is None
    for quarter, met in (("2025-Q3", 30), ("2025-Q4", 40), ("2026-Q1", 50), ("2026-Q2", 55)):
        printed(quarter, met)  # agreed on 20 January: the first quarter of 2026 is neither
    printed("2026-Q3", 90, place="010202")
    since = reading.commitments("010201", with_scores=True)[0].since
    assert since is not None
    assert since.then is not None
    assert since.now is not None
    assert (since.then.period, since.then.share) == ("2025-Q4", 0.4)
    assert (since.now.period, since.now.share) == ("2026-Q2", 0.55)
    page = Client().get("/commitments/010201/").content.decode()
    for words in ("៤០%", "៣០%", "៥៥%", "៤៥%", "៦៥%"):
        assert words in page
    Action.objects.filter(pk=action.pk).update(score_period="2025-Q3")
    named = reading.commitments("010201", with_scores=True)[0].since
    assert named is not None
    assert named.then is not None
    assert named.then.share == 0.3


def test_what_is_asked_of_a_district_by_kind_level_and_outcome(team: User, lead: User) -> None:
    first = makers.agreed(team, provider=makers.hall(), level="district")
    for number, level in enumerate(("district", "district", "commune")):
        makers.action(team, first.plan, activity=str(number), provider=makers.hall(), level=level)
    makers.action(team, first.plan, activity="joint")
    standing = district_standing(lead, "0102", makers.TODAY)
    lines = standing.outcomes
    result = {(line.kind, line.level): line.counts["agreed"] for line in lines}
    rows = Action.objects.select_related("provider")
    expected: dict[tuple[str, str], int] = {}
    for row in rows:
        kind = row.provider.get_kind_display() if row.provider else "all providers together"
        key = (str(kind), str(row.get_level_display()))
        expected[key] = expected.get(key, 0) + 1
    assert result == expected
    assert lines[0].level == "district"
    assert lines[0].counts["late"] == 3
    assert (standing.asked, standing.late) == (3, 5)
    assert sum(line.agreed for line in standing.communes) == 5
