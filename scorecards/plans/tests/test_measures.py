"""Measures of actions against a naive second count and against published values."""

import math
from datetime import date, timedelta

import numpy as np
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from accounts.models import User
from scorecards.plans.measures import measures
from scorecards.plans.models import Action
from scorecards.plans.reading import progress
from scorecards.plans.tests import makers

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 30)


def lives(team: User, count: int) -> list[Action]:
    """Agreed actions, of which every third is confirmed, each after some days of its own."""
    first = makers.agreed(team)
    made = [first, *(makers.action(team, first.plan, activity=str(n)) for n in range(count - 1))]
    for number, one in enumerate(made):
        if number % 3 == 0:
            done = date(2026, 1, 20) + timedelta(days=10 * (number + 1))
            Action.objects.filter(pk=one.pk).update(
                state="confirmed", claim=1, said_done_on=done, confirmed_on=done
            )
        elif number % 5 == 0:
            Action.objects.filter(pk=one.pk).update(
                state="in_progress", claim=1, denials=1, said_done_on=date(2026, 3, 1)
            )
    return list(Action.objects.order_by("pk"))


def test_shares_are_those_of_a_naive_count(team: User) -> None:
    rows = lives(team, 31)
    result = measures("010201", today=TODAY)
    assert result.agreed == 31
    confirmed = [row for row in rows if row.state == "confirmed"]
    in_time = [row for row in confirmed if row.said_done_on <= row.first_due_on]
    claimed = [row for row in rows if row.claim]
    assert result.share("confirmed").numerator == len(confirmed)
    assert result.share("on_time").numerator == len(in_time)
    assert result.share("over_claimed").denominator == len(claimed)
    assert result.share("over_claimed").numerator == sum(row.denials > 0 for row in claimed)


@pytest.mark.parametrize("today", [TODAY, date(2026, 3, 1), date(2027, 6, 30)])
def test_the_donors_progress_counts_what_the_measures_count(team: User, today: date) -> None:
    lives(team, 31)
    result, done = measures("01", today=today), progress(["01"], today=today)
    assert done.agreed == result.agreed == 31
    for share, part, total in (
        ("on_time", "in_time", "passed"),
        ("said_done", "said_done", "agreed"),
        ("confirmed", "confirmed", "agreed"),
        ("denied", "denied", "agreed"),
    ):
        counted = result.share(share)
        assert counted.numerator == getattr(done, part), share
        assert counted.denominator == getattr(done, total), share
        estimated = (counted.share, counted.low, counted.high)
        assert done.share(part, total) == pytest.approx(estimated, nan_ok=True)


def test_the_interval_is_newcombes_wilson() -> None:
    from scorecards.plans.measures.of_place import _share

    got = _share("confirmed", 81, 263)
    assert (round(got.low, 4), round(got.high, 4)) == (0.2553, 0.3662)


def test_the_median_is_that_of_statsmodels(team: User) -> None:
    rows = lives(team, 41)
    Action.objects.filter(pk__in=[row.pk for row in rows[:28]], claim=0).update(
        state="confirmed", claim=1, said_done_on=date(2026, 5, 5), confirmed_on=date(2026, 5, 5)
    )
    rows = list(Action.objects.all())
    days = [((row.confirmed_on or TODAY) - date(2026, 1, 20)).days for row in rows]
    event = [int(row.confirmed_on is not None) for row in rows]
    reference = SurvfuncRight(np.array(days), np.array(event)).quantile(0.5)
    assert measures("01", today=TODAY).median_days == reference


def test_below_ten_actions_no_share_is_given_and_none_is_no_error(team: User) -> None:
    lives(team, 9)
    assert math.isnan(measures("010201", today=TODAY).share("confirmed").share)
    assert measures("0299").agreed == 0
    assert measures(level="ministry").agreed == 0
