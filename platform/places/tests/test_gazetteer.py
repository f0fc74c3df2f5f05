"""The gazetteer: what is loaded, what is not, and that both are reported."""

from collections import Counter

import pytest

from places import gazetteer
from places.gazetteer import OFFICIAL, Gazetteer
from places.models import Kind, Level

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def gazetteer_read() -> Gazetteer:
    return gazetteer.read()


def test_provinces_districts_and_communes_are_the_official_ones(gazetteer_read):
    counts = gazetteer_read.counts()
    for level in (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE):
        assert counts[level] == OFFICIAL[level]
    kinds = {kind: counts[kind] for kind in Kind if kind != Kind.PHUM}
    assert kinds == {
        Kind.KHET: 24,
        Kind.REACHTHEANI: 1,
        Kind.SROK: 163,
        Kind.KRONG: 33,
        Kind.KHAN: 14,
        Kind.KHUM: 1378,
        Kind.SANGKAT: 274,
    }


def test_the_villages_that_are_missing_are_all_accounted_for(gazetteer_read):
    """Two fewer than official stand in the package, and 92 of its rows cannot be trusted."""
    rows = gazetteer.read_package("village")
    loaded = gazetteer_read.counts()[Level.VILLAGE]
    assert len(rows) == OFFICIAL[Level.VILLAGE] - 2
    assert loaded == len(rows) - 92 == 14484


def test_every_known_defect_is_told(gazetteer_read):
    messages = Counter(d.kind for d in gazetteer_read.defects)
    assert messages["phantom commune"] == 7
    assert messages["commune without villages"] == 2
    assert messages["duplicated village code"] == 54
    assert messages["village without commune"] == 13
    phantoms = [d.code for d in gazetteer_read.defects if d.kind == "phantom commune"]
    assert phantoms == [f"2503{n}" for n in range(15, 22)]


def test_what_is_told_as_skipped_is_not_loaded(gazetteer_read):
    codes = {p.code for p in gazetteer_read.places}
    skipped = {d.code for d in gazetteer_read.defects if not d.taken and len(d.code) == 6}
    assert skipped == {f"2503{n}" for n in range(15, 22)} | {"100409", "080613"}
    assert not skipped & codes
    assert "120912" in codes


def test_of_two_villages_with_one_code_the_one_in_its_own_commune_is_loaded(gazetteer_read):
    (village,) = (p for p in gazetteer_read.places if p.code == "02140401")
    assert (village.name_latin, village.parent) == ("Mukh Rea Pir", "021404")


def test_codes_are_unique_and_every_parent_is_there_and_comes_first(gazetteer_read):
    seen: set[str] = set()
    for place in gazetteer_read.places:
        assert place.code not in seen
        assert place.parent is None or place.parent in seen
        assert place.parent is None or place.code.startswith(place.parent)
        seen.add(place.code)


def test_points_lie_in_cambodia_and_moved_communes_inherit_theirs(gazetteer_read):
    points = {
        p.code: (p.longitude, p.latitude) for p in gazetteer_read.places if p.longitude is not None
    }
    assert len(points) == 1622
    assert {"100705", "081308"} <= set(points)
    assert all(102 < x < 108 and 9.5 < y < 15 for x, y in points.values())


def test_a_defect_nobody_has_judged_is_skipped_and_told(monkeypatch):
    monkeypatch.setattr(
        gazetteer,
        "read_fixture",
        lambda name, real=gazetteer.read_fixture: [] if name == "verdicts.csv" else real(name),
    )
    body = gazetteer.read()
    assert "120912" not in {p.code for p in body.places}
    assert any(d.code == "120912" and not d.taken for d in body.defects)


def test_search_text_is_folded_and_holds_other_spellings():
    folded = gazetteer.search_text("សៀម\u200bរាប", "Siem Reab", ["S'ang"])
    assert folded == "|សៀមរាប|siem reab|siemreab|s'ang|sang|"
