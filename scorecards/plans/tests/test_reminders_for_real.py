"""Reminders under real faults: a mail server that refuses, a killed worker, two beats at once.

The mail server, the worker and the beats are programs and sockets of their own; the moment is
given with each task, so that the test means the same by day and by night.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection, transaction

from accounts.models import User
from conftest import ROOT, test_database_url, wait_for
from jobs.clock import database_now
from scorecards.plans.models import Message, Reminder
from scorecards.plans.tests import makers

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
DUE = date(2026, 6, 30)
MORNING = "2026-06-30T09:00:00+07:00"
NEXT_HOUR = "2026-06-30T10:00:00+07:00"
NIGHT = "2026-06-30T22:00:00+07:00"


class MailServer:
    """A mail server that keeps what it took.

    ``before_taking`` runs when somebody is written to, ``before_answer`` once a message is taken;
    to those of ``lost_answers`` the connection breaks instead of an answer.
    """

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.refusals: dict[str, list[str]] = {}
        self.before_answer: Callable[[], None] = lambda: None
        self.before_taking: Callable[[], None] = lambda: None
        self.lost_answers: set[str] = set()

    async def handle_RCPT(  # noqa: N802  the name is the library's
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        self.before_taking()
        waiting = self.refusals.get(address, [])
        if waiting:
            return waiting.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        read = message_from_bytes(envelope.content)
        self.taken += [(to, str(read["Message-ID"])) for to in envelope.rcpt_tos]
        self.before_answer()
        if self.lost_answers.intersection(envelope.rcpt_tos):
            server.transport.abort()
        return "250 taken"


@pytest.fixture
def mailbox() -> Iterator[tuple[MailServer, int]]:
    """A mail server on a port of its own."""
    kept = MailServer()
    with socket.socket() as free:  # the library asks itself at the port that it was told
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    yield kept, port
    controller.stop()


@pytest.fixture
def mail_settings(settings: Any, mailbox: tuple[MailServer, int]) -> MailServer:
    """This process writes to the mail server."""
    kept, port = mailbox
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS, settings.EMAIL_HOST_USER = False, ""
    return kept


@pytest.fixture
def offices(db: Any) -> list[str]:
    """Six offices with an action each that is due on the same day."""
    call_command("load_roles", verbosity=0)
    makers.make_place()
    team = makers.person("facilitator")
    return [_owed(team, number) for number in range(6)]


def _owed(team: User, number: int) -> str:
    address = f"office{number}@example.org"
    owner = makers.office(team, f"ការិយាល័យ {number}", channel="email", address=address)
    facts = {"starts_on": date(2026, 1, 1 + number), "ends_on": date(2026, 12, 31)}
    plan = makers.plan(team, **facts)
    makers.action(team, plan, office=owner, due_on=DUE, starts_on=date(2026, 2, 2))
    from scorecards.plans import services

    services.agree_plan(
        by=team, plan=plan, agreed_on=date(2026, 1, 20), community_side="a", provider_side="b"
    )
    return address


class Programs:
    """Workers and beats of a test, with the test's database, broker and mail server."""

    def __init__(self, port: int, folder: Path) -> None:
        self.folder, self.running = folder, list[subprocess.Popen[bytes]]()
        self.environment = {
            **os.environ,
            "DATABASE_URL": test_database_url(),
            "BROKER_URL": django_settings.CELERY_BROKER_URL,
            "MAIL_HOST": "127.0.0.1",
            "MAIL_PORT": str(port),
            "MAIL_TLS": "0",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
        }

    def start(self, *command: str) -> "tuple[subprocess.Popen[bytes], Path]":
        log = self.folder / f"{len(self.running)}.log"
        with log.open("wb") as out:
            program = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=self.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running.append(program)
        return program, log

    def worker(self, name: str) -> "subprocess.Popen[bytes]":
        program, log = self.start(
            *("-m", "celery", "-A", "config", "worker", "-c", "2", "-Q", "webhooks"),
            *("-n", f"{name}-{os.getpid()}@localhost", "-l", "INFO"),
            *("--without-mingle", "--without-gossip", "--without-heartbeat"),
        )
        wait_for(lambda: b" ready." in log.read_bytes(), what="the worker to be ready")
        return program

    def beat(self, moment: str) -> "subprocess.Popen[bytes]":
        """A beat that finds reminders due each half second."""
        number = len(self.running)
        program, log = self.start("-c", _BEAT, moment, str(self.folder / f"beat{number}"))
        wait_for(
            lambda: b"Sending due task" in log.read_bytes(), what="the beat to send its first task"
        )
        return program

    def kill(self, program: "subprocess.Popen[bytes]") -> None:
        """The program and its children at once, as when the machine loses its power."""
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()
        self.running.remove(program)

    def stop(self) -> None:
        for program in list(self.running):
            self.kill(program)


_BEAT = """
import sys
from config.celery import app
app.conf.beat_schedule = {
    "remind": {"task": "scorecards.plans.tasks.remind", "schedule": 0.5, "args": (sys.argv[1],)}
}
app.Beat(schedule=sys.argv[2], loglevel="INFO", max_interval=0.2).run()
"""


@pytest.fixture
def programs(mailbox: tuple[MailServer, int], tmp_path: Path) -> Iterator[Programs]:
    import redis

    with redis.Redis.from_url(django_settings.CELERY_BROKER_URL) as valkey:
        valkey.flushdb()
    made = Programs(mailbox[1], tmp_path)
    yield made
    made.stop()
    with redis.Redis.from_url(django_settings.CELERY_BROKER_URL) as valkey:
        valkey.flushdb()


def remind(moment: str) -> int:
    from scorecards.plans.tasks import remind as task

    return int(task(moment))


def test_a_mail_server_that_refuses_for_now_and_for_ever(
    offices: list[str], mail_settings: MailServer
) -> None:
    mail_settings.refusals = {
        offices[0]: ["451 try again"],
        offices[1]: ["550 no such person"],
        offices[2]: ["452 full", "452 full"],
    }
    assert remind(NIGHT) == 0
    assert mail_settings.taken == []
    assert remind(MORNING) == 3
    assert remind(MORNING) == 0, "nobody is written to before the next try is due"
    assert remind(NEXT_HOUR) == 1
    assert remind("2026-06-30T12:00:00+07:00") == 1
    assert remind("2026-06-30T18:00:00+07:00") == 0
    assert Counter(to for to, _id in mail_settings.taken) == {
        address: 1 for address in offices if address != offices[1]
    }
    outcomes = Counter(Message.objects.values_list("outcome", flat=True))
    assert outcomes == {"sent": 5, "refused": 1}
    tries = dict(Message.objects.values_list("office__name_km", "tries"))
    assert [tries[f"ការិយាល័យ {n}"] for n in range(3)] == [2, 1, 3]


def test_no_mail_server_at_all_loses_nothing(
    offices: list[str], mail_settings: MailServer, settings: Any
) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1  # nobody listens there
    assert remind(MORNING) == 0
    settings.EMAIL_PORT = port
    assert remind(NEXT_HOUR) == len(offices)
    assert sorted(to for to, _id in mail_settings.taken) == offices


def test_a_server_that_took_a_message_and_never_answered_is_not_sent_a_second(
    offices: list[str], mail_settings: MailServer
) -> None:
    mail_settings.lost_answers = {offices[3]}
    assert remind(MORNING) == len(offices) - 1
    mail_settings.lost_answers = set()
    assert remind(NEXT_HOUR) == 0
    assert remind("2026-06-30T18:00:00+07:00") == 0
    assert Counter(to for to, _id in mail_settings.taken) == dict.fromkeys(offices, 1)
    call = Message.objects.get(channel="telephone", done_at=None)
    assert call.office is not None
    assert call.office.name_km == "ការិយាល័យ 3"


def test_a_worker_killed_before_and_after_handing_over_sends_each_message_once(
    offices: list[str],
    mailbox: tuple[MailServer, int],
    programs: Programs,
) -> None:
    """Once before the mail server can take a message, once after it took one."""
    server, _port = mailbox
    from scorecards.plans.tasks import remind as task

    reached, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        reached.set()
        go_on.wait(60)

    server.before_taking = hold
    worker = programs.worker("before")
    task.delay(MORNING)
    assert reached.wait(60)
    programs.kill(worker)
    server.before_taking = lambda: None
    go_on.set()
    assert server.taken == []
    assert not Message.objects.exclude(handed_at=None).exists()

    taken, release = threading.Event(), threading.Event()
    held = threading.Thread(target=_hold_ledger, args=(taken, release))

    def hold_the_first() -> None:
        if not held.is_alive() and not taken.is_set():
            held.start()
            taken.wait(20)

    server.before_answer = hold_the_first
    worker = programs.worker("first")
    task.delay(NEXT_HOUR)
    # the mail server has taken one message, and the worker waits to write that down
    wait_for(_somebody_waits_for_the_ledger, what="the worker to record what was taken")
    programs.kill(worker)
    _end_who_waits()  # the database would carry out what the dead worker had asked for
    release.set()
    held.join()
    assert len(server.taken) == 1
    assert not Message.objects.exclude(outcome="").exists()
    programs.worker("second")
    task.delay("2026-06-30T13:00:00+07:00")
    wait_for(
        lambda: not Message.objects.filter(outcome="", channel="email").exists(),
        what="every message to be sent, or left to a person",
    )
    assert Counter(to for to, _id in server.taken) == dict.fromkeys(offices, 1)
    assert Message.objects.filter(outcome="sent").count() == len(offices) - 1
    # nobody knows whether the one of the killed worker arrived: a person asks
    assert Message.objects.get(channel="telephone", done_at=None).handed_at is not None


def _hold_ledger(taken: threading.Event, release: threading.Event) -> None:
    """Lock the ledger's rows as a slow database would, until told to let go."""
    try:
        with transaction.atomic():
            list(Message.objects.select_for_update())
            taken.set()
            release.wait(60)
    finally:
        connection.close()


_WAITING = """
FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE "plans_message"%%'
"""


def _somebody_waits_for_the_ledger() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_WAITING}")
        return bool(cursor.fetchone()[0])


def _end_who_waits() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_terminate_backend(pid) {_WAITING}")


def test_two_beats_and_two_workers_write_to_each_office_once(
    offices: list[str], mailbox: tuple[MailServer, int], programs: Programs, tmp_path: Path
) -> None:
    server, _port = mailbox
    programs.worker("only")
    for _number in range(2):
        programs.beat(MORNING)
    wait_for(
        lambda: Message.objects.filter(outcome="sent").count() == len(offices),
        what="every office to be written to",
    )
    logs = [tmp_path / f"{number}.log" for number in (1, 2)]
    before = [log.read_bytes().count(b"Sending due task") for log in logs]
    wait_for(
        lambda: all(
            log.read_bytes().count(b"Sending due task") > seen + 2
            for log, seen in zip(logs, before, strict=True)
        ),
        what="both beats to go on",
    )
    assert Counter(to for to, _id in server.taken) == dict.fromkeys(offices, 1)
    assert Message.objects.count() == len(offices)
    assert Reminder.objects.filter(kind="due").count() == len(offices)
    assert database_now().tzinfo is not None
