"""The server's drawings on paper: the same SVG as on pages, with its size and colours included."""

from typing import Final

from dashboards.text.formats import BLUE, GREY, ORANGE, SPECK

INK: Final = "#1f1d1a"
MARGIN: Final = 8
"""Units on each side of a track, so that no mark at 0 or 100% is cut."""
STYLE: Final = f"""<style>
.rail {{ stroke: {SPECK}; stroke-width: 2 }}
.promise {{ stroke: {BLUE}; stroke-width: 2; stroke-dasharray: 4 3 }}
.national {{ stroke: {GREY}; stroke-width: 2; stroke-dasharray: 1 3; stroke-linecap: round }}
.peers {{ stroke: {INK}; stroke-width: 2 }}
.before {{ fill: #fff; stroke: {GREY}; stroke-width: 1.5 }}
.span {{ stroke: {GREY}; stroke-width: 3 }}
.span.better {{ stroke: {BLUE} }}
.span.worse {{ stroke: {ORANGE} }}
.dot {{ fill: {GREY} }}
.dot.better {{ fill: {BLUE} }}
.dot.worse {{ fill: {ORANGE} }}
.hollow {{ fill: #fff; stroke: {GREY}; stroke-width: 2 }}
.sparkline path {{ fill: none; stroke: {GREY}; stroke-width: 1.5 }}
</style>"""


def track_on_paper(drawn: str, width: int = 120) -> str:
    """Return a track of ``charts.svg`` as a picture of ``width`` units by 24; "" stays ""."""
    if not drawn:
        return ""
    inside = drawn[drawn.index(">") + 1 : drawn.rindex("</svg>")]
    outer = (
        f'width="{width + 2 * MARGIN}" height="24" viewBox="-{MARGIN} 0 {width + 2 * MARGIN} 24"'
    )
    # a picture of its own size inside: its percentages are of the track without the margins
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {outer}>{STYLE}'
        f'<svg width="{width}" height="24" overflow="visible">{inside}</svg></svg>'
    )
