"""The official form: out as a spreadsheet and in again without change; the tool's grid; paper."""

import json
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from accounts.models import User
from audit.models import Entry
from scorecards.plans import services
from scorecards.plans.models import Action, Plan
from scorecards.plans.official_form import grid, pdf, spreadsheet
from scorecards.plans.official_form.rows import take_rows
from scorecards.plans.tests import makers
from surveys.importing.errors import BadFile

pytestmark = pytest.mark.django_db
CASES = Path(__file__).with_name("cases")
FULL: dict[str, Any] = {
    "activity": '=សាងសង់បន្ទប់ទឹក "ថ្មី"; ២ បន្ទប់\nនៅមណ្ឌល',
    "part": "outside",
    "proposed_by": "both",
    "target": "-5% by 2027",
    "location": "@ ភូមិទី១",
    "result_quantity": Decimal("2.50"),
    "result_unit": "បន្ទប់",
    "starts_on": date(2026, 2, 3),
    "due_on": date(2026, 11, 4),
    "beneficiaries": 12500,
    "beneficiaries_women": 7250,
    "cost_riel": 48_000_000,
    "helpers": "ក្រុមប្រឹក្សា, ស្មៀន",
    "level": "district",
    "money": "investment",
    "money_reference": "CIP-12/2026",
    "heard": "ទឹកមិនស្អាត",
}


def upload(content: bytes, name: str = "plan.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def bring_in(
    by: User, plan: Plan, content: bytes, reason: str = "", name: str = "plan.xlsx"
) -> Any:
    return spreadsheet.import_plan(by=by, plan=plan, file=upload(content, name), reason=reason)


def state(plan: Plan) -> list[dict[str, Any]]:
    return list(plan.actions.order_by("number").values())


@pytest.mark.parametrize("language", ["km", "en"])
def test_a_plan_goes_out_and_comes_in_without_change(team: User, language: str) -> None:
    plan = makers.plan(team)
    makers.action(team, plan, **FULL)
    makers.action(team, plan, provider=makers.hall())
    before, count = state(plan), Entry.objects.count()
    with translation.override(language):
        done = bring_in(team, plan, spreadsheet.plan_as_xlsx(plan))
    assert (done.taken.unchanged, done.taken.changed, done.taken.added) == (2, 0, 0)
    assert not done.taken.rejected
    assert state(plan) == before
    assert Entry.objects.count() == count


def test_days_are_days_and_riel_are_numbers_in_the_file(team: User) -> None:
    plan = makers.plan(team)
    makers.action(team, plan, **FULL)
    sheet = openpyxl.load_workbook(BytesIO(spreadsheet.plan_as_xlsx(plan))).active
    heads = [cell.value for cell in sheet[1]]
    row = dict(zip(heads, [cell.value for cell in sheet[2]], strict=True))
    assert row["due_on" if "due_on" in row else "ថ្ងៃបញ្ចប់"].date() == date(2026, 11, 4)
    assert 48_000_000 in row.values()
    assert all(cell.data_type != "f" for cell in sheet[2])  # nothing of ours is a formula


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    words=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80).filter(
        str.strip
    ),
    quantity=st.none() | st.decimals(0, 10**9, places=2),
    cost=st.none() | st.integers(0, 10**12 - 1),
    people=st.none() | st.integers(0, 20_000_000),
)
def test_any_wording_and_number_survives_the_way_out_and_in(
    team: User, words: str, quantity: Any, cost: Any, people: Any
) -> None:
    Action.objects.all().delete()
    plan = Plan.objects.first() or makers.plan(team)
    makers.action(
        team,
        plan,
        activity=words.strip(),
        result_quantity=quantity,
        cost_riel=cost,
        beneficiaries=people,
    )
    before = state(plan)
    done = bring_in(team, plan, spreadsheet.plan_as_xlsx(plan))
    assert (done.taken.unchanged, done.taken.rejected) == (1, [])
    assert state(plan) == before


def test_bad_rows_come_back_with_a_sentence_and_block_no_other(team: User) -> None:
    plan = makers.plan(team)
    rows = (
        "activity,starts_on,due_on,cost_riel,beneficiaries,beneficiaries_women,office\n"
        'Good one,05/01/2026,30/06/2026,"5,000",10,4,Clerk\n'
        ",05/01/2026,30/06/2026,,,,Clerk\n"
        "Ends first,05/06/2026,30/01/2026,,,,Clerk\n"
        "No day,05/01/2026,30/02/2026,,,,Clerk\n"
        "Too many women,05/01/2026,30/06/2026,,3,4,Clerk\n"
        "Khmer digits,០៥/០១/២០២៦,៣០/០៦/២០២៦,៥.០០០,,,Clerk\n"
    )
    with translation.override("en"):
        done = bring_in(team, plan, rows.encode(), name="plan.csv")
    assert done.taken.added == 2
    assert len(done.taken.rejected) == 4
    back = done.rejects.decode("utf-8-sig")
    assert "Too many women" in back
    assert "problem" in back.splitlines()[0]
    assert "Good one" not in back
    assert plan.actions.get(activity="Khmer digits").cost_riel == 5000


def test_a_changed_day_of_an_agreed_action_is_a_move_and_needs_a_reason(
    agreed: Action, team: User
) -> None:
    plan = agreed.plan
    with translation.override("en"):
        book = openpyxl.load_workbook(BytesIO(spreadsheet.plan_as_xlsx(plan)))
    heads = [cell.value for cell in book.active[1]]
    book.active.cell(2, heads.index("due_on") + 1).value = date(2026, 12, 15)
    out = BytesIO()
    book.save(out)
    assert len(bring_in(team, plan, out.getvalue()).taken.rejected) == 1
    assert bring_in(team, plan, out.getvalue(), reason="flood").taken.changed == 1
    agreed.refresh_from_db()
    assert (agreed.first_due_on, agreed.due_on) == (date(2026, 6, 30), date(2026, 12, 15))


@pytest.mark.parametrize("content", [b"", b"not a spreadsheet", b"PK\x03\x04broken", b"a,b\n1,2\n"])
def test_what_is_no_plan_is_told_in_one_sentence(team: User, content: bytes) -> None:
    with pytest.raises(BadFile):
        bring_in(team, makers.plan(team), content)


def test_the_grid_of_the_national_tool_is_taken_whole(team: User) -> None:
    plan = makers.plan(team, starts_on=date(2023, 1, 1), ends_on=date(2023, 12, 31))
    rows = grid.rows_of_grid((CASES / "national-tool-grid.json").read_bytes(), plan)
    taken = take_rows(by=team, plan=plan, rows=rows)
    assert (taken.added, taken.rejected) == (5, [])
    first, _second, clean, care, school = plan.actions.order_by("number")
    assert (first.part, clean.part) == ("outside", "internal")
    assert (first.result_quantity, first.result_unit) == (Decimal(1200), "ម៉ែត")
    assert (first.starts_on, first.due_on) == (date(2023, 1, 1), date(2023, 12, 31))
    assert (first.beneficiaries, first.cost_riel) == (12500, 48_000_000)
    assert (first.office.name_km, first.helpers) == ("ចៅសង្កាត់", "ស្មៀន, ក្រុមប្រឹក្សា")
    assert (clean.starts_on, clean.due_on) == (date(2023, 9, 1), date(2023, 12, 31))
    assert clean.provider == makers.hall()
    assert care.heard == "Proposed by: ក្រុមស្ត្រី" or "ក្រុមស្ត្រី" in care.heard
    assert school.activity.startswith("ជួសជុល")


@pytest.mark.parametrize(
    "wrong", [b"", b"{", b"[]", b'{"data": 5}', b"[[[]]]", b'"text"', b"\xff\xfe", b"null"]
)
def test_what_is_no_grid_is_told_in_one_sentence(team: User, wrong: bytes) -> None:
    with pytest.raises(BadFile):
        grid.rows_of_grid(wrong, makers.plan(team))


def test_a_grid_nested_without_end_is_refused(team: User) -> None:
    row: dict[str, Any] = {"priority_activity": "x"}
    for _level in range(50):
        row = {"no": "ក", "priority_activity": "x", "_children": [row]}
    with pytest.raises(BadFile):
        grid.rows_of_grid(json.dumps([row]).encode(), makers.plan(team))


def test_a_cell_of_the_grid_that_cannot_be_read_is_told_and_blocks_no_other(team: User) -> None:
    plan = makers.plan(team)
    rows = [
        {"priority_activity": "good", "start_date": "02/2026", "end_date": "មិថុនា ២០២៦"},
        {"priority_activity": "bad", "start_date": "soon", "result_quantity": "many"},
    ]
    taken = take_rows(
        by=team, plan=plan, rows=grid.rows_of_grid(json.dumps({"data": rows}).encode(), plan)
    )
    assert (taken.added, len(taken.rejected)) == (1, 1)
    assert plan.actions.get().due_on == date(2026, 6, 30)


def test_the_paper_has_the_official_head_columns_and_two_parts(team: User) -> None:
    plan = makers.plan(team)
    makers.action(team, plan, **FULL)
    makers.action(team, plan, provider=makers.hall())
    with translation.override("km"):
        printed = pdf.printed(plan)
        words = pdf._words()
        paper = pdf.plans_as_pdf([plan])
    assert (printed["kingdom"], printed["motto"]) == (
        "ព្រះរាជាណាចក្រកម្ពុជា",
        "ជាតិ សាសនា ព្រះមហាក្សត្រ",
    )
    assert len(words["heads"]) == 13
    heads = [line["number"] for line in printed["lines"] if line["head"]]
    assert heads == ["ក", "ខ", "ខ.១"]
    assert len([line for line in printed["lines"] if not line["head"]]) == 2
    assert all(len(line["cells"]) == 13 for line in printed["lines"] if not line["head"])
    assert "២,៥" in printed["lines"][1]["cells"] or "២.៥" in printed["lines"][1]["cells"]
    read = PdfReader(BytesIO(paper))
    assert len(read.pages) == 1
    width, height = read.pages[0].mediabox[2:]
    assert width > height  # landscape


def test_an_empty_plan_and_a_very_long_one_print(team: User) -> None:
    plan = makers.plan(team)
    assert pdf.plans_as_pdf([plan]).startswith(b"%PDF")
    for number in range(120):
        makers.action(team, plan, activity=f"{number} " + "ការងារ" * 60)
    assert len(PdfReader(BytesIO(pdf.plans_as_pdf([plan]))).pages) > 3


def test_a_plan_takes_no_more_actions_than_anybody_could_keep(team: User, monkeypatch: Any) -> None:
    from scorecards.plans.services import drafting

    monkeypatch.setattr(drafting, "MOST_ACTIONS", 2)
    plan = makers.plan(team)
    rows = "activity,starts_on,due_on\n" + "x,2026-01-05,2026-06-30\n" * 3
    assert len(bring_in(team, plan, rows.encode(), name="p.csv").taken.rejected) == 1
    assert services.draft_plan
