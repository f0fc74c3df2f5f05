"""Pages for the keys of tablets: list, add, show and revoke."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from accounts.access import check, require
from accounts.models import Programme, User
from surveys.forms import tablets
from surveys.forms.pages import address_of, person_of, programmes_for, qr_of
from surveys.models import AppUser

TABLETS_A_PAGE = 50


class TabletForm(forms.Form):
    """A new tablet: its name and programme; its people are asked next."""

    programme = forms.ModelChoiceField(
        label=gettext_lazy("Programme"), queryset=Programme.objects.none()
    )
    name = forms.CharField(
        label=gettext_lazy("Name of the tablet"),
        max_length=120,
        help_text=gettext_lazy("Write the same name on its back."),
    )

    def __init__(self, user: User, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        mine = programmes_for(user, "submissions.review")
        programme: Any = self.fields["programme"]
        programme.queryset = Programme.objects.filter(pk__in=[p.pk for p in mine])
        if len(mine) == 1:
            programme.initial = mine[0]


@require("submissions.review")
def tablet_list(request: HttpRequest) -> HttpResponseBase:
    """Show the tablets of my programmes; make one."""
    user = person_of(request)
    form = TabletForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        programme = form.cleaned_data["programme"]
        check(user, "submissions.review", programme=programme.pk)
        made, _token = tablets.make_tablet(
            programme=programme,
            name=form.cleaned_data["name"],
            by=user,
        )
        return redirect("surveys:tablet_people", pk=made.pk)
    asked = request.GET.get("q", "")[:100].strip()
    app_users = AppUser.objects.visible_to(user).select_related("programme").order_by("-id")
    if asked:
        named = Q(people__display_name__icontains=asked) | Q(people__username__icontains=asked)
        matching = AppUser.objects.filter(Q(name__icontains=asked) | named)
        app_users = app_users.filter(pk__in=matching.values("pk"))
    silent = bool(request.GET.get("silent"))
    if silent:
        app_users = app_users.filter(tablets.is_silent()).order_by("last_used_at", "id")
    page = Paginator(app_users.prefetch_related("people"), TABLETS_A_PAGE)
    shown = page.get_page(request.GET.get("page"))
    context = {"form": form, "tablets": shown, "q": asked, "silent": silent}
    return render(
        request, "surveys/forms/tablets.html", context, status=422 if form.is_bound else 200
    )


def _tablet(request: HttpRequest, pk: int) -> AppUser:
    app_users = AppUser.objects.visible_to(request.user).select_related("programme")
    return get_object_or_404(app_users, pk=pk)


@require("submissions.review")
@never_cache
def tablet_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show one tablet: its QR codes (a photo of them enrols), a code, rotation, revocation."""
    tablet = _tablet(request, pk)
    user = person_of(request)
    action = request.POST.get("action", "") if request.method == "POST" else ""
    context: dict[str, Any] = {"tablet": tablet}
    if action == "rotate":
        tablets.rotate(tablet=tablet, by=user)
        messages.success(request, _("The old code stopped working. Enrol the tablet again."))
        return redirect("surveys:tablet", pk=pk)
    if action == "rotate_later":
        tablets.rotate_at_next_contact(tablet=tablet, by=user)
        return redirect("surveys:tablet", pk=pk)
    if action == "erase":
        tablets.revoke(tablet=tablet, by=user, erase=True)
        return redirect("surveys:tablet", pk=pk)
    if action == "revoke":
        tablets.revoke(tablet=tablet, by=user)
        messages.success(request, _("This tablet can no longer fetch or send."))
        return redirect("surveys:tablets")
    if tablet.revoked_at is None:
        context |= _keys_shown(request, tablet, new_code=action == "code")
    return render(request, "surveys/forms/tablet.html", context)


def _keys_shown(request: HttpRequest, tablet: AppUser, *, new_code: bool) -> dict[str, Any]:
    """Return what enrols this tablet: QR codes, user name, password, and six digits on demand.

    Where the token is unreadable (SECRET_KEY was changed) only that: a new key must be made.
    """
    login = tablets.login_of(tablet)
    if login is None:
        return {"unreadable": True}
    token = tablets.token_of(tablet)
    url = f"{address_of(request)}/v1/key/{token}/projects/{tablet.programme_id}"
    values = tablets.collect_settings(server_url=url, name=str(tablet.programme))
    shown: dict[str, Any] = {
        "collect_qr": qr_of(tablets.qr_text(values)),
        "login": login[0],
        "password": login[1],
        "server": f"{address_of(request)}/v1/projects/{tablet.programme_id}",
    }
    if new_code:
        code = tablets.new_code(tablet=tablet, by=person_of(request))
        address = f"{address_of(request)}/tablet/#code={code}"
        shown |= {
            "code": code,
            "minutes": tablets.CODE_MINUTES,
            "app_url": address,
            "app_qr": qr_of(address),
        }
    return shown
