"""The parts of one version of a form: its XML, workbook, fields and attachments.

Every part has three addresses: of the published form, of a version by its name, of the draft.
"""

import mimetypes
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from accounts.models import Programme, User
from surveys.forms import publishing
from surveys.models import Form, FormAttachment, FormVersion
from surveys.openrosa import answers, multipart
from surveys.openrosa.central import query_options, shapes
from surveys.openrosa.central.access import PUBLISH, endpoint, form, success
from surveys.openrosa.central.odata_names import identifier
from surveys.openrosa.form_list import attachment_md5, served
from surveys.openrosa.problems import not_found
from surveys.submissions.exports.tables import Table, tables_of_versions

DRAFT = "draft"
Json = dict[str, Any]


def published(row: Form) -> FormVersion:
    """Return the current published version. Raises ApiError 404."""
    if row.current is None:
        raise not_found()
    return row.current


def published_version(form_row: Form, name: str) -> FormVersion:
    """Return a published version by its name; ``___`` is the one without. Raises ApiError 404."""
    version = "" if name == "___" else name
    row = form_row.versions.exclude(published_at=None).filter(version=version).first()
    if row is None:
        raise not_found()
    return row


def drafted(row: Form) -> FormVersion:
    """Return the draft. Raises ApiError 404."""
    if row.draft is None:
        raise not_found()
    return row.draft


def _part(
    view: Callable[..., HttpResponseBase], permission: str | None = None
) -> Callable[..., HttpResponseBase]:
    """Give a view the version that its address names: ``version``, ``draft``, or neither."""

    @wraps(view)
    def of_version(
        request: HttpRequest,
        person: User,
        project_id: int,
        form_id: str,
        *,
        version: str = "",
        draft: bool = False,
        **where: Any,
    ) -> HttpResponseBase:
        asked_form = form(person, project_id, form_id, permission)
        if draft:
            chosen = drafted(asked_form)
        else:
            chosen = published_version(asked_form, version) if version else published(asked_form)
        return view(request, person, chosen, **where)

    return of_version


def _xml(request: HttpRequest, person: User, version: FormVersion) -> HttpResponseBase:
    return answers.stamped(HttpResponse(version.xml, content_type="application/xml; charset=utf-8"))


def _workbook(
    request: HttpRequest, person: User, version: FormVersion, *, kind: str
) -> HttpResponseBase:
    if version.source is None or version.source_type != kind:
        raise not_found()
    response = HttpResponse(bytes(version.source), content_type=shapes.EXCEL[kind])
    name = f"{version.form.xml_form_id}.{kind}"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


xml = endpoint(GET=_part(_xml))
workbook = endpoint(GET=_part(_workbook))

# -- fields ----------------------------------------------------------------------------------


def _fields(request: HttpRequest, person: User, version: FormVersion) -> HttpResponseBase:
    query_options.only(request, "odata")
    rows = _fields_of(tables_of_versions([version]))
    if query_options.flag(request, "odata"):
        for row in rows:
            names = [identifier(name) for name in row["path"].strip("/").split("/")]
            row |= {"path": "/" + "/".join(names), "name": names[-1]}
    return JsonResponse(rows, safe=False)


def _fields_of(table: Table) -> list[Json]:
    rows: list[Json] = []
    seen: set[tuple[str, ...]] = set()

    def groups_above(path: tuple[str, ...]) -> None:
        for depth in range(1, len(path)):
            group = (*table.path, *path[:depth])
            if group not in seen:
                seen.add(group)
                rows.append(_field(group, "structure"))

    for column in table.columns:
        groups_above(column.path)
        binary = True if column.type == "binary" else None
        several = True if column.control == "select_multiple" else None
        row = _field((*table.path, *column.path), column.type)
        rows.append(row | {"binary": binary, "selectMultiple": several})
    for path, child in table.children.items():
        groups_above(path)
        rows.append(_field(child.path, "repeat"))
        rows += _fields_of(child)
    return rows


def _field(path: tuple[str, ...], typed: str) -> Json:
    return {
        "path": "/" + "/".join(path),
        "name": path[-1],
        "type": typed,
        "binary": None,
        "selectMultiple": None,
    }


fields = endpoint(GET=_part(_fields))

# -- attachments -----------------------------------------------------------------------------


def _attachment(row: FormAttachment, programme: Programme) -> Json:
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


def _attachments(request: HttpRequest, person: User, version: FormVersion) -> HttpResponseBase:
    programme = version.form.programme
    rows = [_attachment(a, programme) for a in version.attachments.all()]
    return JsonResponse(rows, safe=False)


def _get_attachment(
    request: HttpRequest, person: User, version: FormVersion, *, name: str
) -> HttpResponseBase:
    row = version.attachments.filter(name=name).first()
    answer = served(row, version.form.programme, request) if row else None
    if answer is None:
        raise not_found()
    return answer


def _give(
    request: HttpRequest, person: User, version: FormVersion, *, name: str
) -> HttpResponseBase:
    if not version.attachments.filter(name=name).exists():
        raise not_found()
    content = multipart.request_body(request, publishing.MAX_MEDIA)
    kind = request.content_type or mimetypes.guess_type(name)[0] or ""
    row = publishing.attach(
        version=version, name=name, content=content, content_type=kind, by=person
    )
    return JsonResponse({"success": True, **_attachment(row, version.form.programme)})


def _take_back(
    request: HttpRequest, person: User, version: FormVersion, *, name: str
) -> HttpResponseBase:
    row = version.attachments.filter(name=name).exclude(content=None).first()
    if row is None:
        raise not_found()
    publishing.detach(version=version, name=name, by=person)
    return success()


attachments = endpoint(GET=_part(_attachments))
attachment = endpoint(GET=_part(_get_attachment))
draft_attachment = endpoint(
    GET=_part(_get_attachment), POST=_part(_give, PUBLISH), DELETE=_part(_take_back, PUBLISH)
)
