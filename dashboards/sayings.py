"""What a figure says to a councillor: sentences for counts, for certainty, for change."""

from dataclasses import dataclass

import pandas as pd
from django.utils.translation import gettext as _

from dashboards import wording
from scorecards.catalogue import RULE_OF
from scorecards.scoring.vocabulary import Change
from standards.models import IndicatorKind


@dataclass(frozen=True)
class Figure:
    """One figure with the same one of the period before; missing numbers are NaN."""

    indicator: str
    kind: str
    met: float
    judged: float
    share: float
    low: float
    high: float
    status: str
    why: str
    change: str
    difference: float

    @property
    def is_shown(self) -> bool:
        return not pd.isna(self.share)


def counts(figure: Figure) -> str:
    """How many of how many, in the words of the indicator: "18 of 22 paid …"; else why not."""
    if not figure.is_shown:
        return reason(figure)
    rule = RULE_OF.get(figure.indicator, figure.kind)
    numbers = {"met": wording.count(figure.met), "judged": wording.count(figure.judged)}
    return _by_rule(rule) % numbers


def _by_rule(rule: str) -> str:
    sayings = {
        "fee": _("%(met)s of %(judged)s paid no more than the official price."),
        "time": _("%(met)s of %(judged)s received it within the promised days."),
        "documents": _("%(met)s of %(judged)s were asked for no paper beyond the official list."),
        "visits": _("%(met)s of %(judged)s were finished in two visits."),
        "receipt": _("%(met)s of %(judged)s who paid were given a receipt."),
        "presence": _("%(met)s of %(judged)s found the office open and staffed."),
        "card_holder_free": _("%(met)s of %(judged)s poor-card holders paid nothing."),
        "medicine": _("%(met)s of %(judged)s were given all the medicine prescribed."),
        "no_informal_fee": _("%(met)s of %(judged)s parents were asked for no informal payment."),
        "teacher_present": _("%(met)s of %(judged)s pupils lost no lesson day last week."),
        "plan_seen": _("%(met)s of %(judged)s parents were shown the school's plan and budget."),
        IndicatorKind.PERCEPTION.value: _("%(met)s of %(judged)s voters were satisfied."),
        IndicatorKind.INPUT.value: _("Seen on %(met)s of %(judged)s visits."),
    }
    return sayings.get(rule, _("%(met)s of %(judged)s met the standard."))


def reason(figure: Figure) -> str:
    """Why there is no figure, as a sentence."""
    reasons = {
        "too_few": _("Too few answers to say: a figure needs at least ten."),
        "not_yet_known": _("Not yet known: the requests are too young to say."),
        "hidden": _("Hidden so that nobody can be found."),
        "under_three": _(
            "Between %(low)s and %(high)s. Fewer than three people met with something else than "
            "the others, so no exact number is told."
        ),
    }
    whys = {
        "no_standard": _("No published standard: nobody is judged by it."),
        "still_open": _("Not yet known: the requests are still open."),
        "unknown_answer": _("Nobody could answer this."),
        "does_not_apply": _("It applied to nobody."),
    }
    if figure.status in reasons:
        band = {"low": "", "high": ""}
        if not pd.isna(figure.low):
            band = {"low": wording.percent(figure.low), "high": wording.percent(figure.high)}
        return reasons[figure.status] % band
    return whys.get(figure.why, _("No answers in this period."))


def certainty(figure: Figure) -> str:
    """The share with its interval, in a sentence."""
    if not figure.is_shown:
        return ""
    return _(
        "That is %(share)s; had everybody been asked, it would almost surely lie "
        "between %(low)s and %(high)s."
    ) % {
        "share": wording.percent(figure.share),
        "low": wording.percent(figure.low),
        "high": wording.percent(figure.high),
    }


def change(figure: Figure) -> str:
    """What has changed since the period before; nothing where it cannot be said."""
    points = "" if pd.isna(figure.difference) else wording.points(figure.difference)
    told = {
        Change.UP: _("Better than the period before, by %(points)s points."),
        Change.DOWN: _("Worse than the period before, by %(points)s points."),
        Change.NO_CLEAR_CHANGE: _("No clear change since the period before."),
        Change.NEW_STANDARD: _("The standard has changed since: not comparable with before."),
    }
    found = {str(key): text for key, text in told.items()}.get(str(figure.change), "")
    return found % {"points": points} if "%(points)s" in found else found


def arrow(figure: Figure) -> str:
    """A sign beside the sentence of change, where there is an arrow to draw."""
    return {str(Change.UP): "▲", str(Change.DOWN): "▼"}.get(str(figure.change), "")
