"""What the OData feed declares is what it returns: names, types, places."""

import pytest
from lxml import etree

from surveys.openrosa.central.odata_names import identifier
from surveys.openrosa.central.odata_values import value
from surveys.openrosa.tests.test_odata import double, get, person
from surveys.submissions.intake.receive import Sender, receive
from surveys.submissions.processing.derive import observe_waiting
from surveys.submissions.tests import factories

__all__ = ["double", "person"]

pytestmark = pytest.mark.django_db

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
CHECKS = {
    "Edm.String": lambda v: isinstance(v, str),
    "Edm.Int64": lambda v: type(v) is int,
    "Edm.Decimal": lambda v: type(v) in {int, float},
    "Edm.Date": lambda v: len(v) == 10,
    "Edm.DateTimeOffset": lambda v: "T" in v,
    "Edm.GeographyPoint": lambda v: v["type"] == "Point",
    "Edm.GeographyLineString": lambda v: v["type"] == "LineString",
    "Edm.GeographyPolygon": lambda v: v["type"] == "Polygon",
}


def declared(xml):
    """Full type name -> property -> type, as an OData client reads the document."""
    results = {}
    for schema in etree.fromstring(xml).iter(f"{EDM}Schema"):
        space = schema.get("Namespace")
        for kind in schema:
            if kind.tag == f"{EDM}EnumType":
                results[f"{space}.{kind.get('Name')}"] = {m.get("Name") for m in kind}
            elif kind.tag in {f"{EDM}EntityType", f"{EDM}ComplexType"}:
                names = [p.get("Name") for p in kind if p.get("Name")]
                assert len(names) == len(set(names)), names
                results[f"{space}.{kind.get('Name')}"] = {
                    p.get("Name"): p.get("Type") for p in kind if p.get("Name")
                }
    return results


def check(types, kind, row):
    """Every property of a row is declared, and its value is of the declared type."""
    if isinstance(types.get(kind), set):
        assert row in types[kind]
        return
    if kind.startswith("Edm."):
        assert CHECKS[kind](row), (kind, row)
        return
    existing = types[kind]
    given = {name.removesuffix("@odata.navigationLink") for name in row}
    assert given == set(existing), (kind, given ^ set(existing))
    for name, one in row.items():
        if name.endswith("@odata.navigationLink") or one is None:
            continue
        if existing[name].startswith("Collection("):
            for inner in one:
                inside = existing[name][len("Collection(") : -1]
                parent = {n for n in types[inside] if n.endswith("-id")}
                check(types, inside, {**dict.fromkeys(parent), **inner})
        else:
            check(types, existing[name], one)


RICH = """
| survey |
| | type | name | label |
| | integer | age | Age |
| | decimal | size-of-house | Size |
| | date | day | Day |
| | dateTime | moment | Moment |
| | geopoint | here | Here |
| | geotrace | way | Way |
| | geoshape | field | Field |
| | text | អាយុ | Age in Khmer |
| | text | a.b | Dotted |
| | text | a_b | Not dotted |
| | begin_group | house | House |
| | begin_group | inner | Inner |
| | text | word | Word |
| | begin_repeat | child | Child |
| | text | pet | Pet |
| | begin_repeat | toy-box | Toys |
| | text | toy | Toy |
| | end_repeat |
| | end_repeat |
| | end_group |
| | end_group |
| settings |
| | form_id | version |
| | rich form | 1 |
"""


@pytest.fixture
def rich(programme, person):
    factories.published(programme, RICH)
    answers = (
        "<age>5</age><size-of-house>2.50</size-of-house><day>2026-11-20</day>"
        "<moment>2026-11-20T09:00:00.000+07:00</moment>"
        "<here>13.612345678 102.987654321 12.5 4.8</here>"
        "<way>13.612345678 102.987654321 0 0;13.7 103.1 1 2</way>"
        "<field>11.1 104.1 0 0; 11.2 104.1 0 0; 11.2 104.2 0 0; 11.1 104.1 0 0;</field>"
        "<អាយុ>ខ្មែរ</អាយុ><a.b>one</a.b><a_b>two</a_b>"
        "<house><inner><word>w</word><child><pet>p</pet><toy-box><toy>t</toy></toy-box></child>"
        "</inner></house>"
    )
    for n, inside in enumerate((answers, "<age>²</age><size-of-house>NaN</size-of-house>")):
        xml = factories.record(form="rich form", instance=f"uuid:{n}", answers=inside)
        receive(sender=Sender(programme_id=programme.pk), xml=xml)
    observe_waiting()
    return f"/v1/projects/{programme.pk}/forms/rich form.svc"


@pytest.mark.parametrize("expand", [{}, {"$expand": "*"}])
def test_metadata_declares_exactly_what_the_feed_returns(client, rich, double, expand):
    for base in (rich, double):
        xml = client.get(f"{base}/$metadata").content
        types = declared(xml)
        root = etree.fromstring(xml)
        sets = {e.get("Name"): e.get("EntityType") for e in root.iter(f"{EDM}EntitySet")}
        assert set(sets) == {v["url"] for v in get(client, base)["value"]}
        for name, kind in sets.items():
            rows = get(client, f"{base}/{name}", expand)["value"]
            assert rows
            for row in rows:
                check(types, kind, row)


def test_places_keep_all_their_digits(client, rich):
    def here(**query):
        return get(client, f"{rich}/Submissions('uuid:0')", query)["value"][0]

    row, text = here(), here(**{"$wkt": "true"})
    assert row["here"] == {
        "type": "Point",
        "coordinates": [102.987654321, 13.612345678, 12.5],
        "properties": {"accuracy": 4.8},
    }
    assert text["here"] == "POINT (102.987654321 13.612345678 12.5)"
    assert row["way"] == {
        "type": "LineString",
        "coordinates": [[102.987654321, 13.612345678, 0], [103.1, 13.7, 1]],
        "properties": {"accuracies": [0, 2]},
    }
    assert text["way"] == "LINESTRING (102.987654321 13.612345678 0,103.1 13.7 1)"
    ring = [[104.1, 11.1, 0], [104.1, 11.2, 0], [104.2, 11.2, 0], [104.1, 11.1, 0]]
    assert row["field"]["type"] == "Polygon"
    assert row["field"]["coordinates"] == [ring]
    assert text["field"] == "POLYGON ((104.1 11.1 0,104.1 11.2 0,104.2 11.2 0,104.1 11.1 0))"


@pytest.mark.parametrize(
    ("kind", "cell", "expected"),
    [
        ("int", "²", None),
        ("int", "9" * 5000, None),
        ("int", "1_000", None),
        ("int", "-7", -7),
        ("decimal", "inf", None),
        ("decimal", "NaN", None),
        ("decimal", "1e400", None),
        ("decimal", "0.1", 0.1),
        ("geopoint", "12", None),
        ("geopoint", "x y", None),
        ("geopoint", "11.5 104.9", {"type": "Point", "coordinates": [104.9, 11.5]}),
        ("int", "9223372036854775808", None),
        ("int", "-9223372036854775808", -(2**63)),
        ("date", "tomorrow", None),
        ("date", "2026-13-45", None),
        ("date", "20261130", None),
        ("date", "2026-11-30T00:00:00.000+07:00", "2026-11-30"),
        ("dateTime", "soon", None),
        ("dateTime", "2026-11-30T25:00:00.000+07:00", None),
        ("dateTime", "2026-11-30T09:00", "2026-11-30T09:00:00+07:00"),
        ("dateTime", "2026-11-30", "2026-11-30T00:00:00+07:00"),
        ("dateTime", "2026-11-30T09:00:00.000Z", "2026-11-30T09:00:00.000Z"),
        ("geotrace", ";", None),
        ("geotrace", "11.5 104.9", None),
        ("geoshape", "11.5 104.9;11.6 104.9", None),
        ("geoshape", "1 2;3 4;5 6", {"type": "Polygon", "coordinates": [[[2, 1], [4, 3], [6, 5], [2, 1]]]}),
    ],
)  # fmt: skip
def test_a_value_is_of_its_type_or_absent(kind, cell, expected):
    assert value(kind, cell, wkt=False) == expected


def test_names_are_centrals_and_khmer_stays():
    # Central: a letter or underscore first, everything else than a-z, 0-9, _ is an underscore
    assert identifier("size-of.house") == "size_of_house"
    assert identifier("1st") == "_1st"
    assert identifier("a--b") == "a_b"
    assert identifier("អាយុ") == "អាយុ"
