"""``manage.py release``: which quarters, in which order, and what it says when it cannot."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from scorecards.models import Comparison, Release
from scorecards.reading import scores
from scorecards.tests.nation import draw_cases, make_person, score_everything

QUARTERS = ["2026-Q1", "2026-Q2"]


@pytest.fixture
def scored(nation: None) -> None:
    draw_cases(900)
    score_everything()
    make_person("coordinator", "")
    make_person("administrator", "")


def released(**options: Any) -> str:
    output = io.StringIO()
    call_command("release", by="coordinator-", stdout=output, **options)
    return output.getvalue()


def test_one_quarter_is_prepared_and_published_only_if_asked(scored: None) -> None:
    text = released(period=QUARTERS[0])
    assert "cells printed, 0 of them repeated" in text
    assert "0 withdrawn" in text
    assert "0 checks failed" in text
    assert scores.periods(None) == []
    assert "Published." in released(period=QUARTERS[0], approved_by="administrator-")
    again = released(period=QUARTERS[0])
    printed = Release.objects.filter(is_current=True).get().printed
    assert f"{printed} cells printed, {printed} of them repeated" in again
    assert [period.code for period in scores.periods(None)] == QUARTERS[:1]


def test_of_several_the_older_comes_first_so_that_the_newer_tells_what_changed(
    scored: None,
) -> None:
    released(all=True, latest=2, approved_by="administrator-")
    order = Release.objects.order_by("published_at").values_list("period", flat=True)
    assert list(order) == QUARTERS
    newer = Release.objects.get(period=QUARTERS[1])
    arrows = Comparison.objects.filter(release_id=newer.pk).values_list("arrow", flat=True)
    assert set(arrows) - {"not_comparable"}


def test_what_cannot_be_released_is_told_in_a_sentence(scored: None) -> None:
    with pytest.raises(CommandError, match="nobody is called"):
        call_command("release", by="nobody at all", period=QUARTERS[0])
    with translation.override("en"):
        for period, outcome in (
            ("2026-07", "Only quarters"),
            ("2026-Q5", "is not a period: write"),
            ("2031-Q1", "There are no figures of this quarter"),
        ):
            with pytest.raises(CommandError, match=outcome):
                released(period=period)
    with pytest.raises(CommandError, match="two people"):
        released(period=QUARTERS[0], approved_by="coordinator-")
    with pytest.raises(CommandError, match="1 or more"):
        released(all=True, latest=0)
    member = make_person("council_member", "010201")
    with pytest.raises(CommandError, match="may not release"):
        call_command("release", by=member.username, period=QUARTERS[0])
    assert not Release.objects.exists()
