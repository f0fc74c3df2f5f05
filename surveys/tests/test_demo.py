"""The invented country: the same from the same seed, true to its truth, never beside real data."""

import csv
import io
import json
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from statsmodels.stats.proportion import proportion_confint

from accounts.models import User
from standards.loading import load_indicators
from surveys.demo.make import Made, Wish, make
from surveys.models import Case, Check, ObservationChange, Vote
from surveys.services import record_case
from surveys.tests.country import reported_case, widen_country

UNTIL = date(2026, 10, 31)


@pytest.fixture
def country_loaded(country: None) -> None:
    """Two provinces of some twenty communes, and the roles, which the demo invents upon."""
    widen_country()
    load_indicators()
    call_command("load_roles", stdout=io.StringIO())


def invent(folder: Path, cases: int = 1500, **wish: Any) -> Made:
    defaults = {"cases": cases, "provinces": 2, "seed": 7, "until": UNTIL, "rho": 0.0}
    return make(
        Wish(**{**defaults, **wish}),
        truth_path=folder / "truth.csv",
        accounts_path=folder / "accounts.json",
        replace=True,
    )


def everything() -> list[tuple[Any, ...]]:
    fields = [
        "case_id",
        "commune_id",
        "provider__code",
        "service__code",
        "asked_on",
        "received_on",
        "status",
        "fee_paid",
        "visits",
        "recorded_at",
        "facilitator__username",
        "content_hash",
    ]
    return list(Case.objects.order_by("case_id").values_list(*fields))


@pytest.mark.django_db
@pytest.mark.usefixtures("country_loaded")
def test_the_same_seed_makes_the_same_country_and_another_seed_another(tmp_path: Path) -> None:
    made = invent(tmp_path)
    first, truth = everything(), (tmp_path / "truth.csv").read_text()
    assert len(first) == made.cases == 1500
    assert ObservationChange.objects.exists()
    people = {
        a["username"] for a in json.loads((tmp_path / "accounts.json").read_text())["accounts"]
    }
    assert people == {
        "admin", "national", "coordinator", "facilitator", "council", "district", "donor", "keeper",
        "staff",
    }  # fmt: skip
    assert not User.objects.filter(is_demo=False).exists()
    assert User.objects.get(username="donor").check_password(made.accounts["password"])
    invent(tmp_path)
    assert [row[:-1] for row in everything()] == [row[:-1] for row in first]
    assert (tmp_path / "truth.csv").read_text() == truth
    invent(tmp_path, seed=8)
    assert everything() != first
    assert Case.objects.filter(status="open").exists()
    assert Case.objects.filter(fee_paid=None).exists()
    assert Vote.objects.exists()
    assert Check.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("country_loaded")
def test_the_true_shares_lie_inside_their_intervals_as_often_as_promised(tmp_path: Path) -> None:
    invent(tmp_path, cases=6000)
    with (tmp_path / "truth.csv").open(encoding="utf-8") as file:
        truth = {
            (row["provider"], row["indicator"]): float(row["true_share"])
            for row in csv.DictReader(file)
        }
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])

    def count(provider: str, indicator: str, met: bool) -> None:
        counts[provider, indicator][0] += met
        counts[provider, indicator][1] += 1

    finished = Case.objects.exclude(status__in=["abandoned", "open"])
    for case in finished.select_related("provider", "standard"):
        kind, code = case.provider.kind, case.provider.code
        owed = None
        if case.standard is not None and case.standard.fee is not None:
            concession = case.standard.fee_concession
            fee = concession if case.poor_card and concession is not None else case.standard.fee
            owed = fee * case.units
        if case.fee_paid is not None and owed is not None:
            fee_code = {"health_centre": "HC-C1", "primary_school": "PS-C1"}.get(kind, "CA-C1")
            count(code, fee_code, case.fee_paid <= owed)
        if kind in {"commune", "police", "owso"} and case.visits is not None:
            count(code, "CA-C4", case.visits <= 2)
        if kind == "health_centre" and case.medicine_given is not None:
            count(code, "HC-C4", case.medicine_given)
    for code, indicator, score in Vote.objects.filter(meeting__kind="community").values_list(
        "meeting__provider__code", "indicator_code", "score"
    ):
        count(code, indicator, score >= 4)
    for code, indicator, present in Check.objects.exclude(present=None).values_list(
        "provider__code", "indicator_code", "present"
    ):
        count(code, indicator, bool(present))
    cells = [key for key, (_met, n) in counts.items() if n >= 10]
    met, judged = np.array([counts[key] for key in cells]).T
    low, high = proportion_confint(met, judged, method="wilson")
    inside = np.array([low[i] <= truth[key] <= high[i] for i, key in enumerate(cells)])
    assert len(cells) > 150
    # 95% give or take three standard errors of this many cells
    assert abs(inside.mean() - 0.95) < 3 * np.sqrt(0.95 * 0.05 / len(cells)) + 0.01


@pytest.mark.django_db
def test_real_cases_are_never_joined_by_invented_ones(
    country: None, coordinator: User, tmp_path: Path, settings: Any
) -> None:
    record_case(by=coordinator, reported=reported_case())
    with pytest.raises(CommandError, match="real cases"):
        invent(tmp_path)
    Case.objects.all().delete()
    settings.LIVE = True
    with pytest.raises(CommandError, match="LIVE"):
        invent(tmp_path)
    assert not list(tmp_path.iterdir())
