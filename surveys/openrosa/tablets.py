"""Endpoints for the tablet app only: its bundle, compiled forms, lists, returned records."""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

import media
from accounts.models import Programme
from parsing import json_body
from sealing import BrokenSealError
from surveys.forms.list_places import places_of_person, places_of_tablet
from surveys.forms.lists import TABLET_LISTS, Places, house_list
from surveys.forms.tablets import (
    TooManyCodesError,
    enrol,
    next_token_of,
    note_erased,
    to_erase,
)
from surveys.models import AppUser, Form, FormVersion, ReviewState, Submission
from surveys.openrosa import authentication
from surveys.openrosa.form_list import attachment_md5, listed_forms
from surveys.openrosa.problems import ApiError, forbidden, not_found
from surveys.submissions.intake.files import name_of
from throttling.addresses import client_address

View = Callable[..., HttpResponseBase]


def _for_tablet(view: View) -> View:
    """Require a tablet's token and answer JSON with an ETag."""

    @require_safe
    @wraps(view)
    def open_door(request: HttpRequest, token: str, project: int, **where: Any) -> HttpResponseBase:
        holder = authentication.holder_of(token)
        if holder is None or holder.programme_id != project:
            return _refuse_key(token, project)
        try:
            return view(request, holder, **where)
        except ApiError as error:
            return error.response()

    return open_door


def _refuse_key(token: str, project: int) -> HttpResponse:
    """Refuse a key, or order a lost tablet to erase its data."""
    if to_erase(token, project) is None:
        return forbidden().response()
    sentence = "This tablet was taken out of use: erase its data."
    return ApiError(410.1, sentence, {"erase": True}).response()


@csrf_exempt
@require_POST
def erased(request: HttpRequest, token: str, project: int) -> HttpResponse:
    """Record that a tablet erased its data; repeating it changes nothing."""
    tablet = to_erase(token, project)
    if tablet is None:
        return forbidden().response()
    note_erased(tablet)
    return JsonResponse({"success": True})


def _json(request: HttpRequest, body: Any, *, volatile: str = "") -> HttpResponse:
    """Answer JSON with an ETag; ``volatile`` names a member that does not count for it."""
    counted = {k: v for k, v in body.items() if k != volatile} if volatile else body
    text = json.dumps(counted, ensure_ascii=False, sort_keys=True)
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    response = JsonResponse(body, safe=False, json_dumps_params={"ensure_ascii": False})
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def _media(version: FormVersion, programme: Programme) -> list[dict[str, Any]]:
    return [
        {"name": a.name, "hash": f"md5:{a.md5}", "size": len(a.content)}
        for a in version.attachments.all()
        if not a.house_list and a.content is not None
    ]


def _complete_hash(version: FormVersion, programme: Programme, places: Places) -> str:
    """Return a hash that changes with the form, and with any of its media or lists."""
    parts = [version.md5]
    for attachment in version.attachments.all():
        parts.append(f"{attachment.name}:{attachment_md5(attachment, programme, places)}")
    return "md5:" + hashlib.md5("\n".join(parts).encode(), usedforsecurity=False).hexdigest()


def _returned(holder: authentication.Holder) -> Any:
    return (
        Submission.objects.standing()
        .filter(app_user_id=holder.app_user_id, state=ReviewState.RETURNED)
        .select_related("form", "version", "current__version", "person")
        .prefetch_related("comments__by", "attachments")
        .order_by("id")
    )


@_for_tablet
def bundle(request: HttpRequest, holder: authentication.Holder) -> HttpResponse:
    """Serve everything a tablet asks for at each sync, in one small answer."""
    tablet = AppUser.objects.select_related("programme").get(pk=holder.app_user_id)
    programme, places = tablet.programme, places_of_tablet(tablet)
    forms = [
        {
            "xmlFormId": form.xml_form_id,
            "name": form.current.title,
            "version": form.current.version,
            "hash": _complete_hash(form.current, programme, places),
            "tablet": form.current.for_tablet,
            "whyNot": form.current.outside_subset,
        }
        for form in listed_forms(programme.pk, holder.forms)
        if form.current is not None
    ]
    lists = [house_list(name, programme, places) for name in TABLET_LISTS]
    next_token = next_token_of(tablet)
    people = tablet.people.filter(is_active=True).order_by("display_name", "username")
    body = {
        "project": {
            "id": programme.pk,
            "name": {"km": programme.name_km, "en": programme.name_en},
            "provinces": sorted(programme.provinces.values_list("code", flat=True)),
        },
        "tablet": {"id": tablet.pk, "name": tablet.name},
        "people": [
            {"username": p.username, "name": str(p), "places": places_of_person(p, programme)}
            for p in people
        ],
        "forms": forms,
        "lists": [{"name": one.name, "hash": one.hash, "rows": len(one.rows)} for one in lists],
        "returned": _returned(holder).count(),
        # a key that replaces the one of this request (surveys.forms.tablets)
        **({"nextToken": next_token} if next_token else {}),
        "serverTime": timezone.localtime().isoformat(timespec="seconds"),
    }
    return _json(request, body, volatile="serverTime")


@_for_tablet
def compiled(request: HttpRequest, holder: authentication.Holder, form_id: str) -> HttpResponse:
    """Serve the compiled form; old versions too, by ``?version=``."""
    forms = Form.objects.standing().filter(
        programme_id=holder.programme_id, xml_form_id=form_id, current__isnull=False
    )
    if holder.forms is not None:
        forms = forms.filter(pk__in=holder.forms)
    form = forms.select_related("current", "programme").first()
    if form is None or form.current is None:
        raise not_found()
    version: FormVersion | None = form.current
    if "version" in request.GET:
        published = form.versions.exclude(published_at=None)
        version = published.filter(version=request.GET["version"]).first()
    if version is None:
        raise not_found()
    if not version.for_tablet:
        raise ApiError(
            409.1, "This form is for ODK Collect only.", {"whyNot": version.outside_subset}
        )
    return _json(request, {**version.compiled, "media": _media(version, form.programme)})


@_for_tablet
def rows(request: HttpRequest, holder: authentication.Holder, name: str) -> HttpResponse:
    """Serve one house list, of the places where the tablet's people record."""
    if name not in TABLET_LISTS:
        raise not_found()
    tablet = AppUser.objects.select_related("programme").get(pk=holder.app_user_id)
    house_rows = house_list(name, tablet.programme, places_of_tablet(tablet))
    return _json(request, {"name": name, "hash": house_rows.hash, "rows": house_rows.rows})


@_for_tablet
def returned(request: HttpRequest, holder: authentication.Holder) -> HttpResponse:
    """Serve the records returned to this tablet, each with the last comment."""
    body = []
    for record in _returned(holder):
        records = list(record.comments.all())
        last = records[-1] if records else None
        current = record.current
        names = [a.name for a in record.attachments.all() if a.edit_id == record.current_id]
        body.append(
            {
                "instanceId": record.instance_id,
                "currentInstanceId": current.instance_id if current else record.instance_id,
                "xmlFormId": record.form.xml_form_id,
                "version": (current.version if current else record.version).version,
                "comment": last.body if last else "",
                "by": str(last.by) if last and last.by else "",
                "at": (last.at if last else record.received_at).isoformat(),
                "username": record.person.username if record.person else "",
                "attachments": sorted(names),
            }
        )
    return _json(request, body)


def _one_returned(holder: authentication.Holder, instance_id: str) -> Submission:
    record: Submission | None = _returned(holder).filter(instance_id=instance_id).first()
    if record is None:
        raise not_found()
    return record


@_for_tablet
def returned_xml(
    request: HttpRequest, holder: authentication.Holder, instance_id: str
) -> HttpResponse:
    """Serve the current XML of a returned record."""
    record = _one_returned(holder, instance_id)
    xml = record.current.xml if record.current else record.xml
    return HttpResponse(bytes(xml), content_type="text/xml; charset=utf-8")


@_for_tablet
def returned_file(
    request: HttpRequest, holder: authentication.Holder, instance_id: str, name: str
) -> HttpResponseBase:
    """Serve one file of a returned record."""
    record = _one_returned(holder, instance_id)
    row = record.attachments.filter(name=name, edit_id=record.current_id).first()
    if row is None:
        raise not_found()
    try:
        opened = media.open_file(name_of(row.sha256))
    except FileNotFoundError:
        raise not_found() from None
    response = FileResponse(opened, as_attachment=True, filename=row.name)
    response["Content-Type"] = row.looks_like or "application/octet-stream"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@csrf_exempt
@require_POST
def enrolment(request: HttpRequest) -> HttpResponse:
    """Exchange six digits for a token."""
    try:
        payload = json_body.loads(request.body)
    except (ValueError, UnicodeDecodeError):
        return ApiError(400.1, "The body is not JSON.").response()
    code = payload.get("code") if isinstance(payload, dict) else None
    if not isinstance(code, str) or len(code) > 40:
        return ApiError(400.2, "The code is missing.").response()
    try:
        enrolled = enrol(code=code, address=client_address(request))
    except TooManyCodesError:
        return ApiError(429.1, "Too many wrong codes. Wait ten minutes.").response()
    except BrokenSealError:
        return ApiError(
            409.2, "This tablet's key is unreadable. Ask the coordinator to make a new key."
        ).response()
    if enrolled is None:
        return ApiError(404.1, "This code is wrong, was used, or is too old.").response()
    tablet, token = enrolled
    response = JsonResponse(
        {
            "token": token,
            "projectId": tablet.programme_id,
            "key": f"/v1/key/{token}/projects/{tablet.programme_id}",
            "name": tablet.name,
        }
    )
    response["Cache-Control"] = "no-store"
    return response
