"""The state of the installation in words, for a coordinator: faults and what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import require
from accounts.models import User
from accounts.permissions import may
from config import health
from khmer.digits import to_khmer
from operations import gauges
from surveys.models import AppUser, Submission

LATE = timedelta(minutes=15)
"""Work that waits longer than this is reported."""

CHECK_EVERY = timedelta(hours=36)
BACKUP_EVERY = timedelta(hours=36)
VERIFY_EVERY = timedelta(days=35)
BUDGET_SHARE = 0.8

WELL, ATTENTION, TROUBLE = "well", "attention", "trouble"


@dataclass(frozen=True)
class Line:
    """One statement: its state, the fact, what to do about it, and where."""

    state: str
    text: str
    advice: str = ""
    url: str = ""


@require("submissions.review")
@require_safe
@never_cache
def status(request: HttpRequest) -> HttpResponse:
    """Show every statement about the installation, the worst first."""
    user = request.user
    assert isinstance(user, User)
    order = [TROUBLE, ATTENTION, WELL]
    lines = sorted(statements(user), key=lambda line: order.index(line.state))
    worst = lines[0].state
    return render(request, "operations/status.html", {"lines": lines, "worst": worst})


def statements(user: User) -> Iterator[Line]:
    """Yield the statements, in the order in which they are shown when all is well."""
    now = timezone.now()
    yield _parts()
    yield _work(now)
    yield from _records(user)
    yield _tablets(user, now)
    yield from _scores(user, now)
    if may(user, "hotline.edit"):
        yield from _hotline(now)
    yield from _backups(now)


def _parts() -> Line:
    answers = health.answers()
    names = {
        "database": _("the database"),
        "broker": _("the message broker"),
        "worker": _("the background workers"),
    }
    away = [names[part] for part, well in answers.items() if not well]
    if not away:
        return Line(WELL, _("All programs are running."))
    return Line(
        TROUBLE,
        _("Not running: %(parts)s.") % {"parts": ", ".join(away)},
        _("Records are kept and nothing is lost. Tell the administrator now."),
    )


def _work(now: datetime) -> Line:
    waits = {"records": _("records"), "scores": _("scores"), "imports": _("imports")}
    waits |= {"exports": _("exports"), "webhooks": _("messages to other systems")}
    late = [
        waits[gauge.labels["kind"]]
        for gauge in gauges.waiting(now)
        if gauge.name == "waiting_oldest_seconds" and gauge.value > LATE.total_seconds()
    ]
    if not late:
        return Line(WELL, _("Work in the background is done within minutes."))
    return Line(
        ATTENTION,
        _("Waiting longer than 15 minutes: %(what)s.") % {"what": ", ".join(late)},
        _("Wait another hour. If this sentence is still here, tell the administrator."),
    )


def _records(user: User) -> Iterator[Line]:
    if not (unread := Submission.objects.unread().visible_to(user).count()):
        yield Line(WELL, _("Every record that arrived could be read."))
        return
    text = ngettext("%(n)s record could not be read.", "%(n)s records could not be read.", unread)
    yield Line(
        ATTENTION,
        text % {"n": _digits(unread)},
        _("Open the list: it says why, and you can have them read again."),
        reverse("surveys:unread"),
    )


def _tablets(user: User, now: datetime) -> Line:
    silent = gauges.silent_tablets(AppUser.objects.visible_to(user), now).count()
    if not silent:
        return Line(WELL, _("Every tablet in use has sent something in the last 7 days."))
    text = ngettext(
        "%(n)s tablet has not been heard from for 7 days.",
        "%(n)s tablets have not been heard from for 7 days.",
        silent,
    )
    return Line(
        ATTENTION,
        text % {"n": _digits(silent)},
        _("Ask the facilitator to switch the tablet on where there is a network."),
        reverse("surveys:tablets"),
    )


def _scores(user: User, now: datetime) -> Iterator[Line]:
    values = {gauge.name: gauge.value for gauge in gauges.scores(now)}
    link = reverse("scorecards:alarms") if may(user, "scores.run") else ""
    if wrong := round(values["score_alarms"]):
        text = ngettext(
            "%(n)s score was computed differently the second time.",
            "%(n)s scores were computed differently the second time.",
            wrong,
        )
        yield Line(
            TROUBLE,
            text % {"n": _digits(wrong)},
            _("Do not release figures until this is explained. Tell the administrator."),
            link,
        )
    checked = gauges.last_check()
    if checked is None or now - checked > CHECK_EVERY:
        yield Line(
            ATTENTION,
            _("The nightly check of the scores did not run last night."),
            _("If it does not run tonight either, tell the administrator."),
            link,
        )
    elif not wrong:
        yield Line(WELL, _("The scores were checked last night: both computations agree."))


def _hotline(now: datetime) -> Iterator[Line]:
    for number, used, budget in gauges.hotline(now):
        share = used / budget if budget else 1.0
        values = {"number": number, "percent": _digits(round(100 * share))}
        text = _("Hotline %(number)s: %(percent)s%% of today's minutes are used.") % values
        if share < BUDGET_SHARE:
            yield Line(WELL, text)
            continue
        advice = _("When all are used, callers are turned away until midnight.")
        state = TROUBLE if share >= 1 else ATTENTION
        yield Line(state, text, advice, reverse("hotline:home"))


def _backups(now: datetime) -> Iterator[Line]:
    last = gauges.last_backups()
    advice = _("Ask the administrator to make one today.")
    if last.made_at is None:
        yield Line(TROUBLE, _("There is no backup."), advice)
        return
    if now - last.made_at > BACKUP_EVERY:
        yield Line(TROUBLE, _("There is no backup of the last day."), advice)
    else:
        yield Line(WELL, _("A backup was made in the last day."))
    if last.verified_at is None or now - last.verified_at > VERIFY_EVERY:
        yield Line(
            ATTENTION,
            _("No backup was restored and compared in the last month."),
            _("Ask the administrator for a restore drill: only then is it known to work."),
        )
    else:
        yield Line(WELL, _("A backup was restored and compared in the last month."))


def _digits(number: int) -> str:
    khmer = (get_language() or "km").startswith("km")
    return to_khmer(str(number)) if khmer else str(number)
