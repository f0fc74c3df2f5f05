"""Celery tasks of scores: each takes names, calls one function and returns a count.

All of them are safe to repeat and to race; what waits is in tables, so that a lost message only
costs a few seconds until the next sweep.
"""

from celery import chord, shared_task
from django.utils import timezone

from accounts.models import User
from jobs.messages import send, send_after_commit
from scorecards import runs
from scorecards.models import Release, ScoringRun
from scorecards.pipeline import comparisons, design_effects, incremental, workday_table
from scorecards.releases import lifecycle, nightly_rounding
from scorecards.verification import nightly as nightly_check


@shared_task(name="scorecards.tasks.recompute_changed", ignore_result=True)
def recompute_changed() -> int:
    """Compute everything that waits, batch by batch; return how many changes there were.

    Several messages may be about the same changes: the first worker takes all that waits, the
    others find nothing. The sums follow once the communes are done.
    """
    workday_table.fill(timezone.localdate())
    total = 0
    while taken := incremental.claim_and_recompute():
        total += taken
    while incremental.roll_up_pending():
        pass
    return total


@shared_task(name="scorecards.tasks.compare", ignore_result=True)
def compare() -> int:
    """Compute ranks, peers, changes and overall scores of everything that changed; return rows
    written.

    Years that were never weighed are weighed first, so that new data do not wait for the night with
    intervals that are too narrow.
    """
    design_effects.weigh_new()
    return comparisons.work_off().changed


@shared_task(name="scorecards.tasks.nightly", ignore_result=True)
def nightly() -> None:
    """Start the nightly check of every province."""
    send(start_run.name, runs.begin(kind="nightly").pk)


@shared_task(name="scorecards.tasks.start_run", ignore_result=True)
def start_run(run_id: int) -> None:
    """Fan a run out by province; the last one finishes it. Before a first run: see ``running``."""
    if runs.is_first(run_id):
        steps = [judge_province.si(run_id, code) for code in runs.provinces_of(run_id)]
        chord(steps, do_first_periods.si(run_id)).apply_async()
    else:
        do_first_periods(run_id)


@shared_task(name="scorecards.tasks.judge_province")
def judge_province(run_id: int, province: str) -> None:
    """Judge one province, for a first run."""
    runs.judge_province(run_id, province)


@shared_task(name="scorecards.tasks.do_first_periods", ignore_result=True)
def do_first_periods(run_id: int) -> None:
    """Fan a first run out by period; every other run has none and goes on with its provinces."""
    runs.weigh_first(run_id)
    steps = [do_period.si(run_id, code) for code in runs.first_periods(run_id)]
    if steps:
        chord(steps, do_provinces.si(run_id)).apply_async()
    else:
        do_provinces(run_id)


@shared_task(name="scorecards.tasks.do_period")
def do_period(run_id: int, period: str) -> int:
    """Compute one period of a first run; return how many cells were written."""
    return runs.do_period(run_id, period)


@shared_task(name="scorecards.tasks.do_provinces", ignore_result=True)
def do_provinces(run_id: int) -> None:
    """Fan a run out by province.

    Before a nightly check all of them are updated for elapsed time first.
    """
    if steps := [let_time_pass.si(code) for code in runs.provinces_to_age(run_id)]:
        chord(steps, do_aged_provinces.si(run_id)).apply_async()
    else:
        do_aged_provinces(run_id)


@shared_task(name="scorecards.tasks.let_time_pass")
def let_time_pass(province: str) -> None:
    """Compute in one province what has changed by elapsed time alone."""
    nightly_check.let_time_pass(province, timezone.localdate())


@shared_task(name="scorecards.tasks.do_aged_provinces", ignore_result=True)
def do_aged_provinces(run_id: int) -> None:
    """Fan a run out by province, once all of them are updated for elapsed time."""
    steps = [do_province.si(run_id, code) for code in runs.provinces_of(run_id)]
    chord(steps, finish_run.si(run_id)).apply_async()


@shared_task(name="scorecards.tasks.do_province")
def do_province(run_id: int, province: str) -> int:
    """Compute or check one province of a run; return how many cells were written, or differed."""
    return runs.do_province(run_id, province)


@shared_task(name="scorecards.tasks.finish_run", ignore_result=True)
def finish_run(run_id: int) -> None:
    """Sum up to the nation, and start what needs all of it."""
    if runs.finish(run_id):
        send_after_commit(check_comparisons.name, run_id)


@shared_task(name="scorecards.tasks.check_comparisons", ignore_result=True)
def check_comparisons(run_id: int) -> None:
    """Compare what a run changed, and at night check every period a second time; then close it.

    Fanned out by period, as the scores are by province.
    """
    compare()
    nightly = ScoringRun.objects.get(pk=run_id).kind == ScoringRun.Kind.NIGHTLY
    steps = []
    if nightly:
        steps = [check_period.si(run_id, code) for code in nightly_check.periods_compared()]
        steps.append(check_rounding.si(run_id))
    chord(steps, close_run.si(run_id)).apply_async()


@shared_task(name="scorecards.tasks.check_period")
def check_period(run_id: int, period: str) -> int:
    """Check the comparisons of one period a second time; return how many cells differ."""
    return nightly_check.check_period(period, run=ScoringRun.objects.get(pk=run_id))


@shared_task(name="scorecards.tasks.check_rounding")
def check_rounding(run_id: int) -> int:
    """Round the newest release by both programs; return how many cells differ."""
    return nightly_rounding.check_rounding(run=ScoringRun.objects.get(pk=run_id))


@shared_task(name="scorecards.tasks.close_run", ignore_result=True)
def close_run(run_id: int) -> None:
    """Close the run."""
    runs.close(run_id)


@shared_task(name="scorecards.tasks.resume_runs", ignore_result=True)
def resume_runs() -> int:
    """Start stalled runs and releases again (after a lost broker or a killed worker)."""
    stalled, releases = runs.stalled(), lifecycle.stalled()
    for run_id in stalled:
        send(start_run.name, run_id)
    for release_id in releases:
        send(prepare_release.name, release_id)
        send(publish_release.name, release_id)
    return len(stalled) + len(releases)


@shared_task(name="scorecards.tasks.prepare_release", ignore_result=True)
def prepare_release(release_id: int) -> int:
    """Round a release and check it; return how many checks it failed."""
    return lifecycle.prepare(release_id).breaches


@shared_task(name="scorecards.tasks.publish_release", ignore_result=True)
def publish_release(release_id: int) -> int:
    """Check an approved release once more and publish it; return how many checks it failed."""
    return lifecycle.publish(release_id).breaches


@shared_task(name="scorecards.tasks.release", ignore_result=True)
def release(period: str, by: int, approved_by: int | None) -> int:
    """Prepare a quarter's first release and, if a second person is named, publish it.

    Returns how many checks failed. Repeated, it does nothing to a quarter that has a current
    release.
    """
    if lifecycle.is_released(period):
        return 0
    prepared = lifecycle.prepare(lifecycle.begun(by=User.objects.get(pk=by), period=period).pk)
    if approved_by is not None:
        if prepared.state == Release.State.AUDITED:
            second = User.objects.get(pk=approved_by)
            prepared = lifecycle.approve(by=second, release=prepared)
        prepared = lifecycle.publish(prepared.pk)
    send_after_commit(compare.name)
    return prepared.breaches
