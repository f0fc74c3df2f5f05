"""Sentences about a figure for a councillor: counts, certainty, change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from django.utils.translation import gettext as _

from dashboards.text import formats
from scorecards.indicators import RULE_OF
from scorecards.reading.explanation import being_corrected
from scorecards.reading.vocabulary import Change
from standards.models import Indicator, IndicatorKind


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
    is_clear: bool = False
    """The change is beyond what chance explains at 99.8%: only then a sentence says so."""
    is_rounded: bool = False
    """A figure of a release: its numbers are about so many."""

    @property
    def is_shown(self) -> bool:
        return not pd.isna(self.share)


def figure_of(row: Mapping[Any, Any], indicator: Indicator) -> Figure:
    """Return the figure of a row of ``classed_cells.with_classes``."""
    return Figure(
        indicator=indicator.code,
        kind=indicator.kind,
        met=row["numerator"],
        judged=row["denominator"],
        share=row["share"],
        low=row["low"],
        high=row["high"],
        status=row["status"],
        why=row["why"],
        change=row["arrow"],
        difference=row["difference"],
        is_clear=row["change_alarm"],
        is_rounded=bool(row.get("rounded", False)),
    )


def counts(figure: Figure) -> str:
    """State "18 of 22 paid …" in the words of the indicator; without a figure, the reason."""
    if not figure.is_shown:
        return reason(figure)
    rule = RULE_OF.get(figure.indicator, figure.kind)
    numbers = {"met": formats.count(figure.met), "judged": formats.count(figure.judged)}
    if figure.is_rounded:
        numbers["met"] = _("about %(met)s") % numbers
    text = _by_rule(rule) % numbers
    return text[:1].upper() + text[1:]


def _by_rule(rule: str) -> str:
    sayings = {
        "fee": _("%(met)s of %(judged)s paid no more than the official price."),
        "time": _("%(met)s of %(judged)s received it within the promised days."),
        "documents": _(
            "%(met)s of %(judged)s were asked for no document beyond the official list."
        ),
        "visits": _("%(met)s of %(judged)s were finished in two visits."),
        "receipt": _("%(met)s of %(judged)s who paid were given a receipt."),
        "presence": _("%(met)s of %(judged)s found the office open and staffed."),
        "card_holder_free": _(
            "%(met)s of %(judged)s holders of an Equity card (IDPoor) paid nothing."
        ),
        "medicine": _("%(met)s of %(judged)s were given all the medicine prescribed."),
        "no_informal_fee": _("%(met)s of %(judged)s parents were asked for no informal payment."),
        "teacher_present": _("%(met)s of %(judged)s pupils lost no lesson day last week."),
        "plan_seen": _("%(met)s of %(judged)s parents were shown the school's plan and budget."),
        IndicatorKind.PERCEPTION.value: _("%(met)s of %(judged)s voters were satisfied."),
        IndicatorKind.INPUT.value: _("Seen on %(met)s of %(judged)s visits."),
    }
    return sayings.get(rule, _("%(met)s of %(judged)s met the standard."))


def reason(figure: Figure) -> str:
    """Explain in a sentence why there is no figure."""
    reasons = {
        "too_few": formats.nothing(),
        "not_yet_known": _("Not yet known: the requests are too young to say."),
        "withdrawn": being_corrected(),
    }
    whys = {
        "no_standard": _("No published standard: nobody is judged by it."),
        "still_open": _("Not yet known: the requests are still open."),
    }
    if figure.status in reasons:
        return reasons[figure.status]
    return whys.get(figure.why, formats.nothing())


def certainty(figure: Figure) -> str:
    """Return the share with its interval, in a sentence."""
    if not figure.is_shown:
        return ""
    return _(
        "That is %(share)s; likely between %(low)s and %(high)s (95%%) if everybody had been asked."
    ) % {
        "share": formats.percent(figure.share),
        "low": formats.percent(figure.low),
        "high": formats.percent(figure.high),
    }


def change(figure: Figure) -> str:
    """Describe the change since the period before; "" where none may be stated.

    An arrow stands where the 95% interval leaves out zero; a sentence accuses or praises
    one place, so it says "better" or "worse" only by the rule of alarms (99.8%).
    """
    points = "" if pd.isna(figure.difference) else formats.points(figure.difference)
    fields = {
        Change.UP: _("Better than the period before, by %(points)s points.")
        if figure.is_clear
        else _("Perhaps better than the period before (%(points)s points); it may be chance."),
        Change.DOWN: _("Worse than the period before, by %(points)s points.")
        if figure.is_clear
        else _("Perhaps worse than the period before (%(points)s points); it may be chance."),
        Change.NO_CLEAR_CHANGE: _("No clear change since the period before."),
        Change.NEW_STANDARD: _("The standard has changed since: not comparable with before."),
    }
    entry = {str(key): text for key, text in fields.items()}.get(str(figure.change), "")
    return entry % {"points": points} if "%(points)s" in entry else entry


def arrow(figure: Figure) -> str:
    """Return a sign beside the sentence of change, where there is an arrow to draw."""
    return {str(Change.UP): "▲", str(Change.DOWN): "▼"}.get(str(figure.change), "")
