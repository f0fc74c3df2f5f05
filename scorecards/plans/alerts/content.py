"""The content of an alert about one place, from public figures only."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from django.contrib.auth.models import AnonymousUser

from places.models import Level, Place
from scorecards import periods
from scorecards.plans import reading
from scorecards.reading import statistics
from scorecards.reading.vocabulary import FunnelClass

READER: Final = AnonymousUser()
"""The reader whose view is sent: messages are passed on, so they hold only public figures."""
OUTER: Final = (FunnelClass.FAR_BELOW, FunnelClass.FAR_ABOVE)
"""The classes beyond the limits of 99.8%."""
_COLUMNS: Final = ("indicator", "provider_kind", "place_code", "funnel", "whole", "numerator",
                   "denominator")  # fmt: skip
Key = tuple[str, str, str]
"""Commune, kind of provider, indicator."""


@dataclass(frozen=True)
class Crossing:
    """A measure that has been beyond a limit for two quarters, and not longer."""

    commune: str
    provider_kind: str
    indicator: str
    is_worse: bool
    share: float
    national_share: float


@dataclass(frozen=True)
class Content:
    """Everything that an alert says of one place."""

    place: Place
    period: str
    crossings: tuple[Crossing, ...]
    """Worse ones first."""
    measures: int
    """Measures that were compared with the whole country in this place."""
    still_worse: int
    """Measures that have been worse for longer: reported before, so not listed again."""
    commitments: Mapping[str, reading.Totals]
    """Communes with late or denied commitments."""

    @property
    def is_empty(self) -> bool:
        """True where there is nothing to write about."""
        return not self.crossings and not self.commitments

    @property
    def communes(self) -> list[str]:
        """The communes that matter: most worse measures first, then most late commitments."""
        worse: dict[str, int] = defaultdict(int)
        for crossing in self.crossings:
            worse[crossing.commune] += crossing.is_worse
        late = {code: one.late + one.denied for code, one in self.commitments.items()}
        codes = {*worse, *late}
        return sorted(codes, key=lambda code: (-worse.get(code, 0), -late.get(code, 0), code))


def content(place: Place, period: str) -> Content:
    """Collect what an alert reports of a commune, district or province for one released quarter."""
    now, before, earlier = (_classes(place.code, code) for code in _three(period))
    held = {key: row for key, row in now.items() if _is(before, key, row["funnel"])}
    fresh = [(key, row) for key, row in held.items() if not _is(earlier, key, row["funnel"])]
    worse = [key for key, row in held.items() if row["funnel"] == FunnelClass.FAR_BELOW]
    crossings = sorted(
        (_crossing(key, row) for key, row in fresh),
        key=lambda one: (not one.is_worse, -abs(one.share - one.national_share)),
    )
    crossed = {(one.commune, one.provider_kind, one.indicator) for one in crossings if one.is_worse}
    totals = reading.totals_by_commune(place.code)
    return Content(
        place=place,
        period=period,
        crossings=tuple(crossings),
        measures=sum(row["funnel"] != FunnelClass.NOT_DRAWN for row in now.values()),
        still_worse=len(set(worse) - crossed),
        commitments={code: one for code, one in totals.items() if one.late or one.denied},
    )


def _three(period: str) -> tuple[str, str, str]:
    now = periods.parse(period)
    return now.code, now.previous.code, now.previous.previous.code


def _is(rows: Mapping[Key, Mapping[Any, Any]], key: Key, funnel: str) -> bool:
    return funnel in OUTER and key in rows and rows[key]["funnel"] == funnel


def _classes(code: str, period: str) -> dict[Key, Mapping[Any, Any]]:
    classes = statistics.classes(
        READER, period, service="", level=Level.COMMUNE, within=code, columns=_COLUMNS
    )
    return {
        (row["place_code"], row["provider_kind"], row["indicator"]): row
        for row in classes.to_dict("records")
    }


def _crossing(key: Key, row: Mapping[Any, Any]) -> Crossing:
    national_share = float("nan") if pd.isna(row["whole"]) else float(row["whole"])
    return Crossing(
        commune=key[0],
        provider_kind=key[1],
        indicator=key[2],
        is_worse=row["funnel"] == FunnelClass.FAR_BELOW,
        share=float(row["numerator"]) / float(row["denominator"]),
        national_share=national_share,
    )
