"""Common parts of the benchmarks of pages: a nation with released quarters, and clients."""

import threading
import time
from collections.abc import Sequence
from typing import Any

from benchmarks import field, nation
from benchmarks.compare_page import _complete_the_country

QUARTERS = ("2025-Q1", "2025-Q4", "2026-Q1")


def open_released(cases: int, quarters: Sequence[str] = QUARTERS) -> tuple[Any, Any]:
    """Build the nation with scores, release ``quarters``, and return the two who released them."""
    nation.open_nation(cases, scored=True)
    from accounts.models import User
    from scorecards.releases import lifecycle

    _complete_the_country()
    people = []
    for name in ("bench", "bench-second"):
        user, _ = User.objects.get_or_create(
            username=name, defaults={"is_superuser": True, "is_staff": True}
        )
        people.append(user)
    for quarter in quarters:
        if not lifecycle.is_released(quarter):
            release(quarter, *people)
    nation.read_once()
    return people[0], people[1]


def release(quarter: str, first: Any, second: Any) -> None:
    """Prepare, approve and publish one quarter."""
    from scorecards.releases import lifecycle

    with nation.clock(f"release of {quarter}"):
        made = lifecycle.prepare(lifecycle.begin(by=first, period=quarter).pk)
        done = lifecycle.publish(lifecycle.approve(by=second, release=made).pk)
    if done.state != "published":
        raise SystemExit(f"{quarter} was not published: {done.note}")


def session_of(user: Any) -> str:
    """Return the cookie of a session of ``user``, for a client outside this process."""
    from django.conf import settings
    from django.test import Client

    from accounts.second_factor import SHOWN

    client = Client()
    client.force_login(user)
    session = client.session  # as after a second factor at sign-in
    session[SHOWN] = "benchmark"
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def wire(path: str, cookie: str = "") -> bytes:
    """Return a GET request as bytes."""
    kept = f"Cookie: {cookie}\r\n" if cookie else ""
    return (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Language: en\r\n"
        f"Accept-Encoding: identity\r\n{kept}\r\n"
    ).encode()


def ask_once(port: int, request: bytes) -> float:
    """Milliseconds of one request on its own connection; ends the run unless the answer is 200."""
    start = time.perf_counter()
    status = field.Line(port).ask(request)
    if status != 200:
        raise SystemExit(f"answer {status} to {request.splitlines()[0].decode()}")
    return 1000 * (time.perf_counter() - start)


def read(port: int, requests: Sequence[bytes], clients: int, seconds: float) -> list[list[float]]:
    """Return milliseconds of each request by its position, sent in turn by so many clients."""
    taken: list[list[float]] = [[] for _request in requests]
    wrong: list[int] = []
    until = time.monotonic() + seconds

    def work(first: int) -> None:
        line, at = field.Line(port), first
        while time.monotonic() < until:
            start = time.perf_counter()
            status = line.ask(requests[at % len(requests)])
            taken[at % len(requests)].append(1000 * (time.perf_counter() - start))
            if status != 200:
                wrong.append(status)
            at += 1

    threads = [threading.Thread(target=work, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise SystemExit(f"answers other than 200: {sorted(set(wrong))}")
    return taken
