"""Reminders: each due message once, none at night, none lost, whatever breaks in between."""

import smtplib
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from khmer import workdays
from scorecards.plans import services, work
from scorecards.plans.channels.email import transport
from scorecards.plans.channels.errors import ChannelError
from scorecards.plans.models import Action, Message, Reminder, State
from scorecards.plans.reminders import collect, send
from scorecards.plans.reminders.due import Promise, may_send, reminders_of
from scorecards.plans.tests import makers
from standards.models import Holiday

ZONE = ZoneInfo("Asia/Phnom_Penh")
DUE = date(2026, 6, 30)


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZONE)


def run(moment: datetime) -> int:
    """What the task does, at a given moment."""
    collect.collect(timezone.localtime(moment).date())
    send.pack(moment)
    return send.send_due(moment)


@pytest.fixture
def mailed(settings: Any, team: User) -> Action:
    """An agreed action whose owner and the office above are reached by e-mail."""
    settings.EMAIL_HOST = "mail.example"
    above = makers.office(
        team, "អភិបាលស្រុក", level="district", channel="email", address="above@example.org"
    )
    owner = makers.office(
        team, "មេឃុំ", level="commune", channel="email", address="owner@example.org", above=above
    )
    return makers.agreed(team, office=owner, due_on=DUE, starts_on=date(2026, 2, 2))


def sent_to(address: str) -> list[Any]:
    return [m for m in mail.outbox if m.to == [address]]


@pytest.mark.django_db
def test_an_owner_is_written_to_at_each_step_and_the_one_above_when_late(mailed: Action) -> None:
    day = date(2026, 1, 20)
    while day < date(2026, 9, 1):
        run(at(day))
        day += timedelta(days=1)
    kinds = list(
        Reminder.objects.filter(office=mailed.office).order_by("pk").values_list("kind", flat=True)
    )
    assert kinds == ["agreed", "not_started", "before", "due", "late_5", "late_20"]
    above = Reminder.objects.filter(office=mailed.office.above).values_list("kind", flat=True)
    assert sorted(above) == ["late_20", "late_5"]
    assert len(sent_to("owner@example.org")) == 6
    assert len(sent_to("above@example.org")) == 2
    assert len({m.extra_headers["Message-ID"] for m in mail.outbox}) == 8


@pytest.mark.django_db
def test_nothing_is_sent_at_night_on_weekends_or_holidays(mailed: Action) -> None:
    Holiday.objects.create(date=DUE, name_km="x", name_en="x")
    for moment in (at(DUE), at(DUE, 3), at(date(2026, 7, 1), 6), at(date(2026, 7, 1), 19)):
        assert run(moment) == 0
    assert mail.outbox == []
    assert run(at(date(2026, 7, 1), 7)) == 1


@pytest.mark.django_db
def test_a_mail_server_that_refuses_loses_nothing_and_doubles_nothing(
    mailed: Action, monkeypatch: Any
) -> None:
    real, broken = transport.send, [True]

    def flaky(*args: Any) -> str:
        if broken[0]:
            raise ChannelError("451 try again")
        return real(*args)

    monkeypatch.setattr(transport, "send", flaky)
    for minutes in range(0, 240, 15):
        run(at(DUE) + timedelta(minutes=minutes))
    assert mail.outbox == []
    broken[0] = False
    for minutes in range(240, 600, 15):
        run(at(DUE) + timedelta(minutes=minutes))
    assert len(sent_to("owner@example.org")) == 1


@pytest.mark.django_db
def test_an_address_that_is_refused_for_good_is_not_tried_again(
    mailed: Action, monkeypatch: Any
) -> None:
    def refuse(self: Any) -> int:
        raise smtplib.SMTPRecipientsRefused({"owner@example.org": (550, b"no such user")})

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    run(at(DUE))
    run(at(DUE, 12))
    message = Message.objects.get()
    assert (message.outcome, message.tries) == ("refused", 1)


@pytest.mark.django_db
def test_a_worker_killed_between_sending_and_recording_leaves_the_rest_to_a_person(
    mailed: Action, team: User, client: Client, monkeypatch: Any
) -> None:
    monkeypatch.setattr(send, "_record", lambda *args: None)  # the worker dies here
    run(at(DUE))
    monkeypatch.undo()
    run(at(DUE, 12))
    assert len(mail.outbox) == 1
    waiting = Message.objects.get()
    assert (waiting.channel, waiting.outcome, waiting.tries) == ("telephone", "", 0)
    client.force_login(team)
    page = client.get("/plans/calls/", headers={"accept-language": "en"}).content.decode()
    assert "They may have had this in writing already" in page
    run(at(date(2026, 7, 1)))
    assert len(mail.outbox) == 1
    assert Message.objects.get() == waiting


@pytest.mark.django_db
def test_of_two_workers_with_one_message_only_one_hands_it_over(mailed: Action) -> None:
    collect.collect(DUE)
    send.pack(at(DUE))
    first = send._claim(Message.objects.get().pk, at(DUE))
    assert first is not None
    assert run(at(DUE, 12)) == 1, "the second, by a clock that jumped, sends"
    with pytest.raises(send.TakenOverError):
        send._hand_over(first)
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_a_channel_that_can_say_what_it_took_is_asked_before_a_second_copy(
    mailed: Action, monkeypatch: Any
) -> None:
    monkeypatch.setattr(send, "_record", lambda *args: None)
    run(at(DUE))
    monkeypatch.undo()
    monkeypatch.setattr(transport, "find", lambda address, key, since: "sent before")
    run(at(DUE, 12))
    assert len(mail.outbox) == 1
    assert Message.objects.get().reference == "sent before"


@pytest.mark.django_db
def test_a_clock_that_jumps_and_two_beats_send_nothing_twice(mailed: Action) -> None:
    for moment in (at(DUE), at(DUE), at(date(2026, 7, 20)), at(DUE, 10), at(date(2026, 7, 20), 11)):
        run(moment)
        run(moment)
    sent = Reminder.objects.filter(message__outcome="sent")
    assert sent.count() == len({(r.kind, r.office_id, r.on) for r in sent})
    per_day = Counter((m.recipient_key, m.day) for m in Message.objects.all())
    assert set(per_day.values()) == {1}
    assert len(mail.outbox) == Message.objects.count()


@pytest.mark.django_db
def test_one_person_with_two_offices_gets_one_message_a_day(mailed: Action, team: User) -> None:
    second = makers.office(
        team, "ស្មៀន", level="commune", channel="email", address="owner@example.org"
    )
    makers.action(team, mailed.plan, activity="second", office=second, due_on=DUE)
    run(at(DUE))
    run(at(DUE, 12))
    assert len(sent_to("owner@example.org")) == 1
    assert "second" in sent_to("owner@example.org")[0].body


@pytest.mark.django_db
def test_what_is_no_longer_true_is_not_sent(mailed: Action, team: User) -> None:
    collect.collect(DUE)
    services.report_state(by=team, action=mailed, state=State.SAID_DONE)
    assert run(at(DUE)) == 0
    assert mail.outbox == []


@pytest.mark.django_db
def test_a_denial_reaches_the_owner(mailed: Action, council: User) -> None:
    services.report_state(by=council, action=mailed, state=State.SAID_DONE)
    services.answer_as_citizen(action=mailed, kind="not_done", channel="hotline", person="x")
    monday = workdays.add(timezone.localdate(), 1, ()) or timezone.localdate()
    run(at(monday))
    assert any(r.kind == "denied" for r in Reminder.objects.filter(message__outcome="sent"))


@pytest.mark.django_db
def test_after_three_days_a_person_telephones(mailed: Action, monkeypatch: Any) -> None:
    def broken(*args: Any) -> str:
        raise ChannelError("down")

    monkeypatch.setattr(transport, "send", broken)
    day = DUE
    while day < DUE + timedelta(days=8):
        run(at(day))
        day += timedelta(days=1)
    assert Message.objects.filter(channel="telephone", done_at=None).exists()


@pytest.mark.django_db
def test_an_office_without_an_address_finds_its_reminders_in_the_work_list(
    team: User, country: None, client: Client
) -> None:
    action = makers.agreed(team, office=makers.office(team), due_on=DUE)
    assert run(at(DUE)) == 0
    assert mail.outbox == []
    assert not Message.objects.exists()
    kinds = set(Reminder.objects.values_list("kind", flat=True))
    assert kinds >= {"not_started", "before", "due"}
    assert [one.action for one in work.reminders_of(team)] == [action], "one line an action"
    client.force_login(team)
    page = client.get("/plans/work/", headers={"accept-language": "en"}).content.decode()
    assert "Reminders to offices that have no address" in page
    services.report_state(by=team, action=action, state=State.SAID_DONE)
    run(at(DUE + timedelta(days=1)))
    assert work.reminders_of(team) == [], "what is no longer true is not shown"


CALENDAR = workdays.calendar_of([date(2026, 4, 14), date(2026, 4, 15), date(2026, 4, 16)])
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


def is_working(day: date) -> bool:
    return bool(np.is_busday(np.datetime64(day), busdaycal=CALENDAR))


def working_days_between(first: date, last: date) -> int:
    """Working days after ``first`` up to and with ``last``, counted one by one."""
    span = (last - first).days
    return sum(is_working(first + timedelta(days=n)) for n in range(1, span + 1))


def naive(state: str, start: date, due: date, today: date) -> set[tuple[str, date]]:
    """The reasons that hold on a day, straight from the rule."""
    if state == State.CONFIRMED:
        return set()
    results = set()
    if state == State.OPEN and today >= start:
        results.add(("not_started", start))
    if today <= due and (due - today).days < 25 and working_days_between(today, due) <= 10:
        results.add(("before", due))
    if today >= due:
        late = working_days_between(due, today)
        results |= {("due", due)}
        results |= {(kind, due) for kind, days in (("late_5", 5), ("late_20", 20)) if late >= days}
    return results


@settings(max_examples=40, deadline=None)
@given(
    start=DAYS,
    length=st.integers(0, 300),
    ended=st.none() | DAYS,
    started=st.none() | DAYS,
)
def test_over_a_year_the_arithmetic_finds_what_a_naive_walk_finds(
    start: date, length: int, ended: date | None, started: date | None
) -> None:
    due = start + timedelta(days=length)
    for number in range(0, 365, 3):
        today = date(2026, 1, 1) + timedelta(days=number)
        state = State.OPEN if started is None or today < started else State.IN_PROGRESS
        if ended is not None and today >= ended:
            state = State.CONFIRMED
        results = set(reminders_of(Promise(state, start, due), today, CALENDAR))
        assert results == naive(state, start, due, today)


@pytest.mark.django_db
def test_a_year_of_generated_plans_sends_each_reason_once_and_never_twice_a_day(
    mailed: Action, team: User
) -> None:
    """Beats at odd hours, some days without any, and a mail server that is away now and then."""
    rng = np.random.default_rng(5)
    for number in range(12):
        start = date(2026, 1, 25) + timedelta(days=int(rng.integers(0, 200)))
        makers.action(
            team,
            mailed.plan,
            activity=f"action {number}",
            office=mailed.office,
            starts_on=start,
            due_on=start + timedelta(days=int(rng.integers(0, 90))),
        )
    day = date(2026, 1, 20)
    while day < date(2027, 1, 1):
        for hour in rng.integers(0, 24, 3):
            if rng.random() < 0.7:
                run(at(day, int(hour)))
        day += timedelta(days=1)
    assert not Reminder.objects.filter(message=None, dropped_at=None, on__lt=date(2026, 12, 1))
    sent = list(Reminder.objects.filter(message__outcome="sent"))
    assert len(sent) == len({(r.action_id, r.office_id, r.kind, r.on) for r in sent}) > 60
    assert len({(m.recipient_key, m.day) for m in Message.objects.all()}) == len(mail.outbox)
    for message in Message.objects.all():
        local = timezone.localtime(message.done_at)
        assert 7 <= local.hour < 19
        assert local.weekday() < 5


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31))  # noqa: DTZ001 - local moments
)
def test_people_are_written_to_only_by_day_on_working_days(moment: datetime) -> None:
    working = moment.weekday() < 5 and moment.date() not in {
        date(2026, 4, 14),
        date(2026, 4, 15),
        date(2026, 4, 16),
    }
    assert may_send(moment, CALENDAR) == (working and 7 <= moment.hour < 19)
