"""Shapes of communes, districts and provinces for maps: official where imported, else schematic.

Schematic shapes are drawn from the points of communes: each point owns what lies nearest to it
(Voronoi), cut to the country's outline (Natural Earth, public domain, from the npm package
world-atlas). They show which places are neighbours, not where a border runs, and say so. Shapes of
districts and provinces are the union of their communes. A commune without a point or an imported
polygon has no shape; pages list such communes by name.
"""

import json
import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from math import cos, sin
from pathlib import Path
from typing import Any

import numpy as np
from django.contrib.staticfiles import finders
from django.core.cache import cache

from places import boundaries
from places.models import Level, Place

NATURAL_EARTH = "Natural Earth"
MOST_DRAWN = 12
"""Files of earlier shapes that are kept per level."""
DIGITS = {Level.PROVINCE: 2, Level.DISTRICT: 4, Level.COMMUNE: 6}
Rings = list[list[list[float]]]
"""Outlines of one place in degrees: exteriors clockwise, holes the other way."""


@dataclass(frozen=True)
class Outlines:
    """The shapes of one level; ``version`` changes whenever they do."""

    version: str
    is_schematic: bool
    rings: Mapping[str, Rings]

    @property
    def attribution(self) -> str:
        """The line of credit of the shapes, beside that of the points."""
        return NATURAL_EARTH if self.is_schematic else ""


def outlines(level: str) -> Outlines:
    """Return the shapes of a level ("province", "district" or "commune"), kept while they hold."""
    return _outlines(str(level), version())


def version() -> str:
    """Return a text that changes when polygons are imported or points change."""
    file = boundaries.stored_at()
    if file.exists():
        return f"official-{file.stat().st_mtime_ns}"
    kept: str | None = cache.get("places:points")
    if kept is None:
        kept = sha256(repr(_points()).encode()).hexdigest()[:16]
        cache.set("places:points", kept, 300)
    return kept


def _points() -> list[tuple[str, float, float]]:
    rows = Place.objects.communes().filter(longitude__isnull=False, latitude__isnull=False)
    points: list[Any] = list(rows.order_by("code").values_list("code", "longitude", "latitude"))
    return points


def _geometry() -> Any:
    """Return shapely, imported only here: drawing needs it, the start of a program does not."""
    import shapely  # type: ignore[import-untyped]

    return shapely


@lru_cache(maxsize=6)
def _outlines(level: str, at: str) -> Outlines:
    """Return the shapes of a level.

    Drawing them takes seconds, so they are kept in a file as well.
    """
    is_schematic = not at.startswith("official-")
    file = boundaries.stored_at().parent / f"{level}-{at}.json"
    if file.exists():
        return Outlines(f"{level}-{at}", is_schematic, json.loads(file.read_text()))
    communes = _communes(at)
    digits = DIGITS[Level(level)]
    shapes = communes if digits == DIGITS[Level.COMMUNE] else _united(communes, digits)
    rings = {code: kept for code, shape in shapes.items() if (kept := _rings(shape))}
    file.parent.mkdir(parents=True, exist_ok=True)
    drawn = sorted(file.parent.glob(f"{level}-*.json"), key=lambda one: one.stat().st_mtime)
    for old in drawn[:-MOST_DRAWN]:
        old.unlink(missing_ok=True)
    unfinished = file.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(rings, separators=(",", ":")))
    unfinished.replace(file)
    return Outlines(f"{level}-{at}", is_schematic, rings)


@lru_cache(maxsize=2)
def _communes(at: str) -> dict[str, Any]:
    """Return shapes of communes as shapely geometries by code."""
    if at.startswith("official-"):
        shapely = _geometry()
        collection = boundaries.communes() or {"features": []}
        return {
            feature["id"]: shapely.make_valid(shapely.geometry.shape(feature["geometry"]))
            for feature in collection["features"]
        }
    return schematic(_points(), country())


def schematic(points: list[tuple[str, float, float]], outline: Any | None) -> dict[str, Any]:
    """Give each point the area nearest to it, cut to ``outline`` or to the points' hull.

    Points at one place (they are known to two decimals) are moved apart by half a kilometre.
    """
    shapely = _geometry()
    if not points:
        return {}
    apart = np.array(_apart([(x, y) for _code, x, y in points]))
    total = outline
    if total is None:
        total = shapely.MultiPoint(apart).buffer(0.2).convex_hull
    shapely.prepare(total)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(apart), extend_to=total))
    point, cell = shapely.STRtree(cells).query(shapely.points(apart), predicate="intersects")
    owner = dict(zip(point.tolist(), cell.tolist(), strict=True))
    shapes = {}
    for at, inside in sorted(owner.items()):
        shape = cells[inside]
        if not shapely.contains(total, shape):
            shape = shapely.intersection(shape, total)
        if not shapely.is_empty(shape):
            shapes[points[at][0]] = shape
    return shapes


def _apart(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the points, each later one at the same place moved a little further along a spiral."""
    seen: dict[tuple[float, float], int] = {}
    moved = []
    for x, y in points:
        turn = seen.get((x, y), 0)
        seen[x, y] = turn + 1
        angle = 2.4 * turn
        moved.append((x + 0.005 * turn * cos(angle), y + 0.005 * turn * sin(angle)))
    return moved


def country() -> Any | None:
    """Return the outline of the country as a shapely geometry; None before front ends are built."""
    path = finders.find("pages/dist/cambodia.json")
    if not isinstance(path, str) or not Path(path).exists():
        return None
    shapely = _geometry()
    return shapely.geometry.shape(json.loads(Path(path).read_text()))


def _united(communes: Mapping[str, Any], digits: int) -> dict[str, Any]:
    shapely = _geometry()
    parts: dict[str, list[Any]] = defaultdict(list)
    for code, shape in communes.items():
        parts[code[:digits]].append(shape)
    # closing hairline gaps that rounding leaves between neighbours
    return {
        code: shapely.union_all(shapely.buffer(np.array(shapes), 0.0005)) for code, shapes in
        parts.items()
    }  # fmt: skip


def _rings(shape: Any) -> Rings:
    """Return outlines of a geometry, simplified to about 200 metres, wound as maps want them."""
    shapely = _geometry()
    rings: Rings = []
    simple = shapely.simplify(shape, 0.002, preserve_topology=True)
    for part in shapely.get_parts(simple):
        if part.geom_type != "Polygon" or part.area < 1e-5:
            continue
        wound = shapely.geometry.polygon.orient(part, -1.0)
        for ring in (wound.exterior, *wound.interiors):
            rings.append([[round(x, 3), round(y, 3)] for x, y in ring.coords])
    return rings
