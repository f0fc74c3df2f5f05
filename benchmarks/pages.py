"""The slowest page of each role under eight clients, with ten million cases behind it.

``value`` is the 95th percentile, in milliseconds, of the slowest of the pages below, each asked
before (goal: 50). Printed beside it: the slowest page's first answer after a new release (goal:
300), and every page. Size: ``BENCH_CASES`` (default 10,000,000).
"""

import os
from typing import Any

import numpy as np

from benchmarks import _released, field, nation

CLIENTS, SECONDS = 8, 20.0
QUARTER = "2026-Q1"
PAGES = (
    "/compare/",
    "/compare/?level=district",
    "/compare/?level=province",
    "/compare/?province=11&sort=name",
    "/compare/place/",
    "/communes/050107/",
    "/districts/0501/",
    "/donor/",
    "/donor/provinces/",
    "/services/service-1/",
    f"/released/en/{QUARTER}/commune/CA-C1/all/commune/all",
)


def main() -> None:
    """Build or open the nation, release, ask every page; then release again and ask once."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["ALLOWED_HOSTS"] = "localhost,127.0.0.1"
    first, second = _released.open_released(nation.cases_wanted(10_000_000))
    try:
        # released pages as a visitor reads them; the donor's pages need a donor's account
        cookie = _released.session_of(_donor())
        requests = [_released.wire(p, cookie if p.startswith("/donor") else "") for p in PAGES]
        with field.web_server() as port:
            for request in requests:  # imports, templates, shapes: each worker once
                for _worker in range(6):
                    _released.ask_once(port, request)
            taken = _released.read(port, requests, CLIENTS, SECONDS)
            _released.release(QUARTER, first, second)
            once = [_released.ask_once(port, request) for request in requests]
        slow = [float(np.percentile(times, 95)) for times in taken]
        for page, p95, after, times in zip(PAGES, slow, once, taken, strict=True):
            print(
                f"{page}: p95 {p95:.0f} ms of {len(times)}, median {np.median(times):.0f}; "
                f"first after a release {after:.0f} ms"
            )
        print(f"first after a release, slowest: {max(once):.0f} ms (goal 300)")
        nation.say("pages", max(slow), "ms", 50)
    finally:
        nation.drop_unless_kept()


def _donor() -> Any:
    """Somebody with the role of a donor and no other."""
    from django.core.management import call_command

    from accounts.models import Membership, Role, User

    call_command("load_roles", verbosity=0)
    user, _ = User.objects.get_or_create(username="bench-donor")
    Membership.objects.get_or_create(user=user, role=Role.objects.get(code="donor"))
    return user


if __name__ == "__main__":
    main()
