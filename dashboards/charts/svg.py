"""First drawings: small SVG made on the server, visible before any script has run.

All text is in the HTML next to them; they are hidden from screen readers because the table holds
the same numbers.
"""

import numpy as np
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from dashboards.data.comparison import NationalFigure
from dashboards.text import formats

MIDDLE_LATITUDE = 12.5
MAP_WIDTH = 600

TILES = {
    "01": (0, 1), "02": (1, 2), "03": (3, 3), "04": (2, 3), "05": (2, 4),
    "06": (3, 2), "07": (2, 5), "08": (3, 5), "09": (1, 4), "10": (5, 2),
    "11": (6, 2), "12": (3, 4), "13": (3, 1), "14": (4, 4), "15": (1, 3),
    "16": (6, 0), "17": (2, 1), "18": (1, 6), "19": (5, 0), "20": (4, 5),
    "21": (3, 6), "22": (2, 0), "23": (2, 6), "24": (0, 2), "25": (4, 3),
}  # fmt: skip
"""Column and row of each province in a grid of 7 x 7 that keeps who lies north and east of whom."""


def track(
    share: float,
    low: float,
    high: float,
    *,
    standing: str,
    national: float | None = None,
    peers: float | None = None,
    before: float | None = None,
) -> SafeString:
    """Return one place's share and interval on a line from 0 to 100 %, as wide as its cell.

    A hollow line where ``share`` is NaN. ``national`` draws the share of all places, ``peers`` the
    median of places like it, ``before`` the share of the period before.
    """
    parts = ['<line class="rail" x1="0%" x2="100%" y1="12" y2="12"/>']
    parts.append('<line class="promise" x1="100%" x2="100%" y1="1" y2="23"/>')
    if national is not None and not np.isnan(national):
        at = _percent(national)
        parts.append(f'<line class="national" x1="{at}" x2="{at}" y1="1" y2="23"/>')
    if peers is not None and not np.isnan(peers):
        at = _percent(peers)
        parts.append(f'<line class="peers" x1="{at}" x2="{at}" y1="4" y2="20"/>')
    if before is not None and not np.isnan(before):
        parts.append(f'<circle class="before" cx="{_percent(before)}" cy="12" r="4"/>')
    if not np.isnan(share):
        kind = formats.mark(standing).css
        ends = f'x1="{_percent(low)}" x2="{_percent(high)}" y1="12" y2="12"'
        parts.append(f'<line class="span {kind}" {ends}/>')
        parts.append(_shape(kind, _percent(share)))
    return _svg("".join(parts), 'class="track" width="100%" height="24"')


def _shape(kind: str, at: str) -> str:
    shapes = {
        "better": '<path d="M0 -7 L7 6 H-7 Z"/>',
        "worse": '<path d="M0 7 L7 -6 H-7 Z"/>',
        "few": '<circle class="hollow" r="5"/>',
    }
    shape = shapes.get(kind, '<circle r="6"/>')
    return f'<svg x="{at}" y="12" class="dot {kind}" overflow="visible">{shape}</svg>'


def sparkline(shares: list[float], marked: frozenset[int] = frozenset()) -> SafeString:
    """Return shares of some periods, oldest first, as a small line from 0 to 100 %; gaps where NaN.

    A period with a note (its position in ``marked``) has an upright line.
    Nothing for fewer than two figures: one point is no line.
    """
    if len(shares) < 2 or sum(not np.isnan(share) for share in shares) < 2:
        return mark_safe("")
    step = 56 / (len(shares) - 1)
    points = [(2 + i * step, 18 - 16 * share) for i, share in enumerate(shares)]
    pen = "M"
    path = []
    for x, y in points:
        if np.isnan(y):
            pen = "M"
            continue
        path.append(f"{pen}{x:.1f} {y:.1f}")
        pen = "L"
    x, y = next(p for p in reversed(points) if not np.isnan(p[1]))
    ticks = "".join(
        f'<path class="note" d="M{points[i][0]:.1f} 0V20"/>'
        for i in sorted(marked)
        if i < len(points)
    )
    drawn = f'{ticks}<path d="{"".join(path)}"/><circle cx="{x:.1f}" cy="{y:.1f}" r="2"/>'
    return _svg(drawn, 'class="sparkline" width="60" height="20" viewBox="0 0 60 20"')


def legend_sign(standing: str) -> SafeString:
    """Return the shape of a standing on its own, to show next to its word."""
    mark = formats.mark(standing)
    return format_html('<span class="sign {}" aria-hidden="true">{}</span>', mark.css, mark.sign)


def national_at(national: NationalFigure) -> float | None:
    """Return the share at which the national line is drawn, or None."""
    return national.share if national.is_known else None


def _percent(share: float) -> str:
    return f"{share * 100:.1f}%"


def _svg(inside: str, attributes: str) -> SafeString:
    # Only numbers and our own words are written here; nothing comes from a reader or a table's
    # text.
    return mark_safe(  # noqa: S308
        f'<svg xmlns="http://www.w3.org/2000/svg" {attributes} aria-hidden="true" '
        f'focusable="false">{inside}</svg>'
    )
