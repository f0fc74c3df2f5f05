"""The map of places as SVG: outlines, pattern and sign by standing; complete without scripts.

A map of the nation's communes has one path for each standing, so that it weighs a few kilobytes;
scripts replace it with a path for each place (``pieces``), which shows its figure on touch. A map
with fewer places has them from the start, each a link.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from math import cos, radians
from typing import Any

import numpy as np
from django.utils.safestring import SafeString, mark_safe

from dashboards.charts.plotly_figures import sentences
from dashboards.charts.svg import MAP_WIDTH, MIDDLE_LATITUDE
from dashboards.data.table import Table
from dashboards.text import formats
from places.outlines import outlines

MOST_LINKS = 260
"""The largest number of places that get a link each; 210 districts do."""
NAMED = 40
"""Names are written on a map of up to so many places."""
PATTERNS = ("better", "worse", "few")


@dataclass(frozen=True)
class Shape:
    """One place on the picture: its path, and the position of its sign."""

    d: str
    x: int
    y: int


@dataclass(frozen=True)
class Picture:
    """The shapes of a level, or of those within one place, on a picture of this size."""

    width: int
    height: int
    shapes: Mapping[str, Shape]
    is_schematic: bool
    credit: str
    version: str


def picture(level: str, within: str = "") -> Picture:
    """Return the shapes of a level in the place with the code ``within`` ("" is the nation)."""
    shapes = outlines(level)
    return _picture(shapes.version, level, within)


@lru_cache(maxsize=64)
def _picture(version: str, level: str, within: str) -> Picture:
    outline = outlines(level)
    rings = {code: r for code, r in outline.rings.items() if code.startswith(within)}
    if not rings:
        return Picture(MAP_WIDTH, 0, {}, outline.is_schematic, outline.attribution, version)
    points = np.array([point for shape in rings.values() for ring in shape for point in ring])
    factor = cos(radians(MIDDLE_LATITUDE))
    west, south = points.min(axis=0)
    east, north = points.max(axis=0)
    scale = (MAP_WIDTH - 8) / max((east - west) * factor, north - south, 0.05)
    shapes = {
        code: _shape(shape, west, north, scale * factor, scale) for code, shape in rings.items()
    }
    width = round((east - west) * factor * scale) + 8
    height = round((north - south) * scale) + 8
    return Picture(width, height, shapes, outline.is_schematic, outline.attribution, version)


def _shape(rings: Any, west: float, north: float, across: float, down: float) -> Shape:
    """Return the path in whole pixels, each step relative to the one before.

    Its sign is in the middle.
    """
    parts, largest, middle = [], -1.0, (0, 0)
    for ring in rings:
        flat = np.array(ring)
        pixels = np.rint(
            np.column_stack([(flat[:, 0] - west) * across, (north - flat[:, 1]) * down])
        )
        pixels = pixels.astype(int) + 4
        kept = pixels[np.append(True, (np.diff(pixels, axis=0) != 0).any(axis=1))]
        if len(kept) == 1:  # an island smaller than a pixel is still a point
            kept = np.vstack([kept, kept])
        steps = np.diff(kept[:-1], axis=0) if len(kept) > 2 else np.diff(kept, axis=0)
        parts.append(
            f"M{kept[0, 0]} {kept[0, 1]}l" + " ".join(f"{x} {y}" for x, y in steps.tolist()) + "z"
        )
        size = float(np.ptp(kept[:, 0]) * np.ptp(kept[:, 1]))
        if size > largest:
            largest = size
            middle = (round(float(kept[:-1, 0].mean())), round(float(kept[:-1, 1].mean())))
    return Shape("".join(parts), *middle)


def svg_map(table: Table, drawing: Picture, label: str) -> SafeString:
    """Return the map with the standing of every place in the table; "" where none has a shape."""
    codes = [code for code in table["code"].tolist() if code in drawing.shapes]
    if not codes:
        return mark_safe("")
    drawn = _links(table, drawing) if len(codes) <= MOST_LINKS else _grouped(table, drawing)
    box = f"0 0 {drawing.width} {drawing.height}"
    return mark_safe(  # noqa: S308 - texts are escaped, the rest are numbers and our own words
        f'<svg xmlns="http://www.w3.org/2000/svg" class="area-map" viewBox="{box}" '
        f'data-box="{box}" role="group" aria-label="{escape(label)}">{_patterns()}{drawn}</svg>'
    )


def _patterns() -> str:
    """Return hatching by standing, so that the meaning never depends on colour alone."""
    turned = {"better": 45, "worse": -45, "few": 0}
    return (
        "<defs>"
        + "".join(
            f'<pattern id="hatch-{kind}" width="6" height="6" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate({turned[kind]})"><rect width="6" height="6" '
            f'class="ground-{kind}"/><path d="M0 0V6" class="line-{kind}"/></pattern>'
            for kind in PATTERNS
        )
        + "</defs>"
    )


def _grouped(table: Table, drawing: Picture) -> str:
    paths: dict[str, list[str]] = defaultdict(list)
    signs: list[str] = []
    css = {one: formats.mark(one).css for one in set(table["standing"].tolist())}
    for code, standing in zip(table["code"].tolist(), table["standing"].tolist(), strict=True):
        shape = drawing.shapes.get(code)
        if shape is None:
            continue
        paths[css[standing]].append(shape.d)
        if standing in ("better", "worse"):
            signs.append(_sign(shape, standing))
    areas = "".join(f'<path class="area {kind}" d="{"".join(d)}"/>' for kind, d in paths.items())
    return areas + "".join(signs)


def _links(table: Table, drawing: Picture) -> str:
    """Return a link with its sentence for each place, then signs and names above all of them."""
    areas, above = [], []
    # a map of few places can be walked through by keyboard; for many the table is the list
    walked = "" if len(drawing.shapes) <= NAMED else ' tabindex="-1"'
    for place in pieces(table, drawing):
        sentence = escape(place["sentence"])
        areas.append(
            f'<a href="{escape(place["address"])}" aria-label="{sentence}"{walked}>'
            f'<path class="area {place["css"]}" d="{place["d"]}">'
            f"<title>{sentence}</title></path></a>"
        )
        shape = drawing.shapes[place["code"]]
        if place["standing"] in ("better", "worse", "as_expected", "few"):
            above.append(_sign(shape, place["standing"]))
        if len(drawing.shapes) <= NAMED:
            above.append(
                f'<text class="area-name" x="{shape.x}" y="{shape.y + 12}" aria-hidden="true">'
                f"{escape(place['name'])}</text>"
            )
    return "".join(areas) + "".join(above)


def _sign(shape: Shape, standing: str) -> str:
    mark = formats.mark(standing)
    return (
        f'<text class="area-sign {mark.css}" x="{shape.x}" y="{shape.y}" aria-hidden="true">'
        f"{mark.sign}</text>"
    )


def pieces(table: Table, drawing: Picture) -> list[dict[str, Any]]:
    """Return every place with a shape: path, sign, name, address and its figure in one sentence."""
    rows = [at for at, code in enumerate(table["code"].tolist()) if code in drawing.shapes]
    part = table.take(rows)
    answer = []
    for row, outcome in zip(part.frame().to_dict("records"), sentences(part.frame()), strict=True):
        shape, mark = drawing.shapes[row["code"]], formats.mark(str(row["standing"]))
        answer.append(
            {
                "code": row["code"],
                "d": shape.d,
                "x": shape.x,
                "y": shape.y,
                "css": mark.css,
                "sign": mark.sign,
                "standing": str(row["standing"]),
                "name": row["name"],
                "address": row["address"],
                "sentence": outcome,
            }
        )
    return answer
