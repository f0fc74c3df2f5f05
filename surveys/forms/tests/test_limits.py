"""Forms that are too large or deep, each refused with a sentence before anything large is
allocated.
"""

import io
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from surveys.forms import limits
from surveys.forms.problems import FormProblems
from surveys.forms.publishing import prepare

pytestmark = pytest.mark.django_db
CASES = Path(__file__).resolve().parents[2] / "tests" / "cases" / "forms"
HEAD = ["type", "name", "label"]


def workbook(rows, **sheets):
    book = Workbook()
    book.active.title = "survey"
    for row in rows:
        book.active.append(row)
    for name, others in sheets.items():
        sheet = book.create_sheet(name)
        for row in others:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(content, change):
    """The same workbook with the XML of its first sheet changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for part in old.infolist():
            data = old.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                data = change(data)
            new.writestr(part.filename, data)
    return out.getvalue()


def problem(content, kind):
    with pytest.raises(FormProblems) as refused:
        prepare(content, kind)
    assert len(refused.value.problems) == 1
    return refused.value.problems[0]


GOOD = [HEAD, ["integer", "age", "Age"]]


def test_a_workbook_and_one_with_macros_are_read():
    assert prepare(workbook(GOOD), "xlsx").form.form_id == "data"
    assert prepare(workbook(GOOD), "xlsm").form.form_id == "data"


@pytest.mark.parametrize(
    "content",
    [
        (CASES / "x3-latin1-form.csv").read_bytes(),
        '"survey",,,\n,"type","name","label"\n,"text","a","Prénom"\n'.encode("cp1252"),
        '"survey",,,\n,"type","name","label"\n,"text","a","ភាសា"\n'.encode("utf-16-le"),
        '"survey",,,\n,"type","name","label"\n,"text","a","Åge"\n'.encode("mac_roman"),
        b'"survey",,,\n,"type","name","label"\n,"text","a","\x00"\n',
    ],
)
def test_text_that_is_not_utf8_is_refused_in_one_sentence(content):
    sentence = problem(content, "csv").sentence
    assert "UTF-8" in sentence or "NUL" in sentence
    assert sentence.endswith((".", "។"))


def test_utf16_with_its_mark_and_utf8_with_and_without_are_read():
    text = '"survey",,,\n,"type","name","label"\n,"text","a","ភាសាខ្មែរ"\n'
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        (item,) = prepare(text.encode(encoding), "csv").compiled["body"]
        assert item["label"]["default"] == ["ភាសាខ្មែរ"]


def test_entities_in_a_workbook_are_refused_wherever_they_stand():
    bomb = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>'

    def with_entities(data):
        return bomb + data[data.index(b"<worksheet") :]

    words = problem(repacked(workbook(GOOD), with_entities), "xlsx").sentence
    assert "XML" in words


def test_what_is_no_workbook_or_a_damaged_one_is_refused():
    good = workbook(GOOD)
    for content in (b"", b"PK\x03\x04 nothing", good[:-200], b"\xd0\xcf\x11\xe0 nothing"):
        problem(content, "xlsx")
        problem(content, "xls")
    problem(repacked(good, lambda data: data[:100]), "xlsx")


def test_a_workbook_that_grows_when_unpacked_is_refused_before_it_is_unpacked():
    huge = io.BytesIO()
    with zipfile.ZipFile(huge, "w", 8) as archive:
        archive.writestr("xl/workbook.xml", "<w/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (limits.MAX_UNPACKED + 1))
    assert len(huge.getvalue()) < 1_000_000
    assert "100 MB" in problem(huge.getvalue(), "xlsx").sentence


def test_a_far_cell_is_named_and_far_formats_without_a_value_do_no_harm():
    def far(value):
        cell = f'<row r="3"><c r="XFD3" t="n">{value}</c></row></sheetData>'.encode()
        return lambda data: data.replace(b"</sheetData>", cell)

    result = problem(repacked(workbook(GOOD), far("<v>1</v>")), "xlsx")
    assert result.cell == "XFD3"
    assert prepare(repacked(workbook(GOOD), far("")), "xlsx").form.form_id == "data"


def test_too_many_rows_choices_levels_and_brackets_are_named_by_cell(monkeypatch):
    monkeypatch.setattr(limits, "MAX_QUESTIONS", 5)
    monkeypatch.setattr(limits, "MAX_CHOICES", 4)
    rows = [HEAD, *(["integer", f"q{n}", "Q"] for n in range(6))]
    assert problem(workbook(rows), "xlsx").where == "survey!7"
    choices = [["list_name", "name", "label"], *(["l", f"c{n}", "C"] for n in range(5))]
    result = problem(workbook([HEAD, ["select_one l", "a", "A"]], choices=choices), "xlsx")
    assert result.where == "choices"
    monkeypatch.undo()
    depth = limits.MAX_DEPTH + 1
    deep = [HEAD, *(["begin_group", f"g{n}", "G"] for n in range(depth)), ["text", "a", "A"]]
    deep += [["end_group", "", ""]] * depth
    assert problem(workbook(deep), "xlsx").where == f"survey!{depth + 1}"
    bracket = limits.MAX_NESTED_BRACKETS + 1
    rule = "(" * bracket + "1" + ")" * bracket
    rows = [[*HEAD, "relevant"], ["text", "a", "A", rule]]
    assert problem(workbook(rows), "xlsx").where == "survey!D2"


def test_a_form_that_came_as_xml_has_the_same_limits(monkeypatch):
    prepared = prepare(workbook([HEAD, *(["integer", f"q{n}", "Q"] for n in range(5))]), "xlsx")
    assert prepare(prepared.form.data, "xml").form.form_id == "data"
    monkeypatch.setattr(limits, "MAX_QUESTIONS", 2)
    problem(prepared.form.data, "xml")


def test_a_character_that_no_xform_can_hold_is_named_by_cell():
    text = '"survey",,,\n,"type","name","label"\n,"text","a","A"\n,"text","b","B\x0bC"\n'
    assert problem(text.encode(), "csv").where == "survey!D3"


@pytest.mark.parametrize("form_id", ["a.xml", "form.XLSX", "x" * 121, ".", ".."])
def test_form_ids_that_no_address_can_carry_are_refused(form_id):
    settings = [["form_id"], [form_id]]
    assert problem(workbook(GOOD, settings=settings), "xlsx").where == "settings!A2"


def test_form_ids_with_signs_are_taken():
    settings = [["form_id"], ["'=+/*-451%/%"]]
    assert prepare(workbook(GOOD, settings=settings), "xlsx").form.form_id == "'=+/*-451%/%"
