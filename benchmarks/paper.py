"""Scorecards on paper: seconds for 200 as one file (goal 60), and for one alone (goal 1)."""

import argparse
import json
import os
import time
from typing import Any

import django

SHEETS = 200
PERIODS = ("2026-Q2", "2026-Q3")


def main() -> None:
    """Make a database of its own with full released figures, print scorecards, print seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sheets", type=int, default=SHEETS)
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.conf import settings
    from django.db import connection

    # a name of its own, so that tests of the same checkout are left alone
    connection.settings_dict["TEST"]["NAME"] = "bench_paper"
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        print(json.dumps({"name": "paper", **_measured(given.sheets)}))
    finally:
        connection.creation.destroy_test_db(settings.DATABASES["default"]["NAME"], verbosity=0)


def _measured(count: int) -> dict[str, object]:
    from django.core.management import call_command
    from django.utils import translation

    from dashboards.reports import batch
    from places.models import Place

    call_command("load_country", verbosity=0)
    codes = sorted(Place.objects.communes().values_list("code", flat=True))[:count]
    cells = _fill(codes)
    with translation.override("km"):
        batch.scorecards_as_pdf(codes[-1:], PERIODS[1], "https://example.org")
        started = time.perf_counter()
        batch.scorecards_as_pdf(codes[:1], PERIODS[1], "https://example.org")
        one = time.perf_counter() - started
        started = time.perf_counter()
        size = 0
        for start in range(0, len(codes), batch.AT_ONCE):
            some = codes[start : start + batch.AT_ONCE]
            size += len(batch.scorecards_as_pdf(some, PERIODS[1], "https://example.org"))
        value = time.perf_counter() - started
    return {
        "value": round(value, 1),
        "one": round(one, 2),
        "unit": "s",
        "goal": 60,
        "goal_one": 1,
        "sheets": len(codes),
        "cells": cells,
        "megabytes": round(size / 2**20, 1),
    }


def _cells(codes: list[str], period: str, random: Any) -> Any:
    """Draw the released cells of these communes: every indicator of every service and kind."""
    import pandas as pd

    from scorecards.indicators import KINDS, family_of
    from scorecards.method.estimates.shares import shares
    from standards.models import Indicator, Service

    services = {kind: [""] for kind in KINDS}
    for service in Service.objects.filter(provider_kind__in=KINDS):
        services[service.provider_kind].append(service.code)
    votes = [i for i in Indicator.objects.all() if i.code[3] != "C"]
    rows = [
        (period, indicator, service, kind, code)
        for code in codes
        for kind in KINDS
        for service in services[kind]
        for indicator in family_of(kind).rules
    ]
    rows += [
        (period, indicator.code, "", kind, code)
        for code in codes
        for indicator in votes
        for kind in indicator.provider_kinds
    ]
    named = ["period", "indicator", "service", "provider_kind", "place_code"]
    cells = pd.DataFrame(rows, columns=pd.Index(named))
    judged = pd.Series(3 * random.integers(4, 60, len(cells)))
    met = pd.Series(3 * random.binomial(judged.to_numpy() // 3, 0.7))
    estimates = shares(met, judged)[["share", "low", "high", "status"]]
    cells = cells.assign(numerator=met, denominator=judged).join(estimates)
    return cells.assign(level="commune", province_code=cells["place_code"].str[:2])


def _fill(codes: list[str]) -> int:
    """Release both quarters with every cell of these communes; return the number of cells."""
    from datetime import UTC, datetime

    import numpy as np
    import pandas as pd
    from django.apps import apps
    from django.db import transaction

    from accounts.models import User
    from scorecards import periods
    from scorecards.models import Release
    from scorecards.pipeline import comparisons
    from scorecards.storage import partitions

    random, now = np.random.default_rng(7), datetime(2026, 10, 2, tzinfo=UTC)
    one, two = (User.objects.create(username=name) for name in ("prepares", "approves"))
    total = 0
    for period in PERIODS:
        for table in (
            partitions.RELEASED, partitions.COMPARISONS, partitions.OVERALL, partitions.CLASSES,
        ):  # fmt: skip
            partitions.ensure(table, [period])
        made = Release.objects.create(
            period=period, state="audited", data_until=now, method_version="1", prepared_by=one
        )
        cells = _cells(codes, period, random)
        facts: list[dict[Any, Any]] = cells.to_dict("records")
        model = apps.get_model("scorecards", "ReleasedCell")
        model.objects.bulk_create([model(release=made, **row) for row in facts], batch_size=2000)
        stored = pd.DataFrame(list(model.objects.filter(release=made).values()))
        figures = comparisons.released(periods.parse(period), stored.assign(deff=1.0), now)
        with transaction.atomic():
            comparisons.store(figures, release=made.pk)
        made.state, made.is_current, made.approved_by, made.published_at = (
            "published", True, two, now,
        )  # fmt: skip
        made.save()
        total += len(cells)
    return total


if __name__ == "__main__":
    main()
