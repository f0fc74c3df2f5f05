"""Weights of the overall score: set on a page, counted at the next calculation, set back."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, Role, User
from accounts.tests.factories import make_user
from audit.models import Entry
from places.models import Place
from scorecards import weights
from scorecards.models import IndicatorWeight, Overall, PendingComparison, Release
from scorecards.pipeline import comparisons
from scorecards.storage import partitions
from standards.models import Indicator

pytestmark = pytest.mark.django_db
PAGE = "/scores/weights/"


@pytest.fixture
def nation() -> Iterator[User]:
    """Somebody who changes national standards; every indicator that has a published weight."""
    call_command("load_roles", verbosity=0)
    for code in weights.published():
        Indicator.objects.create(
            code=code,
            provider_kinds=[
                {"CA": "commune", "HC": "health_centre", "PS": "primary_school"}[code[:2]]
            ],
            kind="compliance",
            **{f"name_{x}": code for x in ("km", "en")},
            **{f"measured_as_{x}": "-" for x in ("km", "en")},
        )
    user = make_user(username="national")
    Membership.objects.create(user=user, role=Role.objects.get(code="administrator"))
    return user


def sent(**changes: str) -> dict[str, str]:
    return {code: f"{weight}" for code, weight in weights.in_use().items()} | changes


def test_a_weight_set_on_the_page_is_what_the_calculation_uses(nation: User) -> None:
    before = comparisons.weights()
    assert before.to_dict() == {code: float(w) for code, w in weights.published().items()}
    partitions.ensure("scorecards_overall", ["2026-Q1", "2026-Q2"])
    released = Release.objects.create(period="2026-Q1")
    Overall.objects.bulk_create(
        Overall(
            period=code,
            release_id=release,
            provider_kind="commune",
            place_code="010201",
            level="commune",
            coverage=0,
            parts_judged=0,
            parts_total=6,
            method_version="1",
            computed_at=timezone.now(),
        )
        for code, release in (("2026-Q2", 0), ("2026-Q1", released.pk))
    )
    client = Client()
    client.force_login(nation)
    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE, sent(**{"CA-C1": "២.៥"})).status_code == 422, "a reason is needed"
    client.post(PAGE, sent(**{"CA-C1": "២.៥"}, reason="agreed with the ministry"))
    assert comparisons.weights()["CA-C1"] == 2.5
    assert comparisons.weights().drop("CA-C1").equals(before.drop("CA-C1"))
    assert list(PendingComparison.objects.values_list("period", flat=True)) == ["2026-Q2"]
    entry = Entry.objects.get(verb="indicator.weighted")
    assert (entry.before, entry.after) == ({"CA-C1": "1"}, {"CA-C1": "2.5"})
    assert "agreed with the ministry" in client.get(PAGE).content.decode()
    client.post(PAGE, sent(published="1", reason="back"))
    assert comparisons.weights().equals(before)
    assert not IndicatorWeight.objects.exists()
    for wrong in ("0", "-1", "101", "1.234", "NaN", "Infinity", "x", ""):
        answer = client.post(PAGE, sent(**{"HC-C1": wrong}, reason="x"))
        assert (answer.status_code, weights.in_use()) == (422, weights.published()), wrong


def test_only_who_changes_national_standards_and_only_above_zero(nation: User) -> None:
    province = Place.objects.create(
        code="01", level="province", kind="khet", name_km="ក", name_latin="x"
    )
    lead = make_user(username="lead")
    role = Role.objects.get(code="coordinator")
    Membership.objects.create(user=lead, role=role, place=province)
    with pytest.raises(PermissionDenied):
        weights.set_weights(by=lead, weights={"CA-C1": Decimal(2)}, reason="x")
    client = Client()
    client.force_login(lead)
    assert client.get(PAGE).status_code == 403
    indicator = Indicator.objects.get(code="CA-C1")
    with pytest.raises(IntegrityError, match="weight_is_above_zero"), transaction.atomic():
        IndicatorWeight.objects.create(indicator=indicator, weight=0)
