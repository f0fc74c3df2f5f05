"""Sheets made to hide how much memory they ask for, and errors that were written as text."""

import zipfile
from pathlib import Path

import pytest

from surveys.importing import workbook
from surveys.tests.test_import_files import (
    HEAD,
    ROW,
    Run,
    counts,
    names,
    run,
    with_openpyxl,
    with_text,
)

__all__ = ["run"]

pytestmark = pytest.mark.django_db

SHEET = '<worksheet xmlns="{0}" xmlns:x="{0}"><sheetData>%s</sheetData></worksheet>'.format(
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
)


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>1</v></c><c r="GR1048576"><v>1</v></c></row>',
        '<row r="1"><c r="XFD1"><v>1</v></c><c r="A1"><v>1</v></c></row>'
        '<row r="50000"><c r="A50000"><v>1</v></c></row>',
        '<row r="1"><c r = "XFD1048576"><v>1</v></c></row>',
        "<row r='1'><c s=\">\" r='XFD1048576'><v>1</v></c></row>",
        '<row s=">" r="1048576"><c><v>1</v></c></row><row r="2"><c r="GR2"><v>1</v></c></row>',
        '<!--</row>--><x:row r="1"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><x:row r="1"><x:c r="XFD1048576"><x:v>1</x:v></x:c>'
        "</x:row>",
        '<row r="1"><c r="XFD1048576"><v>1</v></c></row ><row r="1"><c r="A1"><v>1</v></c></row>',
        f'<row r="1">{"<c><v>1</v></c>" * 16_000}<c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="A1048576"><v>1</v></c></row>',
    ],
)
def test_a_sheet_written_to_hide_a_far_cell_is_refused(run: Run, tmp_path: Path, rows: str) -> None:
    plain = with_openpyxl(tmp_path / "plain.xlsx", [HEAD, ROW])
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w") as new:
        for part in old.infolist():
            is_sheet = part.filename.endswith("sheet1.xml")
            new.writestr(part, SHEET % rows if is_sheet else old.read(part))
    batch = run(path)
    assert batch.state == "failed"
    assert batch.problem


def test_a_part_that_is_there_twice_or_holds_endless_texts_is_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = with_openpyxl(tmp_path / "a.xlsx", [HEAD, ROW])
    monkeypatch.setattr(workbook, "MOST_CELLS", 20)
    assert counts(run(path))[:2] == (1, 1)
    more = with_openpyxl(tmp_path / "b.xlsx", [HEAD, ["K-2", *ROW[1:], *"abcdefgh"]])
    assert "too large" in run(more).problem
    with (
        zipfile.ZipFile(path, "a") as book,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        book.writestr("xl/worksheets/sheet1.xml", SHEET % "")
    assert "cannot be read" in run(path).problem


@pytest.mark.parametrize("wrong", ["#N/A", "#SPILL!", "#NAME?", "####", "Err:502"])
def test_an_error_written_as_text_is_neither_a_name_nor_a_document(
    run: Run, tmp_path: Path, wrong: str
) -> None:
    rows = [
        [*HEAD, "facilitator", "documents_asked"],
        [*ROW, wrong, ""],
        ["K-2", *ROW[1:], "", wrong],
    ]
    rows += [
        [wrong, *ROW[1:], "", ""],
        ["K-4", *ROW[1:], "", "NA"],
        ["K-5", *ROW[1:], "#5", "none"],
    ]
    batch = run(with_text(tmp_path / "a.csv", "\n".join(",".join(row) for row in rows)))
    assert counts(batch) == (5, 1, 0, 0, 4)
    assert names() == {"K-5"}
    assert sum("holds an error" in reported for reported in batch.told) == 3
