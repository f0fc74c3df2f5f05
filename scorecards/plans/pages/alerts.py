"""Subscribe to a place's quarterly alerts; pause and stop by a signed link, without signing in."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt

from accounts.access import require
from accounts.permissions import scopes
from khmer.digits import to_ascii
from pages.languages import readers_language
from places.models import Place
from scorecards.plans.alerts import subscriptions
from scorecards.plans.forms import show_problems
from scorecards.plans.models import AlertSubscription, ContactChannel
from scorecards.plans.pages.person import person

State = AlertSubscription.State
READERS = ("plans.read", "scores.released", "scores.working")


class SubscribeForm(forms.Form):
    """The place and the address of a subscription."""

    place = forms.CharField(
        max_length=6,
        label=gettext_lazy("Code of the commune, district or province"),
        help_text=gettext_lazy("Six, four or two digits."),
    )
    channel = forms.ChoiceField(
        choices=[
            (ContactChannel.EMAIL, gettext_lazy("e-mail")),
            (ContactChannel.TELEGRAM, gettext_lazy("Telegram")),
        ],
        label=gettext_lazy("How we write to you"),
    )
    address = forms.CharField(
        max_length=200, label=gettext_lazy("E-mail address, or number of the Telegram chat")
    )


def _usual_place(request: HttpRequest) -> str:
    asked = to_ascii(request.GET.get("place", "")).strip()
    own = (scope.place[:6] for name in READERS for scope in scopes(request.user, name))
    return asked or next(filter(None, own), "")


@require(*READERS)
def alerts(request: HttpRequest) -> HttpResponseBase:
    """Subscribe to a place, and show one's own subscriptions."""
    user = person(request)
    usual = {"place": _usual_place(request), "channel": "email"}
    form = SubscribeForm(request.POST or None, initial=usual)
    if request.method == "POST" and form.is_valid():
        code = to_ascii(form.cleaned_data["place"]).strip()
        place = Place.objects.filter(code=code).first()
        if place is None:
            form.add_error("place", _("There is no place with the code “%s”.") % code)
        else:
            try:
                subscriptions.subscribe(
                    by=user,
                    place=place,
                    channel=form.cleaned_data["channel"],
                    address=form.cleaned_data["address"],
                    language=readers_language(),
                )
            except ValidationError as error:
                show_problems(form, error)
            else:
                messages.success(
                    request,
                    _("You will be told of %(place)s after each quarter's release.")
                    % {"place": place.full_name},
                )
                return redirect("plans:alerts")
    rows = AlertSubscription.objects.filter(user=user).select_related("place__parent")
    context = {
        "form": form,
        "rows": [(row, subscriptions.token_of(row)) for row in rows],
    }
    return render(request, "plans/alerts.html", context, status=422 if form.errors else 200)


@csrf_exempt
def alert(request: HttpRequest, token: str) -> HttpResponseBase:
    """Pause, stop or resume one person's subscriptions; the signed link is the key.

    Opening the page changes nothing: programs that check mail open links too. A POST without a
    form stops (RFC 8058, one click).
    """
    row = subscriptions.of_token(token)
    if row is None:
        raise Http404(_("This link is not complete. Open it again from the message."))
    with translation.override(row.language):
        text = ""
        if request.method == "POST":
            state = request.POST.get("state", State.STOPPED)
            try:
                subscriptions.set_state(row, state)
            except ValidationError as error:
                text = error.messages[0]
            row.refresh_from_db()
        context = {
            "row": row,
            "message": text,
            "changed": request.method == "POST" and not text,
            "places": [one.place for one in subscriptions.of_person(row)],
        }
        answer: HttpResponse = render(request, "plans/alert.html", context)
    answer["Cache-Control"] = "private, no-store"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
