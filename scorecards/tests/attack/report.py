"""The full attack and the experiments as tables: for ``make bench NAME=attack``."""

from collections.abc import Sequence

import pandas as pd
from django.db import transaction

from scorecards import periods
from scorecards.method.disclosure import rounding
from scorecards.releases import records
from scorecards.tests.attack import campaign, collect, experiments


def full(quarters: Sequence[str], secrets: Sequence[int], releases: int = 3) -> int:
    """Attack each quarter with each secret; print tables; return numbers with one value.

    ``secrets``: their numbers, from 1. With the first one the releases are published and fetched
    by every role.
    """
    exactly = 0
    print(
        "quarter  secret    attacked  programs  one value  two values  not solved  "
        "printed, withdrawn  share errors: mean, p95  seconds",
        flush=True,
    )
    for number in secrets:
        secret = f"secret-{number}"
        roles = collect.ROLES if number == 1 else ()
        with transaction.atomic():
            history = campaign.history(quarters, secret, releases, number - 1, roles=roles)
            transaction.set_rollback(True)
        for one in history:
            result = campaign.attack(one, secret)
            exactly += len(result.one)
            points = [experiments.errors(decided) for decided in one.decided]
            errors = ", ".join(f"{p.mean():.2f} {p.quantile(0.95):.1f}" for p in points)
            print(
                f"{one.period}  {secret}  {result.targets:8}  {result.programs:8}  "
                f"{len(result.one):9}  {len(result.two):10}  {len(result.unsolved):10}  "
                f"{result.printed}, {result.withdrawn}  {errors}  {result.seconds:7.0f}",
                flush=True,
            )
            for target in [*result.one, *result.two, *result.unsolved]:
                truth = [one.world.get((t, target.cell)) for t in range(releases)]
                print("   ", target, truth, [shown.get(target.cell) for shown in one.shown])
    return exactly


def prints(quarters: Sequence[str], secrets: Sequence[int]) -> None:
    """What is printed, how far from the truth, and the experiments with late cases."""
    print(
        "quarter  secret  printed  mean error  |print-truth|  above total  bad pairs  share: mean, p95"
    )
    for period in quarters:
        for number in secrets:
            secret = f"secret-{number}"
            cells = records.count_cells(periods.parse(period), secret)
            release = rounding.release(cells, None, secret)
            shown = release[release["status"] == "printed"]
            away = shown[experiments.PRINTS].to_numpy() - shown[experiments.SIDES].to_numpy()
            points = experiments.errors(release)
            print(
                f"{period}  {secret}  {len(points)}  {experiments.bias(release):+.3f}  "
                f"{abs(away).max():.0f}  {experiments.above_totals(release)}  "
                f"{experiments.bad_pairs(release)}  {points.mean():.2f}, {points.quantile(0.95):.1f}",
                flush=True,
            )
            if number == secrets[0]:
                _controls(cells, release, secret)


def _controls(cells: pd.DataFrame, release: pd.DataFrame, secret: str) -> None:
    changed, of = experiments.late_cases(cells, release, secret)
    print(f"  late cases: prints changed in {changed} of {of} printed finest cells")
    free, of = experiments.late_cases(cells, release, secret, without=(6,))
    print(f"  without rule 6: in {free} of {of}")
    loose = rounding.release(cells, None, secret, without=(4,))
    print(f"  without the rest in rule 4: {experiments.bad_pairs(loose)} pairs with a small rest")
    above = rounding.release(cells, None, secret, without=(3,))
    print(f"  without rule 3: {experiments.above_totals(above)} parts above a total", flush=True)
