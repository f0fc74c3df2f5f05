"""The country and the people of tests of plans."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from accounts.models import User
from scorecards.plans.models import Action
from scorecards.plans.tests import makers


@pytest.fixture
def country(db: Any) -> None:
    """Commune 010201 and its offices."""
    makers.make_place()


@pytest.fixture
def team(country: None) -> User:
    """A facilitator of the commune."""
    return makers.person("facilitator")


@pytest.fixture
def lead(country: None) -> User:
    """A coordinator of the province."""
    return makers.person("coordinator", "01")


@pytest.fixture
def council(country: None) -> User:
    """A council member of the commune."""
    return makers.person("council")


@pytest.fixture
def agreed(team: User) -> Action:
    """An action of an agreed plan of 2026, promised for 30 June."""
    return makers.agreed(team)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Sentences are compared in English."""
    with translation.override("en"):
        yield
