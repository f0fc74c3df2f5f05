"""Names of the menu's steps for people who read the figures."""

from typing import Final

from django.utils.translation import gettext_lazy as _

STEPS: Final = {
    "language": _("Choosing a language"),
    "main": _("Main menu: which office"),
    "other": _("Other matters"),
    "info.service": _("Price and days: which service"),
    "info.option": _("Price and days: which kind"),
    "info.answer": _("Price and days: the answer"),
    "info.papers": _("Documents to bring"),
    "info.sent": _("Price and days: as a message"),
    "tell.notice": _("Experience: who asks, and why"),
    "tell.notice.here": _("Experience after the answer: who asks, and why"),
    "tell.kind": _("Experience: which office"),
    "tell.units": _("Experience: how many sheets"),
    "tell.service": _("Experience: which service"),
    "tell.option": _("Experience: which kind"),
    "tell.got": _("Experience: was it received"),
    "tell.paid": _("Experience: what was paid"),
    "tell.sum": _("Experience: how much more"),
    "tell.time": _("Experience: on time or late"),
    "tell.when": _("Experience: the month it was handed in"),
    "tell.staff": _("Experience: the officials"),
    "tell.place": _("Experience: the same commune"),
    "tell.place.code": _("Experience: the commune's code"),
    "tell.place.confirm": _("Experience: is the commune right"),
    "request.code": _("My request: entering its code"),
    "request.confirm": _("My request: is the code right"),
    "request.status": _("My request: its status"),
    "close.when": _("Closing: when it was received"),
    "close.paid": _("Closing: what was paid"),
    "close.amount": _("Closing: how much"),
    "close.visits": _("Closing: how many visits"),
    "action.code": _("Commitment: entering its code"),
    "action.confirm": _("Commitment: is the code right"),
    "action.place": _("Commitments of a commune: its code"),
    "action.place.confirm": _("Commitments of a commune: is it right"),
    "action.ask": _("Commitment: is it done"),
    "action.thanks": _("Commitment: thanks"),
    "action.none": _("Commitment: nothing to ask"),
    "action.call": _("We call: is a commitment kept"),
    "callback.consent": _("Call back: consent"),
    "callback.promised": _("Call back: promised"),
    "followup": _("We call: the status of the request"),
    "followup.stopped": _("We call: never again"),
    "tell.check": _("Experience: may somebody call to check it"),
    "tell.thanks": _("Experience: thanks"),
    "request.unknown": _("My request: no such code"),
    "request.closed": _("My request: closed"),
    "request.waiting": _("My request: still waiting"),
    "give_up": _("Ended after three silences"),
    "too_long": _("Ended because it was long"),
}


def step(node: str) -> str:
    """Return the step's name; a node that was renamed since keeps its code."""
    return str(STEPS.get(node, node))
