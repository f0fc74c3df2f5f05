import pytest

from surveys.openrosa import doors
from surveys.submissions import arrive, later
from surveys.submissions.tests import factories


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch):
    """What a process remembers for seconds must not leak from one test's rows to the next."""
    arrive.forget_targets()
    doors.forget_holders()
    monkeypatch.setattr(later, "_woken_until", 0.0)


@pytest.fixture
def programme(db):
    return factories.programme()


@pytest.fixture
def form(programme):
    return factories.published(programme)


@pytest.fixture
def tablet(programme):
    return factories.tablet(programme)


@pytest.fixture
def key(tablet):
    app_user, token = tablet
    return f"/v1/key/{token}/projects/{app_user.programme_id}"


@pytest.fixture
def rosa(client):
    """The test client, speaking OpenRosa."""
    client.defaults["HTTP_X_OPENROSA_VERSION"] = "1.0"
    return client
