"""Texts of a reminder, in the language of the office."""

from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khmer.dates import format_date
from pages.languages import readers_language
from scorecards.plans.models import Action, ContactChannel, Message, Reminder

MOST_LINES: Final = 12
_ORDER: Final = (
    Reminder.Kind.DENIED,
    Reminder.Kind.LATE_20,
    Reminder.Kind.LATE_5,
    Reminder.Kind.DUE,
    Reminder.Kind.BEFORE,
    Reminder.Kind.NOT_STARTED,
    Reminder.Kind.AGREED,
)
"""The most pressing reason first; of each action only the first one is said."""


def sentence(kind: str, action: Action) -> str:
    """Write why this action is mentioned."""
    day = format_date(action.due_on, readers_language())
    start = format_date(action.starts_on, readers_language())
    return {
        Reminder.Kind.DENIED: _("Citizens say it is not done. It is open again."),
        Reminder.Kind.LATE_20: _("20 working days late; it was promised for %(day)s."),
        Reminder.Kind.LATE_5: _("5 working days late; it was promised for %(day)s."),
        Reminder.Kind.DUE: _("It was promised for %(day)s. Is it done?"),
        Reminder.Kind.BEFORE: _("It is promised for %(day)s."),
        Reminder.Kind.NOT_STARTED: _("It was to start on %(start)s. Has it started?"),
        Reminder.Kind.AGREED: _("You lead this action. It is promised for %(day)s."),
    }[Reminder.Kind(kind)] % {"day": day, "start": start}


def lines(message: Message) -> list[tuple[Action, str]]:
    """Return each action of a message once, with its most pressing reason."""
    rows = message.reminders.select_related("action__commune")
    ranked = sorted(rows, key=lambda row: (_ORDER.index(Reminder.Kind(row.kind)), row.on))
    reasons: dict[int, tuple[Action, str]] = {}
    for row in ranked:
        reasons.setdefault(row.action_id, (row.action, row.kind))
    return [(action, sentence(kind, action)) for action, kind in reasons.values()]


def written(message: Message) -> tuple[str, str]:
    """Return subject and text of a message."""
    office = message.office
    assert office is not None
    with translation.override(office.language):
        text = lines(message)
        count = len(text)
        subject = ngettext(
            "%(n)s action of the joint plan needs you",
            "%(n)s actions of the joint plan need you",
            count,
        ) % {"n": count}
        most = 2 if message.channel == ContactChannel.SMS else MOST_LINES
        parts = [f"• {_short(action, most)}\n  {why}" for action, why in text[:most]]
        if count > most:
            parts.append(_("And %(n)s more.") % {"n": count - most})
        base = settings.PUBLIC_URL.rstrip("/")
        parts.append(_("Answer here: %(address)s") % {"address": f"{base}{reverse('plans:work')}"})
        return subject, "\n".join(parts)


def _short(action: Action, most: int) -> str:
    words = action.activity if most == MOST_LINES else action.activity[:60]
    return f"{words} ({action.commune.full_name})"
