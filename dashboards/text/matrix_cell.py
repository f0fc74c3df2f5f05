"""One cell of a matrix of measures: a share with its mark, and the whole figure in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import pandas as pd
from django.utils.safestring import SafeString

from dashboards.charts import svg
from dashboards.data.classed_cells import standing_of
from dashboards.text import comparisons, formats, indicators
from scorecards.reading import explanation
from standards.models import Indicator


@dataclass(frozen=True)
class MatrixCell:
    """One measure of one place or service; ``share`` is "" and ``value`` NaN without a figure."""

    share: str
    value: float
    mark: formats.Mark
    arrow: str
    sentence: str
    """The figure in full, for a screen reader and on pointing at it."""
    address: str
    """The address of the explanation."""
    sparkline: SafeString | str = ""


def matrix_cell(
    row: Mapping[Any, Any] | None,
    indicator: Indicator,
    *,
    address: str = "",
    series: Sequence[float] = (),
    marked: frozenset[int] = frozenset(),
) -> MatrixCell:
    """Make the cell of a row of ``with_classes``, or of no row at all.

    ``address`` is the page of the explanation where none is given; ``series`` are the shares of
    a sparkline, oldest first, ``marked`` the points with a note.
    """
    if row is None or pd.isna(row["share"]):
        figure = None if row is None else indicators.figure_of(row, indicator)
        reason = formats.nothing() if figure is None else indicators.reason(figure)
        return MatrixCell("", nan, formats.mark("no_data"), "", f"{indicator.name}: {reason}", "")
    figure, about = indicators.figure_of(row, indicator), explanation.printed(row)
    sentences = [
        f"{indicator.name}: {indicators.counts(figure)}",
        f"({about})" if about else "",
        indicators.certainty(figure),
        comparisons.of_nation(row) if row["funnel"] else "",
        indicators.change(figure),
    ]
    return MatrixCell(
        share=formats.percent(figure.share),
        value=figure.share,
        mark=formats.mark(standing_of(row)),
        arrow=indicators.arrow(figure),
        sentence=" ".join(filter(None, sentences)),
        address=address or explanation.address(row),
        sparkline=svg.sparkline(list(series), marked),
    )
