"""Outlines of communes: checked, wound for the globe, joined to codes, never trusted blindly."""

import json

import pytest
from django.core.management import CommandError, call_command

from places import boundaries
from places.attribution import attribution
from places.boundaries import UnusableFileError
from places.models import Kind, Level, Place

pytestmark = pytest.mark.django_db

CLOCKWISE = [[103.0, 13.0], [103.0, 13.1], [103.1, 13.1], [103.1, 13.0], [103.0, 13.0]]
HOLE = [[103.02, 13.02], [103.04, 13.02], [103.04, 13.04], [103.02, 13.04], [103.02, 13.02]]


@pytest.fixture(autouse=True)
def _communes_and_a_var_of_its_own(settings, tmp_path):
    settings.VAR = tmp_path
    for code, level, kind in (
        ("01", Level.PROVINCE, Kind.KHET),
        ("0102", Level.DISTRICT, Kind.SROK),
        ("010201", Level.COMMUNE, Kind.KHUM),
        ("010202", Level.COMMUNE, Kind.KHUM),
    ):
        Place.objects.create(
            code=code, level=level, kind=kind, name_km=code, name_latin=code,
            parent_id=code[:-2] or None,
        )  # fmt: skip


def feature(code, rings=None, kind="Polygon", **properties):
    coordinates = [CLOCKWISE] if rings is None else rings
    return {
        "type": "Feature",
        "properties": {"code": code, **properties},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def write(tmp_path, *features, **more):
    file = tmp_path / "given.geojson"
    more = {"attribution": "Somebody, CC BY 4.0"} | more
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}))
    return file


def test_without_an_import_there_are_no_polygons_and_points_are_still_credited():
    assert boundaries.communes() is None
    assert "Open Development Cambodia" in attribution()


def test_exteriors_end_clockwise_and_holes_the_other_way(tmp_path):
    wrong = feature("010201", [CLOCKWISE[::-1], HOLE[::-1]])
    right = feature("010202", [[CLOCKWISE, HOLE]], kind="MultiPolygon")
    report = boundaries.import_file(write(tmp_path, wrong, right))
    assert (report.taken, report.rewound) == (2, 1)
    for kept in boundaries.communes()["features"]:
        rings = kept["geometry"]["coordinates"]
        assert (rings if kept["geometry"]["type"] == "Polygon" else rings[0]) == [CLOCKWISE, HOLE]


def test_what_does_not_match_is_told_either_way(tmp_path):
    file = write(
        tmp_path,
        feature("010201"),
        feature("010201"),
        feature("999999"),
        feature(None, en="Nameless"),
    )
    report = boundaries.import_file(file)
    assert report.taken == 1
    assert report.repeated_codes == ["010201"]
    assert report.unknown_codes == ["999999"]
    assert report.without_code == ["Nameless"]
    assert report.communes_without == ["010202"]


def test_a_lost_leading_zero_and_khmer_digits_are_read(tmp_path):
    report = boundaries.import_file(write(tmp_path, feature(10201), feature("០១០២០២")))
    assert report.taken == 2
    assert [f["id"] for f in boundaries.communes()["features"]] == ["010201", "010202"]


def test_the_credit_of_the_file_is_shown_with_the_points(tmp_path):
    boundaries.import_file(write(tmp_path, feature("010201")))
    assert "Somebody, CC BY 4.0" in attribution()


@pytest.mark.parametrize(
    "ring",
    [
        CLOCKWISE[:3],
        CLOCKWISE[:-1],
        [[13.0, 103.0]] * 4,
        [[103.0, 13.0]] * 4,
        [["x", 1]] * 4,
        [[float("1e9"), 13.0], *CLOCKWISE[1:]],
    ],
)
def test_a_broken_outline_is_left_out_and_told(tmp_path, ring):
    report = boundaries.import_file(write(tmp_path, feature("010201", [ring]), feature("010202")))
    assert report.taken == 1
    assert list(report.broken) == ["010201"]


@pytest.mark.parametrize(
    "content",
    ["", "not json", "[]", '{"type": "Feature"}', '{"type": "FeatureCollection"}', "\x80"],
)
def test_a_file_that_is_no_collection_is_refused_in_a_sentence(tmp_path, content):
    file = tmp_path / "given.geojson"
    file.write_bytes(content.encode("latin-1"))
    with pytest.raises(UnusableFileError):
        boundaries.import_file(file)
    assert boundaries.communes() is None


def test_a_file_that_credits_nobody_is_refused_unless_told_whom(tmp_path):
    file = write(tmp_path, feature("010201"), attribution="")
    with pytest.raises(UnusableFileError, match="credit"):
        boundaries.import_file(file)
    boundaries.import_file(file, attributed_to="Us")
    assert "Us" in attribution()


def test_a_refused_file_leaves_the_polygons_that_were_there(tmp_path):
    boundaries.import_file(write(tmp_path, feature("010201")))
    with pytest.raises(UnusableFileError):
        boundaries.import_file(write(tmp_path, feature("999999")))
    assert len(boundaries.communes()["features"]) == 1


def test_the_command_tells_and_the_last_line_is_json(tmp_path, capsys):
    call_command("import_boundaries", str(write(tmp_path, feature("010201"))))
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (last["taken"], last["communes_without"]) == (1, 1)
    with pytest.raises(CommandError, match="no file"):
        call_command("import_boundaries", str(tmp_path / "nowhere.geojson"))
