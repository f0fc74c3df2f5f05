from django.core.cache import cache, caches


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
