"""The rest of the access matrix: foreign objects, every method, every operation, every task.

`test_who_may` tries each address with each role. Here the same addresses are tried by people with
the same role for something else: another programme in the same place, and another place in the same
programme. An address that only the thing's team may open must be closed to both, by every method.
The matrix itself is tested too: with a rule removed it must find holes.
"""

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator

import accounts.models as accounts_models
import accounts.permissions as permissions
from accounts.models import Membership, Programme, Role, User
from accounts.permissions import Scope
from accounts.tests.factories import make_place, make_programme, make_user
from config.celery import app
from config.queues import QUEUE_OF
from config.timetable import collect
from surveys.importing.uploads import run_upload, start_upload
from surveys.models import Case, ExportJob
from surveys.submissions.exports import formats
from surveys.tests.country import make_country
from tests.addresses import SECRET, Address, addresses, answered, make_people, make_things
from tests.test_api_document import METHODS, filled, operations
from tests.test_who_may import EVERYBODY, KEY, WHO, is_refused

pytestmark = pytest.mark.django_db

GUESTS = {name: who for who, names in WHO for name in names}
BESIDE = {"elsewhere", "newcomer", "donor", "visitor"}
"""An address that none of these may open belongs to the team."""


# -- foreign objects ---------------------------------------------------------------------


def of_the_team(address: Address) -> bool:
    """Return whether an address names a thing that only its team, office or owner may open."""
    guests = GUESTS[address.name]
    return "<" in address.route and guests != KEY and not guests & BESIDE and "admin" in guests


OF_THE_PROGRAMME = {
    # people who work in a part of a programme read its forms and send records with them
    *("openrosa:project_form_list", "openrosa:project_submission"),
    *("surveys:form", "surveys:form_download"),
}
OF_THE_PLACE = {
    # what belongs to a commune or district, whatever the programme
    *("plans:district", "plans:office", "plans:reply", "plans:moderate_reply"),
    *("plans:call_number", "plans:call_done"),
    *("standards:edit_provider", "scorecards:decide_note"),
}


_RECORDS = "v1/projects/<int:project_id>/forms/<str:form_id>/submissions"
SENT_TO_A_FORM = {_RECORDS, f"{_RECORDS}.csv", f"{_RECORDS}.csv.zip"}
"""A record is sent there; a table asks by POST where a passphrase goes with it."""


def is_theirs_too(address: Address, name: str, method: str) -> bool:
    """Whether this is shared with the neighbour by the reasons above."""
    if name == "other place" and address.name.startswith("v1/projects/"):
        return method == "get" or address.name in SENT_TO_A_FORM
    if name == "other place":
        return address.name in OF_THE_PROGRAMME
    return address.name in OF_THE_PLACE


def neighbours() -> dict[str, User]:
    """People with the coordinator's role: here for another programme, elsewhere for ours."""
    role = Role.objects.get(code="coordinator")
    ours, second = Programme.objects.get(code="ours"), make_programme("second", "01")
    results = {}
    for name, place, programme in (
        ("other programme", "01", second),
        ("other place", "02", ours),
    ):
        user = make_user(username=name.replace(" ", "-"))
        here = make_place(place)
        Membership.objects.create(user=user, role=role, place=here, programme=programme)
        results[name] = user
    return results


_SAID = {"post": {"data": {"reason": "a test"}}}


def holes(things: dict[str, object], people: dict[str, User]) -> Iterator[str]:
    """Yield who may enter wrongly, and by which method."""
    browsers = {}
    for name, user in people.items():
        browsers[name] = Client()
        browsers[name].force_login(user)
    for address in filter(of_the_team, addresses()):
        path = address.filled(things)
        for name, browser in browsers.items():
            # a page answers every method alike
            methods = METHODS if path.startswith(("/api/", "/v1/")) else ("get", "post")
            for method in methods:
                answer = answered(browser, method, path, **_SAID.get(method, {}))
                body = b"" if answer.streaming else answer.content
                shared = is_theirs_too(address, name, method)
                if shared and (SECRET.encode() not in body or address.name == "surveys:held"):
                    continue
                if not is_refused(answer):
                    yield f"{name}: {method} {path} ({address.name}) {answer.status_code}"


@pytest.fixture
def things(settings: Any, tmp_path: Any) -> dict[str, object]:
    settings.MEDIA_ROOT = tmp_path
    make_country()
    people = make_people()
    return make_things(people["facilitator"], people["coordinator"])


def test_the_same_role_beside_it_opens_nothing_of_the_team(things: dict[str, object]) -> None:
    asked = [address for address in addresses() if of_the_team(address)]
    assert len(asked) > 100
    results = list(holes(things, neighbours()))
    assert not results, "\n".join(results)


def _without_programme(user: object, permission: str) -> list[Scope]:
    return [Scope(scope.place, None) for scope in _scopes(user, permission)]


def _without_place(user: object, permission: str) -> list[Scope]:
    return [Scope("", scope.programme) for scope in _scopes(user, permission)]


_scopes = permissions.scopes


@pytest.mark.parametrize("mutant", [_without_programme, _without_place])
def test_the_matrix_finds_a_rule_that_is_gone(
    things: dict[str, object], monkeypatch: pytest.MonkeyPatch, mutant: Any
) -> None:
    """A mutation of the one function: the same matrix must fail, at several addresses."""
    people = neighbours()
    for module in (permissions, accounts_models):
        monkeypatch.setattr(module, "scopes", mutant)
    result = holes(things, people)
    assert [next(result, "") for _number in range(5)][-1], "the matrix would not notice"


def test_an_address_without_an_entry_is_named() -> None:
    """The list of addresses is that of the URL conf: a new one is in it, and in no table."""
    from django.urls import path

    from tests.addresses import _walk

    new = [path("new/<int:pk>/", lambda request, pk: None, name="new")]
    assert {address.name for address in _walk(new)} - set(GUESTS) == {"new"}


# -- operations of the API's document ------------------------------------------------------


def test_every_operation_of_the_document_is_in_the_matrix_and_closed_to_strangers(
    things: dict[str, object],
) -> None:
    generator: Any = SchemaGenerator
    document = generator().get_schema(request=None, public=True)
    visitor, newcomer = Client(), Client()
    newcomer.force_login(User.objects.get(username="newcomer"))
    wrong = []
    result = operations(document)
    assert len(result) > 30
    for path, method, operation in result:
        where = filled(path, operation)
        match = resolve(where)
        guests = GUESTS[
            f"{match.namespace}:{match.url_name}" if match.namespace else match.url_name
        ]
        for name, browser in (("visitor", visitor), ("newcomer", newcomer)):
            if guests == EVERYBODY or name in guests:
                continue
            answer = answered(browser, method, where, content_type="application/json")
            if answer.status_code not in {401, 403, 404}:
                wrong.append(f"{name} {method} {where}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


# -- tasks ---------------------------------------------------------------------------------

CAUSED_BY = {
    "the clock": """
        audit.tasks.seal_entries interchange.tasks.run_links retention.tasks.apply_retention
        scorecards.plans.tasks.remind scorecards.plans.tasks.release_measures
        scorecards.tasks.check_rounding scorecards.tasks.nightly
        scorecards.tasks.recompute_changed scorecards.tasks.resume_runs
        surveys.citizen.tasks.close_days_of_reports surveys.citizen.tasks.purge_answers
        surveys.citizen.tasks.send_push_reminders
        surveys.hotline.tasks.call_due surveys.hotline.tasks.forget_all_words
        surveys.hotline.tasks.purge surveys.hotline.tasks.reconcile
        surveys.hotline.tasks.remind_requests surveys.hotline.tasks.send_due_texts
        surveys.hotline.tasks.speak_missing surveys.hotline.tasks.try_a_call
        surveys.hotline.tasks.watch_bursts surveys.tasks.deliver_due
        surveys.tasks.forget_old_exports surveys.tasks.forget_old_form_uploads
        surveys.tasks.observe_arrived surveys.tasks.rejudge_cases surveys.tasks.renew_lines
        surveys.tasks.retest_forms surveys.tasks.send_waiting scorecards.tasks.release
        scorecards.tasks.compare
    """,
    "another task": """
        scorecards.tasks.check_comparisons scorecards.tasks.check_period
        scorecards.tasks.close_run scorecards.tasks.do_first_periods
        scorecards.tasks.do_period scorecards.tasks.do_province scorecards.tasks.do_provinces
        scorecards.tasks.let_time_pass scorecards.tasks.do_aged_provinces
        scorecards.tasks.finish_run scorecards.tasks.judge_province surveys.tasks.retest_form
        surveys.tasks.deliver_webhook surveys.hotline.tasks.forget_words
        surveys.hotline.tasks.send_text
    """,
    "scores.run": "scorecards.tasks.start_run",
    "releases.approve": "scorecards.tasks.prepare_release scorecards.tasks.publish_release",
    "cases.import": "surveys.tasks.run_import",
    "forms.publish": "surveys.tasks.compile_form",
    "submissions.review": "surveys.tasks.make_export interchange.tasks.run_link",
    "plans.read": "scorecards.plans.tasks.print_plans",
    "scores.released": "dashboards.tasks.print_sheets",
    "plans.write": "scorecards.plans.tasks.import_past_plans",
}
"""The possible causes of each task: only the clock, a task before it, or people with this right."""


def test_every_task_says_who_causes_it() -> None:
    fields = {name: cause for cause, names in CAUSED_BY.items() for name in names.split()}
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert ours == set(fields), "say in CAUSED_BY who causes these"
    assert ours == set(QUEUE_OF)
    causes = set(CAUSED_BY) - {"the clock", "another task"}
    assert causes <= set(permissions.PERMISSIONS)


def test_no_task_takes_a_thing_that_a_message_could_forge() -> None:
    """Numbers and short words only: whose thing it is stands in the row, not in the message."""
    plain = {"int", "str", "bool", "list[int]", "int | None", "str | None", "date"}
    odd = []
    for name in QUEUE_OF:
        run = app.tasks[name].run
        for parameter in inspect.signature(run).parameters.values():
            kind = parameter.annotation
            kind = kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))
            if parameter.name != "self" and kind not in plain:
                odd.append(f"{name}({parameter.name}: {kind})")
    assert not odd, odd


def test_tasks_of_people_do_for_them_only_what_they_may(things: dict[str, object]) -> None:
    """Rows that say the work is for somebody whose right lies elsewhere bring them nothing."""
    stranger = neighbours()["other place"]
    job = ExportJob.objects.select_related("form").get(asked_by__username="coordinator")
    for who, holds in ((job.asked_by, True), (stranger, False)):
        rows = formats.exportable(job.form, who)
        assert any(SECRET.encode() in bytes(row.xml) for row in rows) is holds
    before = Case.objects.count()
    text = (
        "case_id,commune,service,asked_on,status\nX-1,010201,birth-registration,2026-07-01,open\n"
    )
    file = SimpleUploadedFile("rows.csv", text.encode())
    batch = start_upload(by=stranger, kind="cases", file=file, language="en")
    run_upload(batch.pk)
    assert Case.objects.count() == before


def test_the_timetable_names_only_tasks_of_the_clock(settings: Any) -> None:
    timed = {entry["task"] for entry in collect(settings.OUR_APPS).values()}
    assert timed <= set(CAUSED_BY["the clock"].split())
