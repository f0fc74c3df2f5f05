"""Review on pages: the list, one record with its diff, quarantine, exports, webhooks."""

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

import media
from accounts.access import require
from accounts.models import Programme, User
from audit.trail import note_reading
from parsing import query
from places.models import Place
from surveys.forms.pages import programmes_for
from surveys.forms.safe_xml import UnsafeXmlError
from surveys.models import (
    CollectionRules,
    ExportJob,
    Form,
    QualityFlag,
    Quarantine,
    ReviewState,
    Submission,
    Webhook,
)
from surveys.submissions.exports import formats
from surveys.submissions.intake.files import name_of
from surveys.submissions.intake.receive import RefusedError
from surveys.submissions.notify import webhooks
from surveys.submissions.review import actions
from surveys.submissions.review.differences import Difference, differences
from surveys.submissions.review.words import answers_of, changes_of, remarks_of

A_PAGE = 50


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _visible(request: HttpRequest) -> Any:
    return (
        Submission.objects.standing()
        .visible_to(request.user)
        .select_related("form__programme", "person", "app_user", "current", "version")
        .for_lists()
    )


@require("submissions.review")
def submission_list(request: HttpRequest) -> HttpResponseBase:
    """Show records to review, newest first; by form, state, flag, call-back and commune."""
    asked = {k: request.GET.get(k, "") for k in ("form", "state", "flag", "commune", "call_back")}
    rows = _filtered(request, asked)
    page = list(rows.prefetch_related("flags").order_by("-id")[: A_PAGE + 1])
    following = request.GET.copy()
    if len(page) > A_PAGE:
        following["before"] = str(page[A_PAGE - 1].pk)
    held = Quarantine.objects.filter(
        settled_at=None, programme__in=programmes_for(request.user, "submissions.review")
    )
    named = Place.objects.in_bulk({row.commune_code for row in page if row.commune_code})
    for row in page:
        row.commune_name = getattr(named.get(row.commune_code), "full_name", "")
    context = {
        "submissions": page[:A_PAGE],
        "older": following.urlencode() if len(page) > A_PAGE else "",
        "asked": asked,
        "forms": Form.objects.standing()
        .visible_to(request.user)
        .select_related("current")
        .order_by("xml_form_id"),
        "states": ReviewState.choices,
        "kinds": QualityFlag.Kind.choices,
        "held": held.count(),
        "unread": _visible(request).exclude(observe_error="").count(),
    }
    return render(request, "surveys/submissions/list.html", context)


def _filtered(request: HttpRequest, asked: dict[str, str]) -> Any:
    """Select the visible records by form, state, flag, call-back, commune and page."""
    rows = _visible(request)
    if (form := query.whole_number(request.GET, "form")) is not None:
        rows = rows.filter(form_id=form)
    if asked["state"] in ReviewState.values:
        rows = rows.filter(state=asked["state"])
    if asked["flag"] in QualityFlag.Kind.values:
        flagged = QualityFlag.objects.filter(kind=asked["flag"])
        rows = rows.filter(pk__in=flagged.values("submission"))
    elif asked["flag"] == "any":
        rows = rows.filter(pk__in=QualityFlag.objects.values("submission"))
    if commune := query.code(request.GET, "commune"):
        rows = rows.filter(commune_code__startswith=commune)
    if asked["call_back"]:
        rows = rows.filter(call_back=True)
    if (before := query.whole_number(request.GET, "before")) is not None:
        rows = rows.filter(pk__lt=before)
    return rows


def _wordings(submission: Submission) -> list[dict[str, Any]]:
    """Return every edit, newest first, with what it changed."""
    edits = list(submission.edits.select_related("app_user", "submitter").order_by("id"))
    before = bytes(submission.xml)
    rows = []
    for edit in edits:
        rows.append(
            {"edit": edit, "changes": changes_of(submission, _differ(before, bytes(edit.xml)))}
        )
        before = bytes(edit.xml)
    return rows[::-1]


def _differ(old: bytes, new: bytes) -> list[Difference]:
    try:
        return differences(old, new)
    except UnsafeXmlError:
        return []


@require("submissions.review")
def submission_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show one record: answers, flags, comments, edits; and what may be done with it."""
    submission = get_object_or_404(_visible(request), pk=pk)
    if request.method == "POST":
        try:
            _act(request, submission)
        except ValidationError as trouble:
            for sentence in trouble.messages:
                messages.error(request, sentence)
        return redirect("surveys:submission", pk=pk)
    note_reading(
        by=_person(request),
        verb="submission.read",
        subject=submission,
        place_code=submission.commune_code,
    )
    return render(
        request,
        "surveys/submissions/one.html",
        {
            "submission": submission,
            "answers": answers_of(submission),
            "flags": remarks_of(submission, list(submission.flags.order_by("id"))),
            "comments": submission.comments.select_related("by"),
            "wordings": _wordings(submission),
            "observations": submission.observations.order_by("id"),
            "held": submission.quarantined.filter(settled_at=None),
            "files": submission.attachments.filter(edit_id=submission.current_id).order_by("name"),
        },
    )


def _act(request: HttpRequest, submission: Submission) -> None:
    person, posted = _person(request), request.POST
    action, comment = posted.get("action", ""), posted.get("comment", "")
    if action == "comment":
        actions.add_comment(submission=submission, body=comment, by=person)
    elif action == "delete":
        actions.delete(submission=submission, by=person, reason=comment)
        messages.success(request, _("The record was taken out."))
    else:
        actions.set_state(submission=submission, state=action, by=person, comment=comment)
        messages.success(
            request, _("The record is now: %(state)s.") % {"state": ReviewState(action).label}
        )


@require("submissions.review")
def attachment(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    """Serve a file of a record. Photos are shown; everything else is only downloaded."""
    submission = get_object_or_404(_visible(request), pk=pk)
    row = get_object_or_404(submission.attachments, pk=file)
    shown = row.looks_like in {"image/jpeg", "image/png", "image/webp", "image/gif"}
    try:
        opened = media.open_file(name_of(row.sha256))
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(opened, as_attachment=not shown, filename=row.name)
    response["Content-Type"] = row.looks_like if shown else "application/octet-stream"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


# -- quarantine ----------------------------------------------------------------------------------


def _quarantined(request: HttpRequest) -> Any:
    """Return quarantined payloads of records I may see, and of no record in my whole programmes."""
    mine = programmes_for(request.user, "submissions.review")
    records = Submission.objects.visible_to(request.user).values("pk")
    return (
        Quarantine.objects.filter(programme__in=mine)
        .filter(Q(submission=None) | Q(submission__in=records))
        .select_related("programme", "submission__form", "submission__current", "app_user")
    )


@require("submissions.review")
def quarantine_list(request: HttpRequest) -> HttpResponseBase:
    """List the records that were refused and kept."""
    rows = _quarantined(request).order_by("settled_at", "-id")[:200]
    return render(request, "surveys/submissions/quarantine.html", {"rows": rows})


@require("submissions.review")
def quarantine_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show one payload in quarantine and the record it conflicts with; accept it or leave it."""
    held = get_object_or_404(_quarantined(request), pk=pk)
    if request.method == "POST":
        try:
            if request.POST.get("action") == "take":
                actions.take_quarantined(held=held, by=_person(request))
                messages.success(request, _("It was taken as an edit of the record."))
            else:
                actions.dismiss_quarantined(held=held, by=_person(request))
        except RefusedError as refusal:
            messages.error(request, refusal.message)
        except (ValidationError, ValueError) as trouble:
            messages.error(request, str(trouble))
        return redirect("surveys:quarantine")
    changes: list[dict[str, Any]] = []
    if held.submission is not None:
        submission = held.submission
        now = bytes(submission.current.xml if submission.current else submission.xml)
        changes = changes_of(submission, _differ(now, bytes(held.xml)))
    xml = bytes(held.xml)[:20_000].decode("utf-8", "replace")
    context = {"held": held, "changes": changes, "xml": xml}
    return render(request, "surveys/submissions/held.html", context)


# -- exports ---------------------------------------------------------------------------------------


@require("submissions.review")
def exports(request: HttpRequest) -> HttpResponseBase:
    """Download a form's records: at once when they are few, else in the background."""
    person = _person(request)
    forms_ = Form.objects.standing().visible_to(person).filter(current__isnull=False)
    if request.method == "POST":
        form = get_object_or_404(forms_, pk=query.whole_number(request.POST, "form") or 0)
        kind = request.POST.get("format", "")
        if kind not in ExportJob.Format.values:
            raise Http404
        records = formats.exportable(form, person)
        if kind != "xlsx" and records.count() <= formats.MOST_AT_ONCE[kind]:
            if kind == "csv":
                parts = formats.never_silently_cut(formats.csv_lines(records, form))
            else:
                parts = formats.json_lines(records, form)
            types = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
            response = StreamingHttpResponse(parts, content_type=types[kind])
            name = quote(f"{form.xml_form_id}.{kind}")
            response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
            return response
        formats.ask(form=form, format=kind, by=person)
        return redirect("surveys:exports")
    jobs = ExportJob.objects.filter(asked_by=person).select_related("form").order_by("-id")[:20]
    context = {
        "forms": forms_.order_by("xml_form_id"),
        "jobs": jobs,
        "formats": ExportJob.Format.choices,
        "waiting": any(j.finished_at is None for j in jobs),
        "no_worker": any(formats.waits_without_worker(job) for job in jobs),
        "chosen": request.GET.get("form", ""),
    }
    return render(request, "surveys/submissions/exports.html", context)


@require("submissions.review")
def export_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Serve a finished file to the person who asked for it, as long as that person may."""
    job = get_object_or_404(ExportJob.objects.select_related("form"), pk=pk, asked_by=request.user)
    if not Form.objects.visible_to(request.user).filter(pk=job.form_id).exists():
        raise PermissionDenied
    name = formats.stored_name(job)
    if not job.file or not media.exists(name):
        raise Http404
    shown = f"{job.form.xml_form_id}.{job.format}"
    note_reading(by=_person(request), verb="export.fetched", subject=job, form=job.form.xml_form_id)
    return FileResponse(media.open_file(name), as_attachment=True, filename=shown)


# -- rules and webhooks ----------------------------------------------------------------------


if TYPE_CHECKING:
    _RulesForm = forms.ModelForm[CollectionRules]
else:
    _RulesForm = forms.ModelForm


class RulesForm(_RulesForm):
    """The rules of collection of one programme."""

    class Meta:
        model = CollectionRules
        fields = ["count_only_approved", "from_hour", "to_hour", "far_km", "callback_percent"]


def _programme(request: HttpRequest, code: str) -> Programme:
    mine = programmes_for(request.user, "forms.publish")
    programme = next((p for p in mine if p.code == code), None)
    if programme is None:
        raise Http404
    return programme


@require("forms.publish")
def rules(request: HttpRequest, code: str) -> HttpResponseBase:
    """Show a programme's rules of collection, and its webhooks."""
    programme = _programme(request, code)
    row = CollectionRules.objects.filter(programme=programme).first()
    form = RulesForm(request.POST or None, instance=row or CollectionRules(programme=programme))
    if request.method == "POST" and form.is_valid():
        actions.set_rules(rules=form.save(commit=False), by=_person(request))
        messages.success(request, _("Saved."))
        return redirect("surveys:rules", code=code)
    context = {
        "programme": programme,
        "form": form,
        "hooks": Webhook.objects.filter(programme=programme, is_active=True).order_by("id"),
        "events": webhooks.EVENTS,
    }
    return render(
        request, "surveys/submissions/rules.html", context, status=422 if form.is_bound else 200
    )


@require("forms.publish")
@require_POST
def change_webhooks(request: HttpRequest, code: str) -> HttpResponseBase:
    """Add or remove a webhook; the secret of a new one is shown once."""
    programme = _programme(request, code)
    if (gone := query.whole_number(request.POST, "remove")) is not None:
        hook = get_object_or_404(Webhook, pk=gone, programme=programme)
        webhooks.remove_webhook(hook=hook, by=_person(request))
        return redirect("surveys:rules", code=code)
    try:
        _hook, secret = webhooks.add_webhook(
            programme=programme,
            url=request.POST.get("url", ""),
            events=request.POST.getlist("events"),
            by=_person(request),
        )
    except ValidationError as trouble:
        for sentence in trouble.messages:
            messages.error(request, sentence)
    else:
        messages.success(request, _("The secret, shown only now: %(secret)s") % {"secret": secret})
    return redirect("surveys:rules", code=code)
