from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Programme, User
from places.models import Place
from surveys.rounds.models import Round
from surveys.rounds.services.plan import plan_round
from surveys.rounds.tests.factories import make_person, planned
from surveys.tests.country import make_country


@pytest.fixture
def country(db: None) -> None:
    make_country()
    call_command("load_roles", verbosity=0)


@pytest.fixture
def programme(country: None) -> Programme:
    made = Programme.objects.create(code="rounds", name_km="ជុំ", name_en="Rounds")
    made.provinces.set(Place.objects.filter(code__in=["01", "02"]))
    return made


@pytest.fixture
def coordinator(country: None) -> User:
    return make_person("coordinator", "01", "coordinator")


@pytest.fixture
def facilitator(country: None) -> User:
    return make_person("facilitator", "010201", "caf.dara")


@pytest.fixture
def make_round(coordinator: User) -> Callable[..., Round]:
    def make(**changes: Any) -> Round:
        return plan_round(by=coordinator, planned=planned(**changes))[0]

    return make
