"""Every file of the country in ``fixtures/``: sources kept, dates real, codes unique, two languages."""

import re
from datetime import date

import pytest

from places import gazetteer
from places.models import Kind
from standards.loading import read_fixture
from standards.models import (
    Currency,
    DayKind,
    Document,
    FeeUnit,
    Indicator,
    IndicatorKind,
    Provider,
    ProviderKind,
    Service,
    Standard,
)

KHMER = re.compile(r"[\u1780-\u17ff]")
FILES = {
    "services.csv": "code",
    "documents.csv": "code",
    "standards.csv": "key",
    "indicators.csv": "code",
    "glossary.csv": "english",
    "places/commune_points.csv": "commune_code",
    "places/urban_districts.csv": "code",
    "places/verdicts.csv": "code",
}
SOURCED = [name for name in FILES if name not in ("glossary.csv", "places/commune_points.csv")]


@pytest.mark.parametrize("name", [*FILES, "places/spellings.csv"])
def test_a_file_is_whole_and_has_nothing_stray(name):
    rows = read_fixture(name)
    assert rows
    for row in rows:
        assert None not in row, f"{name}: too many cells in {row}"
        for column, value in row.items():
            assert value is not None, f"{name}: too few cells in {row}"
            assert value == value.strip(), f"{name}: stray blanks in {column}: {value!r}"
            assert "\u200b" not in value or column.endswith("km")


@pytest.mark.parametrize(("name", "key"), FILES.items())
def test_codes_are_unique(name, key):
    codes = [row[key] for row in read_fixture(name)]
    assert len(codes) == len(set(codes))
    assert all(codes)


@pytest.mark.parametrize("name", [*SOURCED, "places/spellings.csv"])
def test_every_fact_has_a_source_and_a_real_day_on_which_it_was_checked(name):
    for row in read_fixture(name):
        assert row["source"], f"{name}: {row}"
        assert date(2024, 1, 1) <= date.fromisoformat(row["checked_on"]) <= date(2030, 1, 1)


@pytest.mark.parametrize(
    "name", ["services.csv", "documents.csv", "indicators.csv", "standards.csv"]
)
def test_texts_stand_in_both_languages(name):
    for row in read_fixture(name):
        for column in [c for c in row if c.endswith("_km")]:
            english = row[column.removesuffix("_km") + "_en"]
            assert bool(row[column]) == bool(english), f"{name}: {column} of {row}"
            assert not row[column] or KHMER.search(row[column])
            assert not KHMER.search(english)


def test_glossary_terms_are_khmer():
    for row in read_fixture("glossary.csv"):
        assert KHMER.search(row["khmer"])
        assert row["standing"] in {"in use", "proposed", "official usage"}


def test_words_of_fixed_lists_are_known():
    for row in read_fixture("services.csv"):
        assert row["provider_kind"] in ProviderKind.values
        assert row["fee_by_provider"] in {"yes", "no"}
    for row in read_fixture("indicators.csv"):
        assert set(row["provider_kinds"].split(";")) <= set(ProviderKind.values)
        assert row["kind"] in IndicatorKind.values
    assert {r["kind"] for r in read_fixture("places/urban_districts.csv")} == {
        Kind.KRONG,
        Kind.KHAN,
    }


def test_standards_are_sound_in_themselves():
    documents = {row["code"] for row in read_fixture("documents.csv")}
    given = {row["code"] for row in read_fixture("services.csv")}
    used: set[str] = set()
    for row in read_fixture("standards.csv"):
        assert row["service"] in given
        assert row["currency"] in Currency.values
        assert row["fee_unit"] in FeeUnit.values
        assert row["day_kind"] in {*DayKind.values, ""}
        assert bool(row["days_max"]) == bool(row["day_kind"])
        papers = [code for code in row["documents"].split(";") if code]
        assert set(papers) <= documents
        used |= set(papers)
        assert row["documents_known"] == "no" or papers
        for column in ("fee", "fee_concession", "days_max", "valid_years"):
            assert row[column] == "" or int(row[column]) >= 0
        ends = [date.fromisoformat(row[c]) for c in ("valid_from", "valid_to") if row[c]]
        assert ends == sorted(ends)
    assert used == documents, "a document no standard names"


def test_places_named_in_fixtures_exist():
    codes = {p.code for p in gazetteer.read().places}
    for row in read_fixture("places/verdicts.csv"):
        assert row["verdict"] in {"skip", "keep"}
        assert not row["same_as"] or row["same_as"] in codes
    for name in ("urban_districts", "spellings"):
        assert {r["code"] for r in read_fixture(f"places/{name}.csv")} <= codes


def test_texts_fit_their_columns():
    fits = {
        "services.csv": Service,
        "documents.csv": Document,
        "indicators.csv": Indicator,
        "standards.csv": Standard,
    }
    for name, model in fits.items():
        limits = {f.name: f.max_length for f in model._meta.fields if f.max_length}
        for row in read_fixture(name):
            for column, value in row.items():
                assert len(value) <= limits.get(column, 10**6), f"{name}: {column} of {row}"
    assert Provider._meta.get_field("name_km").max_length == 200
