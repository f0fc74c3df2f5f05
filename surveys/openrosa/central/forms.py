"""Forms of a project: drafts, publishing, versions, attachments, fields."""

import re
from typing import Any
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import translation

from accounts.models import Programme, User
from surveys.forms import compiling, published_versions, publishing
from surveys.forms.conflicts import FieldConflict
from surveys.forms.problems import FormProblems
from surveys.models import Form, FormVersion
from surveys.openrosa.central import query_options, shapes
from surveys.openrosa.central.access import (
    PUBLISH,
    body_of,
    endpoint,
    extended,
    form,
    manages,
    project,
    success,
)
from surveys.openrosa.central.form_parts import drafted, published, published_version
from surveys.openrosa.problems import ApiError, conflict, not_found

_KINDS = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.ms-excel.sheet.macroenabled.12": "xlsm",
    "application/vnd.ms-excel": "xls",
}
_WAIT_SECONDS = 25
"""Seconds for which a request waits for the worker that reads its form; pyodk gives up at 30."""

_NUMBER = re.compile(r"[0-9]{1,18}")


def _prepared(request: HttpRequest, programme: Programme, by: User) -> publishing.Prepared:
    """Return the form in the body, as a worker read it. Raises ApiError as Central does."""
    content_type = (request.content_type or "").lower()
    kind = _KINDS.get(content_type, "xml")
    body = request.body
    if not body:
        raise ApiError(400.2, "Required parameters missing. Expected (xml), got (undefined).")
    fallback = unquote(request.headers.get("X-XlsForm-FormId-Fallback", ""))
    prepared = _read_by_worker(programme, by, body, kind, fallback)
    ignore = query_options.flag(request, "ignoreWarnings", default=False)
    if prepared.warnings and not ignore and kind != "xml":
        raise ApiError(
            400.16,
            "The form could be created, but there are possible issues.",
            {"warnings": {"xlsFormWarnings": prepared.warnings}},
        )
    return prepared


def _read_by_worker(
    programme: Programme, by: User, body: bytes, kind: str, form_id: str = ""
) -> publishing.Prepared:
    upload = None
    try:
        with translation.override("en"):
            upload = compiling.submit(
                programme=programme,
                content=body,
                kind=kind,
                file_name=f"{form_id or 'form'}.{kind}",
                by=by,
                makes_draft=False,
                default_form_id=form_id,
            )
            return compiling.result(compiling.wait(upload, _WAIT_SECONDS))
    except compiling.NotYetError as trouble:
        raise ApiError(
            503.1, "No worker was free to read the form in time. Send it again in a minute."
        ) from trouble
    except FormProblems as trouble:
        words = [str(p) for p in trouble.problems]
        if kind == "xml":
            details: dict[str, Any] = {"format": "xml", "rawLength": len(body)}
            raise ApiError(
                400.1, f"Could not parse the given data: {words[0]}", details
            ) from trouble
        raise ApiError(
            400.15,
            "The given XLSForm file was not valid. Please see the error details.",
            {"error": words[0], "warnings": words[1:]},
        ) from trouble
    finally:
        if upload is not None:
            compiling.forget(upload)


def _draft(
    programme: Programme, prepared: publishing.Prepared, by: User, of: Form | None = None
) -> FormVersion:
    try:
        return publishing.save_draft(programme=programme, prepared=prepared, by=by, form=of)
    except FieldConflict as trouble:
        raise _field_conflict(trouble) from trouble
    except FormProblems as trouble:
        words = [str(p) for p in trouble.problems]
        raise ApiError(400.8, " ".join(words), {"problems": words}) from trouble


def _field_conflict(trouble: FieldConflict) -> ApiError:
    return ApiError(
        400.17,
        "The form you have uploaded attempts to change the type of the field at "
        f"{trouble.path}. In a previous version, it had the type {trouble.kind}. Please either "
        "return that field to its previous type, or rename the field so it lives at a new path.",
        {"path": trouble.path, "type": trouble.kind},
    )


def _publish(of: Form, by: User, version: str = "") -> None:
    try:
        publishing.publish(form=of, by=by, version=version)
    except FieldConflict as trouble:
        raise _field_conflict(trouble) from trouble
    except ValidationError as trouble:
        if "draft" in trouble.message_dict:
            raise not_found() from trouble
        raise ApiError(
            409.6,
            "A published form already exists in this project with this version.",
            {"xmlFormId": of.xml_form_id, "version": version},
        ) from trouble
    published_versions.forget()


def _forms(request: HttpRequest, person: User, project_id: int) -> HttpResponseBase:
    """Serve the forms of a project; ``?deleted=true``: those that can be restored."""
    query_options.only(request, "deleted")
    if query_options.flag(request, "deleted"):
        programme = project(person, project_id, PUBLISH)
        rows = Form.objects.exclude(deleted_at=None).filter(programme=programme)
    else:
        programme = project(person, project_id)
        rows = Form.objects.standing().filter(programme=programme)
    records = rows.select_related("current", "draft", "created_by").order_by("xml_form_id")
    token = manages(person, programme)
    shown = [
        shapes.form(f, extended=extended(request), with_token=token)
        for f in records
        if f.current or f.draft
    ]
    return JsonResponse(shown, safe=False)


def _create(request: HttpRequest, person: User, project_id: int) -> HttpResponseBase:
    programme = project(person, project_id, PUBLISH)
    prepared = _prepared(request, programme, person)
    rows = Form.objects.standing().filter(programme=programme, xml_form_id=prepared.form.form_id)
    if rows.exists():
        raise conflict(["projectId", "xmlFormId"], [project_id, prepared.form.form_id])
    draft = _draft(programme, prepared, person)
    # pyodk writes True
    if query_options.flag(request, "publish", default=False):
        _publish(draft.form, person)
    made = form(person, project_id, prepared.form.form_id)
    return JsonResponse(shapes.form(made, with_token=True))


forms = endpoint(GET=_forms, POST=_create)


def _form(request: HttpRequest, person: User, project_id: int, form_id: str) -> HttpResponseBase:
    asked_form = form(person, project_id, form_id)
    token = manages(person, asked_form.programme)
    return JsonResponse(shapes.form(asked_form, extended=extended(request), with_token=token))


def _change(request: HttpRequest, person: User, project_id: int, form_id: str) -> HttpResponseBase:
    asked_form = form(person, project_id, form_id, PUBLISH)
    state = body_of(request).get("state", asked_form.state)
    if state not in Form.State.values:
        raise ApiError(400.8, f"Unexpected state value {state}.")
    publishing.set_state(form=asked_form, state=state, by=person)
    published_versions.forget()
    return JsonResponse(shapes.form(form(person, project_id, form_id), with_token=True))


def _delete(request: HttpRequest, person: User, project_id: int, form_id: str) -> HttpResponseBase:
    publishing.delete_form(form=form(person, project_id, form_id, PUBLISH), by=person)
    published_versions.forget()
    return success()


one_form = endpoint(GET=_form, PATCH=_change, DELETE=_delete)


def _restore(request: HttpRequest, person: User, project_id: int, form_id: str) -> HttpResponseBase:
    """``POST /forms/{number}/restore``: the number, because several may bear one name."""
    project(person, project_id, PUBLISH)
    if not _NUMBER.fullmatch(form_id):
        raise ApiError(
            400.11,
            f"Invalid input data type: expected '{form_id[:80]}' to be (integer)",
            {"value": form_id[:80], "expected": "integer"},
        )
    rows = Form.objects.exclude(deleted_at=None).filter(programme=project_id, pk=int(form_id))
    deleted = rows.first()
    if deleted is None:
        raise not_found()
    try:
        publishing.restore_form(form=deleted, by=person)
    except ValidationError as trouble:
        raise conflict(
            ["projectId", "xmlFormId"], [str(project_id), deleted.xml_form_id]
        ) from trouble
    published_versions.forget()
    return success()


restore = endpoint(POST=_restore)


def _versions(
    request: HttpRequest, person: User, project_id: int, form_id: str
) -> HttpResponseBase:
    asked_form = form(person, project_id, form_id)
    rows = asked_form.versions.exclude(published_at=None).order_by("-id")
    return JsonResponse([shapes.form(asked_form, v) for v in rows], safe=False)


def _one_version(
    request: HttpRequest, person: User, project_id: int, form_id: str, version: str
) -> HttpResponseBase:
    asked_form = form(person, project_id, form_id)
    return JsonResponse(shapes.form(asked_form, published_version(asked_form, version)))


versions = endpoint(GET=_versions)
one_version = endpoint(GET=_one_version)

# -- drafts --------------------------------------------------------------------------------


def _show_draft(
    request: HttpRequest, person: User, project_id: int, form_id: str
) -> HttpResponseBase:
    asked_form = form(person, project_id, form_id)
    token = manages(person, asked_form.programme)
    return JsonResponse(shapes.form(asked_form, drafted(asked_form), with_token=token))


def _put_draft(
    request: HttpRequest, person: User, project_id: int, form_id: str
) -> HttpResponseBase:
    """Make a draft from the body; without one, from a copy of what is published."""
    asked_form = form(person, project_id, form_id, PUBLISH)
    if request.body:
        prepared = _prepared(request, asked_form.programme, person)
    else:
        xml = published(asked_form).xml.encode()
        prepared = _read_by_worker(asked_form.programme, person, xml, "xml")
    _draft(asked_form.programme, prepared, person, asked_form)
    return success()


def _drop_draft(
    request: HttpRequest, person: User, project_id: int, form_id: str
) -> HttpResponseBase:
    asked_form = form(person, project_id, form_id, PUBLISH)
    drafted(asked_form)
    if asked_form.current is None:
        raise ApiError(409.7, "The form was never published; delete it instead of its draft.")
    publishing.abandon_draft(form=asked_form, by=person)
    return success()


def _publish_draft(
    request: HttpRequest, person: User, project_id: int, form_id: str
) -> HttpResponseBase:
    asked_form = form(person, project_id, form_id, PUBLISH)
    drafted(asked_form)
    _publish(asked_form, person, request.GET.get("version", ""))
    return success()


draft = endpoint(GET=_show_draft, POST=_put_draft, DELETE=_drop_draft)
publish_draft = endpoint(POST=_publish_draft)
