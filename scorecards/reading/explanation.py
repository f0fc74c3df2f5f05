"""Explanation of a figure: definition, standard, counts, cases left out, in words.

Built from what ``scorecards.reading.scores`` lets this person see, and from public standards; an
explanation reveals nothing that its cell does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pandas as pd
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from khmer.digits import to_khmer
from khmer.riel import format_number
from pages.languages import in_language
from scorecards.indicators import RULE_OF
from scorecards.models import ScoreRevision, VoteGap
from scorecards.reading import scores, statistics
from scorecards.reading.standards_in_force import StandardInForce, standards_of
from standards.models import Indicator


@dataclass(frozen=True)
class Explanation:
    """The explanation of one score. ``cell`` has the columns of ``score_columns.COLUMNS``."""

    cell: dict[str, Any]
    indicator: str
    place: str
    definition: str
    sentence: str
    interval: str
    left_out: dict[str, int]
    standards: list[StandardInForce]
    method_version: str
    earlier: list[dict[str, Any]] = field(default_factory=list)
    facts: tuple[tuple[str, str], ...] = ()


def explain(
    user: object,
    *,
    period: str,
    indicator: str,
    place: str,
    provider_kind: str,
    service: str = "",
    provider: int = 0,
    self_assessment: bool = False,
) -> Explanation | None:
    """Explain one cell as this person may see it; None where there is none for them.

    Raises ``ValueError`` for a period that cannot be.
    """
    cell = _only(
        scores.place(user, place, period),
        indicator=indicator,
        provider_kind=provider_kind,
        service=service,
        provider_id=provider,
        self_assessment=self_assessment,
    )
    return None if cell is None else _explained(user, cell)


def _explained(user: object, cell: dict[str, Any]) -> Explanation:
    """Explain a cell that this person may see."""
    indicator = cell["indicator"]
    row = Indicator.objects.filter(code=indicator).first()
    compared = None
    if not (cell["service"] or cell["provider_id"] or cell["self_assessment"]):
        compared = _comparison_of(user, cell)
    return Explanation(
        cell=cell,
        indicator=row.name if row else indicator,
        definition=row.measured_as if row else "",
        sentence=_sentence(cell),
        interval=_interval(cell),
        place=in_language(cell["place_km"], cell["place_en"]),
        left_out=_in_words(cell),
        standards=standards_of(cell) if indicator in RULE_OF else [],
        method_version=str(cell["method_version"]),
        earlier=_earlier(cell) if cell["working"] else [],
        facts=(
            *in_short(cell, row.measured_as if row else "", compared),
            *_groups(user, cell),
        ),
    )


def _only(cells: pd.DataFrame, **asked: object) -> dict[str, Any] | None:
    """Return the cell with these values as plain ones, or None."""
    for name, value in asked.items():
        cells = cells[cells[name] == value]
    if cells.empty:
        return None
    return {str(name): _plain(value) for name, value in cells.iloc[0].items()}


def _comparison_of(user: object, cell: dict[str, Any]) -> dict[Any, Any] | None:
    """Read the stored comparison of a cell of all services together; None where it has none."""
    rows = statistics.comparisons(
        user, cell["period"], place=cell["place_code"], indicator=cell["indicator"]
    )
    rows = rows[rows["provider_kind"] == cell["provider_kind"]]
    return None if rows.empty else rows.to_dict("records")[0]


def nothing_shown() -> str:
    """Return the sentence for a figure that is not printed, or that does not exist."""
    return _("Too few answers to show, or none.")


def being_corrected() -> str:
    """Return the sentence in place of a figure that is withdrawn."""
    return _(
        "Being corrected: many of the answers behind this figure have changed. A new figure "
        "comes when ten or more have."
    )


def about(row: Mapping[Any, Any]) -> str:
    """Return the numbers beside a rounded figure: about so many of so many."""
    numbers = {"met": _number(row["numerator"]), "judged": _number(row["denominator"])}
    return _("about %(met)s of %(judged)s, rounded to protect privacy") % numbers


def about_rounding() -> str:
    """Explain in sentences how a rounded figure is made and when it changes."""
    return " ".join(
        [
            _(
                "Both numbers, met and not met, are rounded at random to a multiple of three, "
                "so that nobody can be picked out. Each was at most 2 away from the true number "
                "when first published. Totals are rounded on their own, so parts may not add up. "
                "The range allows for the rounding."
            ),
            _(
                "Changes when ten or more cases behind it have changed. The range allows for the "
                "rounding, not for corrections under way."
            ),
        ]
    )


def earlier_rules() -> str:
    """Return the mark of a figure whose release was made before figures were rounded."""
    return _("Published under earlier rules: the numbers are not rounded.")


def printed(row: Mapping[Any, Any]) -> str:
    """Return the note at a released figure: that it is rounded, or why it is not.

    Nothing beside a working figure, which is exact, and where no figure is shown.
    """
    if _is_missing(row["share"]) or row["working"]:
        return ""
    return about(row) if row["rounded"] else earlier_rules()


def address(row: Mapping[Any, Any]) -> str:
    """Return the address of the page that explains one row of ``scorecards.reading.scores``."""
    asked = {
        "period": row["period"],
        "indicator": row["indicator"],
        "place": row["place_code"],
        "kind": row["provider_kind"],
        "service": row["service"],
        "provider": row["provider_id"] or "",
        "self": "1" if row["self_assessment"] else "",
    }
    given = {name: value for name, value in asked.items() if value != ""}
    return f"{reverse('scorecards:explain')}?{urlencode(given)}"


def in_short(
    row: Mapping[Any, Any], measured_as: str, compared: Mapping[Any, Any] | None = None
) -> tuple[tuple[str, str], ...]:
    """Explain how a figure was made, as (heading, text) pairs.

    ``row`` is a row of ``scorecards.reading.scores`` and ``compared`` one of
    ``scorecards.reading.statistics``; what their reader may not see is not in them.
    """
    parts = [(_("What is measured"), measured_as)]
    if not _is_missing(row["denominator"]) and row["denominator"]:
        parts.append((_("Cases counted"), _counted(row)))
    if row.get("rounded"):
        parts.append((_("Rounding"), about_rounding()))
    elif not row.get("working", True):
        parts.append((_("Rounding"), earlier_rules()))
    if left_out := _left_out(row):
        parts.append((_("Left out"), left_out))
    deff = row["deff"]
    if not _is_missing(row["share"]) and not _is_missing(deff) and deff > 1:
        parts.append((_("Similar answers"), _weight(row["denominator"], deff)))
    if compared is not None and not _is_missing(row["share"]):
        parts += _compared(compared)
    parts.append((_("Method version"), _digits(row["method_version"])))
    if row["revised"]:
        parts.append(
            (_("Revised"), _("This figure or its range has changed since it was first published."))
        )
    return tuple(parts)


def _groups(user: object, cell: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Compare groups of voters, as (group, sentence) pairs; empty where no votes are counted."""
    if cell["service"] or cell["provider_id"] or cell["self_assessment"]:
        return []
    gaps = statistics.gaps(
        user, str(cell["period"]), place=cell["place_code"], indicator=cell["indicator"]
    )
    gaps = gaps[gaps["provider_kind"] == cell["provider_kind"]]
    return [
        (str(VoteGap.Among(row["among"]).label).capitalize(), gap_sentence(row))
        for row in gaps.to_dict("records")
    ]


def gap_sentence(row: Mapping[Any, Any]) -> str:
    """Compare one group with the others in words: shares of a release, means of working figures."""
    if _is_missing(row["voters"]):
        return being_corrected()
    numbers = {"voters": _number(row["voters"]), "others": _number(row["others"])}
    if not _is_missing(row["share_gap"]):
        numbers |= {
            "share": _number(100 * row["share"]),
            "rest": _number(100 * row["others_share"]),
            "low": _number(100 * row["share_low"]).replace("-", "−"),
            "high": _number(100 * row["share_high"]).replace("-", "−"),
        }
        return (
            _(
                "%(share)s in a hundred were satisfied (about %(voters)s votes); of the others "
                "%(rest)s (about %(others)s votes). The difference is likely between %(low)s and "
                "%(high)s points (95%%)."
            )
            % numbers
        )
    numbers |= {"mean": _decimal(row["mean"]), "rest": _decimal(row["others_mean"])}
    text = _("%(mean)s on average of %(voters)s votes; the others %(rest)s of %(others)s.")
    if not _is_missing(row["low"]):
        numbers |= {"low": _decimal(row["low"]), "high": _decimal(row["high"])}
        text += " " + _("The difference is likely between %(low)s and %(high)s (95%%).")
    else:
        text += " " + _("One meeting cannot say how much of that is chance.")
    return text % numbers


def _decimal(value: float) -> str:
    text = f"{value:.1f}".replace("-", "−")
    return to_khmer(text.replace(".", ",")) if _is_khmer() else text


def _is_khmer() -> bool:
    return (get_language() or "km").startswith("km")


def _left_out(row: Mapping[Any, Any]) -> str:
    """Count the cases that were not judged, by reason; "" where none or not readable."""
    reasons = {
        "no_standard": _("%(n)s without a published standard"),
        "unknown_answer": _("%(n)s could not say"),
        "does_not_apply": _("%(n)s to whom it did not apply"),
        "still_open": _("%(n)s still open"),
    }
    counted = {name: row[name] for name in reasons if not _is_missing(row[name]) and row[name]}
    return "; ".join(reasons[name] % {"n": _number(n)} for name, n in counted.items())


def _weight(judged: float, deff: float) -> str:
    """Explain the effect of clustered interviews on a figure."""
    return _(
        "Answers collected by one person on one day are similar: these %(judged)s are worth "
        "as much as %(effective)s independent answers (factor %(deff)s)."
    ) % {
        "deff": _digits(f"{deff:.2f}"),
        "judged": _number(judged),
        "effective": _number(judged / deff),
    }


def _compared(row: Mapping[Any, Any]) -> list[tuple[str, str]]:
    """Return the national line and the estimate that ranks are based on."""
    line = (
        ""
        if _is_missing(row["whole"])
        else _("%(share)s in a hundred; %(places)s communes are compared with it")
        % {
            "share": _number(100 * row["whole"]),
            "places": _number(row["places"]),
        }
    )
    drawn = _(
        "%(share)s in a hundred. The fewer the cases, the nearer to the average of all, so that "
        "nobody is ranked by chance; the range of places is from 2,000 simulated draws."
    ) % {"share": _number(100 * row["mean"])}
    parts = [(_("The whole country"), line)] if line else []
    return [*parts, (_("Adjusted for small numbers"), drawn)]


def _is_missing(value: Any) -> bool:
    return value is None or bool(pd.isna(value))


def _digits(text: object) -> str:
    return to_khmer(str(text)) if _is_khmer() else str(text)


def _plain(value: Any) -> Any:
    """Return values as JSON knows them: NaN and NaT are None, moments are ``datetime``."""
    if value is None or isinstance(value, str | list | bool):
        return value
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        moment: datetime = value.to_pydatetime()
        return moment
    return value.item() if hasattr(value, "item") else value


def _counted(row: Mapping[Any, Any]) -> str:
    """Return how many cases met the standard, of how many judged."""
    if row.get("rounded"):
        return about(row)
    numbers = {"met": _number(row["numerator"]), "judged": _number(row["denominator"])}
    return _("%(met)s met it, of %(judged)s judged") % numbers


def _number(value: float) -> str:
    return format_number(round(value), (get_language() or "km")[:2])


def _in_words(counts: dict[str, Any]) -> dict[str, int]:
    """Return the numbers of cases left out, by their reason in the reader's language."""
    words = {
        "no_standard": _("no published standard"),
        "unknown_answer": _("answer not known"),
        "does_not_apply": _("does not apply"),
        "still_open": _("still open, too early to say"),
    }
    return {words[name]: int(counts[name]) for name in words if counts[name]}


def _sentence(cell: dict[str, Any]) -> str:
    """State the score in one sentence."""
    if cell["status"] == "withdrawn":
        return being_corrected()
    if cell["why"] == "no_standard":
        return _("No standard was ever published, so nobody is judged.")
    if cell["status"] == "not_yet_known":
        return _("Not yet known: some requests are younger than the promise.")
    if cell["denominator"] is None or cell["denominator"] == 0:
        return _("Nothing could be judged.")
    if cell["share"] is None:
        return _("Too few answers to say: a figure needs at least ten.")
    if cell["rounded"]:
        return _("Met: %(about)s.") % {"about": about(cell)}
    met, judged = _number(cell["numerator"]), _number(cell["denominator"])
    if cell["distribution"]:
        return _("%(met)s of %(judged)s votes were 4 or 5.") % {"met": met, "judged": judged}
    return _("In %(met)s of %(judged)s cases the standard was met.") % {
        "met": met,
        "judged": judged,
    }


def _interval(cell: dict[str, Any]) -> str:
    """Return the interval in words a councillor understands."""
    if cell["low"] is None or cell["high"] is None or cell["share"] is None:
        return ""
    low, high = _number(100 * cell["low"]), _number(100 * cell["high"])
    text = _(
        "Only some people were asked. If everybody had been asked, the share would likely be "
        "between %(low)s and %(high)s in a hundred (95%%)."
    ) % {"low": low, "high": high}
    if cell["deff"] and cell["deff"] > 1:
        text += " " + _(
            "People whom one facilitator met on one day resemble each other; the range is "
            "wider for that."
        )
    return text


def _earlier(cell: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the earlier values of a revised score, newest first, at most 50."""
    key = ("period", "indicator", "service", "provider_kind", "place_code", "provider_id")
    score_revisions = ScoreRevision.objects.filter(
        **{name: cell[name] for name in key}, self_assessment=cell["self_assessment"]
    )
    numbers = ("at", "numerator", "denominator", "share", "low", "high")
    return [dict(row) for row in score_revisions.order_by("-at").values(*numbers)[:50]]
