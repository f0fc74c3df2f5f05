from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache, caches

from accounts import throttle
from config.cache import Cache
from config.embedded.valkey import free_port


def test_every_question_is_put_by_the_same_client():
    for write in (False, True):
        assert cache._cache.get_client(write=write) is cache._cache.get_client("any", write=write)


def test_what_is_kept_is_read_back_and_forgotten_in_time():
    cache.set("once", {"share": 0.5}, 60)
    cache.set_many({"one": 1, "two": "two"}, 60)
    assert cache.get("once") == {"share": 0.5}
    assert cache.get_many(["one", "two", "three"]) == {"one": 1, "two": "two"}
    cache.set("once", "gone", 0)
    assert cache.get("once") is None


def test_two_caches_never_share_a_client():
    other = caches.create_connection("default")
    assert other._cache.get_client() is not cache._cache.get_client()


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cache]:
    """A cache whose server does not answer."""
    monkeypatch.setattr("config.cache._asks_again_at", 0.0)
    monkeypatch.setattr("config.cache._is_away", False)
    made = Cache(f"redis://127.0.0.1:{free_port()}/0", {})
    yield made
    made._own.clear()


def test_a_cache_that_is_away_is_an_empty_one_and_the_log_says_so(
    away: Cache, caplog: pytest.LogCaptureFixture
) -> None:
    assert away.get("a", "nothing") == "nothing"
    assert away.get_many(["a", "b"]) == {}
    assert not away.delete("a")
    with pytest.raises(ValueError, match="a"):
        away.incr("a")
    assert [record.message for record in caplog.records] == [
        "The cache does not answer: ConnectionError"
    ]


def test_what_is_counted_is_counted_by_each_process_while_the_cache_is_away(away: Cache) -> None:
    assert away.add("tries", 1, 60)
    assert not away.add("tries", 1, 60)
    assert [away.incr("tries") for _again in range(3)] == [2, 3, 4]
    assert away.get_many(["tries"]) == {"tries": 4}


@pytest.mark.django_db
def test_guessing_is_limited_without_the_cache(
    away: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _try in range(throttle.PAIR.most):
        assert not throttle.minutes_to_wait(name="sok", address="203.0.113.7")
        throttle.count_failure(name="sok", address="203.0.113.7")
    assert throttle.minutes_to_wait(name="sok", address="203.0.113.7")


def test_a_cache_that_is_back_forgets_what_the_process_kept_meanwhile(
    away: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    away.set("fee", 4000)
    assert away.get("fee") == 4000
    back = Cache(settings.CACHES["default"]["LOCATION"], {})
    back._own = away._own
    monkeypatch.setattr("config.cache._asks_again_at", 0.0)
    assert back.get("fee") is None
    assert away._own.get("fee") is None
