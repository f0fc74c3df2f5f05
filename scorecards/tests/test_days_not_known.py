"""A case whose days only say in time or late counts as a verdict, and never as days."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from scorecards import tasks
from scorecards.models import Score
from scorecards.pipeline import workday_table
from scorecards.tests.nation import FIRST, draw_cases, tell_everything


def test_a_verdict_counts_and_days_that_nobody_told_do_not(nation: None) -> None:
    workday_table.refresh(timezone.localdate())
    fields = {"status": "received", "asked_on": FIRST, "communes": ["010201"]}
    draw_cases(40, **fields, received_on=FIRST + timedelta(days=2), days_known=True)
    scores = Score.objects.filter(level="commune", service="", indicator="CA-C2", period="2026-02")
    tell_everything()
    tasks.recompute_changed()
    before = {s.provider_kind: (s.denominator, s.median) for s in scores}
    draw_cases(40, 2, **fields, received_on=FIRST + timedelta(days=60), days_known=False)
    tell_everything()
    tasks.recompute_changed()
    after = {s.provider_kind: (s.denominator, s.median) for s in scores.all()}
    judged = {kind: recorded for kind, recorded in before.items() if recorded[0]}
    assert judged
    for kind, (cases, middle) in judged.items():
        assert after[kind][0] > cases
        assert after[kind][1] == middle
        assert middle is not None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), bool_or(days_known) FROM scorecards_judgedcase WHERE time = 0"
        )
        late, existing = cursor.fetchone()
    assert late > 0
    assert not existing
