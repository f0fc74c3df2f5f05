"""Fetch what each role can get of a release: API, data package, files; as a reader would.

``everything`` returns the printed numbers of all cells and fails where two channels or roles
differ, or where one shows a number that the API does not.
"""

import csv
import io
import zipfile
from typing import Any

import pandas as pd
from django.test import Client

from scorecards.tests.attack.reader import Cell, Shown

ROLES = ("", "council_member", "district_officer", "donor")


def everything(client: Client, period: str) -> dict[Cell, Shown]:
    """Every released cell that this client gets, from the API and the package alike."""
    cells_shown = _rows(_api(client, "", period))
    in_package = _package(client, period)
    assert _rows(in_package["scores"].to_dict("records")) == cells_shown
    groups = _groups(_api(client, "gaps/", period))
    assert _groups(in_package["gaps"].to_dict("records")) == groups
    for name in ("comparisons", "classes"):
        for rows in (in_package[name].to_dict("records"), _api(client, f"{name}/", period)):
            for row in rows:
                met, judged = row["numerator"], row["denominator"]
                cell = _cell(row, row.get("service") or "")
                assert cells_shown[cell] == (met, judged - met), row
    return {**cells_shown, **groups}


def of_decided(decided: pd.DataFrame) -> dict[Cell, Shown]:
    """What a release shows, from what was decided of its cells.

    Groups with their others only; none of them with a printed 0.
    """
    rows = {_cell(row, row["service"]): row for row in decided.to_dict("records")}
    cells_shown: dict[Cell, Shown] = {}
    for cell, row in rows.items():
        others = rows.get(cell.partner(), {"status": "not_printed"}) if cell.is_group else row
        both = {row["status"], others["status"]}
        one_sided = cell.is_group and any(
            0 in (r["kept_met"], r["kept_not_met"]) for r in (row, others) if "kept_met" in r
        )
        if "not_printed" not in both and not one_sided:
            shown = "withdrawn" in both
            cells_shown[cell] = (
                "withdrawn" if shown else (int(row["printed_met"]), int(row["printed_not_met"]))
            )
    return cells_shown


def files_show_only(client: Client, period: str, cells_shown: dict[Cell, Shown]) -> int:
    """Read the files and figures of the pages; each count in them is one of the API's."""
    existing = 0
    for indicator, kind in sorted({(c.cube[0], c.cube[1]) for c in cells_shown if not c.cube[2]}):
        asked = {"period": period, "indicator": indicator, "kind": kind, "service": ""}
        text = client.get("/compare.csv", asked, headers={"accept-language": "en"})
        for row in csv.DictReader(io.StringIO(text.content.decode("utf-8-sig"))):
            cell = Cell((indicator, kind, False), row["Code"], "")
            if row["Judged"]:
                met, judged = int(row["Met the standard"]), int(row["Judged"])
                assert cells_shown[cell] == (met, judged - met), row
                existing += 1
            else:
                assert not isinstance(cells_shown.get(cell), tuple), row
    return existing


def _api(client: Client, name: str, period: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    page = 1
    while True:
        asked = {"period": period, "page": page} if name == "" else {"period": period}
        answer = client.get(f"/api/v1/scores/{name}", asked).json()
        rows += answer["results"]
        if page >= answer.get("pages", 1):
            return rows
        page += 1


def _package(client: Client, period: str) -> dict[str, pd.DataFrame]:
    content = client.get("/scores/data.zip", {"period": period}).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        texts = {"place_code": str, "service": str, "province_code": str}
        return {
            name: pd.read_csv(archive.open(f"{name}.csv"), dtype=texts, keep_default_na=False,
                              na_values={n: [""] for n in ("numerator", "denominator", "voters",
                              "others", "satisfied", "others_satisfied")})
            for name in ("scores", "comparisons", "classes", "gaps")
        }  # fmt: skip


def _cell(row: dict[str, Any], service: str) -> Cell:
    own = str(row.get("self_assessment", False)) == "True"
    return Cell((row["indicator"], row["provider_kind"], own), row["place_code"], service)


def _rows(rows: list[dict[str, Any]]) -> dict[Cell, Shown]:
    cells_shown: dict[Cell, Shown] = {}
    for row in rows:
        numbers = row["numerator"], row["denominator"]
        if row["status"] == "withdrawn":
            assert all(pd.isna(n) for n in numbers)
            cells_shown[_cell(row, row["service"])] = "withdrawn"
        else:
            met, judged = (int(n) for n in numbers)
            cells_shown[_cell(row, row["service"])] = (met, judged - met)
    return cells_shown


def _groups(rows: list[dict[str, Any]]) -> dict[Cell, Shown]:
    cells_shown: dict[Cell, Shown] = {}
    for row in rows:
        for member, judged, met in (
            ("yes", row["voters"], row["satisfied"]),
            ("no", row["others"], row["others_satisfied"]),
        ):
            cell = _cell(row, f"{row['among']}:{member}")
            shown = None if pd.isna(judged) else (int(met), int(judged) - int(met))
            cells_shown[cell] = "withdrawn" if shown is None else shown
    return cells_shown
