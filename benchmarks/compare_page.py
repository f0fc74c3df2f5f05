"""The page that compares communes, with a million cases, against the bare SQL of its rows.

``value`` is the 95th percentile, in milliseconds, of the server's time for /compare/ as a
coordinator asks for it, each question for the first time: none of its answer is cached yet;
PostgreSQL has read the scores before, as every night's run does. ``against`` is the same percentile
for one SELECT of the same cells and communes. Printed before: the same page asked again, while its
scores have not changed. Goal: 50 ms.
"""

import os
import time
from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from benchmarks.nation import cases_wanted, drop_unless_kept, open_nation, read_once, say

PERIODS = ("2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1", "2026")
INDICATORS = ("CA-C1", "CA-C2", "CA-C3", "CA-C4", "CA-C5")
SERVICES = ("", "service-1", "service-7", "service-12")

BARE = """
SELECT p.code, p.name_km, p.name_latin, p.longitude, p.latitude, s.numerator, s.denominator,
    s.share, s.low, s.high, s.status
FROM places_place p LEFT JOIN scorecards_score s ON s.place_code = p.code AND s.period = %s
    AND s.indicator = %s AND s.service = %s AND s.provider_kind = 'commune'
    AND s.level = 'commune' AND NOT s.self_assessment
WHERE p.level = 'commune' ORDER BY p.code
"""


def milliseconds(act: Callable[[], Any]) -> float:
    """Measure the time of one call, in milliseconds."""
    start = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    """Build the nation, ask every question twice, and once in SQL.

    Print the 95th percentile of each.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    open_nation(cases_wanted(1_000_000), scored=True)
    try:
        _measure()
    finally:
        drop_unless_kept()


def _measure() -> None:
    from django.conf import settings
    from django.core.cache import cache
    from django.test import Client

    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    # the page is measured, not the sign-in, whose second factor a superuser would have to show
    settings.SECOND_FACTOR_REQUIRED = False
    client.force_login(_coordinator())
    _complete_the_country()
    read_once()
    first, again, bare = [], [], []
    client.get("/compare/")  # imports and templates
    cache.clear()
    for period, indicator, service in product(PERIODS, INDICATORS, SERVICES):
        asked = {"period": period, "indicator": indicator, "service": service, "kind": "commune"}
        ask = partial(client.get, "/compare/", asked)
        first.append(milliseconds(ask))
        again.append(milliseconds(ask))
        bare.append(milliseconds(partial(_select, [period, indicator, service])))
    for name, taken in (("first", first), ("again", again), ("bare SQL", bare)):
        print(
            f"{name}: median {np.median(taken):.1f} ms, p95 {np.percentile(taken, 95):.1f} ms"
            f" of {len(taken)}",
            flush=True,
        )
    say("compare-page", float(np.percentile(first, 95)), "ms", float(np.percentile(bare, 95)))


def _select(values: list[str]) -> list[Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(BARE, values)
        return list(cursor.fetchall())


def _coordinator() -> Any:
    from accounts.models import User

    result, _ = User.objects.get_or_create(
        username="bench", defaults={"is_superuser": True, "is_staff": True}
    )
    return result


def _complete_the_country() -> None:
    """Add names of indicators, and a point for each commune, so that the map is drawn too."""
    from django.db import connection

    from scorecards.indicators import FAMILIES
    from standards.models import Indicator

    for family in FAMILIES:
        for position, code in enumerate(family.rules):
            Indicator.objects.get_or_create(
                code=code,
                defaults={
                    "provider_kinds": list(family.kinds),
                    "kind": "compliance",
                    "name_km": code,
                    "name_en": code,
                    "measured_as_km": code,
                    "measured_as_en": code,
                    "position": position,
                },
            )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE places_place SET longitude = 102.4 + random() * 5, latitude = 10.5 +"
            " random() * 4 WHERE level = 'commune'"
        )
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    main()
