"""Targets of programmes: who sets them, what they may be, and what the database refuses."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Role
from accounts.services import grant_role
from accounts.tests.factories import make_programme, make_user
from audit.trail import history
from places.models import Place
from scorecards.models import ProgrammeTarget
from scorecards.reading.programme_results import Target, standing_of
from scorecards.targets import key_of, remove_target, set_target
from standards.models import Indicator

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db):
    call_command("load_roles", verbosity=0)
    for code in ("01", "02"):
        Place.objects.create(
            code=code, level="province", kind="khet", name_km=f"ខេត្ត{code}", name_latin=code
        )
    ours, theirs = make_programme("ours", "01"), make_programme("theirs", "02")
    user = make_user(username="lead")
    role = Role.objects.get(code="coordinator")
    grant_role(by=None, user=user, role=role, programme=ours)
    Indicator.objects.create(
        code="CA-C1",
        provider_kinds=["commune"],
        kind="compliance",
        name_km="ក",
        name_en="Official fee respected",
        measured_as_km="ក",
        measured_as_en="share",
    )
    return user, ours, theirs


def test_a_target_of_the_same_measure_and_year_replaces_the_one_before(world):
    user, ours, _theirs = world
    set_target(by=user, programme=ours, year=2026, measure="commune/CA-C1", value=70)
    row = set_target(by=user, programme=ours, year=2026, measure="commune/CA-C1", value=80)
    set_target(by=user, programme=ours, year=2027, measure="people_informed", value=2500)
    assert [(key_of(t), t.year, t.value) for t in ours.targets.all()] == [
        ("people_informed", 2027, 2500.0),
        ("commune/CA-C1", 2026, 80.0),
    ]
    remove_target(by=user, target=row)
    verbs = [entry.verb for entry in history(ours) if entry.verb.startswith("target.")]
    assert verbs == ["target.removed", "target.set", "target.set", "target.set"]


@pytest.mark.parametrize(
    ("measure", "year", "value"),
    [
        ("commune/XX-9", 2026, 50),
        ("police/CA-C1", 2026, 50),
        ("indicator", 2026, 50),
        ("weather", 2026, 50),
        ("actions_moving", 2026, 101),
        ("people_informed", 2026, 0),
        ("commune/CA-C1", 1999, 50),
        ("commune/CA-C1", 2026, float("nan")),
    ],
)
def test_what_cannot_be_reached_is_refused_with_a_sentence(world, measure, year, value):
    user, ours, _theirs = world
    with pytest.raises((ValidationError, ValueError, IntegrityError)), transaction.atomic():
        set_target(by=user, programme=ours, year=year, measure=measure, value=value)
    assert not ours.targets.exists()


def test_only_those_who_manage_the_whole_programme_set_its_targets(world):
    user, ours, theirs = world
    with pytest.raises(PermissionDenied):
        set_target(by=user, programme=theirs, year=2026, measure="actions_moving", value=60)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    assert client.get("/programmes/theirs/targets/").status_code == 404
    given = {"set": "1", "measure": "commune/CA-C1", "year": "២០២៦", "value": "៨០ %"}
    assert client.post("/programmes/ours/targets/", given).status_code == 302
    row = ours.targets.get()
    assert (row.year, row.value) == (2026, 80.0)
    page = client.get("/programmes/ours/targets/").content.decode()
    assert "Commune hall: Official fee respected" in page
    wrong = client.post("/programmes/ours/targets/", {**given, "value": "lots"})
    assert wrong.status_code == 422
    assert "Write a number, such as 80." in wrong.content.decode()
    assert 'value="lots"' in wrong.content.decode()
    assert client.post("/programmes/ours/targets/", {"remove": str(row.pk)}).status_code == 302
    assert client.post("/programmes/ours/targets/", {"remove": "x"}).status_code == 404
    assert not ours.targets.exists()


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"measure": "actions_moving", "value": 120}, "target_value_is_possible"),
        ({"measure": "people_informed", "value": 0}, "target_value_is_possible"),
        ({"measure": "indicator", "value": 10}, "target_names_its_indicator"),
        ({"measure": "actions_moving", "provider_kind": "police", "value": 10}, "target_names"),
        ({"measure": "actions_moving", "value": 10, "year": 1900}, "target_year_is_plausible"),
    ],
)
def test_the_database_refuses_impossible_targets(world, fields, name):
    _user, ours, _theirs = world
    ProgrammeTarget.objects.create(programme=ours, year=2026, measure="actions_moving", value=100)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ProgrammeTarget.objects.create(programme=ours, **{"year": 2025, **fields})
    with pytest.raises(IntegrityError, match="target_once_a_year"), transaction.atomic():
        ProgrammeTarget.objects.create(
            programme=ours, year=2026, measure="actions_moving", value=50
        )


def test_a_share_reaches_its_target_only_with_its_whole_interval():
    target = Target(2026, "indicator", "", "commune", "CA-C1", 80.0)
    nan = float("nan")
    assert standing_of(target, 0.9, 0.82, 0.95) == "met"
    assert standing_of(target, 0.82, 0.75, 0.88) == "open"
    assert standing_of(target, 0.7, 0.6, 0.79) == "below"
    assert standing_of(target, nan, nan, nan) == "unknown"
    people = Target(2026, "people_informed", "", "", "", 1500.0)
    assert standing_of(people, 1500.0, 1500.0, 1500.0) == "met"
    assert standing_of(people, 1490.0, 1490.0, 1490.0) == "below"
