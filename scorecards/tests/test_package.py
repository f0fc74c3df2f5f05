"""The data package: valid, described to the last column, and enough to compute with."""

import io
import json
import re
import zipfile
from pathlib import Path

import frictionless
import pandas as pd
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from places.models import Place
from scorecards import tasks
from scorecards.pipeline import workday_table
from scorecards.tests.nation import (
    draw_cases,
    draw_meetings,
    make_person,
    publish,
    tell_everything,
)
from standards.loading import load_indicators
from surveys.models import Vote
from surveys.tests.country import widen_country

QUARTER = "2026-Q1"


@pytest.fixture
def folder(nation: None, tmp_path: Path) -> Path:
    """The package of a released quarter as anybody downloads it, unpacked."""
    widen_country(5)
    load_indicators()
    workday_table.refresh(timezone.localdate())
    draw_cases(900, communes=sorted(Place.objects.communes().values_list("code", flat=True)))
    draw_meetings(240)
    Vote.objects.filter(score__gte=3).update(youth=False)
    Vote.objects.filter(score__lte=2).update(youth=True)
    # some of each group vote as the other does: a gap with an empty side is not released
    Vote.objects.filter(vote_id__endswith="-1").update(youth=True)
    Vote.objects.filter(vote_id__endswith="-2").update(youth=False)
    tell_everything()
    tasks.recompute_changed()
    publish(make_person("coordinator"), QUARTER)
    for unknown in ("2026-Q2", "2026-02", "2019-Q1", "x"):  # figures there are, none released
        assert Client().get("/scores/data.zip", {"period": unknown}).status_code == 404
    answer = Client().get("/scores/data.zip", {"period": QUARTER})
    zipfile.ZipFile(io.BytesIO(answer.content)).extractall(tmp_path)
    return tmp_path


def test_the_package_is_valid_described_and_enough_to_compute_with(folder: Path) -> None:
    it_is_valid_and_describes_every_column(folder)
    the_notebook_of_the_guide_makes_the_published_figures_again(folder)


def it_is_valid_and_describes_every_column(folder: Path) -> None:
    report = frictionless.Package(str(folder / "datapackage.json"), allow_invalid=True)
    tables = [one for one in report.resources if one.format == "csv"]
    assert {one.name for one in tables} == {
        "scores",
        "classes",
        "comparisons",
        "overall",
        "gaps",
        "indicators",
    }
    for one in tables:
        checked = one.validate()
        assert checked.valid, checked.flatten(["rowNumber", "fieldNumber", "type", "note"])[:5]
    descriptor = json.loads((folder / "datapackage.json").read_text())
    listed = {one["path"] for one in descriptor["resources"]} | {"datapackage.json"}
    assert listed == {path.name for path in folder.iterdir()}
    for one in descriptor["resources"]:
        if one["format"] != "csv":
            continue
        own = pd.read_csv(folder / one["path"], dtype=str, keep_default_na=False)
        fields = one["schema"]["fields"]
        assert list(own.columns) == [field["name"] for field in fields]
        assert all(field["description"] for field in fields)
        assert not own.duplicated(one["schema"]["primaryKey"]).any()
        assert len(own), one["path"]
        twin = folder / one["path"].replace(".csv", ".parquet")
        if one["name"] != "indicators":
            assert list(pd.read_parquet(twin).columns) == list(own.columns)
            assert len(pd.read_parquet(twin)) == len(own)


def the_notebook_of_the_guide_makes_the_published_figures_again(folder: Path) -> None:
    guide = (settings.ROOT / "docs" / "analysts.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    existing: dict[str, object] = {"folder": folder}
    exec(code, existing)
    shown = existing["shown"]
    assert isinstance(shown, pd.DataFrame)
    assert len(shown) > 20
    assert len(existing["one"]) >= 3  # type: ignore[arg-type]
