"""The fields of a case are the same in every form from a channel to the table.

``surveys.reported.ReportedCase`` defines what can be reported. Each difference below is named with
its reason, so that a new field is missing nowhere by accident.
"""

import ast
import inspect
from dataclasses import fields

from surveys.api.cases import CaseCorrection, CaseFields, CaseInput
from surveys.forms import reserved
from surveys.importing import columns
from surveys.models import Case
from surveys.observations import cases_to_judge
from surveys.reported import ReportedCase
from surveys.submissions.processing import map_observations
from surveys.validation.cases import AS_REPORTED, CONTENT
from surveys.views.case_history import LABELS
from surveys.views.forms import CaseForm

REPORTED = {field.name for field in fields(ReportedCase)}
KEYS = {"commune", "provider", "service", "facilitator", "programme"}
"""Reported as a code, stored as the key of a row."""

DERIVED = {"province_code", "standard_id", "facilitator_name", "content_hash"}
"""Columns that validation works out."""

KEPT = {"id", "recorded_at", "recorded_by_id", "batch_id", "updated_at", "voided_at", "void_reason"}
"""Columns about the row itself, written by the services."""

OURS = {"days_known", "channel_note"}
"""Set by the program: nobody types them."""

COLUMNS = (REPORTED - KEYS) | {f"{name}_id" for name in KEYS} | DERIVED


def test_the_table_has_a_column_for_every_reported_field() -> None:
    assert {field.attname for field in Case._meta.concrete_fields} == COLUMNS | KEPT
    assert set(AS_REPORTED) <= REPORTED & COLUMNS


def test_content_is_every_reported_column_but_those_about_the_report() -> None:
    about = {"case_id", "channel", "channel_note", "programme_id", "days_known"}
    assert set(CONTENT) == COLUMNS - about - (DERIVED - {"facilitator_name"})
    assert len(CONTENT) == len(set(CONTENT))


def test_the_api_takes_and_gives_every_field() -> None:
    assert set(CaseInput().fields) == REPORTED - OURS
    assert set(CaseCorrection().fields) == (REPORTED - OURS - {"case_id"}) | {"reason"}
    given = {"standard", "recorded_at", "updated_at", "voided_at", "void_reason"}
    assert set(CaseFields().fields) == (REPORTED - {"channel_note"}) | given


def test_a_spreadsheet_has_a_column_for_every_field() -> None:
    assert {column.name for column in columns.CASES} == REPORTED - OURS


def test_a_form_may_ask_for_every_field() -> None:
    sender = {"case_id", "channel", "facilitator", "programme"}  # known from the record
    helpers = {"documents_known", "documents_other"}  # both become documents_asked
    assert set(reserved.CASE) == (REPORTED - OURS - sender) | helpers
    called = next(
        node
        for node in ast.walk(ast.parse(inspect.getsource(map_observations._case)))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ReportedCase"
    )
    assert {keyword.arg for keyword in called.keywords} == REPORTED - OURS - {"case_id"}


def test_the_page_asks_for_fields_of_a_case() -> None:
    helpers = {"papers", "other_papers", "no_papers"}  # the three become documents_asked
    assert set(CaseForm.base_fields) - REPORTED == {*helpers, "reason"}
    sender = {"channel", "facilitator", "programme"}  # known from the session
    assert REPORTED - OURS - sender - {"documents_asked"} <= set(CaseForm.base_fields)


def test_the_history_of_a_case_names_every_content_column() -> None:
    assert set(LABELS) == {*CONTENT, "standard_id", "programme_id", "voided_at"}


def test_scoring_reads_no_column_that_names_a_person_or_holds_words() -> None:
    read = {*cases_to_judge().query.values_select}
    assert not read & {"note", "sex", "age", "facilitator_name", "recorded_by", "case_id"}
    stored = {field.attname for field in Case._meta.concrete_fields}
    assert read & COLUMNS == read & stored - KEPT
