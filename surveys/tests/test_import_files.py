"""A spreadsheet is judged as a whole: what cannot be read is reported and never read as empty."""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from jobs import attempts
from surveys.importing import uploads
from surveys.importing.run import import_file
from surveys.models import Case, ImportBatch
from surveys.tasks import run_import

pytestmark = pytest.mark.django_db

CASES = Path(__file__).parent / "cases"
HEAD = ["case_id", "commune", "service", "asked_on", "received_on", "status", "fee_paid"]
ROW = ["K-1", "010201", "birth-registration", "2026-03-02", "2026-03-04", "received", "0"]

Run = Callable[[Path], ImportBatch]


@pytest.fixture
def run(country: None, tmp_path: Path) -> Run:
    """Import one file and return its batch."""

    def importing(path: Path) -> ImportBatch:
        batch = ImportBatch.objects.create(file_name=path.name, language="en")
        return import_file(path, batch=batch, rejects_path=tmp_path / f"back{path.suffix}")

    return importing


def counts(batch: ImportBatch) -> tuple[int, ...]:
    return batch.read, batch.added, batch.unchanged, batch.conflicts, batch.rejected


def names() -> set[str]:
    return set(Case.objects.values_list("case_id", flat=True))


def with_openpyxl(path: Path, rows: list[list[Any]], change: Callable[[Any], Any] = bool) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    change(book)
    book.save(path)
    return path


def with_text(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


# -- sizes ------------------------------------------------------------------------------


def test_a_far_cell_is_refused_before_anything_is_allocated(run: Run) -> None:
    batch = run(CASES / "h06-far-cell.xlsx")
    assert batch.state == "failed"
    assert "column 200" in batch.problem


@pytest.mark.parametrize("far", ["GS2", "A1048576", "CV900000"])
def test_far_cells_of_other_writers_are_refused_or_cost_nothing(
    run: Run, tmp_path: Path, far: str
) -> None:
    def change(book: Any) -> None:
        book.active[far] = "x"

    batch = run(with_openpyxl(tmp_path / "a.xlsx", [HEAD, ROW], change))
    if far == "A1048576":
        assert counts(batch) == (2, 1, 0, 0, 1)
    else:
        assert batch.state == "failed"
        assert batch.problem


def test_a_million_formatted_empty_rows_and_wide_formats_cost_nothing(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        for number, row in enumerate([HEAD, ROW]):
            sheet.write_row(number, 0, row)
            sheet.write_blank(number, 1023, None, bold)
        for number in range(1000, 1_048_576, 90):
            sheet.write_blank(number, 3, None, bold)
    assert counts(run(path)) == (1, 1, 0, 0, 0)


def test_a_csv_with_many_empty_rows_and_columns_is_read(run: Run, tmp_path: Path) -> None:
    text = f"{','.join(HEAD)},,,\n{','.join(ROW)},,,\n" + ",,,,,,,,,\n" * 300_000
    assert counts(run(with_text(tmp_path / "a.csv", text))) == (1, 1, 0, 0, 0)


def test_one_endless_cell_sends_back_its_row_only(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([[*HEAD, "note"], [*ROW, "x" * 300_000], ["K-2", *ROW[1:], ""]])
    batch = run(path)
    assert counts(batch) == (2, 1, 0, 0, 1)
    assert "32767 characters" in batch.told[0]


def test_a_zip_that_lies_about_its_sizes_is_refused(run: Run, tmp_path: Path) -> None:
    path = with_openpyxl(tmp_path / "a.xlsx", [HEAD, ROW])
    body = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as book:
        part = book.getinfo("xl/worksheets/sheet1.xml")
    at = body.index(b"PK\x01\x02")
    while bytes(body[at + 46 : at + 46 + len(part.filename)]) != part.filename.encode():
        at = body.index(b"PK\x01\x02", at + 1)
    body[at + 24 : at + 28] = (200).to_bytes(4, "little")
    path.write_bytes(body)
    assert run(path).state == "failed"


# -- cells ------------------------------------------------------------------------------


def test_a_cell_with_an_error_is_not_an_empty_cell(run: Run) -> None:
    batch = run(CASES / "h03-error-cell.xlsx")
    assert counts(batch) == (3, 1, 0, 0, 2)
    assert names() == {"B-E3"}
    assert Case.objects.get().fee_paid == 5000
    assert "fee_paid: The cell holds an error" in batch.told[0]


@pytest.mark.parametrize("wrong", ["#DIV/0!", "#REF!", "#VALUE!"])
def test_errors_of_every_kind_and_rows_of_nothing_but_errors_are_told(
    run: Run, tmp_path: Path, wrong: str
) -> None:
    rows = [HEAD, [*ROW[:6], wrong], [wrong] * 7, ["K-3", *ROW[1:]], [wrong] * 7]
    batch = run(with_openpyxl(tmp_path / "a.xlsx", rows))
    assert counts(batch) == (4, 1, 0, 0, 3)
    assert names() == {"K-3"}


def test_an_error_in_a_column_that_is_not_read_does_no_harm(run: Run, tmp_path: Path) -> None:
    path = with_openpyxl(tmp_path / "a.xlsx", [[*HEAD, "mine"], [*ROW, "#N/A"]])
    assert counts(run(path)) == (1, 1, 0, 0, 0)


def test_a_formula_without_a_result_is_told_in_whichever_file_the_sheet_is(run: Run) -> None:
    batch = run(CASES / "h04-formula-second-file.xlsx")
    assert counts(batch) == (1, 0, 0, 0, 1)
    assert "fee_paid: It holds a formula without a result" in batch.told[0]


def test_formulas_of_two_writers_with_and_without_results(run: Run, tmp_path: Path) -> None:
    path = with_openpyxl(tmp_path / "a.xlsx", [HEAD, [*ROW[:6], "=1000*5"]])
    assert counts(run(path)) == (1, 0, 0, 0, 1)
    with xlsxwriter.Workbook(str(tmp_path / "b.xlsx")) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([HEAD, ROW, ["K-2", *ROW[1:]]]):
            sheet.write_row(number, 0, row)
        sheet.write_formula(1, 6, "=1000*5", value=5000)
        sheet.write_formula(2, 6, '=IF(1,"","x")', value="empty")
    emptied = tmp_path / "c.xlsx"
    with zipfile.ZipFile(tmp_path / "b.xlsx") as old, zipfile.ZipFile(emptied, "w") as new:
        for part in old.infolist():  # as Excel stores a formula whose result is the empty text
            new.writestr(part, old.read(part).replace(b"<v>empty</v>", b"<v></v>"))
    batch = run(emptied)
    assert counts(batch)[:2] == (2, 2)
    assert {c.case_id: c.fee_paid for c in Case.objects.all()} == {"K-1": 5000, "K-2": None}


def test_merged_cells_are_told(run: Run, tmp_path: Path) -> None:
    rows = [HEAD, ROW, ["K-2", *ROW[1:]], ["K-3", *ROW[1:]]]
    path = with_openpyxl(tmp_path / "a.xlsx", rows, lambda b: b.active.merge_cells("G2:G3"))
    batch = run(path)
    assert counts(batch) == (3, 2, 0, 0, 1)
    assert "merged" in batch.told[0]
    assert names() == {"K-1", "K-3"}


# -- which sheet ------------------------------------------------------------------------


def test_a_hidden_first_sheet_is_not_read(run: Run) -> None:
    assert counts(run(CASES / "h01-hidden-first-sheet.xlsx")) == (1, 1, 0, 0, 0)
    assert names() == {"B-NEW1"}


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_sheet_that_is_only_there_hidden_is_named(run: Run, tmp_path: Path, state: str) -> None:
    def change(book: Any) -> None:
        book.active.title = "secret"
        book.active.sheet_state = state
        book.create_sheet("notes")["A1"] = "nothing"
        book.active = 1

    batch = run(with_openpyxl(tmp_path / "a.xlsx", [HEAD, ROW], change))
    assert batch.state == "failed"
    assert "secret" in batch.problem


def test_rows_on_a_second_sheet_are_found_and_two_sheets_with_rows_are_refused(
    run: Run, tmp_path: Path
) -> None:
    def cover(book: Any) -> None:
        book.create_sheet("cover", 0)["A1"] = "Report of the office"

    batch = run(with_openpyxl(tmp_path / "a.xlsx", [HEAD, ROW], cover))
    assert counts(batch) == (1, 1, 0, 0, 0)

    def second(book: Any) -> None:
        sheet = book.create_sheet("2025")
        sheet.append(HEAD)
        sheet.append(["K-9", *ROW[1:]])

    batch = run(with_openpyxl(tmp_path / "b.xlsx", [HEAD, ["K-8", *ROW[1:]]], second))
    assert batch.state == "failed"
    assert "2025" in batch.problem


def test_another_kind_of_zip_is_no_workbook(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("content.xml", "<x/>")
    assert "not an Excel workbook" in run(path).problem


# -- quotation marks --------------------------------------------------------------------


def test_an_open_quotation_mark_refuses_the_file(run: Run) -> None:
    batch = run(CASES / "c13-quote.csv")
    assert batch.state == "failed"
    assert "quotation mark" in batch.problem
    assert not Case.objects.exists()


@pytest.mark.parametrize("end", ['5" pipe"', '5"', ""])
def test_a_quotation_mark_that_swallows_rows_refuses_the_file(
    run: Run, tmp_path: Path, end: str
) -> None:
    rows = [",".join(["K-%s", *ROW[1:]]) % n for n in range(1, 6)]
    rows[1] += ',"open'
    rows[3] += f",{end}"
    batch = run(with_text(tmp_path / "a.csv", "\n".join([",".join([*HEAD, "note"]), *rows])))
    assert batch.state == "failed"
    assert "quotation mark" in batch.problem


def test_quoted_breaks_and_commas_are_text(run: Run, tmp_path: Path) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([[*HEAD, "note"], [*ROW, 'said "no",\nthen, later, yes\n1, 2, 3']])
    assert counts(run(with_text(tmp_path / "a.csv", text.getvalue()))) == (1, 1, 0, 0, 0)
    assert Case.objects.get().note.endswith("1, 2, 3")


# -- dates ------------------------------------------------------------------------------


def test_a_file_that_proves_month_first_is_read_so_and_told(run: Run) -> None:
    batch = run(CASES / "c01-month-first-dates.csv")
    assert counts(batch) == (3, 3, 0, 0, 0)
    assert {c.case_id: str(c.asked_on) for c in Case.objects.all()} == {
        "C1-1": "2026-03-25",
        "C1-2": "2026-03-04",
        "C1-3": "2026-03-31",
    }
    assert "month first" in batch.problem
    assert "03/25/2026" in batch.problem


def dated(days: list[tuple[str, str]]) -> list[list[str]]:
    return [
        [f"K-{n}", *ROW[1:3], asked, received, *ROW[5:]]
        for n, (asked, received) in enumerate(days, 1)
    ]


def test_a_file_that_proves_both_orders_guesses_neither(run: Run, tmp_path: Path) -> None:
    days = [("25/03/2026", ""), ("03/26/2026", ""), ("03/04/2026", ""), ("2026-03-02", "")]
    rows = [[*row[:5], "open", ""] for row in dated(days)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(",".join(row) for row in [HEAD, *rows]))
    batch = run(path)
    assert counts(batch) == (4, 3, 0, 0, 1)
    assert "can mean two days" in batch.told[0]
    assert "K-3" not in names()


def test_day_first_stays_day_first_also_in_khmer_and_in_excel(run: Run, tmp_path: Path) -> None:
    rows = dated([("០៣/០៤/២០២៦", "04/04/2026"), ("25/03/2026", "26/03/2026")])
    batch = run(with_openpyxl(tmp_path / "a.xlsx", [HEAD, *rows]))
    assert counts(batch) == (2, 2, 0, 0, 0), batch.told
    assert str(Case.objects.get(case_id="K-1").asked_on) == "2026-04-03"


def test_dates_of_programs_are_read(run: Run, tmp_path: Path) -> None:
    def mac(book: Any) -> None:
        book.epoch = CALENDAR_MAC_1904
        for number, value in enumerate([dt.date(2026, 3, 2), dt.datetime(2026, 3, 2, 14, 30)], 2):  # noqa: DTZ001
            book.active.cell(number, 4).value = value

    rows = [[f"K-{n}", *ROW[1:3], "", "", "open", ""] for n in (1, 2)]
    assert counts(run(with_openpyxl(tmp_path / "a.xlsx", [HEAD, *rows], mac)))[:2] == (2, 2)
    plain = [["K-3", *ROW[1:3], 46083, None, "open", None]]
    assert counts(run(with_openpyxl(tmp_path / "b.xlsx", [HEAD, *plain])))[:2] == (1, 1)
    assert {str(c.asked_on) for c in Case.objects.all()} == {"2026-03-02"}


def test_a_number_for_a_date_in_csv_is_explained(run: Run, tmp_path: Path) -> None:
    row = [*ROW[:3], "46083", "", "open", ""]
    batch = run(with_text(tmp_path / "a.csv", "\n".join([",".join(HEAD), ",".join(row)])))
    assert "instead of a date" in batch.told[0]


@pytest.mark.parametrize("day", ["1970-01-01", "0001-01-01", "1900-01-01", "9999-12-31"])
def test_implausible_days_are_refused_row_by_row(run: Run, tmp_path: Path, day: str) -> None:
    rows = [[*ROW[:3], day, "", "open", ""], ["K-2", *ROW[1:]]]
    text = "\n".join(",".join(row) for row in [HEAD, *rows])
    assert counts(run(with_text(tmp_path / "a.csv", text))) == (2, 1, 0, 0, 1)


# -- numbers ----------------------------------------------------------------------------


def test_numbers_with_a_point_and_a_zero_are_read_in_every_column(run: Run) -> None:
    assert counts(run(CASES / "c02-point-zero.csv")) == (2, 2, 0, 0, 0)
    for case in Case.objects.all():
        assert (case.visits, case.age, case.commune_id, case.fee_paid) == (2, 34, "010201", 5000)


def test_what_pandas_writes_is_read_as_what_it_was(run: Run, tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "case_id": [1001.0, 1002.0, None],
            "commune": [10201.0, 10202.0, None],
            "service": ["birth-registration"] * 2 + [None],
            "asked_on": pd.to_datetime(["2026-03-02", "2026-03-03", None]),
            "status": ["open", "open", None],
            "visits": [2.0, None, None],
            "age": [34.0, 1e1, None],
            "poor_card": [1.0, 0.0, None],
        }
    )
    table.to_csv(tmp_path / "a.csv", index=False)
    assert counts(run(tmp_path / "a.csv")) == (2, 2, 0, 0, 0)
    table.to_excel(tmp_path / "a.xlsx", index=False)
    assert counts(run(tmp_path / "a.xlsx")) == (2, 0, 2, 0, 0), "the same in both formats"
    assert names() == {"1001", "1002"}
    assert {c.commune_id for c in Case.objects.all()} == {"010201", "010202"}


@pytest.mark.parametrize(("sign", "mark"), [(";", "sep=;\n"), ("\t", ""), ("|", "")])
def test_separators_of_other_programs_are_understood(
    run: Run, tmp_path: Path, sign: str, mark: str
) -> None:
    text = mark + "\n".join([sign.join(HEAD), sign.join([*ROW[:6], "5,000.00"])])
    assert counts(run(with_text(tmp_path / "a.csv", text, "utf-8-sig"))) == (1, 1, 0, 0, 0)
    assert Case.objects.get().fee_paid == 5000


# -- workers ----------------------------------------------------------------------------


def test_a_file_that_killed_its_worker_twice_is_given_up_with_a_sentence(
    country: None, coordinator: Any
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    text = ",".join(HEAD) + "\n" + ",".join(ROW)
    batch = uploads.start_upload(
        by=coordinator,
        kind="cases",
        file=SimpleUploadedFile("a.csv", text.encode()),
        language="en",
    )
    key = attempts.key_of(uploads.TASK, [batch.pk])
    for _message in ("the first", "the sweep's"):
        attempts.begin(key, uploads.TASK)  # the worker is killed now
    run_import.push_request(id="another", called_directly=False)
    try:
        assert run_import(batch.pk) is None
    finally:
        run_import.pop_request()
    batch.refresh_from_db()
    assert (batch.state, bool(batch.source)) == ("failed", False)
    assert "given up" in batch.problem
    assert uploads.run_upload(batch.pk) == 0, "delivered once more, it stays given up"


def test_an_unexpected_error_ends_the_import_with_a_sentence(
    country: None, coordinator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    def broken(*_args: object, **_options: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(uploads, "import_file", broken)
    file = SimpleUploadedFile("a.csv", b"x")
    batch = uploads.start_upload(by=coordinator, kind="cases", file=file, language="en")
    with pytest.raises(ZeroDivisionError):
        uploads.run_upload(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, bool(batch.source)) == ("failed", False)
    assert "could not be read" in batch.problem
