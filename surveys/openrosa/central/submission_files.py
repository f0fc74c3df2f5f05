"""Files of records in Central's API: of the current wording, and of earlier ones."""

from typing import Any

from django.db import transaction
from django.http import FileResponse, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

import media
from accounts.models import User
from surveys.models import Submission, SubmissionVersion
from surveys.openrosa import answers, multipart
from surveys.openrosa.central.access import endpoint, form, submission, success
from surveys.openrosa.central.submissions import or_moved, wording_of
from surveys.openrosa.problems import ApiError, not_found
from surveys.submissions.intake import receive
from surveys.submissions.intake.files import Kept, clean_name, keep, name_of


def _present(row: Submission, wording: Submission | SubmissionVersion) -> Any:
    """Return the files of one wording; those of the first belong to the record itself."""
    edit = wording.pk if isinstance(wording, SubmissionVersion) else None
    return row.attachments.filter(edit_id=edit).order_by("name")


def _files(row: Submission, wording: Submission | SubmissionVersion) -> HttpResponseBase:
    here = [a.name for a in _present(row, wording)]
    shown = [{"name": name, "exists": True} for name in here]
    if wording == (row.current or row):
        shown += [{"name": n, "exists": False} for n in row.missing_media if n not in here]
    return JsonResponse(shown, safe=False)


def _file(
    request: HttpRequest, row: Submission, wording: Submission | SubmissionVersion, name: str
) -> HttpResponseBase:
    entry = _present(row, wording).filter(name=name).first()
    if entry is None:
        raise not_found()
    if answers.has_already(request, entry.md5):
        return answers.not_modified(entry.md5)
    try:
        opened = media.open_file(name_of(entry.sha256))
    except FileNotFoundError:
        raise not_found() from None
    response = FileResponse(opened, as_attachment=True, filename=name)
    response["Content-Type"] = entry.looks_like or "application/octet-stream"
    response["X-Content-Type-Options"] = "nosniff"
    response["ETag"] = f'"{entry.md5}"'
    response["Cache-Control"] = "private, no-cache"
    return response


def _attachments(
    request: HttpRequest, person: User, project_id: int, form_id: str, instance_id: str
) -> HttpResponseBase:
    row = submission(person, project_id, form_id, instance_id)
    return _files(row, row.current or row)


def _attachment(
    request: HttpRequest,
    person: User,
    project_id: int,
    form_id: str,
    instance_id: str,
    *,
    name: str,
) -> HttpResponseBase:
    row = submission(person, project_id, form_id, instance_id)
    return _file(request, row, row.current or row, name)


def _version_attachments(
    request: HttpRequest,
    person: User,
    project_id: int,
    form_id: str,
    instance_id: str,
    *,
    version_id: str,
) -> HttpResponseBase:
    row = submission(person, project_id, form_id, instance_id)
    return _files(row, wording_of(row, version_id)[0])


def _version_attachment(
    request: HttpRequest,
    person: User,
    project_id: int,
    form_id: str,
    instance_id: str,
    *,
    version_id: str,
    name: str,
) -> HttpResponseBase:
    row = submission(person, project_id, form_id, instance_id)
    return _file(request, row, wording_of(row, version_id)[0], name)


class _Body:
    """A request's body in the form of an uploaded file."""

    def __init__(self, request: HttpRequest, name: str) -> None:
        self.name: str | None = name
        self.content_type: str | None = request.content_type
        self._content = multipart.request_body(request, answers.ACCEPT_LENGTH)

    def chunks(self) -> Any:
        return iter([self._content])


def _attach(
    request: HttpRequest,
    person: User,
    project_id: int,
    form_id: str,
    instance_id: str,
    *,
    name: str,
) -> HttpResponseBase:
    """Store the bytes of one of a record's files."""
    row = Submission.objects.standing().filter(
        form=form(person, project_id, form_id), instance_id=instance_id
    )
    mine = row.filter(submitter=person).first()
    target = mine or submission(person, project_id, form_id, instance_id)
    if clean_name(name) != name:
        raise ApiError(400.8, f"Unexpected name value {name}.")
    file: Kept = keep(_Body(request, name), name=name)
    with transaction.atomic():
        receive.add_file(target, file)
    return success()


attachments = endpoint(GET=or_moved(_attachments))
attachment = endpoint(GET=or_moved(_attachment), POST=_attach)
version_attachments = endpoint(GET=_version_attachments)
version_attachment = endpoint(GET=_version_attachment)
