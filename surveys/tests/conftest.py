import pytest

from accounts.models import User
from surveys.tests.country import make_country, make_person


@pytest.fixture
def country(db: None) -> None:
    make_country()


@pytest.fixture
def facilitator(country: None) -> User:
    return make_person("facilitator", "010201")


@pytest.fixture
def coordinator(country: None) -> User:
    return make_person("coordinator", "01")
