"""What the table of places refuses, and what a place is called."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from places.models import Kind, Level, Place
from places.services import save_place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _district() -> None:
    Place.objects.create(
        code="01", level=Level.PROVINCE, kind=Kind.KHET, name_km="បន្ទាយមានជ័យ",
        name_latin="Banteay Meanchey",
    )  # fmt: skip
    Place.objects.create(
        code="0102", level=Level.DISTRICT, kind=Kind.SROK, name_km="មង្គលបូរី",
        name_latin="Mangkul Bourei", parent_id="01",
    )  # fmt: skip


def commune(**values: object) -> Place:
    given = {
        "code": "010201",
        "level": Level.COMMUNE,
        "kind": Kind.KHUM,
        "name_km": "បន្ទាយនាង",
        "name_latin": "Banteay Neang",
        "parent_id": "0102",
    }
    return Place(**(given | values))


REFUSED = [
    ("place_code_fits_level", {"code": "01020"}),
    ("place_code_fits_level", {"code": "01020A"}),
    ("place_code_fits_level", {"code": "01020101"}),
    ("place_only_provinces_have_no_parent", {"parent_id": None}),
    ("place_parent_is_its_prefix", {"code": "020201"}),
    ("place_kind_fits_level", {"kind": Kind.SROK}),
    ("place_ends_after_it_starts", {"valid_from": date(2026, 1, 2), "valid_to": date(2026, 1, 1)}),
    ("place_point_is_whole", {"longitude": 103.0}),
    ("place_point_is_whole", {"longitude": 203.0, "latitude": 13.0}),
]


@pytest.mark.parametrize(("name", "values"), REFUSED)
def test_a_place_that_contradicts_itself_is_refused(name, values):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        commune(**values).save(force_insert=True)


def test_a_place_whose_parent_does_not_exist_is_refused():
    commune(code="010301", parent_id="0103").save(force_insert=True)
    with pytest.raises(IntegrityError, match="parent_id"), transaction.atomic():
        connection.check_constraints()
    Place.objects.filter(pk="010301").delete()


def test_a_place_stands_under_its_kind_in_either_language():
    place = commune()
    with translation.override("km"):
        assert place.full_name == "ឃុំបន្ទាយនាង"
        assert place.path_name == "ឃុំបន្ទាយនាង ស្រុកមង្គលបូរី ខេត្តបន្ទាយមានជ័យ"
    with translation.override("en"):
        assert place.name == "Banteay Neang"
        assert (
            place.path_name
            == "Banteay Neang Commune, Mangkul Bourei District, Banteay Meanchey Province"
        )


def test_a_commune_that_was_split_knows_what_it_was_and_when():
    old = save_place(place=commune(), by=None)
    old.valid_to = date(2026, 6, 30)
    save_place(place=old, by=None, reason="split")
    new = save_place(
        place=commune(
            code="010214", name_latin="Neang Thmei", valid_from=date(2026, 7, 1), predecessor=old
        ),
        by=None,
    )
    assert list(old.successors.all()) == [new]
    on = {date(2026, 6, 30): "010201", date(2026, 7, 1): "010214"}
    for day, code in on.items():
        assert [p.code for p in Place.objects.communes().valid_on(day)] == [code]


def test_a_place_that_something_lies_in_is_not_deleted():
    with pytest.raises(IntegrityError):
        Place.objects.get(pk="01").delete()
