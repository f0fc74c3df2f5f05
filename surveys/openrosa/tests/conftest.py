import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import test_database_url, wait_for
from surveys.forms import published_versions
from surveys.openrosa import authentication
from surveys.submissions.notify import wakeups
from surveys.submissions.tests import factories


@pytest.fixture(autouse=True)
def nothing_remembered():
    """What a process remembers for seconds must not leak from one test's rows to the next."""
    published_versions.forget()
    authentication.forget_holders()
    yield
    wakeups.waking.cancel()


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


ROOT = Path(__file__).resolve().parents[3]


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def _granian(django_db_setup, tmp_path_factory):
    """The real web server on the test database: it reads chunked bodies as Django's own does not."""
    port = _free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "config.wsgi:application"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--blocking-threads", "9", "--log-level", "warning"]
    media = tmp_path_factory.mktemp("granian-media")
    environment = {
        **os.environ,
        "DATABASE_URL": test_database_url(),
        "MEDIA_ROOT": str(media),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
    }
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        wait_for(lambda: _answers(port) or process.poll() is not None, what="granian to answer")
        assert process.poll() is None
        yield f"http://127.0.0.1:{port}", media
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def server(transactional_db, _granian, settings):
    """Address of a real web server that sees this test's rows and files."""
    url, media = _granian
    settings.MEDIA_ROOT = media
    return url
