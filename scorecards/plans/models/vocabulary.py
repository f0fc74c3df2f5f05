"""Fixed values of a plan: states, parts, levels, money, answers."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """The state of an action. Only ``confirmed`` counts as done."""

    OPEN = "open", _("not started")
    IN_PROGRESS = "in_progress", _("in progress")
    HALF_DONE = "half_done", _("half done")
    SAID_DONE = "said_done", _("reported done")
    CONFIRMED = "confirmed", _("confirmed by citizens")
    BLOCKED = "blocked", _("blocked")
    DROPPED = "dropped", _("dropped")


ENDED: Final = (State.CONFIRMED, State.DROPPED)
"""States after which no more is expected."""

UNDER_WAY: Final = (State.OPEN, State.IN_PROGRESS, State.HALF_DONE, State.BLOCKED)
"""The owner still has to report these done; they are late after their day."""


class Part(models.TextChoices):
    """The two parts of the official form."""

    OUTSIDE = "outside", _("needs resources from outside")
    INTERNAL = "internal", _("carried out by providers and the community themselves")


class Proposer(models.TextChoices):
    COMMUNITY = "community", _("the community")
    PROVIDER = "provider", _("the provider")
    BOTH = "both", _("the community and the provider")
    COUNCIL = "council", _("the commune council")


class ActionLevel(models.TextChoices):
    """The level that decides about an action."""

    VILLAGE = "village", _("village")
    COMMUNE = "commune", _("commune")
    DISTRICT = "district", _("district")
    PROVINCE = "province", _("province")
    MINISTRY = "ministry", _("ministry")


class Money(models.TextChoices):
    """The source of an action's money."""

    OWN = "own", _("the office's own money")
    COMMUNE_FUND = "commune_fund", _("commune fund")
    INVESTMENT = "investment", _("Commune Investment Programme")
    PARTNER = "partner", _("a partner")


class AnswerKind(models.TextChoices):
    """A citizen's answer about an action that was reported done."""

    DONE = "done", _("done")
    HALF = "half", _("half done")
    NOT_DONE = "not_done", _("not done")
    UNKNOWN = "unknown", _("does not know")


class AnswerChannel(models.TextChoices):
    FOLLOW_UP = "follow_up", _("quarterly follow-up")
    APP = "app", _("citizens' app")
    HOTLINE = "hotline", _("hotline")


class Moderation(models.TextChoices):
    """The decision whether a text or picture may be shown to the public."""

    WAITING = "waiting", _("not yet checked")
    SHOWN = "shown", _("may be shown")
    HIDDEN = "hidden", _("not shown")


class ContactChannel(models.TextChoices):
    """The channel by which an office is reached."""

    NONE = "none", _("only on this platform")
    EMAIL = "email", _("e-mail")
    SMS = "sms", _("text message")
    TELEGRAM = "telegram", _("Telegram")
    TELEPHONE = "telephone", _("a person telephones")


class EventKind(models.TextChoices):
    AGREED = "agreed", _("agreed")
    STATE = "state", _("new state")
    MOVED = "moved", _("promised day moved")
    ANSWERED = "answered", _("citizens answered")
    REOPENED = "reopened", _("denied by citizens, reopened")
    CONFIRMED = "confirmed", _("confirmed by citizens")
    REVIEW = "review", _("next review set")
    EVIDENCE = "evidence", _("evidence added")
    EDITED = "edited", _("wording changed")
    MODERATED = "moderated", _("checked for publication")
