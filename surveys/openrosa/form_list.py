"""The list of forms, and everything a client fetches to fill them."""

import hashlib
from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from accounts.models import Programme, User
from surveys.forms.list_places import places_of_client
from surveys.forms.lists import Places, house_list
from surveys.models import Form, FormAttachment, FormVersion
from surveys.openrosa import answers, authentication
from surveys.openrosa.answers import element
from surveys.openrosa.submission_endpoint import unauthenticated, version_refusal

View = Callable[..., HttpResponse]


def listed_forms(project: int, forms: frozenset[int] | None) -> list[Form]:
    """Return published forms that take new records, as one client sees them."""
    rows = Form.objects.standing().filter(
        programme_id=project, state=Form.State.OPEN, current__isnull=False
    )
    if forms is not None:
        rows = rows.filter(pk__in=forms)
    return list(rows.select_related("current", "programme").order_by("xml_form_id"))


def attachment_md5(
    attachment: FormAttachment, programme: Programme, places: Places | None = None
) -> str:
    """Return the md5 of a media file as it would be served now; "" when it was not given yet.

    ``places`` are those of the client's people (``surveys.forms.list_places``).
    """
    if attachment.house_list:
        return house_list(attachment.house_list, programme, places).csv_md5
    return attachment.md5


def xforms_list(base: str, forms: list[Form]) -> str:
    """Return the formList document; ``base`` is the address below which the forms are."""
    rows = []
    for form in forms:
        version = form.current
        assert version is not None
        form_id = quote(form.xml_form_id, safe="")
        place = f"{base}/forms/{form_id}"
        inside = (
            element("formID", form.xml_form_id)
            + element("name", version.title or form.xml_form_id)
            + element("version", version.version)
            + element("hash", f"md5:{version.md5}")
            + element("downloadUrl", f"{place}.xml")
        )
        if version.attachments.exists():
            inside += element("manifestUrl", f"{place}/manifest")
        rows.append(f"<xform>{inside}</xform>")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<xforms xmlns="http://openrosa.org/xforms/xformsList">{"".join(rows)}</xforms>'
    )


def manifest_of(
    base: str, version: FormVersion, programme: Programme, places: Places | None = None
) -> str:
    """Return the manifest document: only files that are really here, each with its hash."""
    rows = []
    for attachment in version.attachments.all():
        md5 = attachment_md5(attachment, programme, places)
        if md5:
            name = quote(attachment.name, safe="")
            place = f"{base}/attachments/{name}"
            rows.append(
                "<mediaFile>"
                + element("filename", attachment.name)
                + element("hash", f"md5:{md5}")
                + element("downloadUrl", place)
                + "</mediaFile>"
            )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<manifest xmlns="http://openrosa.org/xforms/xformsManifest">{"".join(rows)}</manifest>'
    )


def _etag(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def served(
    attachment: FormAttachment,
    programme: Programme,
    request: HttpRequest,
    places: Places | None = None,
) -> HttpResponse | None:
    """Return a media file, or 304 where the client has it; None when it was not given yet."""
    etag = attachment_md5(attachment, programme, places)
    if etag and answers.has_already(request, etag):
        return answers.not_modified(etag)
    if attachment.house_list:
        content: bytes | memoryview = house_list(attachment.house_list, programme, places).csv
    elif attachment.content is None:
        return None
    else:
        content = attachment.content
    response = HttpResponse(bytes(content), content_type=attachment.content_type or "text/csv")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(attachment.name)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["ETag"] = f'"{etag}"'
    response["Cache-Control"] = "private, no-cache"
    return answers.stamped(response)


# -- by the tablet's key, or by Digest and Basic -----------------------------------------------


class Client:
    """A client: its programme, the address below which it fetches, its forms and places."""

    def __init__(
        self,
        programme: Programme,
        base: str,
        forms: frozenset[int] | None,
        *,
        app_user: int | None = None,
        user: int | None = None,
    ) -> None:
        self.programme, self.base, self.forms = programme, base, forms
        self._app_user, self._user = app_user, user

    @cached_property
    def places(self) -> Places | None:
        """Return where the client's people record: its lists hold these communes."""
        user = User.objects.filter(pk=self._user).first() if self._user else None
        return places_of_client(self.programme, app_user=self._app_user, user=user)

    def form(self, xml_form_id: str) -> Form | None:
        forms = Form.objects.standing().filter(
            programme=self.programme, xml_form_id=xml_form_id, current__isnull=False
        )
        if self.forms is not None:
            forms = forms.filter(pk__in=self.forms)
        return forms.select_related("current").first()


def for_key(view: View) -> View:
    """Require a tablet's token; 403 to any other."""

    @require_safe
    @wraps(view)
    def open_door(request: HttpRequest, token: str, project: int, **where: Any) -> HttpResponse:
        holder = authentication.holder_of(token)
        programme = Programme.objects.filter(pk=project).first()
        if holder is None or programme is None or holder.programme_id != project:
            return answers.message(403, "This token is unknown or was revoked.")
        base = f"{answers.base_url(request)}/v1/key/{token}/projects/{project}"
        client = Client(programme, base, holder.forms, app_user=holder.app_user_id)
        return _ask(view, request, client, where)

    return open_door


def for_login(view: View) -> View:
    """Accept Digest, Basic and tokens of people; challenge any other."""

    @require_safe
    @wraps(view)
    def open_door(request: HttpRequest, project: int, **where: Any) -> HttpResponse:
        programme = Programme.objects.filter(pk=project).first()
        if programme is None:
            return answers.message(404, "There is no such project.")
        sender = authentication.sender_at(request, programme)
        if sender is None:
            return unauthenticated(request)
        base = f"{answers.base_url(request)}/v1/projects/{project}"
        who = {"app_user": sender.app_user_id, "user": sender.user_id}
        return _ask(view, request, Client(programme, base, sender.forms, **who), where)

    return open_door


def shared(
    openrosa: View, central: Callable[..., HttpResponseBase]
) -> Callable[..., HttpResponseBase]:
    """Join two views of one address: ODK Collect gets challenges and XML, others JSON."""

    @csrf_exempt
    @wraps(central)
    def choose(request: HttpRequest, project_id: int, **where: Any) -> HttpResponseBase:
        reads = request.method in {"GET", "HEAD"}
        if reads and authentication.is_openrosa_client(request):
            return openrosa(request, project=project_id, **where)
        return central(request, project_id=project_id, **where)

    return choose


def _ask(view: View, request: HttpRequest, client: Client, where: dict[str, Any]) -> HttpResponse:
    # a form and its media are plain files, which other clients fetch too
    documents = {form_list, manifest}
    refused = version_refusal(request) if view in documents else None
    return refused or view(request, client, **where)


def form_list(request: HttpRequest, client: Client) -> HttpResponse:
    forms = listed_forms(client.programme.pk, client.forms)
    wanted = request.GET.get("formID")
    if wanted:
        forms = [f for f in forms if f.xml_form_id == wanted]
    text = xforms_list(client.base, forms)
    return answers.document(text, etag=_etag(text), request=request)


def manifest(request: HttpRequest, client: Client, form_id: str) -> HttpResponse:
    form = client.form(form_id)
    if form is None or form.current is None:
        return _missing()
    base = f"{client.base}/forms/" + quote(form_id, safe="")
    text = manifest_of(base, form.current, client.programme, client.places)
    return answers.document(text, etag=_etag(text), request=request)


def form_xml(
    request: HttpRequest, client: Client, form_id: str, version: str | None = None
) -> HttpResponse:
    form = client.form(form_id)
    if form is None or form.current is None:
        return _missing()
    current: FormVersion | None = form.current
    if version is not None:
        named = "" if version == "___" else version
        current = form.versions.exclude(published_at=None).filter(version=named).first()
    if current is None:
        return _missing()
    return answers.document(current.xml, etag=current.md5, request=request)


def attachment(request: HttpRequest, client: Client, form_id: str, name: str) -> HttpResponse:
    form = client.form(form_id)
    row = form.current.attachments.filter(name=name).first() if form and form.current else None
    answer = served(row, client.programme, request, client.places) if row else None
    return answer or _missing()


def _missing() -> HttpResponse:
    return answers.message(404, "Could not find the resource you were looking for.")


key_form_list, login_form_list = for_key(form_list), for_login(form_list)
key_manifest, login_manifest = for_key(manifest), for_login(manifest)
key_form_xml, login_form_xml = for_key(form_xml), for_login(form_xml)
key_attachment, login_attachment = for_key(attachment), for_login(attachment)
