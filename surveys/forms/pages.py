"""Forms on pages: the list, uploading, a form's drafts and versions, media, and tablets."""

from pathlib import PurePath
from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.access import check, refusal, require
from accounts.models import Programme, User
from pages.files import FileButton
from surveys.forms import compiling, limits, mediafiles, published_versions, publishing, tablets
from surveys.forms.problems import FormProblems, Problem
from surveys.forms.xlsform import TYPES
from surveys.models import Form, FormUpload, FormVersion

KINDS = {**{suffix: kind for kind, suffix in TYPES.items()}, ".xml": "xml"}


def programmes_for(user: object, permission: str) -> list[Programme]:
    """List the programmes whose forms, tablets and rules this person manages."""
    return list(Programme.objects.managed_by(user, permission).order_by("code"))


def person_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


class UploadForm(forms.Form):
    """An XLSForm or XForm, and the programme it is for."""

    programme = forms.ModelChoiceField(
        label=gettext_lazy("Programme"), queryset=Programme.objects.none()
    )
    file = forms.FileField(
        label=gettext_lazy("The form"),
        help_text=gettext_lazy("An XLSForm (.xlsx, .xls, .csv) or an XForm (.xml)."),
        widget=FileButton(attrs={"accept": ".xlsx,.xlsm,.xls,.csv,.md,.xml"}),
    )

    def __init__(self, user: User, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        mine = programmes_for(user, "forms.publish")
        field: Any = self.fields["programme"]
        field.queryset = Programme.objects.filter(pk__in=[p.pk for p in mine])
        if len(mine) == 1:
            field.initial = mine[0]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if PurePath(file.name).suffix.lower() not in KINDS:
            raise forms.ValidationError(_("This is not a form: send .xlsx, .xls, .csv or .xml."))
        if file.size > limits.MAX_BYTES:
            sentence = _("The file is too large for a form: at most %(most)s MB are read.")
            most = limits.MAX_BYTES // (1024 * 1024)
            raise forms.ValidationError(sentence % {"most": most})
        return file


@require("forms.publish", "submissions.review")
def form_list(request: HttpRequest) -> HttpResponseBase:
    """Show every form of my programmes, and a place to upload one."""
    user = person_of(request)
    rows = (
        Form.objects.standing()
        .visible_to(user)
        .select_related("programme", "current", "draft")
        .order_by("programme__code", "xml_form_id")
    )
    may_publish = bool(programmes_for(user, "forms.publish"))
    context = {"forms": rows, "may_publish": may_publish, "form": UploadForm(user)}
    return render(request, "surveys/forms/list.html", context)


_WAIT_SECONDS = 8
"""Seconds for which a page waits for a worker before it shows that it waits."""


@require("forms.publish")
@require_POST
def upload(request: HttpRequest) -> HttpResponseBase:
    """Accept a form to be read by a worker; what is wrong with it is named with its cell."""
    user = person_of(request)
    form = UploadForm(user, request.POST, request.FILES)
    if not form.is_valid():
        return _refused(request, form, [])
    file, programme = form.cleaned_data["file"], form.cleaned_data["programme"]
    check(user, "forms.publish", programme=programme.pk)
    name = PurePath(file.name)
    try:
        sent = compiling.submit(
            programme=programme,
            content=file.read(),
            kind=KINDS[name.suffix.lower()],
            file_name=file.name,
            by=user,
            makes_draft=True,
            default_version=timezone.localtime().strftime("%Y%m%d%H%M"),
            default_form_id=slugify(name.stem).replace("-", "_"),
        )
        done = compiling.wait(sent, _WAIT_SECONDS)
        prepared = compiling.result(done)
    except FormProblems as trouble:
        return _refused(request, form, trouble.problems)
    except compiling.NotYetError:
        return redirect("surveys:form_upload_state", pk=sent.pk)
    for warning in prepared.warnings[:3]:
        messages.warning(request, warning)
    return redirect("surveys:form", pk=done.form_id)


def _refused(request: HttpRequest, form: UploadForm, problems: list[Problem]) -> HttpResponseBase:
    context = {"form": form, "problems": problems}
    return render(request, "surveys/forms/upload.html", context, status=422)


@require("forms.publish")
@never_cache
def upload_state(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the progress of an uploaded form; then redirect to its page or show its problems."""
    user = person_of(request)
    sent = get_object_or_404(FormUpload, pk=pk, by=user)
    check(user, "forms.publish", programme=sent.programme_id)
    part = "HX-Request" in request.headers
    if sent.state == FormUpload.State.READY and sent.form_id:
        url = reverse("surveys:form", args=[sent.form_id])
        return HttpResponse(headers={"HX-Redirect": url}) if part else redirect(url)
    template = "surveys/forms/_upload_state.html" if part else "surveys/forms/upload_state.html"
    context = {
        "sent": sent,
        "problems": [Problem(**problem) for problem in sent.problems],
        "no_worker": compiling.waits_without_worker(sent),
    }
    return render(request, template, context)


def _form(request: HttpRequest, pk: int, *permissions: str) -> Form:
    """Return a form this person may open, in a programme where one of the rights is held."""
    row = get_object_or_404(
        Form.objects.standing()
        .visible_to(request.user)
        .select_related("programme", "current", "draft"),
        pk=pk,
    )
    check(request.user, *permissions, programme=row.programme_id)
    return row


def _managed_form(request: HttpRequest, pk: int) -> Form:
    """Return a form this person may change: the right is held in all of its programme."""
    form = _form(request, pk, "forms.publish")
    mine = Programme.objects.managed_by(request.user, "forms.publish")
    if not mine.filter(pk=form.programme_id).exists():
        raise PermissionDenied(refusal("forms.publish"))
    return form


@require("forms.publish", "submissions.review")
def form_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show one form: its draft with what the tablet cannot do, its versions, its media."""
    form = _form(request, pk, "forms.publish", "submissions.review")
    draft = form.draft
    shown = draft or form.current
    context: dict[str, Any] = {
        "form": form,
        "draft": draft,
        "shown": shown,
        "versions": form.versions.exclude(published_at=None).order_by("-id"),
        "media": shown.attachments.all() if shown else [],
        "may_publish": form.programme in programmes_for(request.user, "forms.publish"),
        "states": Form.State.choices,
        "records": form.submissions.filter(deleted_at=None).count(),
    }
    manages = Programme.objects.managed_by(request.user, "forms.publish", "submissions.review")
    if draft is not None and manages.filter(pk=form.programme_id).exists():
        context["test_qr"] = qr_of(_collect_text(request, form, draft.draft_token))
    return render(request, "surveys/forms/form.html", context)


def address_of(request: HttpRequest) -> str:
    from django.conf import settings

    public: str = getattr(settings, "PUBLIC_URL", "")
    return public.rstrip("/") or f"{request.scheme}://{request.get_host()}"


def _collect_text(request: HttpRequest, form: Form, token: str) -> str:
    url = (
        f"{address_of(request)}/v1/test/{token}/projects/{form.programme_id}"
        f"/forms/{form.xml_form_id}/draft"
    )
    title = f"{form.draft.title if form.draft else form.xml_form_id} ✎"
    return tablets.qr_text(tablets.collect_settings(server_url=url, name=title))


def qr_of(text: str) -> str:
    """Return a QR code as SVG: no picture is fetched from anywhere."""
    return segno.make(text, error="l", micro=False).svg_inline(scale=3, border=3, omitsize=True)


@require("forms.publish")
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Publish the draft."""
    form = _managed_form(request, pk)
    try:
        version = publishing.publish(form=form, by=person_of(request))
    except ValidationError as trouble:
        for sentence in trouble.messages:
            messages.error(request, sentence)
    except FormProblems as trouble:
        for problem in trouble.problems:
            messages.error(request, str(problem))
    else:
        published_versions.forget()
        messages.success(
            request, _("Version %(version)s is published.") % {"version": version.version}
        )
    return redirect("surveys:form", pk=pk)


@require("forms.publish")
@require_POST
def abandon(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Delete the draft."""
    publishing.abandon_draft(form=_managed_form(request, pk), by=person_of(request))
    messages.success(request, _("The draft was thrown away."))
    return redirect("surveys:forms")


@require("forms.publish")
@require_POST
def set_state(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Set the form open, closing or closed."""
    state = request.POST.get("state", "")
    if state not in Form.State.values:
        raise Http404
    form = _managed_form(request, pk)
    publishing.set_state(form=form, state=state, by=person_of(request))
    published_versions.forget()
    return redirect("surveys:form", pk=pk)


@require("forms.publish")
@require_POST
def give_media(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Store several media files at once, or a zip of them; each goes to the slot with its name."""
    form = _managed_form(request, pk)
    version = form.draft or form.current
    if version is not None:
        _take_media(request, version)
    return redirect("surveys:form", pk=pk)


def _take_media(request: HttpRequest, version: FormVersion) -> None:
    taken = 0
    try:
        for file in mediafiles.given(request.FILES.getlist("files")):
            try:
                publishing.attach(
                    version=version,
                    name=file.name,
                    content=file.content,
                    content_type=file.content_type,
                    by=person_of(request),
                )
                taken += 1
            except ValidationError as trouble:
                messages.error(request, f"{file.name}: {' '.join(trouble.messages)}")
    except ValidationError as trouble:
        messages.error(request, " ".join(trouble.messages))
    if taken:
        messages.success(request, _("%(count)s files were taken.") % {"count": taken})


@require("forms.publish", "submissions.review")
def download(request: HttpRequest, pk: int, version: int, kind: str) -> HttpResponseBase:
    """Send a version as a file: as it was uploaded, or as XForm."""
    form = _form(request, pk, "forms.publish", "submissions.review")
    row = get_object_or_404(form.versions, pk=version)
    if kind == "xml":
        response = HttpResponse(row.xml, content_type="application/xml; charset=utf-8")
        suffix = "xml"
    elif row.source is not None:
        response = HttpResponse(bytes(row.source), content_type="application/octet-stream")
        suffix = row.source_type
    else:
        raise Http404
    name = f"{form.xml_form_id}-{row.version}.{suffix}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# -- tablets -----------------------------------------------------------------------------------
