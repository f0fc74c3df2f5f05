"""Limits survive restarts, reveal nothing, and use the address that the proxies in front saw."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import timezone

from throttling.addresses import client_address
from throttling.limits import ForgetfulLimit, Limit, any_reached
from throttling.models import Counter

THREE = Limit("test", most=3, minutes=15)


@pytest.mark.django_db
def test_a_limit_is_reached_kept_without_the_cache_and_forgotten() -> None:
    assert [THREE.count("sok", "10.0.0.1") for _try in range(3)] == [1, 2, 3]
    cache.clear()
    assert THREE.is_reached("sok", "10.0.0.1")
    assert not THREE.is_reached("sok", "10.0.0.2")
    assert not THREE.is_reached("sok\n10.0.0.1")
    assert any_reached([(THREE, ("dara",)), (THREE, ("sok", "10.0.0.1"))])
    THREE.forget("sok", "10.0.0.1")
    assert not THREE.is_reached("sok", "10.0.0.1")


@pytest.mark.django_db
def test_the_window_begins_with_the_first_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    THREE.count("a")
    begun = Counter.objects.get().until
    for _try in range(3):
        THREE.count("a")
    assert Counter.objects.get().until == begun
    later = timezone.now() + timedelta(minutes=16)
    monkeypatch.setattr("throttling.limits.timezone.now", lambda: later)
    assert not THREE.is_reached("a")
    assert THREE.count("b") == 1  # which sweeps what is over
    assert Counter.objects.count() == 1


@pytest.mark.django_db
def test_the_table_holds_neither_names_nor_addresses() -> None:
    THREE.count("sokha", "203.0.113.7")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM throttling_counter c")
        row = cursor.fetchone()[0]
    assert "sokha" not in row
    assert "203.0" not in row


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_all_counted() -> None:
    def work() -> None:
        for _try in range(20):
            THREE.count("together")
        connection.close()

    threads = [threading.Thread(target=work) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter.objects.get().count == 80


def test_a_forgetful_limit_counts_and_keeps_nothing() -> None:
    limit = ForgetfulLimit("reports", most=2, minutes=60)
    assert [limit.count("203.0.113.7") for _try in range(2)] == [1, 2]
    assert limit.is_reached("203.0.113.7")
    assert not limit.is_reached("203.0.113.8")
    assert "203.0.113.7" not in str(limit._seen)


def asked(peer: str, *forwarded: str) -> HttpRequest:
    headers = {"X-Forwarded-For": ", ".join(forwarded)} if forwarded else {}
    return RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer)


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "address"),
    [
        (0, "203.0.113.7", [], "203.0.113.7"),
        (0, "203.0.113.7", ["6.6.6.6"], "203.0.113.7"),
        (1, "10.0.0.1", ["6.6.6.6", "203.0.113.7"], "203.0.113.7"),
        (2, "10.0.0.1", ["6.6.6.6", "203.0.113.7", "10.0.0.2"], "203.0.113.7"),
        # nobody forwarded it, or not often enough: the peer is all that is known
        (1, "10.0.0.1", [], "10.0.0.1"),
        (2, "10.0.0.1", ["203.0.113.7"], "10.0.0.1"),
        (1, "10.0.0.1", ["not an address"], "10.0.0.1"),
        (1, "10.0.0.1", [""], "10.0.0.1"),
        # with a port, as some proxies write it
        (1, "10.0.0.1", ["203.0.113.7:4711"], "203.0.113.7"),
        (1, "10.0.0.1", ["[2001:db8:1:2:3:4:5:6]:4711"], "2001:db8:1:2::/64"),
        # one subscriber has a whole /64
        (0, "2001:db8:1:2::1", [], "2001:db8:1:2::/64"),
        (0, "2001:db8:1:2:ffff:ffff:ffff:ffff", [], "2001:db8:1:2::/64"),
        (0, "2001:db8:1:3::1", [], "2001:db8:1:3::/64"),
        (0, "fe80::1%eth0", [], "fe80::/64"),
        (0, "::ffff:203.0.113.7", [], "203.0.113.7"),
        (0, "", [], ""),
    ],
)
def test_where_a_request_comes_from(
    settings: Any, proxies: int, peer: str, forwarded: list[str], address: str
) -> None:
    settings.PROXIES = proxies
    assert client_address(asked(peer, *forwarded)) == address


def test_nobody_else_reads_the_address_of_a_request() -> None:
    """One function knows about proxies; whoever reads REMOTE_ADDR elsewhere goes around it."""
    from pathlib import Path

    root = Path(__file__).resolve().parents[3]
    results = [
        str(path.relative_to(root))
        for folder in ("platform", "surveys", "scorecards", "dashboards")
        for path in (root / folder).rglob("*.py")
        if "tests" not in path.parts
        and "node_modules" not in path.parts
        and ("REMOTE_ADDR" in (text := path.read_text()) or "X-Forwarded-For" in text)
    ]
    assert results == ["platform/throttling/addresses.py"]
