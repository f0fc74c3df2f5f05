import pytest
from django.utils import timezone

from accounts.models import User
from scorecards import tasks
from scorecards.pipeline import workday_table
from scorecards.tests.nation import (
    draw_cases,
    draw_meetings,
    make_nation,
    make_person,
    tell_everything,
)


@pytest.fixture
def nation(db: None) -> None:
    make_nation()


@pytest.fixture
def scored(nation: None) -> None:
    workday_table.refresh(timezone.localdate())
    draw_cases(500)
    draw_meetings(10)
    tell_everything()
    tasks.recompute_changed()


@pytest.fixture
def coordinator(nation: None) -> User:
    return make_person("coordinator", "")
