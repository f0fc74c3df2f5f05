"""Exports of a form's records in Central's API: CSV, and a zip with repeats and files."""

import re
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from accounts.models import User
from audit.trail import note_reading
from surveys.models import Form, Submission
from surveys.openrosa.central import query_options
from surveys.openrosa.central.access import REVIEW, endpoint, form
from surveys.openrosa.central.odata_filter import condition, speaks_of_deleted
from surveys.submissions.exports import formats, zip_archive
from surveys.submissions.exports import options as export_options
from surveys.submissions.exports.options import ExportOptions

_EXPORT_OPTIONS = (
    *("splitSelectMultiples", "groupPaths", "deletedFields", "attachments", "$filter"),
)
_KEY_NUMBER = re.compile(r"[0-9]{1,18}")
_UNFIT = re.compile(r'[/\\?<>:*|"\x00-\x1f]')


def _export(
    request: HttpRequest, person: User, project_id: int, form_id: str
) -> tuple[Form, Any, ExportOptions]:
    """Read the options of an export request: (form, records, options). Raises ApiError 400."""
    asked_form = form(person, project_id, form_id, REVIEW)
    note_reading(by=person, verb="export.fetched", subject=asked_form, form=asked_form.xml_form_id)
    # a passphrase is sent under the number of its key; nothing is decrypted here
    numbers = [name for name in request.GET if _KEY_NUMBER.fullmatch(name)]
    query_options.only(request, *_EXPORT_OPTIONS, *numbers)
    rows = formats.exportable(asked_form, person)
    if text := request.GET.get("$filter", ""):
        if speaks_of_deleted(text):
            rows = Submission.objects.visible_to(person).filter(form=asked_form)
        rows = rows.filter(condition(text))
    options = ExportOptions(
        split_selects=query_options.flag(request, "splitSelectMultiples", default=False) or False,
        group_paths=query_options.flag(request, "groupPaths", default=True) is not False,
        deleted_fields=query_options.flag(request, "deletedFields", default=True) is not False,
    )
    return asked_form, rows, options


def _csv(request: HttpRequest, person: User, project_id: int, form_id: str) -> HttpResponseBase:
    asked_form, rows, options = _export(request, person, project_id, form_id)
    lines = formats.never_silently_cut(export_options.csv_lines(rows, asked_form, options))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    return _as_file(response, f"{asked_form.xml_form_id}.csv")


def _as_file(response: StreamingHttpResponse, name: str) -> HttpResponseBase:
    safe = _UNFIT.sub("_", name)
    response["Content-Disposition"] = content_disposition_header(True, safe) or "attachment"
    return response


as_csv = endpoint(GET=_csv, POST=_csv)


def _zip(request: HttpRequest, person: User, project_id: int, form_id: str) -> HttpResponseBase:
    """Return main table, repeats and files as a zip.

    ``?attachments=false`` leaves the files out.
    """
    asked_form, rows, options = _export(request, person, project_id, form_id)
    wanted = query_options.flag(request, "attachments", default=True) is not False
    zipped = zip_archive.zipped(rows, asked_form, attachments=wanted, options=options)
    response = StreamingHttpResponse(zipped, content_type="application/zip")
    return _as_file(response, f"{asked_form.xml_form_id}.zip")


# ruODK posts, because a passphrase could be in the body; nothing is decrypted here
as_zip = endpoint(GET=_zip, POST=_zip)
