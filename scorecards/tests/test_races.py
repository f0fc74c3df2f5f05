"""Workers race and repeat, and the scores are those of an undisturbed run."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pandas as pd
import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from scorecards import tasks
from scorecards.method.disclosure import rounding
from scorecards.models import JudgedCase, PendingRollUp, Score, ScoreAlarm
from scorecards.periods import month_code
from scorecards.pipeline import incremental, judge_cases, workday_table
from scorecards.pipeline.scope import Scope
from scorecards.releases import lifecycle
from scorecards.tests.nation import draw_cases, make_nation, make_person, tell_everything
from scorecards.verification import nightly
from surveys.models import Case, ObservationChange
from surveys.services import record_case
from surveys.tests.country import reported_case


def _in_a_thread() -> None:
    try:
        tasks.recompute_changed()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_and_a_real_worker_give_what_one_alone_gives(
    celery_worker_process: object, drain: Callable[[], None]
) -> None:
    make_nation()
    workday_table.refresh(timezone.localdate())
    draw_cases(150)
    tell_everything()
    tell_everything()
    for _ in range(3):
        tasks.recompute_changed.delay()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: _in_a_thread(), range(2)))
    drain()
    tasks.recompute_changed()
    assert not ObservationChange.objects.exists()
    assert not PendingRollUp.objects.exists()
    assert Score.objects.filter(level="nation").exists()
    for code in ("01", "02"):
        nightly.check_province(code)
    nightly.check_sums()
    assert list(ScoreAlarm.objects.all()) == []


@pytest.mark.django_db(transaction=True)
def test_a_computation_that_is_killed_half_way_leaves_its_changes_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_nation()
    workday_table.refresh(timezone.localdate())
    draw_cases(40)
    tell_everything()
    waiting = ObservationChange.objects.count()

    def killed(*args: object, **kwargs: object) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(incremental.store_scores, "store", killed)
        with pytest.raises(SystemExit):
            tasks.recompute_changed()
    assert ObservationChange.objects.count() == waiting
    assert not Score.objects.exists()
    tasks.recompute_changed()
    assert not ObservationChange.objects.exists()
    assert Score.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_another_release_can_be_begun_while_one_is_prepared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A quarter never released before gets its part of the tables, and locks no release."""
    make_nation()
    workday_table.refresh(timezone.localdate())
    draw_cases(60)
    tell_everything()
    tasks.recompute_changed()
    by = make_person("administrator")
    with connection.cursor() as cursor:
        cursor.execute('DROP TABLE IF EXISTS "scorecards_releasedcell_2026_q1"')
    begun: list[str] = []
    round_cells = rounding.release

    def begin_another(cells: pd.DataFrame, previous: Any, secret: str) -> pd.DataFrame:
        def beside() -> str:
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SET lock_timeout = '5s'")
                return lifecycle.begin(by=by, period="2026-Q2").period
            finally:
                connection.close()

        if not begun:
            with ThreadPoolExecutor(1) as pool:
                begun.append(pool.submit(beside).result())
        return round_cells(cells, previous, secret)

    monkeypatch.setattr(rounding, "release", begin_another)
    lifecycle.prepare(lifecycle.begin(by=by, period="2026-Q1").pk)
    assert begun == ["2026-Q2"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("tells_old_rows", [True, False], ids=["PostgreSQL 18", "PostgreSQL 15"])
@pytest.mark.parametrize("place", ["010202", "01"])
def test_a_case_that_two_store_at_once_is_reported_to_the_commune_it_leaves(
    monkeypatch: pytest.MonkeyPatch, tells_old_rows: bool, place: str
) -> None:
    """Another worker has judged it where it was, and commits while its new place is judged."""
    if tells_old_rows and not judge_cases._tells_old_rows():
        pytest.skip("this server is older")
    monkeypatch.setattr(judge_cases, "_tells_old_rows", lambda: tells_old_rows)
    make_nation()
    workday_table.refresh(timezone.localdate())
    by = User.objects.create_superuser("anybody")
    case = record_case(by=by, reported=reported_case(commune="020101")).observation
    month = month_code(case.asked_on)
    incremental.prepare([month])
    stored = threading.Event()

    def judge(code: str) -> set[str]:
        touched = judge_cases.refresh(
            Scope(code), [month], as_of=timezone.localdate(), only={case.pk}
        )
        return {fact.commune for fact in touched}

    def store_and_wait() -> set[str]:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                communes = judge("020101")
                stored.set()
                waits = False
                while not waits:
                    cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
                    waits = cursor.fetchone() == (True,)
                return communes
        finally:
            stored.set()
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(store_and_wait)
        stored.wait()
        Case.objects.filter(pk=case.pk).update(commune="010202", province_code="01")
        with transaction.atomic():
            assert judge(place) == {"010202", "020101"}
        assert other.result() == {"020101"}
    assert JudgedCase.objects.get(case_id=case.pk).commune_code == "010202"
