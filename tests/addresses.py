"""Every address of the platform, and one thing of each kind behind them: for `test_who_may`."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.signals import request_finished
from django.db import close_old_connections, transaction
from django.test import Client
from django.urls import URLPattern, get_resolver

from accounts.models import Programme, Role, User
from accounts.services import grant_role
from accounts.tests.factories import make_programme, make_user
from accounts.tokens import issue
from interchange.models import Link
from places.models import Place
from scorecards.models import Annotation, Release
from scorecards.plans import services as plans
from scorecards.plans.models import Message, PlanJob, Reply
from standards.models import Document, Holiday, Indicator, Standard
from surveys.citizen.services import keep_report, use_key
from surveys.importing.uploads import start_upload
from surveys.models import ExportJob, FormUpload, Quarantine, Submission
from surveys.reported import ReportedCheck, ReportedMeeting, ReportedVote
from surveys.rounds.models import Criterion, Entitlement, MeetingCorrection
from surveys.rounds.services.plan import plan_round
from surveys.rounds.services.sessions import record_session
from surveys.rounds.tests import factories as rounds_factories
from surveys.rounds.tests.factories import planned
from surveys.services import record_case, record_check, record_meeting
from surveys.submissions.intake.files import keep
from surveys.submissions.intake.incoming import RefusedError
from surveys.submissions.intake.receive import Sender, receive
from surveys.submissions.tests import factories
from surveys.tests.country import ASKED, HALL, reported_case

SECRET = "only-the-team-may-read-this"
"""The text of the case's note and of the record: no answer to anybody else may contain it."""


_PART = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")


@dataclass(frozen=True)
class Address:
    """One pattern of the urls; ``name`` is the route itself where it has none."""

    name: str
    route: str

    def filled(self, things: dict[str, object]) -> str:
        """Return a path with real things in it: the one named for this address, or for all."""

        def thing(match: re.Match[str]) -> str:
            part = match[1] or match[2]
            return str(things.get(f"{self.name} {part}", things.get(part)))

        route = _PART.sub(thing, self.route.replace("$metadata", "%24metadata"))
        return "/" + re.sub(r"[\\^$]", "", route)


def addresses() -> Iterator[Address]:
    """Every address of ours, Django's admin left out."""
    yield from _walk(get_resolver().url_patterns)


def _walk(patterns: list[Any], before: str = "", space: str = "") -> Iterator[Address]:
    for pattern in patterns:
        route = str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            name = f"{space}{pattern.name}" if pattern.name else before + route
            yield Address(name, before + route)
        elif route != "admin/":
            inside = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, before + route, inside)


def answered(client: Client, method: str, path: str, **options: Any) -> Any:
    """Return the answer to one request, whose changes are undone."""
    with transaction.atomic():
        answer = getattr(client, method)(path, **options)
        request_finished.disconnect(close_old_connections)  # would end this test's transaction
        answer.close()
        request_finished.connect(close_old_connections)
        transaction.set_rollback(True)
    return answer


ROLES = {
    "admin": ("administrator", None),
    "coordinator": ("coordinator", "01"),
    "facilitator": ("facilitator", "010201"),
    "council": ("council_member", "010201"),
    "staff": ("provider_staff", "010201"),
    "donor": ("donor", None),
    "keeper": ("report_keeper", None),
    "elsewhere": ("coordinator", "02"),
    "newcomer": ("", None),
}
"""The people who try: a name, their role (none for a newcomer) and where it holds.

District officers hold what council members hold, no more and no less.
"""


def make_people() -> dict[str, User]:
    """One person of each role; those who work in 01 and those elsewhere have a programme each."""
    call_command("load_roles", verbosity=0)
    ours, theirs = make_programme("ours", "01"), make_programme("theirs", "02")
    people = {}
    for name, (role, place) in ROLES.items():
        people[name] = make_user(username=name, is_superuser=name == "admin")
        if role:
            programme = {"coordinator": ours, "facilitator": ours, "elsewhere": theirs}.get(name)
            grant_role(
                by=None,
                user=people[name],
                role=Role.objects.get(code=role),
                place=Place.objects.get(code=place) if place else None,
                programme=programme,
            )
    return people


_SERVICE_PAGES = ("edit_service", "service_form", "add_standard")
_STANDARD_PAGES = ("succeed", "correct", "withdraw", "take_back")


def _a_standard() -> int:
    return Standard.objects.get(service__code="birth-registration").pk


def make_things(team: User, lead: User) -> dict[str, object]:
    """One thing of each kind in the commune 010201: what stands in addresses.

    ``{"code": ..., "surveys:case pk": ...}``: a part of any address, or of the one named.
    """
    return {
        "code": "010201",
        "standards:service code": "birth-registration",
        "standards:provider code": HALL,
        **{f"standards:{page} code": "birth-registration" for page in _SERVICE_PAGES},
        **{f"standards:{page} pk": _a_standard() for page in _STANDARD_PAGES},
        "standards:edit_document code": Document.objects.values_list("code", flat=True)[0],
        "standards:edit_indicator code": "CA-I1",
        "standards:edit_option code": "standard",
        "standards:edit_provider code": HALL,
        "surveys:delete_view pk": 1,
        "standards:edit_holiday pk": Holiday.objects.get_or_create(
            date=date(2026, 1, 1), defaults={"name_km": "x", "name_en": "x"}
        )[0].pk,
        "citizen:poster code": HALL,
        "size": "a4",
        "kind": "cases",
        "suffix": "csv",
        "sha256": "0" * 64,
        "line_id": 1,
        "nonce": "x",
        "number": 1,
        "token": "not-the-token",
        "name": "photo.jpg",
        "table": "Submissions",
        "role": "viewer",
        "actor": 1,
        "rest": "no/such/address",
        "v1/projects/<int:project_id>/forms/<str:form_id>.svc/<path:rest> rest": "Submissions",
        "version": "1",
        "version_id": "uuid:one",
        "which": "current",
        "hotline:studio code": "km",
        "hotline:record code": "km",
        "hotline:offer code": "km",
        **_reported_by(team),
        **_rounds_of(lead, team),
        **_sent_by_tablet(lead),
        **_of_the_office(team, lead),
        **_of_plans(team),
    }


def _of_plans(team: User) -> dict[str, object]:
    commune = Place.objects.get(code="010201")
    year = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)}
    programme = Programme.objects.get(code="ours")
    plan = plans.draft_plan(by=team, commune=commune, programme=programme, **year)
    office = plans.save_office(
        by=team, place=commune, name_km="x", name_en="x", channel="telephone", address="012345678"
    )
    promise = {"starts_on": year["starts_on"], "due_on": date(2026, 2, 2)}
    action = plans.add_action(
        by=team, plan=plan, activity="x", part="internal", office=office, **promise
    )
    signed = {"community_side": "x", "provider_side": "x"}
    plans.agree_plan(by=team, plan=plan, agreed_on=date(2026, 1, 5), **signed)
    piece = plans.add_evidence(
        by=team, action=action, kind="note", stage="after", file=None, text="x"
    )
    message = Message.objects.create(
        office=office, recipient_key="x", day=date(2026, 2, 3), channel="telephone"
    )
    story = plans.record_story(
        by=team,
        action=action,
        text="x",
        told_on=date(2026, 2, 2),
        consent_public=True,
        consent_photo=False,
    )
    job = PlanJob.objects.create(kind="print", asked_by=team)
    note = Annotation.objects.create(
        # the council of the place may read it before it is checked
        place=commune,
        on=date(2026, 2, 2),
        text="a new office",
        made_by=team,
        state="waiting",
    )
    sheets = PlanJob.objects.create(kind="sheets", asked_by=team, period="2026-Q3")
    reply = Reply.objects.create(
        commune=commune,
        period="2026-Q1",
        provider_kind="commune",
        indicator=Indicator.objects.get(code="CA-C1"),
        opened_by=team,
        answer_until=date(2999, 1, 1),
    )
    of_plan = ("plan", "agree", "plan_xlsx", "plan_pdf", "import", "new_action", "api-plan")
    return {
        "uuid": action.uuid,
        **{f"plans:{page} uuid": plan.uuid for page in of_plan},
        **{f"plans:{page} uuid": job.uuid for page in ("job", "job_file")},
        **{f"plans:{page} uuid": reply.uuid for page in ("reply", "moderate_reply")},
        **{f"plans:{p} uuid": story.uuid for p in ("moderate_story", "withdraw_story")},
        "plans:story_photo uuid": story.uuid,
        "plans:district code": "0102",
        "dashboards:district code": "0102",
        "dashboards:programme code": "ours",
        "scorecards:targets code": "ours",
        "dashboards:indicators suffix": "csv",
        "dashboards:district_csv code": "0102",
        "scorecards:decide_note uuid": note.uuid,
        "dashboards:sheet kind": "scorecard",
        "dashboards:sheet suffix": "pdf",
        "dashboards:programme_report pk": programme.pk,
        **{f"dashboards:{page} uuid": sheets.uuid for page in ("print_job", "print_file")},
        "plans:office pk": office.pk,
        **{f"plans:{page} pk": message.pk for page in ("call_number", "call_done")},
        **{f"plans:{page} pk": piece.pk for page in ("evidence_file", "photo")},
    }


def _reported_by(team: User) -> dict[str, object]:
    case = record_case(by=team, reported=reported_case(note=SECRET)).observation
    seen = ReportedCheck(check_id="P-1", commune="010201", indicator="CA-I1", seen_on=ASKED)
    check = record_check(by=team, reported=seen).observation
    vote = ReportedVote(vote_id="V-1", indicator="CA-P1", score=2)
    held = ReportedMeeting(
        meeting_id="M-1", kind="community", commune="010201", held_on=ASKED, votes=[vote]
    )
    record_meeting(by=team, reported=held)
    rows = SimpleUploadedFile("rows.csv", SECRET.encode())
    batch = start_upload(by=team, kind="cases", file=rows, language="km")
    batch.rejected_file.save("rows.csv", ContentFile(SECRET.encode()))
    cases = {f"surveys:{page} pk": case.pk for page in ("case", "correct", "void", "erase_note")}
    checks = {f"surveys:api_check-{page} pk": check.pk for page in ("detail", "void")}
    batches = {f"surveys:import_{page} pk": batch.pk for page in ("batch", "rejected")}
    ids = {"case_id": case.case_id, "meeting_id": "M-1", "vote_id": "V-1"}
    return {**cases, **checks, **batches, **ids}


def _rounds_of(lead: User, team: User) -> dict[str, object]:
    """A round and an information session in the commune 010201."""
    row, _outcome = plan_round(by=lead, planned=planned())
    reported_session = rounds_factories.session(topic=SECRET)
    row_of_session = record_session(by=team, reported=reported_session).observation
    pages = ("session", "void_session")
    more = ("cards", "inputs", "assess", "interface")
    sent = MeetingCorrection.objects.create(
        round=row, kind="community", reason=SECRET, asked_by=team
    )
    more = (*more, "ask_correction", "correction", "voice")
    spoken = Criterion(round=row, key="v1")
    spoken.voice.save("v1.webm", ContentFile(b"sound"))
    return {
        "rounds:voice pk": spoken.pk,
        "rounds:take_back pk": Entitlement.objects.create(
            provider_kind="commune",
            code="chairs",
            quantity=1,
            source="test",
            name_km="កៅអី",
            name_en="Chairs",
        ).pk,
        "rounds:correction pk": sent.pk,
        **{f"rounds:{page} number": row.uuid for page in more},
        "rounds:api_round-detail number": row.uuid,
        **{f"rounds:{page} number": row.uuid for page in ("round", "change", "stage", "cancel")},
        **{f"rounds:{page} pk": row_of_session.pk for page in pages},
        "session_id": row_of_session.session_id,
    }


def _sent_by_tablet(lead: User) -> dict[str, object]:
    programme = Programme.objects.get(code="ours")
    form = factories.published(programme, by=lead)
    tablet, _token = factories.tablet(programme)
    sender = Sender(programme_id=programme.pk)
    picture = keep(SimpleUploadedFile("photo.jpg", b"\xff\xd8\xff picture"))
    answers = f"<age>31</age><happy>yes</happy><photo>photo.jpg</photo><note>{SECRET}</note>"
    receive(
        sender=sender, xml=factories.record(instance="uuid:one", answers=answers), files=[picture]
    )
    Submission.objects.update(province_code="01", commune_code="010201")
    with suppress(RefusedError):
        receive(sender=sender, xml=f"<broken>{SECRET}".encode())
    job = ExportJob.objects.create(form=form, format="csv", asked_by=lead)
    upload = FormUpload.objects.create(
        programme=programme, by=lead, file_name=SECRET, kind="md", content=b"", makes_draft=True
    )
    record = Submission.objects.get()
    link = Link.objects.create(
        programme=programme,
        kind="kobo",
        address="http://127.0.0.1:9",
        remote="a",
        secret_sealed="x",
    )
    forms = ("form", "form_publish", "form_abandon", "form_state", "form_media", "form_download")
    return {
        **{f"surveys:{page} pk": form.pk for page in forms},
        "surveys:form_download version": form.current_id,
        "surveys:form_download kind": "xml",
        "surveys:tablet pk": tablet.pk,
        "surveys:tablet_people pk": tablet.pk,
        "surveys:submission pk": record.pk,
        "surveys:submission_file pk": record.pk,
        "file": record.attachments.get().pk,
        "surveys:held pk": Quarantine.objects.get().pk,
        "surveys:export_file pk": job.pk,
        "surveys:form_upload_state pk": upload.pk,
        "surveys:rules code": "ours",
        "surveys:webhooks code": "ours",
        "interchange:run pk": link.pk,
        "interchange:close pk": link.pk,
        "project": programme.pk,
        "project_id": programme.pk,
        "form_id": "small",
        "instance_id": "uuid:one",
    }


def _of_the_office(team: User, lead: User) -> dict[str, object]:
    release = Release.objects.create(period="2026-Q1", method_version="1")
    key = use_key(recipient="age1" + "q" * 58, by=None, job="test")
    report = keep_report(ciphertext=b"age-encryption.org/v1\n" + b"x" * 200, key=key.pk)
    token, _secret = issue(user=team, name="laptop")
    people = ("person", "change_account")
    return {
        **{f"accounts:{page} pk": team.pk for page in people},
        "accounts:end_role pk": team.memberships.get().pk,
        "accounts:move_role pk": team.memberships.get().pk,
        "accounts:programme code": "ours",
        "accounts:revoke_token pk": token.pk,
        "scorecards:decide pk": release.pk,
        "plans:open_replies pk": release.pk,
        "citizen:delete_report pk": report.pk,
    }
