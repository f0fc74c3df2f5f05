"""Sentences that compare a commune with others: never a bare rank, never a league table."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
from django.utils.translation import gettext as _

from dashboards.data.classed_cells import standing_of
from dashboards.text import formats
from scorecards.reading import statistics
from scorecards.reading.vocabulary import Change

Row = Mapping[Hashable, Any]
FAR = 0.10
"""Difference from the line (0 to 1) from which the absence of a mark is explained."""


def of_commune(user: object, code: str, period: str) -> dict[tuple[str, str], Row]:
    """Return the stored comparisons of one commune, by kind of provider and indicator."""
    comparisons = statistics.comparisons(user, period, place=code)
    return {(row["provider_kind"], row["indicator"]): row for row in comparisons.to_dict("records")}


def classes_of(user: object, code: str, period: str) -> pd.DataFrame:
    """Return stored class, line and change of every cell of a commune: the rows of ``CLASS``."""
    return statistics.classes(user, period, place=code)


def sentences(row: Row) -> tuple[str, ...]:
    """Rank, peers and trend of one figure, each where it may be said."""
    sentences = (_rank(row), _beside_province(row), _beside_alike(row), _trend(row))
    return tuple(sentence for sentence in sentences if sentence)


def _rank(row: Row) -> str:
    if row["places"] < 3:
        return ""
    return _(
        "If all %(places)s communes with answers were put in order, the best first, this one "
        "would likely be between place %(first)s and place %(last)s (95%%)."
    ) % {
        "places": formats.count(row["places"]),
        "first": formats.count(row["rank_low"]),
        "last": formats.count(row["rank_high"]),
    }


def _beside_province(row: Row) -> str:
    sayings = (
        _("%(points)s points better than the other communes of the province (%(share)s)."),
        _("%(points)s points worse than the other communes of the province (%(share)s)."),
        _("No clear difference from the other communes of the province (%(share)s)."),
    )
    return _beside(row, "province", sayings)


def _beside_alike(row: Row) -> str:
    sayings = (
        _("%(points)s points better than the other communes of its kind (%(share)s)."),
        _("%(points)s points worse than the other communes of its kind (%(share)s)."),
        _("No clear difference from the other communes of its kind (%(share)s)."),
    )
    return _beside(row, "like", sayings)


def _beside(row: Row, kind: str, sayings: tuple[str, str, str]) -> str:
    """Write better or worse only by the stored rule of alarms: clear at 99.8%, 5 points or more."""
    gap = row[f"{kind}_gap"]
    if pd.isna(gap):
        return ""
    better, worse, same = sayings
    sentence = same if not row[f"{kind}_alarm"] else better if gap > 0 else worse
    numbers = {"share": formats.percent(row[f"{kind}_share"])}
    return sentence % ({**numbers, "points": formats.points(gap)} if sentence != same else numbers)


def of_nation(row: Row) -> str:
    """Compare one figure with the national line, by its stored class; nothing without a line.

    Where there is no clear difference although the share is far from the line, it says why.
    """
    if pd.isna(row["whole"]):
        return ""
    line = {"share": formats.percent(row["whole"])}
    standing = standing_of(row)
    if standing == "better":
        return _("Better than others: in the whole country it is %(share)s.") % line
    if standing == "worse":
        return _("Worse than others: in the whole country it is %(share)s.") % line
    if standing == "few":
        return _("In the whole country it is %(share)s. Too few answers here to compare.") % line
    text = _("No clear difference from average: in the whole country it is %(share)s.") % line
    return " ".join(filter(None, (text, by_chance(row["share"], row["whole"]))))


def by_chance(share: float, line: float) -> str:
    """Explain why a share far from the line is no clear difference; "" where it is near."""
    if pd.isna(share) or pd.isna(line) or abs(share - line) < FAR:
        return ""
    return _("With so few answers a gap this large can be chance.")


def _trend(row: Row) -> str:
    if row["trend"] in (Change.UP, Change.DOWN) and not row["trend_alarm"]:
        return ""
    fields = {
        Change.UP: _("Rising over the last %(periods)s periods."),
        Change.DOWN: _("Falling over the last %(periods)s periods."),
        Change.NO_CLEAR_CHANGE: _("No clear direction over the last %(periods)s periods."),
    }
    entry = {str(key): text for key, text in fields.items()}.get(str(row["trend"]), "")
    return entry and entry % {"periods": formats.count(row["trend_periods"])}


def overalls(user: object, code: str, period: str) -> dict[str, str]:
    """Return the overall score of each kind of provider of a commune, in one sentence."""
    overall = statistics.overall(user, period, place=code)
    return {row["provider_kind"]: _overall(row) for row in overall.to_dict("records")}


def _overall(row: Row) -> str:
    covered = {
        "judged": formats.count(row["parts_judged"]),
        "total": formats.count(row["parts_total"]),
        "coverage": formats.percent(row["coverage"]),
    }
    if pd.isna(row["score"]):
        return (
            _(
                "No overall score: %(judged)s of %(total)s measures could be judged "
                "(%(coverage)s of the weight); 60%% is needed."
            )
            % covered
        )
    return _(
        "Overall %(score)s of 100, likely between %(low)s and %(high)s (95%%); "
        "from %(judged)s of %(total)s measures (%(coverage)s of the weight)."
    ) % {
        **covered,
        "score": formats.count(round(row["score"])),
        "low": formats.count(round(row["low"])),
        "high": formats.count(round(row["high"])),
    }


def waiting(user: object, code: str, period: str) -> dict[tuple[str, str], str]:
    """Explain the effect of open requests on "on time", by (kind of provider, service)."""
    on_time = statistics.on_time(user, period, place=code)
    return {(r["provider_kind"], r["service"]): _waiting(r) for r in on_time.to_dict("records")}


def _waiting(row: Row) -> str:
    fields = {"open": formats.count(row["still_open"])}
    if pd.isna(row["share"]):
        return (
            _("%(open)s requests are still open: how many are in time is not yet known.") % fields
        )
    fields |= {
        "share": formats.percent(row["share"]),
        "low": formats.percent(row["low"]),
        "high": formats.percent(row["high"]),
    }
    text = _(
        "%(open)s requests are still open. With them, %(share)s are received in time, likely "
        "between %(low)s and %(high)s (95%%)."
    )
    half = ""
    if not pd.isna(row["median_days"]):
        half = " " + _("Half of all are received within %(days)s days.") % {
            "days": formats.count(row["median_days"])
        }
    return text % fields + half
