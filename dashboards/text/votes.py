"""Sentences about votes beyond the share of the satisfied: spread, the office's view, groups."""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
from django.utils.translation import gettext as _

from dashboards.text import formats
from scorecards.reading import statistics
from scorecards.reading.explanation import gap_sentence
from scorecards.reading.vocabulary import LEAST_GROUP

Row = Mapping[Hashable, Any]
Key = tuple[str, str]
"""Kind of provider, indicator."""


def of_place(
    user: object, code: str, period: str, figures: pd.DataFrame
) -> dict[Key, tuple[str, ...]]:
    """Return sentences about the votes of a place, from its figures as this reader may see them.

    ``figures`` are rows of ``scorecards.reading.scores``, the offices' own views among them.
    """
    values: dict[Key, list[str]] = defaultdict(list)
    rows = figures[(figures["service"] == "") & (figures["provider_id"] == 0)]
    own = {
        (row["provider_kind"], row["indicator"]): row
        for row in rows[rows["self_assessment"]].to_dict("records")
    }
    for row in rows[~rows["self_assessment"].astype(bool)].to_dict("records"):
        key = (row["provider_kind"], row["indicator"])
        if row["distribution"] is not None and not pd.isna(row["share"]):
            values[key].append(_spread(row))
        if key in own and (sentence := _against(row, own[key])):
            values[key].append(sentence)
    for row in statistics.gaps(user, period, place=code).to_dict("records"):
        values[row["provider_kind"], row["indicator"]].append(_gap(row))
    return {key: tuple(sentences) for key, sentences in values.items()}


def _spread(row: Row) -> str:
    """State how often each score was given, then median and average."""
    votes = row["distribution"]
    mean = sum(score * count for score, count in enumerate(votes, start=1)) / sum(votes)
    counts = {f"n{score}": formats.count(count) for score, count in enumerate(votes, start=1)}
    return _(
        "Votes from 1 (bad) to 5 (good): %(n1)s, %(n2)s, %(n3)s, %(n4)s, %(n5)s; "
        "median %(median)s, average %(mean)s."
    ) % {**counts, "median": _decimal(row["median"]), "mean": _decimal(mean)}


def _against(row: Row, own: Row) -> str:
    """Return the community's view beside the office's own, where both may be shown."""
    if not pd.isna(row["median"]) and not pd.isna(own["median"]):
        if min(row["denominator"], own["denominator"]) < LEAST_GROUP:
            return ""
        return _("The office gave itself %(own)s in the middle, the community %(median)s.") % {
            "own": _decimal(own["median"]),
            "median": _decimal(row["median"]),
        }
    if pd.isna(row["share"]) or pd.isna(own["share"]):
        return ""
    return _("Of the office's own people %(own)s were satisfied, of the community %(share)s.") % {
        "own": formats.percent(own["share"]),
        "share": formats.percent(row["share"]),
    }


def _gap(row: Row) -> str:
    """Compare one group with the other voters: both values, and the interval of the difference.

    It makes no judgement.
    """
    names = {
        "women": _("Women"),
        "youth": _("Young people (15 to 30)"),
        "poor_card": _("Holders of an Equity card (IDPoor)"),
        "disability": _("People with a disability"),
        "minority": _("People of an ethnic minority"),
    }
    return _("%(group)s: %(sentence)s") % {
        "group": names[row["among"]],
        "sentence": gap_sentence(row),
    }


def _decimal(value: float) -> str:
    """Return a score with one digit behind the sign of its language: 2.5, or ២,៥."""
    text = f"{value:.1f}".removesuffix(".0")
    return formats.digits(text.replace(".", ",") if formats.is_khmer() else text)
