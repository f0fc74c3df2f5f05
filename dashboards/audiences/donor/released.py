"""Released tables of the donor's pages, kept in memory until a release changes."""

from dataclasses import dataclass

import pandas as pd
from django.core.cache import cache

from dashboards.audiences.donor import coverage
from dashboards.data.sources import KEEP_SECONDS
from scorecards.reading import programme_results, released_totals, statistics
from scorecards.reading.programme_results import Part


@dataclass(frozen=True)
class Released:
    """Printed figures of provinces and the nation, all kinds of provider and all indicators."""

    key: str
    """A text that changes with every release."""
    quarters: tuple[str, ...]
    cells: pd.DataFrame
    yearly: pd.DataFrame
    gaps: pd.DataFrame
    """The nation's gaps between groups of voters in the newest quarter."""
    communes: dict[tuple[str, str], int]
    sizes: dict[str, int]
    """The number of communes of each province."""
    offices: Part

    @property
    def quarter(self) -> str:
        """The newest released quarter."""
        return self.quarters[-1]

    @property
    def years(self) -> list[int]:
        """The years with a released quarter, newest first."""
        return released_totals.years(self.quarters)


def released() -> Released | None:
    """Return everything printed that donors read; None where nothing was released yet."""
    word, quarters = released_totals.releases()
    if not quarters:
        return None
    kept = f"dashboards:donor:{word}"
    cached: Released | None = cache.get(kept)
    if cached is None:
        cells = released_totals.quarterly(quarters)
        cached = Released(
            key=word,
            quarters=quarters,
            cells=cells,
            yearly=released_totals.yearly(cells),
            gaps=statistics.gaps(None, quarters[-1], place=""),
            communes=released_totals.communes_with_figures(quarters[-1]),
            sizes=coverage.sizes(),
            offices=programme_results.offices_meeting(quarters[-1]),
        )
        cache.set(kept, cached, KEEP_SECONDS)
    return cached
