"""The demo's known truth lies in the stored 95% intervals as often as they promise."""

import csv
import io
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from django.core.management import call_command
from django.utils import timezone

from scorecards import tasks
from scorecards.method.estimates.intervals import wilson
from scorecards.models import DesignEffect, Score
from scorecards.pipeline import design_effects, workday_table
from standards.loading import load_indicators
from standards.models import Provider
from surveys.demo.make import Wish, make
from surveys.tests.country import make_country, widen_country

CENSORED = "CA-C2"
"""Requests so recent that they are open are left out of it: tests of section 3 look at that."""


def coverage(cells: pd.DataFrame) -> float:
    """How many of the intervals hold the truth."""
    held = (cells["low"] <= cells["truth"]) & (cells["truth"] <= cells["high"])
    return float(held.mean())


@pytest.mark.django_db
def test_stored_intervals_hold_the_truth_of_a_clustered_demo(tmp_path: Path) -> None:
    make_country()
    widen_country()
    load_indicators()
    call_command("load_roles", stdout=io.StringIO())
    workday_table.refresh(timezone.localdate())
    wish = Wish(cases=7000, provinces=2, seed=11, until=date(2026, 10, 31), rho=0.1)
    make(wish, truth_path=tmp_path / "truth.csv", accounts_path=tmp_path / "a.json", replace=True)
    tasks.recompute_changed()
    design_effects.weigh()
    honest = stored(tmp_path / "truth.csv")
    low, high = wilson(honest["met"], honest["judged"])
    naive = honest.assign(low=low, high=high)  # as if no two cases came together
    assert len(honest) > 500
    assert DesignEffect.objects.get(indicator="CA-C1", year="2026").rho == pytest.approx(
        0.1, abs=0.05
    )
    # 93 to 97%, as far as so many cells of one demo can tell
    chance = 2.0 * (0.95 * 0.05 / len(honest)) ** 0.5
    assert 0.93 - chance <= coverage(honest) <= 0.97 + chance
    assert coverage(naive) < coverage(honest) - chance
    # indicator by indicator nobody is far off: chance alone moves a hundred cells by 2 points
    for code, cells in honest.groupby("indicator"):
        if len(cells) >= 60:
            assert 0.87 <= coverage(cells) <= 1.0, code


def stored(truth: Path) -> pd.DataFrame:
    """Cells of whole years with an interval, each with the true share it estimates."""
    with truth.open(encoding="utf-8") as file:
        rows = {
            (r["provider"], r["indicator"]): float(r["true_share"]) for r in csv.DictReader(file)
        }
    seats = {
        (p.place_id, p.kind): p.code
        for p in Provider.objects.filter(kind__in=["commune", "police"])
    }
    codes = dict(Provider.objects.values_list("pk", "code"))
    scores = Score.objects.filter(
        period__in=["2025", "2026"], service="", self_assessment=False, low__isnull=False
    ).exclude(indicator=CENSORED)
    cells = []
    for score in scores:
        if score.level == "provider":
            code = codes[score.provider_id]
        elif score.level == "commune" and score.provider_kind in ("commune", "police"):
            code = seats[score.place_code, score.provider_kind]
        else:
            continue
        cells.append(
            (
                score.indicator,
                score.low,
                score.high,
                score.numerator,
                score.denominator,
                rows[code, score.indicator],
            )
        )
    return pd.DataFrame(cells, columns=["indicator", "low", "high", "met", "judged", "truth"])
