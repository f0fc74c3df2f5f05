"""Figures that offices may answer before they are released."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.access import require
from accounts.permissions import may
from parsing.fields import ReadField
from scorecards.models import Release
from scorecards.plans import replies, services
from scorecards.plans.forms import show_problems
from scorecards.plans.models import Moderation, Reply
from scorecards.plans.pages.person import person
from surveys.parsing import values

MOST_SHOWN = 200


class AnswerForm(forms.Form):
    """The form with which an office agrees or disagrees with a figure."""

    agrees = forms.TypedChoiceField(
        choices=[("yes", gettext_lazy("We agree")), ("no", gettext_lazy("We do not agree"))],
        coerce=lambda word: word == "yes",
        widget=forms.RadioSelect,
        label=gettext_lazy("Do you agree with this figure?"),
    )
    text = forms.CharField(
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        label=gettext_lazy("What you say of it"),
        help_text=gettext_lazy("It is printed beside the figure once it was checked. No names."),
    )
    file = forms.FileField(
        required=False,
        label=gettext_lazy("Photo or PDF that shows it"),
        help_text=gettext_lazy(
            "Place and time are taken out of photos. The public sees it once it was checked."
        ),
    )
    evidence_page = forms.CharField(
        max_length=40, required=False, label=gettext_lazy("Document and page that show it")
    )


class OpenForm(forms.Form):
    """The form for the day until which offices may answer."""

    answer_until = ReadField(
        values.read_day, label=gettext_lazy("Answer until"), hint=gettext_lazy("dd/mm/yyyy")
    )


def _list(request: HttpRequest, form: OpenForm, status: int = 200) -> HttpResponseBase:
    today = timezone.localdate()
    rows = Reply.objects.visible_to(request.user).select_related("commune", "indicator")
    context = {
        "waiting": rows.filter(answered_at=None, answer_until__gte=today)[:MOST_SHOWN],
        "answered": rows.filter(answered_at__isnull=False).order_by("-answered_at")[:MOST_SHOWN],
        "releases": replies.prepared() if may(request.user, "plans.moderate") else [],
        "form": form,
        "may_answer": may(request.user, "plans.report"),
        "may_moderate": may(request.user, "plans.moderate"),
    }
    return render(request, "plans/replies.html", context, status=status)


@require("plans.read")
def reply_list(request: HttpRequest) -> HttpResponseBase:
    """Show figures of my places that wait for an answer, and those answered."""
    return _list(request, OpenForm())


@require("plans.moderate")
@require_POST
def open_replies(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask the offices of my places for replies to a prepared release."""
    release = Release.objects.filter(pk=pk).first()
    if release is None:
        raise Http404
    form = OpenForm(request.POST)
    if form.is_valid():
        try:
            opened = replies.open_replies(
                by=person(request), release=release, answer_until=form.cleaned_data["answer_until"]
            )
        except ValidationError as error:
            show_problems(form, error)
        else:
            messages.success(request, _("%(n)s figures are under review.") % {"n": opened})
            return redirect("plans:replies")
    return _list(request, form, status=422)


@require("plans.report")
def answer(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Answer one figure."""
    rows = Reply.objects.visible_to(request.user).select_related("commune", "indicator")
    reply = rows.filter(uuid=uuid).first()
    if reply is None or not may(request.user, "plans.report", place=reply.commune_id):
        raise Http404
    form = AnswerForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            replies.answer_reply(by=person(request), reply=reply, **form.cleaned_data)
        except ValidationError as error:
            show_problems(form, error)
        else:
            messages.success(request, _("Thank you. Your reply is kept."))
            return redirect("plans:replies")
    context = {"form": form, "reply": reply}
    return render(request, "plans/reply.html", context, status=422 if form.errors else 200)


@require_safe
def evidence(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Serve the file an office sent with its reply: before it is checked, for its readers only."""
    reply = Reply.objects.filter(uuid=uuid, answered_at__isnull=False).exclude(evidence="").first()
    is_open = reply is not None and (
        reply.moderation == Moderation.SHOWN
        or may(request.user, "plans.read", place=reply.commune_id)
    )
    if reply is None or not is_open:
        raise Http404
    photo = str(reply.evidence.name).endswith(".jpg")
    with reply.evidence.open("rb") as file:
        content = file.read()
    answer = HttpResponse(content, content_type="image/jpeg" if photo else "application/pdf")
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Disposition"] = "inline" if photo else 'attachment; filename="reply.pdf"'
    return answer


@require("plans.moderate")
@require_POST
def moderate(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Let the public read a reply, or hide its text."""
    reply = Reply.objects.visible_to(request.user).filter(uuid=uuid).first()
    if reply is None:
        raise Http404
    try:
        services.moderate_reply(
            by=person(request), reply=reply, decision=request.POST.get("decision", "")
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("plans:replies")
