import pytest

from scorecards.tests.nation import make_nation


@pytest.fixture
def nation(db: None) -> None:
    make_nation()
