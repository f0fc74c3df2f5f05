"""The demo's plans: everyone who works with plans sees them, and making them twice adds nothing."""

from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Role, User
from accounts.services import grant_role
from accounts.tests.factories import make_programme, make_user
from places.models import Place
from scorecards.plans import demo
from scorecards.plans.models import Action, Plan

COMMUNE = "010201"


@pytest.fixture
def people(country: None) -> dict[str, User]:
    """A demo's administrator, council member, and coordinator of its programme alone."""
    call_command("load_roles", verbosity=0)
    programme = make_programme(demo.PROGRAMME, COMMUNE[:2])
    held: dict[str, tuple[str, str | None, Any]] = {
        "admin": ("administrator", None, None),
        "council": ("council_member", COMMUNE, None),
        "coordinator": ("coordinator", COMMUNE[:2], programme),
    }
    found = {}
    for name, (role, place, of) in held.items():
        found[name] = make_user(username=name, is_demo=True)
        grant_role(
            by=None,
            user=found[name],
            role=Role.objects.get(code=role),
            place=Place.objects.get(code=place) if place else None,
            programme=of,
        )
    return found


def test_a_coordinator_of_the_programme_alone_sees_the_demos_plans(
    people: dict[str, User],
) -> None:
    made = demo.make()
    assert made > 0
    for name in ("council", "coordinator"):
        assert Action.objects.visible_to(people[name]).count() >= made
    plans = Plan.objects.count()
    assert demo.make() == 0
    assert Plan.objects.count() == plans
