"""Polygons of communes: imported by hand, kept under ``var/``, never in the repository.

The platform works without them. A file is checked, wound as Plotly and d3 want it (exteriors
clockwise, holes the other way; wound wrongly, a commune covers the whole globe but itself), joined
to our codes, and what did not match either way is printed.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings

from khmer.digits import to_ascii
from places import gazetteer
from places.models import Place

Ring = list[list[float]]

POINTS_SOURCE = "geoBoundaries gbOpen KHM ADM3 (2014, Open Development Cambodia), CC BY 4.0"
LARGEST = 60_000_000
# Cambodia with a margin; coordinates in another projection, or with latitude first, are outside.
WEST, SOUTH, EAST, NORTH = 101.5, 9.0, 108.5, 15.5


class UnusableFileError(ValueError):
    """The file cannot be imported at all; the message is a sentence for the person who tried."""


@dataclass
class Report:
    """The result of an import of polygons, with the mismatches on both sides."""

    features: int = 0
    taken: int = 0
    rewound: int = 0
    handed_on: dict[str, str] = field(default_factory=dict)  # an old code -> the code it has now
    without_code: list[str] = field(default_factory=list)
    unknown_codes: list[str] = field(default_factory=list)
    repeated_codes: list[str] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)  # code or name -> what is wrong
    communes_without: list[str] = field(default_factory=list)


def stored_at() -> Path:
    """Return the path of the imported polygons."""
    return Path(settings.VAR) / "boundaries" / "communes.geojson"


def communes() -> dict[str, Any] | None:
    """Return the imported polygons as GeoJSON, ``id`` is the commune's code.

    None where there are none.
    """
    file = stored_at()
    return _read(file, file.stat().st_mtime_ns) if file.exists() else None


def attribution() -> list[str]:
    """Return the lines of credit that are shown with points or polygons."""
    imported = communes()
    lines = [POINTS_SOURCE]
    if imported is not None and imported.get("attribution"):
        lines.append(str(imported["attribution"]))
    return lines


def import_file(file: Path, *, attributed_to: str = "") -> Report:
    """Check and keep the polygons of ``file`` (GeoJSON), in place of those kept before.

    The code of a commune is read from ``properties.code`` or from ``id``. The line of
    credit is the file's own ``attribution``, or ``attributed_to``; without either the
    file is refused. Raises UnusableFileError; what is wrong with single polygons is in the
    report, and they are left out.
    """
    collection = _load(file)
    credit = attributed_to or str(collection.get("attribution") or "").strip()
    if not credit:
        raise UnusableFileError("The file does not say whom to credit; name it with --attribution.")
    report = Report()
    kept = list(_sound(collection["features"], report))
    if not kept:
        raise UnusableFileError("No polygon in this file has the code of a commune we know.")
    have = {feature["id"] for feature in kept}
    report.communes_without = [c for c in sorted(_commune_codes()) if c not in have]
    target = stored_at()
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".unfinished")
    answer = {"type": "FeatureCollection", "attribution": credit, "features": kept}
    unfinished.write_text(json.dumps(answer, ensure_ascii=False, separators=(",", ":")))
    unfinished.replace(target)
    return report


def _load(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise UnusableFileError(f"There is no file {file}.")
    if file.stat().st_size > LARGEST:
        raise UnusableFileError("The file is larger than 60 MB; simplify its outlines first.")
    try:
        collection = json.loads(file.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UnusableFileError(f"This is not a GeoJSON file: {error}") from error
    if not isinstance(collection, dict) or collection.get("type") != "FeatureCollection":
        raise UnusableFileError("This is not a GeoJSON FeatureCollection.")
    if not isinstance(collection.get("features"), list):
        raise UnusableFileError("The FeatureCollection has no list of features.")
    return collection


def _sound(features: list[Any], report: Report) -> Iterator[dict[str, Any]]:
    codes = _commune_codes()
    moved = {
        row["code"]: row["same_as"]
        for row in gazetteer.read_fixture("verdicts.csv")
        if row["same_as"]
    }
    seen: set[str] = set()
    for feature in features:
        report.features += 1
        code, name = _code_and_name(feature)
        if code in moved:
            report.handed_on[code] = moved[code]
            code = moved[code]
        if not code:
            report.without_code.append(name)
        elif code not in codes:
            report.unknown_codes.append(code)
        elif code in seen:
            report.repeated_codes.append(code)
        else:
            try:
                geometry, rewound = _wound(feature.get("geometry"))
            except ValueError as error:
                report.broken[code] = str(error)
                continue
            seen.add(code)
            report.taken += 1
            report.rewound += rewound
            yield {
                "type": "Feature",
                "id": code,
                "properties": {"code": code},
                "geometry": geometry,
            }


def _commune_codes() -> set[str]:
    return set(Place.objects.communes().values_list("code", flat=True))


def _code_and_name(feature: Any) -> tuple[str, str]:
    if not isinstance(feature, dict):
        return "", "?"
    properties = feature.get("properties") or {}
    name = str(properties.get("en") or properties.get("km") or properties.get("name") or "?")
    for given in (properties.get("code"), feature.get("id")):
        code = to_ascii(str(given or "")).strip()
        if code.isdecimal() and len(code) in {5, 6}:
            # Spreadsheets often remove the leading zero.
            return code.zfill(6), name
    return "", name


def _wound(geometry: Any) -> tuple[dict[str, Any], bool]:
    """Return the geometry with exteriors clockwise and holes counter-clockwise, and whether it
    changed.

    Raises ValueError with what is wrong: another type, open rings, points outside Cambodia.
    """
    if not isinstance(geometry, dict) or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        raise ValueError("not a Polygon or MultiPolygon")
    given = geometry.get("coordinates")
    polygons = [given] if geometry["type"] == "Polygon" else given
    if not isinstance(polygons, list) or not polygons:
        raise ValueError("no coordinates")
    rewound, answer = False, []
    for polygon in polygons:
        if not isinstance(polygon, list) or not polygon:
            raise ValueError("a polygon without an outline")
        rings = []
        for position, ring in enumerate(polygon):
            _check_ring(ring)
            wrong = (_area(ring) > 0) == (position == 0)
            rewound = rewound or wrong
            rings.append(ring[::-1] if wrong else ring)
        answer.append(rings)
    kind = geometry["type"]
    return {"type": kind, "coordinates": answer[0] if kind == "Polygon" else answer}, rewound


def _check_ring(ring: Any) -> None:
    if not isinstance(ring, list) or len(ring) < 4:
        raise ValueError("an outline of fewer than four points")
    for point in ring:
        if (
            not isinstance(point, list)
            or len(point) < 2
            or not all(isinstance(number, int | float) for number in point[:2])
        ):
            raise ValueError("a point that is not two numbers")
        if not (WEST <= point[0] <= EAST and SOUTH <= point[1] <= NORTH):
            raise ValueError(f"a point outside Cambodia: {point[0]}, {point[1]}")
    if ring[0][:2] != ring[-1][:2]:
        raise ValueError("an outline that is not closed")
    if _area(ring) == 0:
        raise ValueError("an outline without an area")


def _area(ring: Ring) -> float:
    """Return twice the signed area in square degrees, above zero if counter-clockwise."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))


@lru_cache(maxsize=1)
def _read(file: Path, changed: int) -> dict[str, Any]:
    """Return the stored file, read once for each state of it."""
    collection: dict[str, Any] = json.loads(file.read_text())
    return collection
