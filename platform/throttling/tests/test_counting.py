"""Events counted in a window: each once, by all processes together, until the window ends."""

import threading

from django.core.cache import cache

import throttling


def test_events_are_counted_and_limits_reached() -> None:
    assert [throttling.count("a", seconds=60) for _event in range(3)] == [1, 2, 3]
    assert throttling.counted("a") == 3
    assert throttling.counted("never") == 0
    assert throttling.any_reached({"a": 3, "b": 1})
    assert not throttling.any_reached({"a": 4, "b": 1})
    assert not throttling.any_reached({})


def test_the_window_is_not_prolonged_by_later_events() -> None:
    throttling.count("a", seconds=60)
    throttling.count("a", seconds=9999)
    assert 0 < cache._cache.get_client(write=False).ttl(cache.make_key("a")) <= 60


def test_a_window_that_ends_between_two_questions_begins_anew(monkeypatch) -> None:
    throttling.count("a", seconds=60)

    def ended(*_about: object) -> int:
        cache.delete("a")
        raise ValueError

    monkeypatch.setattr(cache, "incr", ended)
    assert throttling.count("a", seconds=60) == 1
    assert throttling.counted("a") == 1


def test_nothing_is_lost_when_many_count_at_once() -> None:
    threads = [
        threading.Thread(target=lambda: [throttling.count("a", seconds=60) for _n in range(50)])
        for _thread in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert throttling.counted("a") == 300
