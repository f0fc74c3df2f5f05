"""Answers remembered by one process: for their seconds, up to their number, never "not found"."""

from concurrent.futures import ThreadPoolExecutor

from cachetools import TTLCache

from caching import ProcessCache


class Clock:
    """A clock that goes on only when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def with_clock(most: int, seconds: float) -> tuple[ProcessCache[str, int], Clock]:
    clock, cache = Clock(), ProcessCache[str, int](most=most, seconds=seconds)
    cache._entries = TTLCache(maxsize=most, ttl=seconds, timer=clock)
    return cache, clock


def test_an_entry_is_found_until_its_seconds_are_over() -> None:
    cache, clock = with_clock(10, 5)
    asked: list[str] = []

    def find() -> int:
        asked.append("once more")
        return 7

    assert cache.get_or_find("a", find) == cache.get_or_find("a", find) == 7
    assert len(asked) == 1
    clock.now = 4.9
    assert cache.get("a") == 7
    clock.now = 5.0
    assert cache.get("a") is None
    assert cache.get_or_find("a", find) == 7
    assert len(asked) == 2


def test_what_was_not_found_is_asked_again() -> None:
    cache, _clock = with_clock(10, 5)
    assert cache.get_or_find("a", lambda: None) is None
    assert cache.get_or_find("a", lambda: 1) == 1


def test_a_full_cache_forgets_the_oldest_and_nothing_else() -> None:
    cache, _clock = with_clock(3, 60)
    for number, key in enumerate("abcd"):
        cache.keep(key, number)
    assert [cache.get(key) for key in "abcd"] == [None, 1, 2, 3]
    cache.forget("b")
    cache.forget("never there")
    assert cache.get("b") is None
    cache.clear()
    assert [cache.get(key) for key in "cd"] == [None, None]


def test_threads_may_use_it_at_once() -> None:
    cache = ProcessCache[int, int](most=50, seconds=0.001)
    with ThreadPoolExecutor(8) as pool:
        result = pool.map(lambda n: cache.get_or_find(n % 100, lambda: n % 100), range(5000))
        assert list(result) == [n % 100 for n in range(5000)]
