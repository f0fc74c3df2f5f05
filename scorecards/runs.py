"""Runs over the whole nation: begun once, done province by province, finished once.

A run is a row; each province that is done leaves a step. A repeated task finds its step and does
nothing; a stalled run is started again and does what is left.
"""

import time
from datetime import timedelta

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.models import User
from audit import trail
from scorecards import periods
from scorecards.models import FirstPeriod, ScoringRun, ScoringStep
from scorecards.pipeline import design_effects, full_run, initial_load
from scorecards.storage import partitions
from scorecards.verification import nightly

STALLED_AFTER = timedelta(minutes=15)


def begin(*, kind: str, by: User | None = None, period: str = "", province: str = "") -> ScoringRun:
    """Start a new run; one of the same kind and extent that still runs is returned.

    Raises ``ValueError`` for a province that does not exist.
    """
    if province and province not in full_run.provinces_to_do():
        raise ValueError(f'"{province}" is not the code of a province: two digits, as 01')
    with transaction.atomic():
        running = ScoringRun.objects.select_for_update().filter(
            state=ScoringRun.State.RUNNING, kind=kind, period=period, province_code=province
        )
        if (row := running.first()) is not None:
            return row
        run = ScoringRun(kind=kind, period=period, province_code=province, started_by=by)
        run.steps = 1 if province else len(full_run.provinces_to_do())
        run.full_clean()
        run.save()
        trail.record(by=by, verb="start scoring run", subject=run, place_code=province)
    return run


def provinces_of(run_id: int) -> list[str]:
    """Return the provinces of a run that are not done."""
    run = ScoringRun.objects.get(pk=run_id)
    wanted = [run.province_code] if run.province_code else full_run.provinces_to_do()
    done = set(run.finished_steps.values_list("province_id", flat=True))
    return [code for code in wanted if code not in done]


def prepare(run_id: int) -> None:
    """Do the part of a run that precedes its provinces, step by step; safe to repeat."""
    if is_first(run_id):
        for code in provinces_of(run_id):
            judge_province(run_id, code)
    weigh_first(run_id)
    for code in first_periods(run_id):
        do_period(run_id, code)
    for code in provinces_to_age(run_id):
        nightly.let_time_pass(code, timezone.localdate())


def provinces_to_age(run_id: int) -> list[str]:
    """Return the provinces to update for elapsed time before the first one is checked; none by day.

    All of them, even for a check of one: an office has cases of communes across a border.
    """
    is_nightly = ScoringRun.objects.get(pk=run_id).kind == ScoringRun.Kind.NIGHTLY
    return full_run.provinces_to_do() if is_nightly else []


def is_first(run_id: int) -> bool:
    """Return whether nothing was ever scored and the run computes everything.

    Such a run judges every province first and weighs what it has judged, so that no score
    is written twice; then it computes whole periods, and provinces only where a period
    had been begun by others.
    """
    run = ScoringRun.objects.get(pk=run_id)
    is_complete = run.kind == ScoringRun.Kind.COMPUTE and not (run.period or run.province_code)
    return is_complete and design_effects.is_new()


def judge_province(run_id: int, province: str) -> None:
    """Judge one province for a first run, unless another worker has."""
    if is_first(run_id):
        full_run.judge_province(province)


def weigh_first(run_id: int) -> None:
    """Weigh what a first run has judged; before a nightly check, what a killed run left."""
    run = ScoringRun.objects.get(pk=run_id)
    if run.kind == ScoringRun.Kind.NIGHTLY:
        design_effects.finish_what_was_cut_off()
        return
    with transaction.atomic():
        if is_first(run_id):  # other workers may have weighed meanwhile
            design_effects.weigh_judged()
            ScoringRun.objects.filter(pk=run_id).update(judged_at=timezone.now())


def first_periods(run_id: int) -> list[str]:
    """Return the periods that a first run has judged and nobody has stored, the longest first."""
    if ScoringRun.objects.get(pk=run_id).judged_at is None:
        return []
    return initial_load.periods_to_do(partitions.parts(partitions.FACTS))


@transaction.atomic
def do_period(run_id: int, period: str) -> int:
    """Compute one period of a first run.

    Return how many cells were written, 0 if another began it.
    """
    done = initial_load.compute(periods.parse(period))
    if done is None:
        return 0
    FirstPeriod.objects.create(run_id=run_id, period=period)
    return done.changed


def do_province(run_id: int, province: str) -> int:
    """Compute or check one province; return how many cells were written or differed."""
    run = ScoringRun.objects.get(pk=run_id)
    if run.finished_steps.filter(province_id=province).exists():
        return 0
    start = time.perf_counter()
    if run.kind == ScoringRun.Kind.NIGHTLY:
        done = nightly.check_province(province, run=run)
    else:
        computed = set(run.first_periods.values_list("period", flat=True))
        done = full_run.compute_province(province, run.period, but=computed)
    ScoringStep.objects.get_or_create(
        run=run,
        province_id=province,
        defaults={
            "cells": done.cells,
            "changed": done.changed,
            "seconds": time.perf_counter() - start,
        },
    )
    return done.changed


def finish(run_id: int) -> bool:
    """Sum up and weigh clustered cases; return whether every province is done."""
    full_run.finish()
    if provinces_of(run_id):
        return False
    run = ScoringRun.objects.get(pk=run_id)
    design_effects.weigh(begun=run.started_at)
    if run.kind == ScoringRun.Kind.NIGHTLY:
        nightly.check_sums(run=run)
        nightly.report_implausible_days()
    return True


def close(run_id: int) -> None:
    """Close the run once the comparisons of its scores are done too."""
    ScoringRun.objects.filter(pk=run_id, state=ScoringRun.State.RUNNING).update(
        state=ScoringRun.State.DONE, finished_at=timezone.now()
    )


def stalled() -> list[int]:
    """Return runs without any finished step for a quarter of an hour."""
    since = timezone.now() - STALLED_AFTER
    # The latest of those present: PostgreSQL leaves out what is null.
    last = Greatest(
        "started_at",
        "judged_at",
        Max("first_periods__finished_at"),
        Max("finished_steps__finished_at"),
    )
    running = ScoringRun.objects.filter(state=ScoringRun.State.RUNNING)
    quiet = running.annotate(last=last).filter(last__lt=since)
    return list(quiet.order_by("pk").values_list("pk", flat=True))
