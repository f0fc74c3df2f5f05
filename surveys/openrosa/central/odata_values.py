"""Answers as OData values: numbers as JSON numbers, places as GeoJSON or well-known text."""

import math
import re
from datetime import date, datetime
from typing import Any

from django.utils import timezone

_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")
_NUMBER = re.compile(r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?")
_INT64 = 2**63
_LINES = {"geotrace": "LineString", "geoshape": "Polygon"}
_FEWEST = {"geotrace": 2, "geoshape": 4}
"""places of a line, and of a shape that ends where it began: GeoJSON has none with fewer"""


def value(kind: str, cell: str, *, wkt: bool) -> Any:
    """Return an answer in its type; None for a blank, and for a value that is not of its type.

    ``$metadata`` declares the type: one text among numbers makes a client refuse the whole feed.
    The text itself stays in the record's XML and in the CSV.
    """
    if cell == "":
        return None
    if kind in {"int", "integer"}:
        return _integer(cell)
    if kind == "decimal":
        return number(cell)
    if kind == "date":
        return _day(cell)
    if kind == "dateTime":
        return _moment(cell)
    if kind == "geopoint":
        return _point(cell, wkt=wkt)
    if kind in _LINES:
        return _line(kind, cell, wkt=wkt)
    return cell


def _integer(cell: str) -> int | None:
    text = cell.strip().removesuffix(".0")
    if not _WHOLE.fullmatch(text):
        return None
    total = int(text)
    return total if -_INT64 <= total < _INT64 else None


def _day(cell: str) -> str | None:
    """Return a day as ``2026-11-30``; a moment is shortened to its day."""
    text = cell.strip()[:10]
    try:
        date.fromisoformat(text)
    except ValueError:
        return None
    return text if len(text) == len("2026-11-30") else None


def _moment(cell: str) -> str | None:
    """Return a moment as it was sent; one without a time zone has Cambodia's."""
    text = cell.strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return timezone.make_aware(moment).isoformat()
    return text if "T" in text else moment.isoformat()


def number(cell: str) -> int | float | None:
    """Return a number that JSON can hold; None for NaN, infinity and text."""
    text = cell.strip()
    if not _NUMBER.fullmatch(text):
        return None
    as_float = float(text)
    if not math.isfinite(as_float):
        return None
    return int(as_float) if as_float.is_integer() and abs(as_float) < 2**53 else as_float


def _places(cell: str) -> list[tuple[list[int | float], int | float | None]]:
    """Return each place as longitude, latitude and height (where known), with its accuracy."""
    places = []
    for text in cell.split(";"):
        parts = [number(part) for part in text.split()]
        if len(parts) < 2 or parts[0] is None or parts[1] is None:
            continue
        height = parts[2:3] if parts[2:3] != [None] else []
        place = [parts[1], parts[0], *(h for h in height if h is not None)]
        places.append((place, parts[3] if len(parts) > 3 else None))
    return places


def _text(place: list[int | float]) -> str:
    return " ".join(repr(part) for part in place)


def _point(cell: str, *, wkt: bool) -> Any:
    places = _places(cell)
    if not places:
        return None
    place, accuracy = places[0]
    if wkt:
        return f"POINT ({_text(place)})"
    point: dict[str, Any] = {"type": "Point", "coordinates": place}
    if accuracy is not None:
        point["properties"] = {"accuracy": accuracy}
    return point


def _line(kind: str, cell: str, *, wkt: bool) -> Any:
    places = _places(cell)
    if not places:
        return None
    if kind == "geoshape" and places[0][0] != places[-1][0]:
        places.append(places[0])  # a polygon ends where it began
    if len(places) < _FEWEST[kind]:
        return None
    coordinates = [place for place, _accuracy in places]
    if wkt:
        text = ",".join(map(_text, coordinates))
        return f"LINESTRING ({text})" if kind == "geotrace" else f"POLYGON (({text}))"
    line: dict[str, Any] = {
        "type": _LINES[kind],
        "coordinates": coordinates if kind == "geotrace" else [coordinates],
    }
    accuracies = [accuracy for _place, accuracy in places]
    if any(accuracy is not None for accuracy in accuracies):
        line["properties"] = {"accuracies": accuracies}
    return line
