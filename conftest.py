"""Fixtures and markers for every test.

Tests run on a real PostgreSQL and a real Valkey: those of this checkout, or the
ones named by DATABASE_URL and BROKER_URL. The database is Django's test database,
the broker and cache are a numbered database of Valkey that no other process uses.

Beside pytest-django's fixtures (`db`, `client`, `live_server`, `settings`, ...):

``celery_worker_process``
    A real Celery worker (a process of its own, all queues) working on the test
    database; implies ``transactional_db``. At the end of the test it is idle again.
``drain``
    A function that waits until the worker has done everything that was queued.
``browser``
    One Chromium per run. ``context`` and ``page`` are fresh for each test, in Khmer,
    in Phnom Penh's time; ``new_context(**options)`` makes more (another tablet,
    English: ``locale="en-GB"``). A request that leaves this machine, and an error
    in a page's script, fail the test.
``sign_in``
    ``sign_in(page_or_context, user)`` gives a browser the session of a user.

Every test has one marker of its layer (``unit``, ``database``, ``worker``, ``browser``), added
here from the fixtures it uses; ``@pytest.mark.browser`` is also written out, for the reader. Mark
by hand what is ``national`` (loads the whole country) or ``slow`` (starts programs of its own):
`make test-fast` leaves both out, and the browser.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from config import servers
from config.queues import QUEUES
from tests.database_flush import drop_for_certain, empty_only_what_has_rows
from tests.database_template import copy_instead_of_migrating

ROOT = Path(__file__).resolve().parent
LOCAL = {"127.0.0.1", "localhost", "[::1]", "::1", ""}

# A busy machine is no fault of the code: no example fails by the clock.
hypothesis_settings.register_profile(
    "any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("any-machine")


def _of_this_run(address: str) -> str:
    """A database of Valkey for this test process alone: gw0 has 1, gw1 has 2, ..."""
    number = 1 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    return urlunsplit(urlsplit(address)._replace(path=f"/{number}"))


def _prepare_settings() -> None:
    """Separate everything that tests write to from what people use."""
    broker = django_settings.CELERY_BROKER_URL
    if broker.startswith("amqp"):  # a virtual host that these tests have for themselves
        if "PYTEST_XDIST_WORKER" in os.environ:
            raise pytest.UsageError("On RabbitMQ tests run in one process: pytest -n 0")
        os.environ["CACHE_URL"] = django_settings.CELERY_RESULT_BACKEND
    else:
        broker = _of_this_run(broker)
        django_settings.CELERY_RESULT_BACKEND = broker
    os.environ["BROKER_URL"] = broker
    django_settings.CELERY_BROKER_URL = broker
    servers.broker.cache_clear()
    django_settings.CACHES["default"]["LOCATION"] = servers.cache_address()
    django_settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    # Static files come straight from the source folders: no `collectstatic` before tests.
    django_settings.WHITENOISE_AUTOREFRESH = True
    django_settings.WHITENOISE_USE_FINDERS = True
    # Argon2 is slow on purpose; tests that are not about it need not wait for it.
    django_settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        *django_settings.PASSWORD_HASHERS,
    ]
    # Most tests have no worker; the one that reads uploaded forms has a test of its own.
    django_settings.FORMS_COMPILED_BY_WORKER = False
    # Tests sign in by a session alone; those of the second factor set this to True.
    django_settings.SECOND_FACTOR_REQUIRED = False
    # A test database need not survive a power cut.
    os.environ.setdefault("PGOPTIONS", "-c synchronous_commit=off")
    # Playwright keeps an event loop in this thread, beside which Django's ORM is used.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


_prepare_settings()
drop_for_certain()
empty_only_what_has_rows()
copy_instead_of_migrating()


def _layer(item: pytest.Item) -> str:
    """The layer a test belongs to, by the heaviest thing it uses."""
    used = set(getattr(item, "fixturenames", ()))
    if item.get_closest_marker("browser") or "browser" in used:
        return "browser"
    if "_worker" in used:
        return "worker"
    if item.get_closest_marker("django_db") or used & {"db", "transactional_db"}:
        return "database"
    return "unit"


def _is_heavy(item: pytest.Item) -> bool:
    """Return whether the test starts programs of its own or loads the whole country."""
    return bool({"slow", "national"} & {marker.name for marker in item.iter_markers()})


def _is_fast(item: pytest.Item, layer: str) -> bool:
    """Return whether `make test-fast` runs it: units, and database tests of platform packages."""
    in_platform = (ROOT / "platform") in item.path.parents
    return not _is_heavy(item) and (layer == "unit" or (layer == "database" and in_platform))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every test the marker of its layer, and ``fast`` to those of `make test-fast`.

    Files with long tests come first: one that is begun last keeps the other processes waiting.
    """
    long_files = set()
    for item in items:
        layer = _layer(item)
        item.add_marker(layer)
        if _is_fast(item, layer):
            item.add_marker("fast")
        if layer in {"browser", "worker"} or _is_heavy(item):
            long_files.add(item.path)
    items.sort(key=lambda item: item.path not in long_files)


@pytest.fixture(autouse=True)
def _media_of_this_test(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(scope="session", autouse=True)
def _empty_broker() -> Iterator[None]:
    """Leave nothing in this run's broker, and find nothing there."""
    _forget_messages()
    yield
    _forget_messages()


def _forget_messages() -> None:
    """Empty the database of Valkey, or the queues of RabbitMQ."""
    import redis

    if django_settings.CELERY_BROKER_URL.startswith("amqp"):
        _empty_queues()
        return
    with redis.Redis.from_url(django_settings.CELERY_BROKER_URL) as valkey:
        valkey.flushdb()


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Empty the cache, so that no test sees what another one cached."""
    yield
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def forget_remembered() -> Callable[[], None]:
    """Return a function that makes this process forget which tablets and forms it knows."""

    def forget() -> None:
        from surveys.forms import published_versions
        from surveys.openrosa import authentication

        published_versions.forget()
        authentication.forget_holders()

    return forget


def test_database_url() -> str:
    """The test database's address, for programs the tests start."""
    from django.db import connection

    names = connection.settings_dict
    who = quote(names["USER"], safe="")
    if names["PASSWORD"]:
        who += ":" + quote(names["PASSWORD"], safe="")
    host = quote(names["HOST"], safe="")
    port = f"&port={names['PORT']}" if names["PORT"] else ""
    return f"postgresql://{who}@/{quote(names['NAME'], safe='')}?host={host}{port}"


test_database_url.__test__ = False  # type: ignore[attr-defined]  # a name pytest would collect


@pytest.fixture(scope="session")
def _worker(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One worker for all tests of this process; returns its Celery name."""
    name = f"tests-{os.getpid()}@localhost"
    log = tmp_path_factory.mktemp("worker") / "worker.log"
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-n", name]
    command += ["-Q", ",".join(QUEUES), "-c", "1", "-l", "INFO", "--without-mingle"]
    environment = {
        **os.environ,
        "DATABASE_URL": test_database_url(),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        wait_for(
            lambda: b" ready." in log.read_bytes() or process.poll() is not None,
            what="the Celery worker to be ready",
        )
        assert process.poll() is None, log.read_text()
        yield name
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture
def drain(_worker: str) -> Callable[[], None]:
    """Wait until the queues are empty and the worker rests."""
    from celery import current_app

    def idle() -> bool:
        if _queued():
            return False
        look = current_app.control.inspect([_worker], timeout=5, limit=1)
        held = [look.reserved() or {_worker: True}, look.active() or {_worker: True}]
        return not any(any(of_worker.values()) for of_worker in held) and not _queued()

    def wait() -> None:
        wait_for(idle, what="the worker to finish")

    return wait


@pytest.fixture
def celery_worker_process(
    transactional_db: None, _worker: str, drain: Callable[[], None]
) -> Iterator[str]:
    """A worker at work on the test database; idle before the tables are emptied.

    It takes messages only meanwhile: what other tests send must not be done behind their
    backs, nor into tables that are being emptied.
    """
    _empty_queues()
    _ask_worker(_worker, "add_consumer")
    yield _worker
    drain()
    _ask_worker(_worker, "cancel_consumer")


def _queued() -> int:
    """Messages that wait in the queues, or that a worker of Valkey has not confirmed."""
    import redis
    from celery import current_app

    if not django_settings.CELERY_BROKER_URL.startswith("amqp"):
        with redis.Redis.from_url(django_settings.CELERY_BROKER_URL) as valkey:
            return sum(valkey.llen(queue) for queue in QUEUES) + valkey.hlen("unacked")
    with current_app.connection_for_read() as connection:
        channel = connection.default_channel
        return sum(channel.queue_declare(q, passive=True).message_count for q in QUEUES)


def _empty_queues() -> None:
    """Forget what tests without a worker have sent."""
    import redis
    from celery import current_app

    if not django_settings.CELERY_BROKER_URL.startswith("amqp"):
        with redis.Redis.from_url(django_settings.CELERY_BROKER_URL) as valkey:
            valkey.delete(*QUEUES)
        return
    with current_app.connection_for_write() as connection:
        for queue in django_settings.CELERY_TASK_QUEUES:
            bound = queue(connection.default_channel)
            bound.declare()
            bound.purge()


def _ask_worker(name: str, command: str) -> None:
    """Tell the worker to take messages, or to leave them, and wait until it does."""
    from celery import current_app

    for queue in QUEUES:
        replies = current_app.control.broadcast(
            command,
            arguments={"queue": queue},
            destination=[name],
            reply=True,
            timeout=20,
            limit=1,
        )
        assert replies, f"the worker did not answer to {command}"
        assert "ok" in replies[0][name], replies


def wait_for(true: Callable[[], Any], *, what: str, seconds: float = 120) -> None:
    """Wait until a condition holds; fail with a sentence when it never does."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            pytest.fail(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.02)


def wait_for_page(page: Any, script: str, arg: Any = None, *, seconds: float = 30) -> None:
    """Wait until a script of a page answers with something true.

    Playwright's own ``wait_for_function`` evaluates text in the page from its second try on, which
    the content security policy of our pages refuses.
    """
    wait_for(lambda: page.evaluate(script, arg), what=script, seconds=seconds)


def chromium_path() -> str:
    """The Chromium of this machine."""
    names = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
    for name in filter(None, names):
        if path := shutil.which(name):
            return path
    pytest.fail("Chromium is missing: `make test` installs it, or name it in CHROMIUM.")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium that cannot reach anything but this machine."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=chromium_path(),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
            ],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def new_context(browser: Any) -> Iterator[Callable[..., Any]]:
    """Make browser contexts: each has its own cookies, storage and service workers."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def watch(request: Any) -> None:
        url = urlsplit(request.url)
        if url.scheme in {"http", "https", "ws", "wss"} and (url.hostname or "") not in LOCAL:
            complaints.append(f"a request left this machine: {request.url}")

    def listen(message: Any) -> None:
        if "Content Security Policy" in message.text:
            complaints.append(message.text)

    def make(**options: Any) -> Any:
        defaults = {"locale": "km-KH", "timezone_id": "Asia/Phnom_Penh"}
        context = browser.new_context(**{**defaults, **options})
        context.set_default_timeout(30_000)
        context.on("request", watch)
        context.on("weberror", lambda error: complaints.append(f"error in a page: {error.error}"))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert not complaints, complaints


@pytest.fixture
def context(new_context: Callable[..., Any]) -> Any:
    """A fresh browser context in Khmer."""
    return new_context()


@pytest.fixture
def page(context: Any) -> Any:
    """A fresh page in Khmer."""
    return context.new_page()


@pytest.fixture
def sign_in(live_server: Any) -> Callable[[Any, Any], None]:
    """Give a page or a context the session of a user."""
    from django.test import Client

    def enter(where: Any, user: Any) -> None:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
        context = getattr(where, "context", where)
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])

    return enter
