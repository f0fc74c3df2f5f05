"""The columns of scores and statistics are the same in tables, pipeline, readers, API and files."""

import pytest
from django.apps import apps
from rest_framework import serializers

from dashboards.data import sources
from dashboards.reports import figures as paper
from scorecards import columns
from scorecards.api import ScoreRow
from scorecards.method.vocabulary import REASONS
from scorecards.models import Comparison, Overall, PlaceClass, ReleasedCell, Score, VoteGap
from scorecards.pipeline import count_cells, store_scores
from scorecards.reading import (
    data_package,
    districts,
    released_totals,
    score_columns,
    statistics,
)
from scorecards.releases import figures
from scorecards.verification import scores_in_pandas

KINDS = {
    "CharField": "string",
    "TextField": "string",
    "IntegerField": "integer",
    "PositiveIntegerField": "integer",
    "BigIntegerField": "integer",
    "FloatField": "number",
    "BooleanField": "boolean",
    "DateTimeField": "datetime",
    "ArrayField": "array",
}


def fields_of(model: type) -> dict[str, str]:
    """Column and kind of every stored field of a model; its composite key is no column."""
    stored = model._meta.concrete_fields  # type: ignore[attr-defined]
    return {
        field.attname: KINDS[type(field).__name__]
        for field in stored
        if type(field).__name__ != "CompositePrimaryKey" and not field.is_relation
    }


def test_the_table_of_scores_has_exactly_the_defined_columns() -> None:
    assert {one.name: one.kind for one in columns.STORED} == fields_of(Score)
    assert set(columns.names(*columns.KEY)) == {field.name for field in Score._meta.pk_fields}


def test_released_cells_have_columns_of_scores() -> None:
    released = fields_of(ReleasedCell)
    assert set(figures.FIGURES) < set(released)
    for name, kind in released.items():
        assert columns.BY_NAME[name].kind == kind


def test_names_are_defined_once() -> None:
    every = columns.names(*columns.STORED, *columns.READ)
    assert len(every) == len(set(every))
    assert all(one.about for one in columns.BY_NAME.values())


def test_counting_storing_and_verification_use_them() -> None:
    assert columns.names(*columns.LEFT_OUT) == tuple(reason.reason for reason in REASONS)
    assert set(count_cells.COUNTED) < {one.name for one in columns.STORED}
    written = {*store_scores.KEY, *store_scores._VALUES, "computed_at", "revised"}
    assert written == {one.name for one in columns.STORED}
    checked = {*scores_in_pandas.CELL, *scores_in_pandas.NUMBERS}
    assert checked < {one.name for one in columns.STORED}


def test_readers_ask_for_defined_columns() -> None:
    assert set(score_columns.COLUMNS) < set(columns.BY_NAME)
    not_read = {one.name for one in columns.PAIRS}
    assert set(columns.BY_NAME) - set(score_columns.COLUMNS) == not_read
    assert set(score_columns.NUMBERS) | {"distribution"} | not_read == set(
        columns.names(
            *columns.COUNTS, *columns.LEFT_OUT, *columns.PAIRS, *columns.ESTIMATES, *columns.DETAILS
        )
    )
    for chosen in (districts.CELLS, sources.NEEDED, paper.COLUMNS, released_totals.COLUMNS):
        assert set(chosen) <= set(score_columns.COLUMNS)


def test_the_api_gives_the_columns_of_the_package() -> None:
    kinds = {
        serializers.CharField: "string",
        serializers.IntegerField: "integer",
        serializers.FloatField: "number",
        serializers.BooleanField: "boolean",
    }
    api = {name: kinds[type(field)] for name, field in ScoreRow().fields.items()}
    assert api == {name: kind for name, (kind, _about) in data_package.ABOUT.items()}
    for name, kind in api.items():
        if name != "unfinished":  # known when it is read
            assert columns.BY_NAME[name].kind == kind


@pytest.mark.parametrize(
    ("model", "read", "about"),
    [
        (Comparison, statistics.COMPARISON, data_package.COMPARED),
        (PlaceClass, statistics.CLASS, data_package.CLASSES),
        (Overall, statistics.OVERALL, data_package.OVERALL),
        (VoteGap, statistics.GAPS, data_package.GAPS),
        (apps.get_model("scorecards", "OnTime"), statistics.ON_TIME, None),
    ],
)
def test_statistics_are_read_in_the_columns_of_their_tables(
    model: type, read: tuple[str, ...], about: dict[str, tuple[str, str]] | None
) -> None:
    stored = fields_of(model)
    # a comparison is of communes and all services; "status" and the release are conditions
    assert set(read) - set(stored) <= {"level"}
    assert set(stored) - set(read) <= {"release_id", "status", "province_code", "service"}
    if about is not None:
        assert set(about) == {*read, "working", "unfinished"}
        for name, (kind, _about) in about.items():
            if name in stored:
                assert stored[name] == kind, name
