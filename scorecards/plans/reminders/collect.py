"""Write what is due into the ledger of reminders."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Q

from khmer import workdays
from scorecards.plans.models import UNDER_WAY, Action, Office, Reminder, State
from scorecards.plans.reminders.due import BEFORE, LATE, REPEATED_FOR, Promise, reminders_of
from standards.calendar import holiday_calendar

_WITH_ABOVE = {kind for kind, _days in LATE}
_CHUNK = 2000


def promise_of(action: Action) -> Promise:
    """Return the fields of an action that decide about its reminders."""
    return Promise(action.state, action.starts_on, action.due_on, action.plan.agreed_on)


def collect(today: date) -> int:
    """Write every reminder that applies on ``today`` and is not yet in the ledger; return how many.

    Safe to repeat and to race: a unique constraint keeps each reason once.
    """
    before = Reminder.objects.count()
    fresh: list[Reminder] = []
    for reminder in _due_reminders(today):
        fresh.append(reminder)
        if len(fresh) >= _CHUNK:
            Reminder.objects.bulk_create(fresh, ignore_conflicts=True)
            fresh = []
    Reminder.objects.bulk_create(fresh, ignore_conflicts=True)
    return Reminder.objects.count() - before


def _due_reminders(today: date) -> Iterator[Reminder]:
    calendar = holiday_calendar()
    soon = workdays.add(today, BEFORE + 1, calendar) or today
    reminded_from = today - timedelta(days=REPEATED_FOR)
    candidates = (
        Action.objects.agreed()
        .filter(state__in=UNDER_WAY, office__isnull=False)
        .filter(
            Q(due_on__lte=soon)
            | Q(state=State.OPEN, starts_on__lte=today)
            | Q(plan__agreed_on__gte=reminded_from)
        )
        .select_related("plan", "office__above")
        .order_by()
    )
    recorded = _recorded()
    for action in candidates.iterator(chunk_size=_CHUNK):
        for kind, on in reminders_of(promise_of(action), today, calendar):
            for office in _recipients(action.office, kind):
                if (action.pk, office.pk, kind, on) not in recorded:
                    yield Reminder(action=action, office=office, kind=kind, on=on)


def _recorded() -> set[tuple[int, int, str, date]]:
    """Read the keys of all reminders already recorded: (action, office, kind, day)."""
    rows = Reminder.objects.filter(action__state__in=UNDER_WAY).order_by()
    return set(rows.values_list("action_id", "office_id", "kind", "on"))


def _recipients(owner: Office | None, kind: str) -> Iterator[Office]:
    """Yield the owner, and for what is late the office above.

    An office that is reached only on this platform finds its reminders in its work list.
    """
    if owner is None:
        return
    offices = [owner, owner.above] if kind in _WITH_ABOVE else [owner]
    for office in offices:
        if office is not None:
            yield office
