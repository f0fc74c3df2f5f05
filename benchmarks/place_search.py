"""Finding a place by name or code among all 16,371, beside the same by walking the table.

``value`` is the 95th percentile, in milliseconds, of ``places.search.find`` over
questions as people type them (names in Khmer and Latin letters, nearly spelled, short,
codes). ``against`` is the same for a plain LIKE and word similarity with the index
switched off, in the same run. Goal: under 20 ms. Nothing is kept: the country is loaded
in a transaction that is rolled back.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.nation import ROOT, say

QUESTIONS = (
    "siem reap", "កំពត", "បន្ទាយ\u200bនាង", "០១០២០១", "poipet", "Kompong Cham", "Banteay Ning",
    "sang", "ph", "tuol", "ភ្នំពេញ", "បន្ទយនាង", "xyzzy", "Sen Sok", "ក", "1204", "preaek",
)  # fmt: skip
ROUNDS = 12


def timed(find: Callable[[str], Any]) -> tuple[float, float]:
    """Return median and 95th percentile of one call, in milliseconds, over all questions."""
    taken = []
    for round_ in range(ROUNDS + 1):
        for question in QUESTIONS:
            start = time.perf_counter()
            find(question)
            if round_:  # the first round warms up
                taken.append(1000 * (time.perf_counter() - start))
    return float(np.median(taken)), float(np.percentile(taken, 95))


def main() -> None:
    """Load the country, ask, ask again without the index, print both."""
    import os
    import sys

    sys.path.insert(0, str(ROOT / "platform"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction

    from places import search
    from places.loading import load_places

    call_command("migrate", verbosity=0)
    with transaction.atomic():
        load_places()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE places_place")
            median, slowest = timed(search.find)
            print(f"with the index: median {median:.1f} ms, p95 {slowest:.1f} ms")
            for way in ("bitmapscan", "indexscan", "indexonlyscan"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
            plain_median, plain = timed(search.find)
            print(f"walking the table: median {plain_median:.1f} ms, p95 {plain:.1f} ms")
        transaction.set_rollback(True)
    say("place-search", slowest, "ms", against=plain)


if __name__ == "__main__":
    main()
