"""Forms of a project: drafts, publishing, versions, attachments, fields."""

import mimetypes
from typing import Any
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import translation

from accounts.models import Programme, User
from surveys.forms import compiling, publishing
from surveys.forms.conflicts import FieldConflict
from surveys.forms.problems import FormProblems
from surveys.models import Form, FormAttachment, FormVersion
from surveys.openrosa import answers, posting
from surveys.openrosa.central import shapes
from surveys.openrosa.central.access import (
    PUBLISH,
    body_of,
    endpoint,
    extended,
    form,
    project,
    success,
)
from surveys.openrosa.listing import attachment_md5, served
from surveys.openrosa.problems import ApiError, conflict, not_found
from surveys.submissions import arrive
from surveys.submissions.tables import Table, tables_of_versions

_KINDS = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.ms-excel.sheet.macroenabled.12": "xlsm",
    "application/vnd.ms-excel": "xls",
}
_WAIT_SECONDS = 25
"""How long a request waits for the worker that reads its form: pyodk gives up after 30."""


def _prepared(request: HttpRequest, programme: Programme, by: User) -> publishing.Prepared:
    """The form in the body, as a worker read it. Raises ApiError as Central does."""
    content_type = (request.content_type or "").lower()
    kind = _KINDS.get(content_type, "xml")
    body = request.body
    if not body:
        raise ApiError(400.2, "Required parameters missing. Expected (xml), got (undefined).")
    fallback = unquote(request.headers.get("X-XlsForm-FormId-Fallback", ""))
    prepared = _read_by_worker(programme, by, body, kind, fallback)
    if prepared.warnings and request.GET.get("ignoreWarnings") != "true" and kind != "xml":
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
    arrive.forget_targets()


def _forms(request: HttpRequest, person: User, project_id: int) -> HttpResponseBase:
    programme = project(person, project_id)
    rows = Form.objects.standing().filter(programme=programme)
    found = rows.select_related("current", "draft", "created_by").order_by("xml_form_id")
    shown = [shapes.form(f, extended=extended(request)) for f in found if f.current or f.draft]
    return JsonResponse(shown, safe=False)


def _create(request: HttpRequest, person: User, project_id: int) -> HttpResponseBase:
    programme = project(person, project_id, PUBLISH)
    prepared = _prepared(request, programme, person)
    known = Form.objects.standing().filter(programme=programme, xml_form_id=prepared.form.form_id)
    if known.exists():
        raise conflict(["projectId", "xmlFormId"], [project_id, prepared.form.form_id])
    draft = _draft(programme, prepared, person)
    if request.GET.get("publish") == "true":
        _publish(draft.form, person)
    made = form(person, project_id, prepared.form.form_id)
    return JsonResponse(shapes.form(made))


forms = endpoint(GET=_forms, POST=_create)


def _form(request: HttpRequest, person: User, project_id: int, form_id: str) -> HttpResponseBase:
    found = form(person, project_id, form_id)
    return JsonResponse(shapes.form(found, extended=extended(request)))


def _change(request: HttpRequest, person: User, project_id: int, form_id: str) -> HttpResponseBase:
    found = form(person, project_id, form_id, PUBLISH)
    state = body_of(request).get("state", found.state)
    if state not in Form.State.values:
        raise ApiError(400.8, f"Unexpected state value {state}.")
    publishing.set_state(form=found, state=state, by=person)
    arrive.forget_targets()
    return JsonResponse(shapes.form(form(person, project_id, form_id)))


def _delete(request: HttpRequest, person: User, project_id: int, form_id: str) -> HttpResponseBase:
    publishing.delete_form(form=form(person, project_id, form_id, PUBLISH), by=person)
    arrive.forget_targets()
    return success()


one_form = endpoint(GET=_form, PATCH=_change, DELETE=_delete)


def _published(found: Form) -> FormVersion:
    if found.current is None:
        raise not_found()
    return found.current


def _version(found: Form, name: str) -> FormVersion:
    version = "" if name == "___" else name
    row = found.versions.exclude(published_at=None).filter(version=version).first()
    if row is None:
        raise not_found()
    return row


def _drafted(found: Form) -> FormVersion:
    if found.draft is None:
        raise not_found()
    return found.draft


def _xml(version: FormVersion) -> HttpResponse:
    return answers.stamped(HttpResponse(version.xml, content_type="application/xml; charset=utf-8"))


def _xlsx(version: FormVersion) -> HttpResponse:
    if version.source is None or version.source_type not in _KINDS.values():
        raise not_found()
    kind = next(k for k, v in _KINDS.items() if v == version.source_type)
    response = HttpResponse(bytes(version.source), content_type=kind)
    name = f"{version.form.xml_form_id}.{version.source_type}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _get_xml(
    request: HttpRequest, person: User, project_id: int, form_id: str, version: str = ""
) -> HttpResponseBase:
    found = form(person, project_id, form_id)
    return _xml(_version(found, version) if version else _published(found))


def _get_xlsx(
    request: HttpRequest, person: User, project_id: int, form_id: str
) -> HttpResponseBase:
    return _xlsx(_published(form(person, project_id, form_id)))


form_xml = endpoint(GET=_get_xml)
form_xlsx = endpoint(GET=_get_xlsx)


def _versions(
    request: HttpRequest, person: User, project_id: int, form_id: str
) -> HttpResponseBase:
    found = form(person, project_id, form_id)
    rows = found.versions.exclude(published_at=None).order_by("-id")
    return JsonResponse([shapes.form(found, v) for v in rows], safe=False)


def _one_version(
    request: HttpRequest, person: User, project_id: int, form_id: str, version: str
) -> HttpResponseBase:
    found = form(person, project_id, form_id)
    return JsonResponse(shapes.form(found, _version(found, version)))


versions = endpoint(GET=_versions)
one_version = endpoint(GET=_one_version)

# -- drafts --------------------------------------------------------------------------------


def _show_draft(
    request: HttpRequest, person: User, project_id: int, form_id: str
) -> HttpResponseBase:
    found = form(person, project_id, form_id)
    return JsonResponse(shapes.form(found, _drafted(found)))


def _put_draft(
    request: HttpRequest, person: User, project_id: int, form_id: str
) -> HttpResponseBase:
    """A new draft from the body; without one, a copy of what is published."""
    found = form(person, project_id, form_id, PUBLISH)
    if request.body:
        prepared = _prepared(request, found.programme, person)
    else:
        xml = _published(found).xml.encode()
        prepared = _read_by_worker(found.programme, person, xml, "xml")
    _draft(found.programme, prepared, person, found)
    return success()


def _drop_draft(
    request: HttpRequest, person: User, project_id: int, form_id: str
) -> HttpResponseBase:
    found = form(person, project_id, form_id, PUBLISH)
    _drafted(found)
    if found.current is None:
        raise ApiError(409.7, "The form was never published; delete it instead of its draft.")
    publishing.abandon_draft(form=found, by=person)
    return success()


def _publish_draft(
    request: HttpRequest, person: User, project_id: int, form_id: str
) -> HttpResponseBase:
    found = form(person, project_id, form_id, PUBLISH)
    _drafted(found)
    _publish(found, person, request.GET.get("version", ""))
    return success()


def _draft_xml(
    request: HttpRequest, person: User, project_id: int, form_id: str
) -> HttpResponseBase:
    return _xml(_drafted(form(person, project_id, form_id)))


draft = endpoint(GET=_show_draft, POST=_put_draft, DELETE=_drop_draft)
publish_draft = endpoint(POST=_publish_draft)
draft_xml = endpoint(GET=_draft_xml)

# -- attachments ---------------------------------------------------------------------------


def _attachment(row: FormAttachment, programme: Programme) -> dict[str, Any]:
    md5 = attachment_md5(row, programme)
    return {
        "name": row.name,
        "type": row.kind,
        "exists": bool(md5),
        "blobExists": bool(md5) and not row.house_list,
        "datasetExists": bool(row.house_list),
        "hash": md5 or None,
        "updatedAt": shapes.moment(row.updated_at) if md5 else None,
    }


def _attachments(
    request: HttpRequest, person: User, project_id: int, form_id: str, of_draft: bool = False
) -> HttpResponseBase:
    found = form(person, project_id, form_id)
    version = _drafted(found) if of_draft else _published(found)
    rows = [_attachment(a, found.programme) for a in version.attachments.all()]
    return JsonResponse(rows, safe=False)


def _get_attachment(
    request: HttpRequest,
    person: User,
    project_id: int,
    form_id: str,
    *,
    name: str,
    of_draft: bool = False,
) -> HttpResponseBase:
    found = form(person, project_id, form_id)
    version = _drafted(found) if of_draft else _published(found)
    row = version.attachments.filter(name=name).first()
    answer = served(row, found.programme, request) if row else None
    if answer is None:
        raise not_found()
    return answer


def _give(
    request: HttpRequest,
    person: User,
    project_id: int,
    form_id: str,
    *,
    name: str,
    of_draft: bool = True,
) -> HttpResponseBase:
    version = _drafted(form(person, project_id, form_id, PUBLISH))
    if not version.attachments.filter(name=name).exists():
        raise not_found()
    content = posting.whole_body(request, publishing.MAX_MEDIA)
    kind = request.content_type or mimetypes.guess_type(name)[0] or ""
    publishing.attach(version=version, name=name, content=content, content_type=kind, by=person)
    return success()


attachments = endpoint(GET=_attachments)
attachment = endpoint(GET=_get_attachment)
draft_attachment = endpoint(GET=_get_attachment, POST=_give)

# -- fields ----------------------------------------------------------------------------------


def _fields_of(table: Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    seen: set[tuple[str, ...]] = set()
    for column in table.columns:
        for depth in range(1, len(column.path)):
            group = (*table.path, *column.path[:depth])
            if group not in seen:
                seen.add(group)
                rows.append(_field(group, "structure"))
        path = (*table.path, *column.path)
        rows.append(
            _field(path, column.type)
            | {
                "binary": True if column.type == "binary" else None,
                "selectMultiple": True if column.control == "select_multiple" else None,
            }
        )
    for child in table.children.values():
        rows.append(_field(child.path, "repeat"))
        rows += _fields_of(child)
    return rows


def _field(path: tuple[str, ...], typed: str) -> dict[str, Any]:
    return {
        "path": "/" + "/".join(path),
        "name": path[-1],
        "type": typed,
        "binary": None,
        "selectMultiple": None,
    }


def _fields(request: HttpRequest, person: User, project_id: int, form_id: str) -> HttpResponseBase:
    version = _published(form(person, project_id, form_id))
    return JsonResponse(_fields_of(tables_of_versions([version])), safe=False)


fields = endpoint(GET=_fields)
