"""Importing spreadsheets: what is understood, what is reported, what is returned."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.management import CommandError, call_command
from django.utils import timezone, translation

from accounts.models import User
from audit.models import Entry
from surveys.importing.columns import OF_KIND
from surveys.models import Case, Check, ImportBatch, Meeting, ObservationChange, Vote
from surveys.services import record_case
from surveys.tests.country import make_person, reported_case

pytestmark = pytest.mark.django_db

GOOD = {
    "case_id": "K-1",
    "commune": "010201",
    "service": "birth-registration",
    "asked_on": "2026-03-02",
    "received_on": "2026-03-04",
    "status": "received",
    "fee_paid": "0",
    "documents_asked": "family book; letter from the hospital",
    "visits": "2",
}

Import = Callable[..., dict[str, int]]


@pytest.fixture
def run(country: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Import:
    """Import rows (dicts) or text; return the counts, with everything printed in ``said``."""

    def importing(
        rows: list[dict[str, str]] | str | bytes,
        *,
        by: User | None = None,
        kind: str = "cases",
        name: str = "rows.csv",
        language: str = "en",
    ) -> dict[str, Any]:
        path = tmp_path / name
        if isinstance(rows, list):
            headers = list(dict.fromkeys(header for row in rows for header in row))
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, headers)
                writer.writeheader()
                writer.writerows(rows)
        else:
            path.write_bytes(rows.encode() if isinstance(rows, str) else rows)
        out = io.StringIO()
        options = ["--by", by.username] if by else []
        with translation.override(language):
            if by is None:
                # a command without --by speaks the default language
                from django.conf import settings as house

                before, house.LANGUAGE_CODE = house.LANGUAGE_CODE, language
                try:
                    call_command(f"import_{kind}", str(path), *options, stdout=out)
                finally:
                    house.LANGUAGE_CODE = before
            else:
                call_command(f"import_{kind}", str(path), *options, stdout=out)
        lines = out.getvalue().strip().splitlines()
        return {**json.loads(lines[-1]), "said": "\n".join(lines[:-1])}

    return importing


def counts(result: dict[str, Any]) -> tuple[int, ...]:
    return tuple(result[name] for name in ("read", "added", "unchanged", "conflicts", "rejected"))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("delimiter", ["\t", ";", ","])
@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_the_unicode_text_of_excel_is_read_and_what_comes_back_can_be_sent_again(
    delimiter: str, order: str, run: Import
) -> None:
    rows = [
        GOOD | {"commune": "០១០២០១", "note": 'ក;ខ,គ\tឃ "ង"'},
        GOOD | {"case_id": "K-2", "visits": "ដប់"},
    ]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    name = "rows.txt"
    result = run(f"\ufeff{text.getvalue()}".encode(order), name=name)
    assert counts(result) == (2, 1, 0, 0, 1)
    assert "rows-rejected.csv" in result["said"]
    case = Case.objects.get()
    assert (case.case_id, case.commune_id) == ("K-1", "010201")
    assert case.note == 'ក;ខ,គ\tឃ "ង"'
    broken = f"\ufeff{text.getvalue()}".replace("family", "fam\0ily", 1).encode(order)
    assert "NUL" in run(broken, name=name)["said"]


def test_a_row_becomes_a_case_with_its_standard_and_its_batch(run: Import) -> None:
    assert counts(run([GOOD])) == (1, 1, 0, 0, 0)
    case = Case.objects.get()
    batch = ImportBatch.objects.get()
    assert (case.batch, case.channel, case.recorded_by) == (batch, "import", None)
    assert case.provider.code == "hall-010201"
    assert case.standard is not None
    assert case.standard.days_max == 10
    assert case.documents_asked == ["family-book", "hospital-letter"]
    assert [c.commune_code for c in ObservationChange.objects.all()] == ["010201"]
    entry = Entry.objects.get()
    assert (entry.verb, entry.subject_id) == ("cases.imported", str(batch.pk))
    assert entry.after is not None
    assert entry.after["added"] == 1


def test_the_same_file_twice_adds_nothing_and_a_changed_row_is_a_conflict(run: Import) -> None:
    rows = [GOOD, {**GOOD, "case_id": "K-2"}]
    run(rows)
    assert counts(run(rows)) == (2, 0, 2, 0, 0)
    result = run([GOOD, {**GOOD, "case_id": "K-2", "fee_paid": "500"}])
    assert counts(result) == (2, 0, 1, 1, 0)
    assert "Row 3" in result["said"]
    assert Case.objects.get(case_id="K-2").fee_paid == 0


def test_twins_inside_one_file_are_counted_once(run: Import) -> None:
    rows = [GOOD, GOOD, {**GOOD, "fee_paid": "9"}]
    assert counts(run(rows)) == (3, 1, 1, 1, 0)
    assert Case.objects.get().fee_paid == 0


def test_a_case_of_the_page_and_a_row_of_a_file_are_the_same_case(
    run: Import, coordinator: User
) -> None:
    record_case(
        by=coordinator,
        reported=reported_case(documents_asked=["family book", "letter from the hospital"]),
    )
    assert counts(run([GOOD])) == (1, 0, 1, 0, 0)


def test_khmer_headers_digits_dates_and_words_are_understood(run: Import) -> None:
    khmer = {column.name: column.khmer for column in OF_KIND["cases"]}
    row = {
        khmer["status"]: "received",
        khmer["fee_paid"]: "១០,០០០",
        khmer["commune"]: "០១០២០១",
        khmer["service"]: "birth-registration",
        khmer["asked_on"]: "០២/០៣/២០២៦",
        khmer["received_on"]: "4/3/2026",
        khmer["case_id"]: "ក-១",
        khmer["sex"]: "ស្រី",
        khmer["age"]: "៣៤",
        khmer["receipt"]: "បាទ",
        khmer["poor_card"]: "១",
        khmer["disability"]: "ទេ",
        khmer["minority"]: "០",
        khmer["documents_asked"]: "សៀវភៅ\u200bគ្រួសារ; អំណោយ",
    }
    text = "\ufeff" + ",".join(row) + "\n" + ",".join(f'"{cell}"' for cell in row.values())
    result = run(text)
    assert counts(result) == (1, 1, 0, 0, 0), result
    case = Case.objects.get()
    assert (case.case_id, case.fee_paid, case.age) == ("ក-1", 10000, 34)
    assert (str(case.asked_on), str(case.received_on)) == ("2026-03-02", "2026-03-04")
    assert (case.sex, case.receipt, case.poor_card) == ("female", True, True)
    assert (case.disability, case.minority) == (False, False)
    assert case.documents_asked == ["family-book", "អំណោយ"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"commune": "999999"}, "999999"),
        ({"service": "horoscope"}, "horoscope"),
        ({"provider": "police-010201"}, "does not give this"),
        ({"asked_on": "30/02/2026"}, "no such day"),
        ({"asked_on": "soon"}, "not a date"),
        ({"asked_on": "2/3/26"}, "four digits"),
        ({"asked_on": "2199-01-01"}, "future"),
        ({"received_on": "2026-03-01"}, "before it was asked"),
        ({"received_on": ""}, "on which day"),
        ({"fee_paid": "-500"}, "negative"),
        ({"fee_paid": "10.5"}, "whole number"),
        ({"fee_paid": "a chicken"}, "not an amount"),
        ({"age": "121"}, "0 and 120"),
        ({"age": "-1"}, "negative"),
        ({"age": "12.5"}, "whole number"),
        ({"visits": "two"}, "not a number"),
        ({"status": "lost"}, "received, open"),
        ({"sex": "x"}, "female"),
        ({"receipt": "perhaps"}, "neither yes nor no"),
        ({"currency": "EUR"}, "khr"),
        ({"case_id": ""}, "name of its own"),
    ],
)
def test_a_bad_row_is_told_and_the_good_ones_are_kept(
    run: Import, tmp_path: Path, wrong: dict[str, str], words: str
) -> None:
    rows = [GOOD, {**GOOD, "case_id": "K-2", **wrong}, {**GOOD, "case_id": "K-3"}]
    result = run(rows)
    assert counts(result) == (3, 2, 0, 0, 1)
    assert "Row 3: " in result["said"]
    assert words in result["said"]
    (back,) = rows_of(tmp_path / "rows-rejected.csv")
    assert back["service"] == rows[1]["service"]
    assert words in back["problem"]


def test_what_came_back_is_mended_and_sent_again(run: Import, tmp_path: Path) -> None:
    run([GOOD, {**GOOD, "case_id": "K-2", "age": "200", "note": "=1+1"}])
    text = (tmp_path / "rows-rejected.csv").read_bytes()
    assert b"'=1+1" in text
    assert counts(run(text.replace(b"200", b"20"), name="mended.csv")) == (1, 1, 0, 0, 0)
    case = Case.objects.get(case_id="K-2")
    assert (case.age, case.note) == (20, "=1+1")


def test_sentences_are_in_the_language_of_the_person(run: Import, coordinator: User) -> None:
    row = {**GOOD, "age": "200"}
    assert "ជួរទី 2" in run([row], by=coordinator)["said"]
    User.objects.update(language="en")
    assert "Row 2: age" in run([row], by=coordinator)["said"]


def test_nobody_imports_where_they_may_not(run: Import, coordinator: User) -> None:
    elsewhere = {**GOOD, "case_id": "K-2", "commune": "020101"}
    assert counts(run([GOOD, elsewhere], by=coordinator)) == (2, 1, 0, 0, 1)
    with pytest.raises(CommandError):
        run([GOOD], by=make_person("council", "010201"))
    with pytest.raises(CommandError):
        run([GOOD], by=User(username="nobody"))


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.csv", "empty"),
        (b"\xef\xbb\xbf", "a.csv", "empty"),
        (b"\n\n", "a.csv", "empty"),
        ("case_id,commune\nK,\u00e9".encode("cp1252"), "a.csv", "UTF-8"),
        ("case_id,commune\nK,x".encode("utf-16")[:-1], "a.csv", "UTF-8"),
        ("case_id,commune\nK,x".encode("utf-16-le"), "a.csv", "UTF-8"),
        (b"case_id,service,asked_on,status\nK,b,2026-03-02,open", "a.csv", "commune (ឃុំ)"),
        (b"case_id,commune,commune,service,asked_on,status\n", "a.csv", "twice"),
        (b"case_id,ID,commune,service,asked_on,status\n", "a.csv", "twice"),
        (b"nonsense", "a.xlsx", "no Excel file"),
        (b"PK\x03\x04nonsense", "a.xlsx", "damaged"),
        (b"\xd0\xcf\x11\xe0nonsense", "a.xlsx", "password"),
        (
            b'case_id,commune,service,asked_on,status\n"K,010201,x,2026-03-02,open\n'
            + b"x" * 200_000,
            "a.csv",
            "quotation mark",
        ),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(
    run: Import, content: bytes, name: str, words: str
) -> None:
    with pytest.raises(CommandError, match=words.replace("(", r"\(").replace(")", r"\)")):
        run(content, name=name)
    assert ImportBatch.objects.get().state == "failed"
    assert not Case.objects.exists()


def test_a_file_of_a_gigabyte_is_refused_before_it_is_read(run: Import, tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    out = io.StringIO()
    with pytest.raises(CommandError, match="1024"):
        call_command("import_cases", str(path), stdout=out)
    assert json.loads(out.getvalue().splitlines()[-1])["read"] == 0


def test_unknown_columns_are_named(run: Import) -> None:
    result = run([{**GOOD, "Shoe size": "42"}])
    assert counts(result) == (1, 1, 0, 0, 0)
    assert "Shoe size" in result["said"]


def write_xlsx(path: Path, rows: list[list[Any]]) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet = book.add_worksheet()
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                if hasattr(cell, "year"):
                    sheet.write_datetime(r, c, cell, day)
                elif isinstance(cell, str) and cell.startswith("="):
                    sheet.write_formula(r, c, cell, value="")
                else:
                    sheet.write(r, c, cell)


def test_excel_sheets_lose_neither_zeros_nor_days(run: Import, tmp_path: Path) -> None:
    from datetime import datetime

    asked, received = datetime(2026, 3, 2), datetime(2026, 3, 4)  # noqa: DTZ001
    head = list(GOOD)
    rows: list[list[Any]] = [
        head,
        ["K-1", 10201, "birth-registration", asked, received, "received", 5000, "", 2],
        [7.0, "010201", "birth-registration", asked, received, "received", 1.125, "", 2],
        ["K-3", "010201", "birth-registration", asked, received, "received", "=A1", "", 2],
    ]
    path = tmp_path / "rows.xlsx"
    write_xlsx(path, rows)
    result = run(path.read_bytes(), name="rows.xlsx")
    assert counts(result) == (3, 1, 0, 0, 2), result["said"]
    case = Case.objects.get()
    assert (case.commune_id, case.fee_paid, str(case.asked_on)) == ("010201", 5000, "2026-03-02")
    assert "Row 3: fee_paid" in result["said"]
    assert "Row 4: fee_paid: It holds a formula" in result["said"]
    assert (tmp_path / "rows-rejected.xlsx").read_bytes().startswith(b"PK")
    again = run((tmp_path / "rows-rejected.xlsx").read_bytes(), name="again.xlsx")
    assert counts(again)[0] == 2


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_nul_in_one_row_sends_back_that_row_only(run: Import, tmp_path: Path, kind: str) -> None:
    good, last = {**GOOD, "case_id": "K-1"}, {**GOOD, "case_id": "K-3"}
    broken = {**GOOD, "case_id": "K-\0002"}
    rows = [good, broken, last]
    if kind == "xlsx":
        write_xlsx(tmp_path / "rows.xlsx", [list(GOOD), *(list(row.values()) for row in rows)])
        result = run((tmp_path / "rows.xlsx").read_bytes(), name="rows.xlsx")
    else:
        result = run(rows)
    assert counts(result) == (3, 2, 0, 0, 1), result["said"]
    assert result["said"].startswith("Row 3: row: It holds a character that cannot be read (NUL)")
    assert set(Case.objects.values_list("case_id", flat=True)) == {"K-1", "K-3"}
    again = run((tmp_path / f"rows-rejected.{kind}").read_bytes(), name=f"again.{kind}")
    assert counts(again)[:2] == (1, 1), "what came back can be sent again"


def test_checks_and_votes_come_in_the_same_way(run: Import) -> None:
    checks = [
        {
            "check_id": "P-1",
            "indicator": code,
            "seen_on": "2026-03-02",
            "present": present,
            "commune": "010202",
        }
        for code, present in (("CA-I1", "yes"), ("HC-I1", "ទេ"), ("CA-P1", "yes"), ("XX", "no"))
    ]
    assert counts(run(checks, kind="checks")) == (4, 2, 0, 0, 2)
    assert counts(run(checks, kind="checks")) == (4, 0, 2, 0, 2)
    assert {c.provider.code: c.present for c in Check.objects.all()} == {
        "hall-010202": True,
        "hc-banteay": False,
    }
    votes = [
        {
            "vote_id": f"V-{n}",
            "meeting_id": "M-1",
            "kind": "community",
            "held_on": "2026-03-02",
            "commune": "010201",
            "indicator": "CA-P1",
            "score": score,
            "sex": "female",
        }
        for n, score in enumerate(["1", "៥", "6", ""])
    ]
    assert counts(run(votes, kind="votes")) == (4, 2, 0, 0, 2)
    assert counts(run(votes, kind="votes")) == (4, 0, 2, 0, 2)
    assert sorted(v.score for v in Vote.objects.all()) == [1, 5]
    assert Meeting.objects.get().provider.code == "hall-010201"
    changed = ObservationChange.objects.values_list("observation", flat=True)
    assert set(changed) == {"check", "vote"}


def test_tomorrow_is_judged_by_the_clock_of_phnom_penh(run: Import) -> None:
    today = timezone.localdate()
    row = {**GOOD, "asked_on": str(today), "received_on": str(today)}
    assert counts(run([row])) == (1, 1, 0, 0, 0)
