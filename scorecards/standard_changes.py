"""Changes of standards, which break a series: shares before and after are not comparable."""

from collections import defaultdict
from datetime import date

from scorecards.indicators import RULE_OF
from scorecards.periods import Period
from standards.models import Standard

BY_THE_STANDARD = frozenset({"fee", "time", "documents"})
"""Rules that compare with the standard; the others ask the same under any."""


class Breaks:
    """The first days of all national standards, read once."""

    def __init__(self) -> None:
        rows = Standard.objects.current().filter(provider=None, valid_from__isnull=False)
        self._by_service: dict[str, list[date]] = defaultdict(list)
        self._by_kind: dict[str, list[date]] = defaultdict(list)
        for kind, service, first in rows.values_list(
            "service__provider_kind", "service__code", "valid_from"
        ):
            assert first is not None
            self._by_service[service].append(first)
            self._by_kind[kind].append(first)

    def newest(self, kind: str, service: str, indicator: str, period: Period) -> date | None:
        """Return the day when the newest standard that a figure may be judged by came into force.

        ``service`` "" is all services of the kind: a new standard of one is new for all
        together. None for an indicator that depends on no standard.
        """
        if RULE_OF.get(indicator) not in BY_THE_STANDARD:
            return None
        days = self._by_service[service] if service else self._by_kind[kind]
        return max((day for day in days if day <= period.last), default=None)

    def between(self, kind: str, service: str, indicator: str, periods: list[Period]) -> list[bool]:
        """Return for periods, oldest first, which are under another standard than the last one."""
        newest = [self.newest(kind, service, indicator, period) for period in periods]
        return [day != newest[-1] for day in newest]
