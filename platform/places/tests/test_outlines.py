"""Shapes for maps: schematic ones from points, official ones where imported, nobody lost."""

import json

import pytest
import shapely
from shapely.geometry import Point, shape

from places import boundaries, outlines
from places.models import Level, Place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR = tmp_path
    outlines._outlines.cache_clear()
    outlines._communes.cache_clear()


def put(code, x, y):
    """A commune with a point, and the places that it lies in."""
    kinds = {2: ("province", "khet"), 4: ("district", "srok"), 6: ("commune", "khum")}
    for digits, (level, kind) in kinds.items():
        Place.objects.get_or_create(
            code=code[:digits],
            defaults={
                "level": level,
                "kind": kind,
                "name_km": f"កន្លែង {code[:digits]}",
                "name_latin": f"Place {code[:digits]}",
                "parent_id": code[: digits - 2] or None,
            },
        )
    Place.objects.filter(code=code).update(longitude=x, latitude=y)


def polygon(rings):
    """All parts of a shape together: a commune may own islands."""
    return shapely.union_all([shapely.Polygon(ring) for ring in rings])


def test_each_commune_owns_what_lies_nearest_to_its_point_and_none_overlap():
    points = {"010201": (103.0, 13.5), "010202": (103.4, 13.5), "010301": (103.2, 13.9)}
    for code, (x, y) in points.items():
        put(code, x, y)
    result = outlines.outlines(Level.COMMUNE)
    assert result.is_schematic
    assert result.attribution == "Natural Earth"
    shapes = {code: polygon(rings) for code, rings in result.rings.items()}
    assert set(shapes) == set(points)
    for code, point in points.items():
        assert shapes[code].contains(Point(point))
    both = shapes["010201"].intersection(shapes["010202"]).area
    assert both < 0.01 * shapes["010201"].area
    # exteriors run clockwise, as d3 and Plotly want them
    assert all(not shapely.LinearRing(rings[0]).is_ccw for rings in result.rings.values())


def test_shapes_are_cut_to_the_country_and_districts_are_the_union_of_their_communes():
    square = shapely.box(103, 13, 104, 14)
    points = [("010201", 103.2, 13.5), ("010202", 103.8, 13.5), ("010301", 103.5, 13.9)]
    shapes = outlines.schematic(points, square)
    assert shapely.union_all(list(shapes.values())).symmetric_difference(square).area < 1e-9
    districts = outlines._united(shapes, 4)
    assert set(districts) == {"0102", "0103"}
    wanted = shapes["010201"].union(shapes["010202"])
    assert districts["0102"].symmetric_difference(wanted).area < 0.01 * wanted.area


def test_communes_at_one_point_each_keep_a_shape():
    points = [(f"0102{i:02}", 104.0, 12.5) for i in range(1, 6)] + [("010301", 104.5, 12.5)]
    assert set(outlines.schematic(points, None)) == {code for code, _x, _y in points}
    assert outlines.schematic([("010301", 104.5, 12.5)], None)
    assert outlines.schematic([], None) == {}


def test_imported_polygons_take_the_place_of_schematic_ones(tmp_path):
    put("010201", 103.0, 13.5)
    before = outlines.outlines(Level.COMMUNE)
    ring = [[103, 13], [103.5, 13], [103.5, 13.4], [103, 13.4], [103, 13]]
    feature = {
        "type": "Feature",
        "properties": {"code": "010201"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    file = tmp_path / "given.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    boundaries.import_file(file, attributed_to="somebody")
    result = outlines.outlines(Level.COMMUNE)
    assert not result.is_schematic
    assert result.version != before.version
    drawn = polygon(result.rings["010201"])
    assert drawn.symmetric_difference(shape(feature["geometry"])).area < 1e-6
    assert set(outlines.outlines(Level.PROVINCE).rings) == {"01"}
