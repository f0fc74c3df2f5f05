"""Inputs: entitlements by day, what was there, and the checks that the scores know."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from standards.loading import load_indicators
from surveys.models import Check
from surveys.rounds.loading import load_entitlements
from surveys.rounds.models import Entitlement, InputFound, Round
from surveys.rounds.reading import inputs_of
from surveys.rounds.services.inputs import record_inputs
from surveys.rounds.tests.factories import make_person

SEEN = date(2026, 3, 2)


@pytest.fixture
def row(make_round: Callable[..., Round]) -> Round:
    load_indicators()
    load_entitlements()
    return make_round()


def test_the_entitlements_load_twice_alike(row: Round) -> None:
    every = Entitlement.objects.count()
    assert load_entitlements() == (0, every)
    assert {e.code for e in Entitlement.objects.in_force("commune", SEEN)} == {
        "ca-i1", "ca-i2", "ca-i3", "ca-i4", "ca-cashier", "ca-notice"
    }  # fmt: skip


def test_what_was_there_stands_beside_what_should_be_and_becomes_a_check(
    row: Round, facilitator: User
) -> None:
    results = {"ca-i1": 1, "ca-i2": 0, "ca-i3": None}
    record_inputs(by=facilitator, round=row, present=results, seen_on=SEEN)
    lines = {line.entitlement.code: line for line in inputs_of(row)}
    assert [lines[c].missing for c in ("ca-i1", "ca-i2", "ca-i3", "ca-i4")] == [0, 1, None, None]
    checks = dict(Check.objects.values_list("indicator_code", "present"))
    assert checks == {"CA-I1": True, "CA-I2": False}
    record_inputs(by=facilitator, round=row, present=results, seen_on=SEEN)
    assert Check.objects.count() == 2
    assert InputFound.objects.count() == 3


def test_the_standard_of_the_day_counts(row: Round) -> None:
    Entitlement.objects.filter(code="ca-i1").update(valid_to=date(2026, 2, 28))
    Entitlement.objects.create(
        provider_kind="commune", code="ca-i1", quantity=3, name_km="ក", name_en="a",
        valid_from=date(2026, 3, 1), source="test",
    )  # fmt: skip
    assert next(x.entitled for x in inputs_of(row) if x.entitlement.code == "ca-i1") == 3
    row.stages.filter(name="met").update(planned_on=date(2026, 2, 27))
    assert next(x.entitled for x in inputs_of(row) if x.entitlement.code == "ca-i1") == 1


@pytest.mark.parametrize(
    ("present", "day"), [({"nothing": 1}, SEEN), ({"ca-i1": 10**7}, SEEN), ({}, date(2099, 1, 1))]
)
def test_what_cannot_be_is_refused(
    row: Round, facilitator: User, present: dict[str, int | None], day: date
) -> None:
    with pytest.raises(ValidationError):
        record_inputs(by=facilitator, round=row, present=present, seen_on=day)
    assert not InputFound.objects.exists()


def test_nobody_records_inputs_elsewhere(row: Round) -> None:
    with pytest.raises(PermissionDenied):
        record_inputs(
            by=make_person("facilitator", "020101", "far"), round=row, present={}, seen_on=SEEN
        )


def test_a_standard_is_replaced_from_a_day_on_and_can_be_taken_back(
    row: Round, client: Client
) -> None:
    national = make_person("administrator", None, "national")
    client.force_login(national)
    page = reverse("rounds:entitlements")
    old = Entitlement.objects.get(code="ca-i3", provider_kind="commune")
    typed = {
        "replaces": str(old.pk), "provider_kind": "police", "name_km": "តុ", "name_en": "Counters",
        "quantity": "២", "valid_from": "០១/០៣/២០២៦", "source": "Prakas",
    }  # fmt: skip
    assert client.post(page, typed | {"source": ""}).status_code == 422
    assert client.post(page, typed).status_code == 302
    new = Entitlement.objects.get(code="ca-i3", valid_from=date(2026, 3, 1))
    assert (new.provider_kind, new.quantity, new.indicator_code) == ("commune", 2, "CA-I3")
    old.refresh_from_db()
    assert old.valid_to == date(2026, 2, 28)
    load_entitlements()
    old.refresh_from_db()
    assert old.valid_to == date(2026, 2, 28), "what was shipped stays ended"
    assert next(x.entitled for x in inputs_of(row) if x.entitlement.code == "ca-i3") == 2
    again = client.post(page, typed | {"replaces": str(new.pk)})
    assert again.status_code == 422, "not from the same day on"
    undo = reverse("rounds:take_back", args=[new.pk])
    assert "Take back" in client.get(page, headers={"accept-language": "en"}).content.decode()
    record_inputs(by=national, round=row, present={"ca-i3": 2}, seen_on=SEEN)
    client.post(undo)
    assert Entitlement.objects.filter(pk=new.pk).exists(), "a round was compared with it"
    InputFound.objects.all().delete()
    client.post(undo)
    old.refresh_from_db()
    assert (Entitlement.objects.filter(pk=new.pk).exists(), old.valid_to) == (False, None)
    client.force_login(make_person("coordinator", "01", "provincial"))
    assert client.get(page).status_code == 403


@pytest.mark.parametrize("broken", [{"quantity": 0}, {"source": ""}, {"valid_to": "1990-01-01"}])
def test_the_database_refuses_entitlements_that_cannot_be(
    row: Round, broken: dict[str, object]
) -> None:
    Entitlement.objects.update(valid_from=date(2020, 1, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Entitlement.objects.filter(code="ca-i1", provider_kind="commune").update(**broken)


def test_the_pages_record_inputs_and_the_staffs_own_scores(
    client: Client, row: Round, facilitator: User
) -> None:
    client.force_login(facilitator)
    shown = client.get(reverse("rounds:inputs", args=[row.uuid])).content.decode()
    assert f'value="{timezone.localdate():%d/%m/%Y}"' in shown, "a day as it is typed"
    typed = {"seen_on": "០២/០៣/២០២៦", "ca-i1": "១", "ca-i2": ""}
    assert client.post(reverse("rounds:inputs", args=[row.uuid]), typed).status_code == 302
    assert InputFound.objects.get(entitlement__code="ca-i1").present == 1
    staff = make_person("provider_staff", "010201", "staff")
    client.force_login(staff)
    page = reverse("rounds:assess", args=[row.uuid])
    assert client.get(page).status_code == 200
    wrong = client.post(page, {"held_on": "02/03/2026", "people": "2", "CA-P1:5": "3"})
    assert wrong.status_code == 422
    scores = {"held_on": "02/03/2026", "people": "៥", "women": "2", "CA-P1:5": "៣", "CA-P1:4": "2"}
    assert client.post(page, scores).status_code == 302
    shown = client.get(reverse("rounds:interface", args=[row.uuid])).content.decode()
    assert shown.count("<tr>") >= 2
    assert client.post(page, scores).status_code == 422
