"""One figure on paper: its share, mark, word, arrow and drawing."""

from math import isnan
from typing import Any

from dashboards.charts import svg
from dashboards.charts.paper import track_on_paper
from dashboards.data.classed_cells import standing_of
from dashboards.reports.figures import ProvinceFigures, Row
from dashboards.text import formats, indicators
from scorecards.reading import explanation
from standards.models import Indicator

EMPTY: dict[str, Any] = {"share": ""}


def cell(
    figures: ProvinceFigures,
    commune: str,
    row: Row | None,
    indicator: Indicator,
    *,
    width: int = 120,
) -> Any:
    """Return a cell of a matrix as plain values, drawn ``width`` wide; EMPTY without a figure."""
    if row is None:
        return EMPTY
    figure, standing = indicators.figure_of(row, indicator), standing_of(row)
    before, peers = figures.share_before(commune, row), figures.peers_middle(commune, row)
    mark = formats.mark(standing)
    drawing = svg.track(
        figure.share,
        figure.low,
        figure.high,
        standing=standing,
        national=row["whole"],
        peers=peers,
        before=before,
    )
    return {
        "share": formats.percent(figure.share),
        "sign": mark.sign,
        "css": mark.css,
        "word": mark.word,
        "arrow": indicators.arrow(figure),
        "pale": figure.status == "pale",
        "about": explanation.printed(row),
        "interval": formats.interval(figure.low, figure.high),
        "counts": f"{formats.count(figure.met)}/{formats.count(figure.judged)}",
        "before": "" if isnan(before) else formats.percent(before),
        "peers": "" if isnan(peers) else formats.percent(peers),
        "track": track_on_paper(drawing, width),
    }
