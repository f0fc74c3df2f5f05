"""Test a draft with a real client: it is fetched and sent as any form, and nothing is stored."""

from functools import wraps
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt

from surveys.models import Form
from surveys.openrosa import answers, multipart
from surveys.openrosa.answers import element
from surveys.openrosa.form_list import View, manifest_of, served
from surveys.openrosa.submission_endpoint import version_refusal
from surveys.submissions.intake.envelope import UnreadableError, open_envelope
from surveys.submissions.intake.receive import RefusedError


def _for_draft(view: View) -> View:
    @csrf_exempt
    @wraps(view)
    def open_door(
        request: HttpRequest, token: str, project: int, form_id: str, **where: Any
    ) -> HttpResponse:
        form = (
            Form.objects.standing()
            .filter(programme_id=project, xml_form_id=form_id, draft__isnull=False)
            .select_related("draft", "programme")
            .first()
        )
        if form is None or form.draft is None:
            return answers.message(404, "There is no such draft.")
        if not constant_time_compare(form.draft.draft_token, token):
            return answers.message(403, "This token is unknown or was revoked.")
        return version_refusal(request) or view(request, form, token, **where)

    return open_door


def _base(request: HttpRequest, form: Form, token: str) -> str:
    form_id = quote(form.xml_form_id, safe="")
    place = f"/v1/test/{token}/projects/{form.programme_id}/forms/{form_id}/draft"
    return answers.base_url(request) + place


@_for_draft
def form_list(request: HttpRequest, form: Form, token: str) -> HttpResponse:
    draft, base = form.draft, _base(request, form, token)
    assert draft is not None
    inside = (
        element("formID", form.xml_form_id)
        + element("name", draft.title)
        + element("version", draft.version)
        + element("hash", f"md5:{draft.md5}")
        + element("downloadUrl", f"{base}.xml")
        + element("manifestUrl", f"{base}/manifest")
    )
    return answers.document(
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<xforms xmlns="http://openrosa.org/xforms/xformsList">'
        f"<xform>{inside}</xform></xforms>"
    )


@_for_draft
def form_xml(request: HttpRequest, form: Form, token: str) -> HttpResponse:
    assert form.draft is not None
    return answers.document(form.draft.xml)


@_for_draft
def manifest(request: HttpRequest, form: Form, token: str) -> HttpResponse:
    assert form.draft is not None
    return answers.document(manifest_of(_base(request, form, token), form.draft, form.programme))


@_for_draft
def attachment(request: HttpRequest, form: Form, token: str, name: str) -> HttpResponse:
    assert form.draft is not None
    row = form.draft.attachments.filter(name=name).first()
    answer = served(row, form.programme, request) if row else None
    return answer or answers.message(404, "There is no such file.")


@_for_draft
def submission(request: HttpRequest, form: Form, token: str) -> HttpResponse:
    """Accept a test record: read it, check that it is of this draft, and discard it."""
    if request.method == "HEAD":
        return answers.stamped(HttpResponse(status=204))
    try:
        envelope = open_envelope(multipart.read_post(request).xml)
    except UnreadableError as trouble:
        return answers.message(400, str(trouble))
    except RefusedError as refusal:
        return answers.message(refusal.status, refusal.message)
    if envelope.form_id != form.xml_form_id:
        return answers.message(400, "The record belongs to another form.")
    return answers.message(201, "The test arrived. Tests of drafts are not kept.")
