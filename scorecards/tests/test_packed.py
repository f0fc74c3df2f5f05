"""Figures travel packed: what is unpacked is what stands in the rows, one by one."""

import math
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from accounts.models import User
from scorecards import tasks
from scorecards.models import Score
from scorecards.pipeline import workday_table
from scorecards.reading import score_columns, scores
from scorecards.tests.nation import draw_cases, draw_meetings, make_person, tell_everything

QUARTER = "2026-Q1"
PLAIN = [f.name for f in Score._meta.fields if f.name in score_columns.COLUMNS]


@pytest.fixture
def coordinator(nation: None) -> User:
    workday_table.refresh(timezone.localdate())
    draw_cases(300)
    draw_meetings(10)
    tell_everything()
    tasks.recompute_changed()
    return make_person("coordinator", "")


def alike(outcome: Any, stored: Any) -> bool:
    """Is it the same value? Of numbers and moments NaN is what is not there."""
    if stored is None:
        return outcome is None or outcome != outcome
    return bool(outcome == stored)


def test_every_unpacked_value_is_the_one_that_is_stored(coordinator: User) -> None:
    table = scores.everything(coordinator, QUARTER)
    stored = Score.objects.filter(period=QUARTER).order_by(
        "place_code", "provider_kind", "provider_id", "service", "indicator", "self_assessment"
    )
    rows = list(stored.values(*PLAIN))
    assert len(table) == len(rows) > 100
    assert any(row["distribution"] for row in rows)
    assert any(row["share"] is None for row in rows)
    unlike = [
        (name, outcome, row[name])
        for name in PLAIN
        for outcome, row in zip(table[name], rows, strict=True)
        if not alike(outcome, row[name])
    ]
    assert unlike == []


def test_numbers_are_floats_moments_have_a_zone_and_flags_can_be_written_to(
    coordinator: User,
) -> None:
    for period in (QUARTER, "1999-Q1"):  # also where there is no row at all
        arrays = scores.arrays(coordinator, period=period, indicator="CA-C1")
        lengths = {len(column) for column in arrays.values()}
        assert lengths == {len(arrays["place_code"])}
        assert all(arrays[name].dtype == np.float64 for name in score_columns.NUMBERS)
        assert str(arrays["computed_at"].tz) == "UTC"
        arrays["working"][:] = False
        assert isinstance(arrays["status"], list)


def test_a_number_that_is_not_there_is_nan_and_never_zero(coordinator: User) -> None:
    Score.objects.filter(period=QUARTER, level="nation").update(share=None, median=None)
    table = scores.place(coordinator, "", QUARTER)
    assert len(table)
    assert all(math.isnan(value) for value in [*table["share"], *table["median"]])
