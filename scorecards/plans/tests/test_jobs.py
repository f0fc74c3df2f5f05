"""Many plans printed as one job with progress; past plans from a spreadsheet, bad rows handled."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfReader

from accounts.models import User
from scorecards.plans import jobs
from scorecards.plans.models import Action, Plan, PlanJob
from scorecards.plans.tests import makers

pytestmark = pytest.mark.django_db
HEAD = "commune,plan_starts_on,plan_ends_on,agreed_on,activity,starts_on,due_on,state,done_on"
PERIOD = "2025-01-01,2025-12-31,2025-01-20"


def imported(by: User, *rows: str) -> PlanJob:
    content = "\n".join([HEAD, *rows]).encode()
    job = jobs.ask_for_import(by=by, file=SimpleUploadedFile("past.csv", content), language="en")
    jobs.import_past(job.pk)
    job.refresh_from_db()
    return job


def fill(plans: list[Plan], template: Action, each: int) -> None:
    """Give every plan actions of its own with all columns, ``each`` of them."""
    names = [f.attname for f in Action._meta.concrete_fields if not (f.primary_key or f.unique)]
    values = {name: getattr(template, name) for name in names}
    texts = {"activity": "ជួសជុលអណ្ដូងទឹកស្អាតក្នុងភូមិ", "target": "ទឹកស្អាត", "location": "ភូមិល្អ"}
    numbers = {"result_quantity": 3, "cost_riel": 2_500_000, "beneficiaries": 480}
    Action.objects.bulk_create(
        Action(**values | texts | numbers | {"plan_id": plan.pk, "number": number})
        for plan in plans
        for number in range(1, each + 1)
    )


def test_two_hundred_plans_are_one_file_with_progress(team: User, monkeypatch: Any) -> None:
    plans = []
    for number in range(200):
        first = date(1960 + number % 100, 1 + number // 100, 1)
        plans.append(makers.plan(team, starts_on=first, ends_on=first.replace(day=28)))
    extra = makers.plan(team, starts_on=date(2070, 1, 1), ends_on=date(2070, 12, 31))
    days = {"starts_on": date(2070, 2, 1), "due_on": date(2070, 6, 30)}
    extra_action = makers.action(team, extra, result_unit="អណ្ដូង", helpers="គណៈកម្មការ", **days)
    fill(plans, extra_action, 4)
    seen = []
    real = jobs.pdf.plans_as_pdf

    def watched(some: Any) -> bytes:
        seen.append(PlanJob.objects.get().done)
        return real(some)

    monkeypatch.setattr(jobs.pdf, "plans_as_pdf", watched)
    job = jobs.ask_for_print(by=team, plans=plans, language="km")
    assert jobs.print_plans(job.pk) == 200
    job.refresh_from_db()
    assert (job.status, job.done, job.total) == ("done", 200, 200)
    assert seen == list(range(0, 200, jobs.BATCH))
    with job.result.open("rb") as file:
        pages = PdfReader(BytesIO(file.read())).pages
    assert len(pages) == 200
    # a plan a page with its four actions in all columns: digits can be read back from a PDF
    assert {page.extract_text().count("២.៥០០.០០០") for page in pages[::40]} == {4}
    assert jobs.print_plans(job.pk) == 0  # a second message changes nothing


def test_rows_of_one_commune_and_period_become_one_plan_and_bad_rows_come_back(lead: User) -> None:
    job = imported(
        lead,
        f"010201,{PERIOD},Hang up prices,2025-02-01,2025-06-30,confirmed,2025-05-01",
        f"10201,{PERIOD},Repair the well,01/02/2025,30/06/2025,open,",
        f"010201,{PERIOD},Confirmed without a day,2025-02-01,2025-06-30,confirmed,",
        f"999999,{PERIOD},Nowhere,2025-02-01,2025-06-30,open,",
        f"020101,{PERIOD},Not mine,2025-02-01,2025-06-30,open,",
        "010201,2025-01-01,2025-12-31,2999-01-01,Future,2025-02-01,2025-06-30,open,",
    )
    plan = Plan.objects.get()
    assert (plan.agreed_on, plan.actions.count()) == (date(2025, 1, 20), 2)
    done = Action.objects.get(activity="Hang up prices")
    assert (done.state, done.confirmed_on) == ("confirmed", date(2025, 5, 1))
    assert (job.rejected, job.total) == (4, 6)
    with job.result.open("rb") as file:
        assert "Nowhere" in file.read().decode("utf-8-sig")


def test_the_same_file_again_changes_nothing(lead: User) -> None:
    row = f"010201,{PERIOD},Hang up prices,2025-02-01,2025-06-30,said_done,2025-05-01"
    imported(lead, row)
    job = imported(lead, row)
    assert (Action.objects.count(), job.rejected) == (1, 0)
    assert job.sentences[0].startswith("0 recorded, 1 already there")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"x,y\n1,2\n"])
def test_a_file_that_is_none_fails_with_a_sentence(lead: User, content: bytes) -> None:
    file = SimpleUploadedFile("past.csv", content)
    job = jobs.ask_for_import(by=lead, file=file, language="en")
    jobs.import_past(job.pk)
    job.refresh_from_db()
    assert job.status == "failed"
    assert job.sentences
