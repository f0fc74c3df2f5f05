import pytest

from accounts.models import User
from scorecards.tests.nation import (
    draw_cases,
    draw_meetings,
    make_nation,
    make_person,
    score_everything,
)


@pytest.fixture
def nation(db: None) -> None:
    make_nation()


@pytest.fixture
def scored(nation: None) -> None:
    draw_cases(500)
    draw_meetings(10)
    score_everything()


@pytest.fixture
def coordinator(nation: None) -> User:
    return make_person("coordinator", "")
