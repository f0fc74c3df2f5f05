"""The workbook that a form was made from comes back: of the form, of a version, of the draft."""

import io

import pytest
from openpyxl import load_workbook

from surveys.forms.publishing import prepare, publish, save_draft
from surveys.openrosa.tests.test_central import get, person, read
from surveys.openrosa.tests.test_pyodk_end_to_end import workbook

__all__ = ["person"]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["xlsx", "xlsm"])
def test_a_form_a_version_and_a_draft_give_their_workbook_back(client, programme, person, kind):
    form = None
    for version in ("one", "two"):
        prepared = prepare(workbook(version, form_id="booked"), kind)
        form = save_draft(programme=programme, prepared=prepared, by=None, form=form).form
        if version == "one":
            publish(form=form, by=None)
    base = f"/v1/projects/{programme.pk}/forms/booked"
    other = "xlsm" if kind == "xlsx" else "xlsx"
    for place, version in {"": "one", "/versions/one": "one", "/draft": "two"}.items():
        content = read(client.get(f"{base}{place}.{kind}"))
        rows = list(load_workbook(io.BytesIO(content))["settings"].values)
        assert version in rows[1]
        for absent in (other, "xls"):
            assert get(client, f"{base}{place}.{absent}", status=404)["code"] == 404.1
