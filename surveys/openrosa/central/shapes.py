"""Central's JSON of projects, forms, submissions and actors."""

from datetime import UTC, datetime
from typing import Any

from django.db.models import Max

from accounts.models import Programme, User
from sealing import BrokenSealError
from surveys.forms.tablets import APP_USERS_FROM, token_of
from surveys.models import (
    AppUser,
    Form,
    FormVersion,
    ReviewState,
    Submission,
    SubmissionVersion,
)

Json = dict[str, Any]
EXCEL = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xlsm": "application/vnd.ms-excel.sheet.macroenabled.12",
    "xls": "application/vnd.ms-excel",
}


def moment(when: datetime | None) -> str | None:
    """Return a moment as JavaScript writes it: UTC with milliseconds."""
    if when is None:
        return None
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def app_user_actor(app_user_id: int) -> int:
    return APP_USERS_FROM + app_user_id


def app_user_of(actor_id: int) -> int | None:
    """Return the tablet an actor number means; None for people."""
    return actor_id - APP_USERS_FROM if actor_id > APP_USERS_FROM else None


def user(person: User) -> Json:
    return {
        "id": person.pk,
        "type": "user",
        "displayName": str(person),
        "email": person.username,
        "createdAt": moment(person.date_joined),
        "updatedAt": None,
        "deletedAt": None,
    }


def _token_or_none(tablet: AppUser) -> str | None:
    try:
        return token_of(tablet)
    except BrokenSealError:
        return None


def app_user(tablet: AppUser) -> Json:
    return {
        "projectId": tablet.programme_id,
        "id": app_user_actor(tablet.pk),
        "type": "field_key",
        "displayName": tablet.name,
        "token": _token_or_none(tablet),
        "createdAt": moment(tablet.created_at),
        "updatedAt": None,
        "deletedAt": None,
        "lastUsed": moment(tablet.last_used_at),
    }


def project(programme: Programme, *, extended: bool = False) -> Json:
    payload: Json = {
        "id": programme.pk,
        "name": programme.name_en or programme.name_km,
        "description": None,
        "archived": None,
        "keyId": None,
        "createdAt": moment(datetime(2026, 1, 1, tzinfo=UTC)),
        "updatedAt": None,
        "deletedAt": None,
    }
    if extended:
        forms = Form.objects.standing().filter(programme=programme)
        last = Submission.objects.filter(form__programme=programme).aggregate(
            last=Max("received_at")
        )
        payload |= {
            "forms": forms.count(),
            "appUsers": AppUser.objects.filter(programme=programme, revoked_at=None).count(),
            "lastSubmission": moment(last["last"]),
            "verbs": [],
        }
    return payload


def form(
    row: Form,
    version: FormVersion | None = None,
    *,
    extended: bool = False,
    with_token: bool = False,
) -> Json:
    """Return a form as one of its versions shows it: the published one, else the draft.

    ``with_token``: with the token that opens its draft to everybody who holds it.
    """
    shown = version or row.current or row.draft
    assert shown is not None
    body: Json = {
        "projectId": row.programme_id,
        "xmlFormId": row.xml_form_id,
        "name": shown.title or None,
        "version": shown.version,
        "enketoId": None,
        "hash": shown.md5,
        "sha": None,
        "sha256": shown.sha256,
        "keyId": None,
        "state": row.state,
        "createdAt": moment(row.created_at),
        "updatedAt": moment(row.updated_at),
        "publishedAt": moment(shown.published_at),
        "draftToken": (shown.draft_token or None) if with_token else None,
    }
    if row.deleted_at is not None:
        # the number restores it; its name may be that of another form by now
        body |= {"id": row.pk, "deletedAt": moment(row.deleted_at)}
    if extended:
        body |= _extension(row, shown)
    return body


def _extension(stored: Form, shown: FormVersion) -> Json:
    """Return the extended metadata of a form: its records, author and kind of spreadsheet."""
    records = Submission.objects.standing().filter(form=stored)
    last = records.aggregate(last=Max("received_at"))
    return {
        "submissions": records.count(),
        "lastSubmission": moment(last["last"]),
        "createdBy": user(stored.created_by) if stored.created_by else None,
        "excelContentType": EXCEL.get(shown.source_type),
    }


def review_state(state: str) -> str | None:
    """Return Central's review state: null for received; it has no "returned"."""
    if state == ReviewState.RECEIVED:
        return None
    return str(ReviewState.HAS_ISSUES.value if state == ReviewState.RETURNED else state)


def _submitter(row: Submission | SubmissionVersion) -> int:
    if row.app_user_id is not None:
        return app_user_actor(row.app_user_id)
    return row.submitter_id or 0


def version(row: Submission | SubmissionVersion, *, current: bool) -> Json:
    """Return one wording of a record."""
    return {
        "instanceId": row.instance_id,
        "instanceName": None,
        "submitterId": _submitter(row),
        "deviceId": row.device_id or None,
        "userAgent": row.user_agent or None,
        "createdAt": moment(row.received_at),
        "current": current,
        "formVersion": row.version.version,
    }


def submission(record: Submission, *, extended: bool = False) -> Json:
    newest = record.current or record
    body: Json = {
        "instanceId": record.instance_id,
        "submitterId": _submitter(record),
        "deviceId": record.device_id or None,
        "userAgent": record.user_agent or None,
        "reviewState": review_state(record.state),
        "createdAt": moment(record.received_at),
        "updatedAt": moment(record.updated_at),
        "currentVersion": version(newest, current=True),
    }
    if extended:
        body["submitter"] = submitter(record)
        body["formVersion"] = record.version.version
    return body


def submitter(record: Submission) -> Json | None:
    if record.app_user is not None:
        return {
            "id": app_user_actor(record.app_user.pk),
            "type": "field_key",
            "displayName": record.app_user.name,
            "createdAt": moment(record.app_user.created_at),
            "updatedAt": None,
            "deletedAt": None,
        }
    return user(record.submitter) if record.submitter else None
