"""Bursts: noticed once a day, written into the history and the log, shown until looked at."""

import logging
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.models import User
from audit.models import Entry
from surveys.hotline import bursts
from surveys.hotline.models import Burst, Call, Line, Told
from surveys.hotline.tests.conftest import make_editor
from surveys.hotline.tests.phone import Phone

pytestmark = pytest.mark.django_db
Dial = Callable[..., Phone]
NOW = datetime(2026, 5, 4, 5, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nobody_called_before() -> None:
    cache.clear()


def calls(line: Line, number: int, at: datetime, **more: object) -> list[Call]:
    made = Call.objects.bulk_create(
        Call(
            line=line,
            sid=secrets.token_hex(8),
            nonce=secrets.token_hex(8),
            direction="inbound",
            **more,
        )
        for _n in range(number)
    )
    Call.objects.filter(pk__in=[call.pk for call in made]).update(started_at=at)
    return made


def report(line: Line, number: int, commune: str, at: datetime) -> None:
    [call] = calls(line, 1, at)
    rows = Told.objects.bulk_create(
        Told(call=call, service_code="birth-registration", commune_code=commune, answers={})
        for _n in range(number)
    )
    Told.objects.filter(pk__in=[row.pk for row in rows]).update(at=at)


def test_thirty_calls_in_an_hour_are_a_burst_once_and_stand_in_history_and_log(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    calls(line, 29, NOW - timedelta(minutes=20))
    assert bursts.watch(NOW) == 0
    calls(line, 1, NOW - timedelta(minutes=10))
    with caplog.at_level(logging.WARNING):
        assert bursts.watch(NOW) == 1
    assert "hotline burst: calls_in" in caplog.text
    entry = Entry.objects.get(verb="hotline.burst")
    assert entry.after == {"kind": "calls_in", "counted": 30, "usual": 0}
    calls(line, 5, NOW - timedelta(minutes=5))
    assert bursts.watch(NOW) == 0, "the same day, the same burst"
    assert Burst.objects.get().counted == 35


def test_what_is_usual_at_that_hour_is_no_burst(line: Line) -> None:
    for days in range(1, 29):
        calls(line, 7, NOW - timedelta(days=days, minutes=30))
        calls(line, 1, NOW - timedelta(days=days, hours=5))
    calls(line, 34, NOW - timedelta(minutes=30))
    assert bursts.watch(NOW) == 0
    calls(line, 1, NOW - timedelta(minutes=29))
    assert bursts.watch(NOW) == 1
    assert Burst.objects.get().usual == 7


def test_the_simulator_may_be_called_as_often_as_one_likes(line: Line) -> None:
    Line.objects.filter(pk=line.pk).update(company=Line.Company.SIMULATOR)
    calls(line, 60, NOW - timedelta(minutes=20))
    assert bursts.watch(NOW) == 0


def test_calls_that_we_make_are_watched_too(line: Line) -> None:
    """Who burns the budget makes us call: one day's calls out are told from its calls in."""
    made = calls(line, 20, NOW - timedelta(minutes=20))
    Call.objects.filter(pk__in=[call.pk for call in made]).update(direction="outbound")
    assert bursts.watch(NOW) == 1
    assert Burst.objects.get().kind == "calls_out"


def test_most_of_a_days_minutes_used_is_told_before_the_line_declines(line: Line) -> None:
    Line.objects.filter(pk=line.pk).update(minutes_a_day=100)
    calls(line, 1, NOW - timedelta(hours=3), seconds=79 * 60)
    assert bursts.watch(NOW) == 0
    calls(line, 1, NOW - timedelta(hours=2), seconds=60)
    assert bursts.watch(NOW) == 1
    burst = Burst.objects.get()
    assert (burst.kind, burst.counted, burst.usual) == ("budget", 80, 100)


def test_ten_tellings_of_one_commune_in_a_day_are_a_burst_unless_they_are_usual(
    line: Line,
) -> None:
    report(line, 10, "010201", NOW - timedelta(hours=3))
    report(line, 9, "010202", NOW - timedelta(hours=3))
    report(line, 12, "010203", NOW - timedelta(hours=3))
    report(line, 28 * 3, "010203", NOW - timedelta(days=5))
    assert bursts.watch(NOW) == 1
    assert Burst.objects.get().place_code == "010201"


def test_callers_of_neighbouring_numbers_are_noticed_and_their_numbers_not_kept(
    line: Line, dial: Dial, recorded: list[str]
) -> None:
    for last in range(4):
        dial(number=f"+8551234560{last}")
    dial(number="+85512345600")  # the same again
    dial(number="+85512345700")  # of another hundred
    assert not Burst.objects.exists()
    dial(number="+85512345699")
    burst = Burst.objects.get()
    assert (burst.kind, burst.counted, burst.line) == ("neighbours", 5, line)
    kept = str(list(Burst.objects.values())) + str(list(Entry.objects.values()))
    assert "123456" not in kept


def test_without_a_cache_a_caller_is_answered_all_the_same(
    dial: Dial, recorded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_args: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(bursts.cache, "add", gone)
    assert dial().wanted == 1


def test_the_calls_page_shows_a_burst_until_somebody_has_looked_at_it(
    line: Line, client: Client
) -> None:
    calls(line, 30, NOW - timedelta(minutes=20))
    bursts.watch(NOW)
    editor = make_editor()
    burst = Burst.objects.get()
    with pytest.raises(PermissionDenied):
        bursts.settle(burst=burst, by=User.objects.create_user("nobody", "a long password 9"))
    client.force_login(editor)
    page = client.get("/hotline/", headers={"accept-language": "km"})
    assert f"/hotline/bursts/{burst.pk}/seen" in page.content.decode()
    client.post(f"/hotline/bursts/{burst.pk}/seen")
    client.post(f"/hotline/bursts/{burst.pk}/seen")
    assert "/seen" not in client.get("/hotline/").content.decode()
    assert Burst.objects.get().seen_by == editor
    assert Entry.objects.filter(verb="hotline.burst_seen").count() == 1
