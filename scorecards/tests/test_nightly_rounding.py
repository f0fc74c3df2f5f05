"""Another program counts and rounds the records of a release again, before it goes out and nightly."""

import pandas as pd
import pytest
from django.test import Client

from accounts.models import User
from scorecards import tasks
from scorecards.method.disclosure import rounding
from scorecards.models import CellState, Release, ScoreAlarm, ScoringRun
from scorecards.releases import lifecycle, nightly_rounding
from scorecards.tests.nation import draw_cases, make_person, tell_everything
from scorecards.tests.test_releases import QUARTER, everything, publish
from scorecards.verification import nightly


def test_a_second_program_counts_and_rounds_the_records_again(
    scored: None, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = rounding.rounded
    monkeypatch.setattr(rounding, "rounded", lambda x, key, secret: real(x, key, "other"))
    release = lifecycle.prepare(lifecycle.begin(by=coordinator, period=QUARTER).pk)
    assert release.state == Release.State.FAILED
    assert "otherwise a second time" in release.note


def test_every_night_the_newest_release_is_rounded_a_second_time(
    scored: None, coordinator: User, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    assert nightly_rounding.check_rounding() == 0  # nothing is released
    publish(coordinator)
    draw_cases(400, seed=78)  # so many that most cells are rounded anew, whatever their keys
    tell_everything()
    tasks.recompute_changed()
    release = publish(coordinator)
    kept = CellState.objects.count()
    shown = everything(None)
    draw_cases(40, seed=79)  # of these the release knows nothing, and that is no difference
    tell_everything()
    tasks.recompute_changed()
    standing = ScoreAlarm.objects.filter(resolved_at=None)
    run = ScoringRun.objects.create(kind="nightly")
    assert tasks.check_rounding(run.pk) == 0
    assert not standing.exists()
    real = rounding.rounded
    with monkeypatch.context() as patch:
        patch.setattr(rounding, "rounded", lambda x, key, secret: real(x, key, "other"))
        result = tasks.check_rounding(run.pk)
        assert result == standing.count() > 0
        assert tasks.check_rounding(run.pk) == standing.count()  # once a cell
    assert set(standing.values_list("about", "period", "field", "run")) == {
        ("rounding", QUARTER, "rounded", run.pk)
    }
    rows = standing.values_list("stored", "recomputed")
    assert any(a.startswith("printed") and a != b for a, b in rows)
    nightly.check_period(QUARTER)
    assert standing.count() == result  # the check of comparisons settles none of them
    client.force_login(make_person("administrator"))
    page = client.get("/scores/alarms/", headers={"accept-language": "en"}).content.decode()
    assert "rounding of a release" in page
    assert nightly_rounding.check_rounding() == 0
    assert not standing.exists()
    pd.testing.assert_frame_equal(shown, everything(None))
    assert (CellState.objects.count(), Release.objects.get(is_current=True)) == (kept, release)
