"""Read measures for pages and programs: released ones for everybody, today's for the team."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models.functions import Length

from scorecards.method.vocabulary import FunnelClass
from scorecards.plans.measures import counts, table
from scorecards.plans.measures.definitions import BY_CODE, MEASURES, Measure
from scorecards.plans.models import MeasureCell, MeasureRelease


@dataclass(frozen=True)
class Figure:
    """One measure of one place as it is shown.

    ``share``, ``low`` and ``high`` run from 0 to 1; ``standing`` is a ``FunnelClass``.
    """

    measure: Measure
    split: str
    place_code: str
    numerator: int
    denominator: int
    share: float
    low: float
    high: float
    standing: str

    @property
    def is_rounded(self) -> bool:
        """Return whether both numbers are rounded to protect privacy."""
        return self.measure.unit == "people"

    @property
    def is_alarm(self) -> bool:
        """Return whether chance alone is an unlikely reason for the difference from the nation."""
        return self.standing in (FunnelClass.FAR_BELOW, FunnelClass.FAR_ABOVE)


def periods_released() -> list[str]:
    """Return quarters whose current release has measures, the newest first."""
    rows = MeasureRelease.objects.filter(release__is_current=True)
    return list(rows.order_by("-period").values_list("period", flat=True))


def released(place: str = "", period: str = "", *, splits: bool = False) -> list[Figure]:
    """Return the released measures of one place ("" the nation), in the order of ``MEASURES``.

    Of the newest quarter where none is named; with ``splits`` also by level of decision.
    """
    rows = _cells(period).filter(place_code=place)
    return _in_order(rows if splits else rows.filter(split=""))


def released_below(place: str, measure: str, period: str = "") -> list[Figure]:
    """Return one released measure of the places directly inside ``place``, by code."""
    length = len(place) + 2
    rows = _cells(period).filter(place_code__startswith=place, measure=measure, split="")
    rows = rows.annotate(digits=Length("place_code")).filter(digits=length)
    return _in_order(rows.order_by("place_code"))


def _cells(period: str) -> Any:
    periods = periods_released() if not period else [period]
    rows = MeasureCell.objects.filter(made_for__release__is_current=True)
    return rows.filter(made_for__period=periods[0]) if periods else rows.none()


def _in_order(rows: Any) -> list[Figure]:
    order = {measure.code: position for position, measure in enumerate(MEASURES)}
    measured = [
        Figure(
            BY_CODE[row.measure],
            row.split,
            row.place_code,
            row.numerator,
            row.denominator,
            row.share,
            row.low,
            row.high,
            row.standing,
        )
        for row in rows
        if row.measure in BY_CODE
    ]
    return sorted(measured, key=lambda one: (one.place_code, order[one.measure.code], one.split))


def working(place: str, today: date) -> list[Figure]:
    """Return today's measures of one place for its team: exact, without numbers of people."""
    exact = table.exact(counts.by_commune(today, within=place))
    exact = exact.loc[(exact["place_code"] == place) & (exact["denominator"] > 0)]
    rows: Any = exact.itertuples()
    return [
        Figure(
            BY_CODE[row.measure],
            row.split,
            place,
            int(row.numerator),
            int(row.denominator),
            float(row.share),
            float(row.low),
            float(row.high),
            "",
        )
        for row in rows
        if not row.split
    ]
