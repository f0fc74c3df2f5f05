"""The permissions of every address: one table for the whole platform, tried by everybody.

An address that is in no line of the table fails, so the author of a page says here whom it is for.
Others are refused, whatever the method, and the contents of one case reach nobody outside the team
at any address.
"""

from typing import Any

import pytest
from django.contrib import admin
from django.core.signals import request_finished
from django.db import close_old_connections, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from surveys.tests.country import make_country
from tests.addresses import ROLES, SECRET, Address, addresses, make_people, make_things

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

EVERYBODY = {"visitor", *ROLES}
SIGNED_IN = set(ROLES)
COLLECTORS = {"admin", "coordinator", "facilitator", "elsewhere"}
LEADS = {"admin", "coordinator", "elsewhere"}
TEAM = {"admin", "coordinator", "facilitator"}
"""People of the commune 010201, where the thing is; ``elsewhere`` works in another province."""
OFFICE = {"admin", "coordinator"}
AT_PLANS = {*TEAM, "council", "staff"}
PLANNERS = {*COLLECTORS, "council", "staff"}
"""People who read plans somewhere; ``elsewhere`` reads those of another province."""
NATIONAL = {"admin"}
"""People whose right to edit standards or to approve releases covers the whole country."""
READERS = SIGNED_IN - {"keeper", "newcomer", "staff"}
SEES_ROUNDS = SIGNED_IN - {"keeper", "newcomer", "donor"}
SEALED = {"admin", "keeper"}
OWNER = {"facilitator"}
KEY: set[str] = set()
"""Opened by no account: by a tablet's key or the telephone company's signature."""

_FORM = "v1/projects/<int:project_id>/forms/<str:form_id>"
_MANY = f"{_FORM}/submissions"
_ONE = f"{_MANY}/<str:instance_id>"


def _named(room: str, *names: str) -> list[str]:
    return [f"{room}:{name}" for name in names]


def _below(start: str, *ends: str) -> list[str]:
    return [start + end for end in ends]


WHO: list[tuple[set[str], list[str]]] = [
    (EVERYBODY, ["pages:front", "healthz", "readyz", "schema", "api-docs"]),
    (LEADS, ["operations:status", "interchange:links"]),
    (OFFICE, _named("interchange", "run", "close")),
    # anyone with the token of monitoring
    (KEY, ["operations:metrics"]),
    (EVERYBODY, _named("accounts", "sign_in", "sign_out", "set_language")),
    (EVERYBODY, _named("places", "search", "api-places")),
    (EVERYBODY, _named("standards", "search", "services", "service", "provider")),
    (EVERYBODY, _named("standards", "api-services", "api-standards", "api-providers")),
    (EVERYBODY, _named("tablet", "app", "worker", "manifest")),
    (EVERYBODY, _named("citizen", "home", "worker", "manifest", "data", "places", "commune")),
    (EVERYBODY, _named("citizen", "keep_request", "find_request", "close_request")),
    (EVERYBODY, _named("citizen", "still_waiting", "tell", "keep_report", "posters", "poster")),
    (EVERYBODY, ["citizen:answer_commitment"]),
    (EVERYBODY, _named("dashboards", "compare", "compare_csv", "compare_figure", "place")),
    (EVERYBODY, _named("dashboards", "communes", "commune", "place_csv", "place_figure")),
    (EVERYBODY, _named("dashboards", "released", "releases_feed")),
    (EVERYBODY, _named("citizen", "remind", "remind_no_more", "assetlinks", "twa_manifest")),
    (EVERYBODY, _named("dashboards", "districts", "district", "district_csv")),
    (EVERYBODY, _named("dashboards", "print", "sheet")),
    (READERS, _named("dashboards", "programme_report", "print_many")),
    (OWNER, _named("dashboards", "print_job", "print_file")),
    (
        EVERYBODY,
        _named("scorecards", "explain", "data", "api-scores", "api-periods", "api-on-time"),
    ),
    (
        EVERYBODY,
        _named(
            "scorecards", "api-comparisons", "api-classes", "api-overall", "api-gaps", "api-explain"
        ),
    ),
    (EVERYBODY, ["hotline:audio", "openrosa:enrol", "v1/sessions"]),
    (SIGNED_IN, _named("accounts", "home", "me", "password", "tokens", "sign_out_everywhere")),
    (SIGNED_IN, _named("accounts", "second_factor", "recovery_codes", "sessions", "remove_factor")),
    # people who gave a password, and nobody else: tests/test_second_factor_doors.py
    (EVERYBODY, _named("accounts", "second_step", "show_passkey")),
    (SIGNED_IN, ["accounts:make_passkey"]),
    (SIGNED_IN, _below("v1/", "sessions/<str:which>", "users/current", "roles", "projects")),
    (READERS, _named("dashboards", "donor", "donor_csv", "donor_figure", "provinces")),
    (READERS, _named("dashboards", "indicators")),
    (READERS - {"elsewhere"}, _named("dashboards", "programme")),
    (OFFICE, ["scorecards:targets"]),
    (COLLECTORS, _named("surveys", "home", "cases", "new_case", "beside", "import")),
    (COLLECTORS, _named("surveys", "progress", "outcomes", "export_cases", "exclude")),
    (COLLECTORS, _named("surveys", "save_view", "delete_view")),
    (COLLECTORS, _named("surveys", "import_template", "api_case-list", "api_check-list")),
    (COLLECTORS, _named("surveys", "api_meeting-list", "api_vote-list")),
    (SEES_ROUNDS, _named("rounds", "rounds", "api_round-list")),
    (COLLECTORS, _named("rounds", "sessions", "new_session", "api_session-list")),
    (READERS, _named("rounds", "totals", "totals_csv")),
    (TEAM | {"council", "staff"}, _named("rounds", "round", "api_round-detail")),
    (TEAM, _named("rounds", "stage", "session", "void_session", "cards", "inputs")),
    (TEAM | {"staff"}, _named("rounds", "assess", "voice")),
    (TEAM | {"council", "staff"}, _named("rounds", "interface")),
    (EVERYBODY, _named("rounds", "vote", "cast", "names")),
    (KEY, _named("rounds", "tablet_round", "tablet_meeting", "tablet_handover")),
    (KEY, _named("rounds", "tablet_session", "tablet_asked", "tablet_counted")),
    (TEAM, _named("rounds", "api_session-detail", "api_session-void")),
    (LEADS, _named("rounds", "new")),
    (OFFICE, _named("rounds", "change", "cancel", "correction")),
    (TEAM, _named("rounds", "ask_correction")),
    (TEAM, _named("surveys", "case", "correct", "void", "erase_note")),
    (TEAM, _named("surveys", "api_case-detail", "api_case-void", "api_check-detail")),
    (TEAM, _named("surveys", "api_check-void", "api_meeting-detail", "api_meeting-void")),
    (TEAM, _named("surveys", "api_vote-detail", "api_vote-void")),
    (TEAM, ["accounts:revoke_token"]),
    (OWNER, _named("surveys", "import_batch", "import_rejected")),
    (LEADS, _named("accounts", "people", "add_person")),
    (LEADS, _named("standards", "edit_services", "edit_service")),
    (NATIONAL, _named("standards", "add_service", "service_form", "add_standard")),
    (NATIONAL, _named("standards", "succeed", "correct", "withdraw", "take_back")),
    (NATIONAL, _named("standards", "edit_documents", "add_document", "edit_document")),
    (LEADS, _named("standards", "edit_providers", "add_provider")),
    (OFFICE, _named("standards", "edit_provider")),
    (NATIONAL, _named("standards", "edit_holidays", "add_holiday", "edit_holiday")),
    (NATIONAL, _named("standards", "add_indicator")),
    (NATIONAL, _named("standards", "edit_options", "add_option", "edit_option")),
    (NATIONAL, _named("standards", "edit_indicators", "edit_indicator")),
    (OFFICE, _named("accounts", "person", "change_account", "end_role", "move_role")),
    (LEADS, _named("accounts", "programmes")),
    # coordinators here are bound to a programme: a new one is for those who are not
    (NATIONAL, _named("accounts", "add_programme")),
    # rules of retention hold for the whole installation
    (NATIONAL, ["retention:rules"]),
    (OFFICE, _named("accounts", "programme")),
    (
        LEADS,
        _named("surveys", "forms", "form_upload", "tablets", "submissions", "quarantine", "unread"),
    ),
    (LEADS, _named("surveys", "exports")),
    (LEADS, _named("tablet", "import")),
    (OFFICE, _named("surveys", "form", "form_publish", "form_abandon", "form_state")),
    (OFFICE, _named("surveys", "form_media", "form_download", "submission")),
    (OFFICE, _named("surveys", "tablet", "tablet_people")),
    (OFFICE, _named("surveys", "submission_file", "held", "rules", "webhooks")),
    ({"coordinator"}, _named("surveys", "export_file", "form_upload_state")),
    (
        LEADS,
        _named("hotline", "home", "burst_seen", "studio", "record", "clip", "simulator", "sign"),
    ),
    (LEADS, _named("hotline", "checks", "check_number", "check_close", "record_many", "script")),
    (LEADS, _named("hotline", "offer")),
    (LEADS, _named("scorecards", "runs", "alarms", "releases")),
    # a release is of the whole country
    (
        NATIONAL,
        _named("scorecards", "decide", "weights") + _named("rounds", "entitlements", "take_back"),
    ),
    (EVERYBODY, _named("plans", "commitments", "feed", "embed", "download", "answer", "photo")),
    (
        EVERYBODY,
        [
            *_named("plans", "api-commitments", "measures", "measures_csv", "api-measures"),
            *_named("plans", "reply_evidence", "story_photo"),
        ],
    ),
    (PLANNERS, _named("plans", "plans", "work", "districts", "api-plans", "api-actions")),
    (PLANNERS, _named("plans", "print_many", "replies", "stories")),
    (AT_PLANS, _named("plans", "district", "plan", "plan_xlsx", "plan_pdf", "action")),
    (PLANNERS, _named("surveys", "office_requests")),
    (AT_PLANS, _named("plans", "reply", "report", "move", "evidence", "evidence_file")),
    (AT_PLANS, _named("plans", "api-plan", "api-action", "api-report")),
    (COLLECTORS, _named("plans", "new", "import_past", "past_template", "offices", "new_office")),
    (COLLECTORS, _named("plans", "calls")),
    (PLANNERS, _named("scorecards", "notes")),
    (OFFICE, _named("scorecards", "decide_note")),
    (READERS | {"staff"}, _named("plans", "alerts")),
    (EVERYBODY, _named("plans", "alert")),
    (TEAM, _named("plans", "agree", "import", "new_action", "edit_action", "remove_action")),
    (TEAM, _named("plans", "drop", "reopen", "review", "follow_up", "close", "office")),
    (TEAM, _named("plans", "new_story", "withdraw_story")),
    (TEAM, _named("plans", "call_number", "call_done", "call_people")),
    (LEADS, _named("plans", "moderation", "open_replies")),
    (OFFICE, _named("plans", "moderate", "moderate_reply", "moderate_story")),
    (OWNER, _named("plans", "job", "job_file")),
    (SEALED, _named("citizen", "reports", "delete_report")),
    (KEY, _named("hotline", "voice", "step", "status")),
    (KEY, _named("openrosa", "key_submission", "key_form_list", "tablet_bundle", "tablet_list")),
    (
        KEY,
        _named(
            "openrosa", "tablet_erased", "returned", "returned_xml", "returned_file", "tablet_form"
        ),
    ),
    (KEY, _named("openrosa", "key_manifest", "key_attachment", "key_version_xml")),
    (KEY, _named("openrosa", "key_form_xml", "draft_form_list", "draft_manifest")),
    (KEY, _named("openrosa", "draft_submission", "draft_attachment", "draft_xml")),
    (TEAM, _named("openrosa", "project_submission", "project_form_list")),
    (TEAM, _below("v1/projects/<int:project_id>", "", "/forms")),
    (OFFICE, _below("v1/projects/<int:project_id>", "/app-users", "/app-users/<int:actor>")),
    (OFFICE, _below("v1/projects/<int:project_id>", "/assignments")),
    (TEAM, _below(_FORM, "", ".xml", ".xlsx", "/draft", "/draft.xml", "/fields", "/manifest")),
    (EVERYBODY, ["v1", "v1/", "v1/<path:rest>"]),
    (TEAM, _below(_FORM, "/versions", "/versions/<str:version>.xml", "/versions/<str:version>")),
    (TEAM, _below(f"{_FORM}/versions/<str:version>", ".xlsx", ".xlsm", ".xls", "/fields")),
    (TEAM, _below(f"{_FORM}/versions/<str:version>", "/attachments")),
    (TEAM, _below(f"{_FORM}/versions/<str:version>", "/attachments/<str:name>")),
    (TEAM, _below(_FORM, ".xlsm", ".xls", "/draft.xlsx", "/draft.xlsm", "/draft.xls")),
    (TEAM, _below(_FORM, "/draft/fields")),
    (OFFICE, _below(_FORM, "/restore")),
    (TEAM, _below(_FORM, "/attachments", "/attachments/<str:name>", "/draft/attachments")),
    (TEAM, _below(_FORM, "/draft/attachments/<str:name>", "/submissions")),
    (OFFICE, _below(_FORM, "/draft/publish", ".svc", ".svc/$metadata", ".svc/<path:rest>")),
    (OFFICE, _below(_FORM, "/draft.svc", "/draft.svc/$metadata", "/draft.svc/<path:rest>")),
    (OFFICE, _below(_FORM, "/assignments", "/assignments/<str:role>")),
    (OFFICE, _below(_FORM, "/assignments/<str:role>/<int:actor>")),
    (OFFICE, _below(_MANY, ".csv", ".csv.zip", "/keys", "/submitters")),
    (OFFICE, _below(_ONE, "", ".xml", "/comments", "/diffs", "/versions")),
    (OFFICE, _below(_ONE, "/versions/<str:version_id>.xml", "/versions/<str:version_id>")),
    (OFFICE, _below(_ONE, "/attachments", "/attachments/<str:name>")),
    (OFFICE, _below(f"{_ONE}/versions/<str:version_id>", "/attachments")),
    (OFFICE, _below(f"{_ONE}/versions/<str:version_id>", "/attachments/<str:name>")),
]

EMPTY = {
    *_named("dashboards", "compare_csv", "compare_figure", "donor_csv", "donor_figure"),
    *_named("dashboards", "place_csv", "place_figure", "released", "releases_feed"),
    *_named("dashboards", "district_csv", "sheet", "programme_report", "print_many", "print_file"),
    *_named("scorecards", "explain", "data"),
    *_named("hotline", "audio", "record", "clip", "sign", "burst_seen"),
    *_named("hotline", "check_number", "check_close", "record_many", "script", "offer"),
    *_named("surveys", "export_file", "form_state"),
    *_named("plans", "download", "photo", "evidence_file", "job_file", "api-commitments"),
    *_named("plans", "reply_evidence", "story_photo"),
    "plans:alert",
    *_below(_FORM, "/draft.svc", "/draft.svc/$metadata", "/draft.svc/<path:rest>"),
    *_below(_FORM, ".xlsm", ".xls", "/draft.xlsx", "/draft.xlsm", "/draft.xls", "/draft/fields"),
    *_below(f"{_FORM}/versions/<str:version>", ".xlsx", ".xlsm", ".xls"),
    *_below(f"{_FORM}/versions/<str:version>", "/attachments/<str:name>"),
    *_below(_FORM, ".xlsx", "/draft", "/draft.xml", "/draft/publish", "/draft/attachments"),
    *_below(_FORM, "/draft/attachments/<str:name>", "/attachments/<str:name>", "/manifest"),
    *("v1", "v1/", "v1/<path:rest>"),
    *_named("accounts", "show_passkey", "remove_factor"),
    *_below("v1/", "sessions/<str:which>", "projects/<int:project_id>/app-users/<int:actor>"),
}
"""Addresses without a thing here (no figure, no draft): permitted people get "not found"."""

REFUSED = {401, 403, 404, 405}
OUTSIDE_AND_ONE_INSIDE = ("visitor", "council", "elsewhere", "facilitator")
ENDED = {"accounts:sign_out_everywhere": SIGNED_IN}
"""Addresses that would end the session that this test continues with."""


@pytest.fixture
def doors(settings: Any, tmp_path: Any) -> tuple[dict[str, Client], dict[str, object]]:
    """Make everybody's browser, and the things behind the addresses."""
    settings.MEDIA_ROOT = tmp_path
    make_country()
    people = make_people()
    things = make_things(people["facilitator"], people["coordinator"])
    browsers = {"visitor": Client()}
    for name, user in people.items():
        browsers[name] = Client()
        browsers[name].force_login(user)
    return browsers, things


def is_refused(answer: Any) -> bool:
    if answer.status_code in (301, 302):
        return "/sign-in/" in answer["Location"] or "/admin/login/" in answer["Location"]
    return answer.status_code in REFUSED


def body(answer: Any) -> bytes:
    """Return all of an answer, which is closed then."""
    read = b"".join(answer.streaming_content) if answer.streaming else answer.content
    # as Django's test client does: the end of a request must not end this test's transaction
    request_finished.disconnect(close_old_connections)
    answer.close()
    request_finished.connect(close_old_connections)
    return bytes(read)


def knock(browser: Client, path: str, *, post: bool) -> Any:
    """Return the answer to a GET, or to a POST whose changes are undone."""
    with transaction.atomic():
        answer = browser.post(path, {"reason": "a test"}) if post else browser.get(path)
        body(answer)
        transaction.set_rollback(True)
    return answer


def wrong_for_a_guest(browser: Client, address: Address, path: str) -> list[str]:
    """Return what keeps out a permitted person."""
    got = knock(browser, path, post=False)
    if not is_refused(got) or (got.status_code == 404 and address.name in EMPTY):
        return []
    posted = knock(browser, path, post=True)
    if not is_refused(posted) or (posted.status_code == 404 and address.name in EMPTY):
        return []
    return [f"is kept out ({got.status_code}, {posted.status_code})"]


def wrong_for_a_stranger(browser: Client, path: str) -> list[str]:
    """Return how a person comes in without permission."""
    answers = [knock(browser, path, post=post) for post in (False, True)]
    results = [f"comes in ({a.status_code})" for a in answers if not is_refused(a)]
    if {a.status_code for a in answers} == {405}:
        results.append("hears only that the method is wrong")
    return results


def test_everybody_comes_in_where_they_may_and_nowhere_else(doors: Any) -> None:
    browsers, things = doors
    may = {name: who for who, names in WHO for name in names}
    results = list(addresses())
    unsaid = {address.name for address in results} - set(may)
    assert not unsaid, "say in WHO whom these are for"
    assert not set(may) - {address.name for address in results}, "these are gone"
    wrong = []
    for address in results:
        guests = may[address.name]
        # What is open to a visitor is open to all; signing out would end this test.
        asked = {"visitor"} if guests == EVERYBODY else set(browsers)
        path = address.filled(things)
        for name in asked - ENDED.get(address.name, set()):
            if name in guests:
                complaints = wrong_for_a_guest(browsers[name], address, path)
            else:
                complaints = wrong_for_a_stranger(browsers[name], path)
            wrong += [f"{name} at {path} {complaint}" for complaint in complaints]
    assert not wrong, "\n".join(wrong)


def test_what_one_case_holds_reaches_nobody_outside_the_team(doors: Any) -> None:
    browsers, things = doors
    open_to_all = {name for who, names in WHO for name in names if who == EVERYBODY}
    values: dict[str, list[str]] = {name: [] for name in browsers}
    for address in addresses():
        if address.name in {"healthz", "schema", "api-docs"}:
            continue  # they know of no case, and take seconds
        asked = ("visitor", "council") if address.name in open_to_all else OUTSIDE_AND_ONE_INSIDE
        for name in asked:
            if SECRET.encode() in body(browsers[name].get(address.filled(things))):
                values[name].append(address.name)
    assert len(values.pop("facilitator")) >= 4
    assert not any(values.values()), values


def test_who_knocks_for_others_holds_what_they_hold(doors: Any) -> None:
    held = {role.code: set(role.permissions) for role in Role.objects.all()}
    assert held["council_member"] == held["district_officer"]
    assert set(held) == {role for role, _place in ROLES.values() if role} | {"district_officer"}


def test_the_admin_opens_to_those_who_edit_or_manage_the_nation(doors: Any) -> None:
    browsers, _things = doors
    entered: dict[str, set[str]] = {name: set() for name in browsers}
    for model in admin.site._registry:
        listed = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        for name, browser in browsers.items():
            if not is_refused(knock(browser, reverse(listed), post=False)):
                entered[name].add(model.__name__)
    everything = {model.__name__ for model in admin.site._registry}
    assert entered.pop("admin") == everything
    assert not any(entered.values()), entered
