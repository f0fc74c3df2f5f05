"""Stories of a change: record one with its teller's consent, check it, withdraw it."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.access import require
from accounts.permissions import may
from parsing.fields import ReadField
from scorecards.plans import services
from scorecards.plans.forms import show_problems
from scorecards.plans.models import Moderation, Story
from scorecards.plans.pages.person import action_or_404, person
from surveys.parsing import values

MOST_SHOWN = 100


class StoryForm(forms.Form):
    """A story, a photo, and what its teller agreed to."""

    text = forms.CharField(
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        label=gettext_lazy("What changed, in the person's words"),
        help_text=gettext_lazy("A few sentences. No names and no telephone numbers."),
    )
    told_on = ReadField(
        values.read_day, label=gettext_lazy("Told on"), hint=gettext_lazy("dd/mm/yyyy")
    )
    photo = forms.FileField(
        required=False,
        label=gettext_lazy("Photo"),
        help_text=gettext_lazy("Place and time are taken out of photos."),
    )
    consent_public = forms.BooleanField(
        required=False,
        label=gettext_lazy(
            "The person agrees that everybody can read the story on the commune's page"
        ),
    )
    consent_photo = forms.BooleanField(
        required=False,
        label=gettext_lazy("Everybody in the photo agrees that it is shown with the story"),
    )


def _story(request: HttpRequest, uuid: UUID) -> Story:
    rows = Story.objects.visible_to(request.user).select_related("action__commune", "recorded_by")
    story = rows.filter(uuid=uuid).first()
    if story is None:
        raise Http404
    return story


@require("plans.confirm")
def new(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Record a story about an action."""
    action = action_or_404(request, uuid)
    form = StoryForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.record_story(by=person(request), action=action, **form.cleaned_data)
        except ValidationError as error:
            show_problems(form, error)
        else:
            messages.success(request, _("The story is kept. The public reads it once checked."))
            return redirect("plans:stories")
    context = {"form": form, "action": action}
    return render(request, "plans/story.html", context, status=422 if form.errors else 200)


@require("plans.read")
def story_list(request: HttpRequest) -> HttpResponseBase:
    """Show stories of my places: those to check first."""
    rows = Story.objects.visible_to(request.user).filter(withdrawn_on=None)
    rows = rows.select_related("action__commune", "recorded_by")
    context = {
        "waiting": rows.filter(moderation=Moderation.WAITING)[:MOST_SHOWN],
        "decided": rows.exclude(moderation=Moderation.WAITING)[:MOST_SHOWN],
        "may_moderate": may(request.user, "plans.moderate"),
        "may_confirm": may(request.user, "plans.confirm"),
    }
    return render(request, "plans/stories.html", context)


@require("plans.moderate")
@require_POST
def moderate(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Let the public read a story, or hide it."""
    story = _story(request, uuid)
    try:
        services.moderate_story(
            by=person(request), story=story, decision=request.POST.get("decision", "")
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("The decision is recorded."))
    return redirect("plans:stories")


@require("plans.confirm")
@require_POST
def withdraw(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Delete a story's words and photo because the person no longer agrees."""
    services.withdraw_story(by=person(request), story=_story(request, uuid))
    messages.success(request, _("The story and its photo are deleted."))
    return redirect("plans:stories")


@require_safe
def photo(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Serve the photo of a story: to everybody once checked, to readers of its plans before."""
    story = Story.objects.public().filter(uuid=uuid).exclude(photo="").first()
    if story is None and request.user.is_authenticated:
        mine = Story.objects.visible_to(request.user)
        story = mine.filter(uuid=uuid).exclude(photo="").first()
    if story is None:
        raise Http404
    with story.photo.open("rb") as file:
        answer = HttpResponse(file.read(), content_type="image/jpeg")
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
