"""Pages on which coordinators manage the people of their own places and programmes."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from accounts import services
from accounts.access import require
from accounts.forms import MoveForm, PersonForm, RoleForm
from accounts.models import Membership, User
from audit.trail import history
from khmer.text import fold


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@require("people.manage")
def people(request: HttpRequest) -> HttpResponse:
    """Show the people one manages, by name, a hundred a page."""
    me, asked = _me(request), fold(request.GET.get("q", ""))
    users = User.objects.visible_to(me).prefetch_related("memberships__role", "memberships__place")
    if asked:  # names are folded here: a database does not know which spellings look alike
        names = users.values_list("pk", "username", "display_name")
        users = users.filter(pk__in=[pk for pk, *texts in names if asked in fold(" ".join(texts))])
    page = Paginator(users.order_by("username"), 100).get_page(request.GET.get("page"))
    return render(request, "accounts/people.html", {"page": page, "q": request.GET.get("q", "")})


@require("people.manage")
@never_cache
@sensitive_variables("password")
def add_person(request: HttpRequest) -> HttpResponse:
    """Add a new person with a first role; the password is made here and shown once."""
    me = _me(request)
    form = PersonForm(me, request.POST or None)
    if request.method == "POST" and form.is_valid():
        data, password = form.cleaned_data, services.new_password()
        try:
            with transaction.atomic():
                user = services.add_person(
                    by=me,
                    username=data["username"],
                    password=password,
                    display_name=data["display_name"],
                    language=data["language"],
                )
                _grant(me, user, form)
        except ValidationError as error:
            _tell(form, error)
        else:
            return _person_page(request, user, password=password)
    return render(request, "accounts/add_person.html", {"form": form})


@require("people.manage")
@never_cache
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one person: roles, and what may be done about the account."""
    me = _me(request)
    user = get_object_or_404(User.objects.visible_to(me), pk=pk)
    form = RoleForm(me, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _grant(me, user, form)
        except ValidationError as error:
            _tell(form, error)
        else:
            messages.success(request, _("The role is given."))
            return redirect("accounts:person", pk=pk)
    return _person_page(request, user, form=form)


@require("people.manage")
@require_POST
def end_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a role end today."""
    me = _me(request)
    membership = get_object_or_404(Membership.objects.managed_by(me), pk=pk)
    today = timezone.localdate()
    if membership.starts_on and membership.starts_on > today:
        today = membership.starts_on
    try:
        services.end_membership(by=me, membership=membership, ends_on=today)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The role ends today."))
    return redirect("accounts:person", pk=membership.user_id)


@require("people.manage")
def move_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a role hold at another place from today."""
    me = _me(request)
    rows = Membership.objects.managed_by(me).select_related("role", "place", "user", "programme")
    membership = get_object_or_404(rows, pk=pk)
    form = MoveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.move_membership(by=me, membership=membership, place=form.cleaned_data["place"])
        except ValidationError as error:
            _tell(form, error)
        else:
            messages.success(request, _("The role holds at the new place from today."))
            return redirect("accounts:person", pk=membership.user_id)
    context = {"form": form, "membership": membership, "person": membership.user}
    return render(request, "accounts/move_role.html", context, status=422 if form.is_bound else 200)


@require("people.manage")
@require_POST
@never_cache
@sensitive_variables("password")
def change_account(request: HttpRequest, pk: int) -> HttpResponse:
    """Reset the password, close or open the account, or sign the person out everywhere."""
    me = _me(request)
    user = get_object_or_404(User.objects.visible_to(me), pk=pk)
    wanted = request.POST.get("do", "")
    try:
        if wanted == "reset":
            password = services.reset_password(by=me, user=user)
            return _person_page(request, user, password=password)
        if wanted in {"open", "close"}:
            services.set_open(by=me, user=user, is_open=wanted == "open")
            messages.success(request, _("Done."))
        if wanted == "sign_out":
            services.sign_out_everywhere(by=me, user=user)
            messages.success(request, _("Done."))
        if wanted == "second_factor":
            services.reset_second_factor(by=me, user=user)
            messages.success(request, _("Done. At the next sign-in a new one is set up."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("accounts:person", pk=pk)


def _grant(me: User, user: User, form: RoleForm) -> None:
    data = form.cleaned_data
    services.grant_role(
        by=me,
        user=user,
        role=data["role"],
        place=data["place"],
        programme=data["programme"],
        ends_on=data["ends_on"],
    )


def _tell(form: forms.Form, error: ValidationError) -> None:
    """Add the refusals of a service to the fields they are about."""
    sentences_of = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    for name, sentences in sentences_of.items():
        for sentence in sentences:
            form.add_error(name if name in form.fields else None, sentence)


def _person_page(
    request: HttpRequest, user: User, *, form: RoleForm | None = None, password: str = ""
) -> HttpResponse:
    me = _me(request)
    memberships = Membership.objects.visible_to(me).filter(user=user)
    context = {
        "person": user,
        "memberships": memberships.select_related("role", "place", "programme").order_by("pk"),
        "today": timezone.localdate(),
        "form": form or RoleForm(me),
        "password": password,
        "in_reach": services.may_act_on(me, user),
        "entries": history(user)[:20],
    }
    return render(request, "accounts/person.html", context)
