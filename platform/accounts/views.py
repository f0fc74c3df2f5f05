"""Signing in and out, the reader's language, and one's own account."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import demo, second_factor, services, sign_ins, throttle, tokens
from accounts.forms import PasswordForm, SignInForm, TokenForm
from accounts.home import first_pages
from accounts.models import Membership, Role, Token, User
from accounts.navigation import work_of
from accounts.next_page import next_url
from throttling.addresses import client_address

CHOSEN = "language_chosen"
"""A cookie until the browser closes: the language that a visitor chose and takes to the account.

The cookie of the language itself may be what the person before chose, on a shared computer.
"""


def _remember_language(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        samesite="Lax",
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
    )


@sensitive_post_parameters("password")
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in with name and password; after too many mistakes everybody has to wait."""
    if request.method == "GET":
        if request.user.is_authenticated:
            return HttpResponseRedirect(next_url(request, "accounts:home"))
        if second_factor.half_signed_in(request):
            return _second_step(request)
    form = SignInForm(request, request.POST or None)
    if request.method == "POST":
        name, address = request.POST.get("username", ""), client_address(request)
        if minutes := throttle.minutes_to_wait(name=name, address=address, request=request):
            form = SignInForm(request, initial={"username": name})
            context = {"form": form, "next": request.POST.get("next", ""), "minutes": minutes}
            return render(request, "accounts/sign_in.html", context, status=429)
        if form.is_valid():
            user = form.get_user()
            throttle.forget(name=name, address=address)
            language = _language_for(request, user)
            login(request, user)
            with override(language):
                response = HttpResponseRedirect(next_url(request, "accounts:home"))
            if second_factor.must_show(user):
                response = _second_step(request)
            else:
                sign_ins.note(request, user)
            _remember_language(response, language)
            response.delete_cookie(CHOSEN)
            throttle.remember_browser(response, name)
            return response
        throttle.count_failure(name=name, address=address, request=request)
    wanted = request.POST.get("next") or request.GET.get("next", "")
    context = {
        "form": form,
        "next": wanted,
        "demo_accounts": _demo_accounts(),
        "without_second_factor": not settings.SECOND_FACTOR_IN_DEMO,
    }
    return render(request, "accounts/sign_in.html", context)


def _language_for(request: HttpRequest, user: User) -> str:
    """Return the language chosen just before signing in, which is stored with the account.

    Where none was chosen it is the account's own.
    """
    chosen = request.COOKIES.get(CHOSEN, "")
    if chosen not in dict(settings.LANGUAGES):
        return user.language
    if chosen != user.language:
        services.choose_language(user=user, language=chosen)
    return chosen


def _second_step(request: HttpRequest) -> HttpResponseRedirect:
    """Redirect to the page of the second factor, and from there to the page wanted."""
    wanted = next_url(request, "accounts:home")
    return HttpResponseRedirect(reverse("accounts:second_step") + "?" + urlencode({"next": wanted}))


def _demo_accounts() -> list[tuple[demo.DemoAccount, Role]]:
    """Return the demo's accounts, with their roles; none where real people are served."""
    roles = Role.objects.in_bulk(field_name="code")
    return [(each, roles[each.role]) for each in demo.accounts() if each.role in roles]


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    logout(request)
    messages.success(request, _("You have signed out."))
    return redirect("pages:front")


@login_required
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session of this person, on every device, this one included."""
    assert isinstance(request.user, User)
    services.sign_out_everywhere(user=request.user, by=request.user)
    logout(request)
    messages.success(request, _("You have signed out on every device."))
    return redirect("accounts:sign_in")


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Set the language, and remember it (with the account too)."""
    language = request.POST.get("language", "")
    response = HttpResponseRedirect(next_url(request, "pages:front"))
    if language in dict(settings.LANGUAGES):
        _remember_language(response, language)
        if isinstance(request.user, User):
            services.choose_language(user=request.user, language=language)
        else:
            response.set_cookie(
                CHOSEN,
                language,
                samesite="Lax",
                secure=settings.LANGUAGE_COOKIE_SECURE,
                httponly=True,
            )
    return response


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Show a person's open tasks with a count on every card, or redirect to the role's first page.

    ``?all`` shows the cards to those, too, who begin elsewhere.
    """
    assert isinstance(request.user, User)
    pages = first_pages(request.user)
    if pages is not None and len(pages) == 1 and "all" not in request.GET:
        return redirect(pages[0].url)
    links = work_of(request.user)
    context = {
        "pages": pages,
        "waiting": [link for link in links if link.waits],
        "others": [link for link in links if not link.waits],
        # None: some role begins with this page; empty: there is no role at all
        "has_role": pages != [] or request.user.is_superuser,
    }
    return render(request, "accounts/home.html", context)


@login_required
def me(request: HttpRequest) -> HttpResponse:
    """Show one's own account: roles, language, password, tokens, devices."""
    memberships = Membership.objects.filter(user=request.user.pk)
    memberships = memberships.select_related("role", "place", "programme").order_by("role", "place")
    return render(request, "accounts/me.html", {"memberships": memberships})


@sensitive_post_parameters()
@login_required
@never_cache
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; other devices are signed out, this one stays."""
    assert isinstance(request.user, User)
    form = PasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.change_password(
            user=request.user, password=form.cleaned_data["new_password1"], by=request.user
        )
        update_session_auth_hash(request, request.user)
        messages.success(request, _("Your password is changed. Other devices are signed out."))
        return redirect("accounts:me")
    return render(request, "accounts/password.html", {"form": form})


@login_required
@never_cache
def my_tokens(request: HttpRequest) -> HttpResponse:
    """Show the keys of one's own programs; a new one is shown once."""
    assert isinstance(request.user, User)
    form = TokenForm(request.POST or None)
    key = ""
    if request.method == "POST" and form.is_valid():
        _row, key = tokens.issue(
            user=request.user,
            with_second_factor=second_factor.was_shown(request),
            **form.cleaned_data,
        )
        form = TokenForm()
    rows = Token.objects.visible_to(request.user).filter(user=request.user).order_by("-created_at")
    return render(request, "accounts/tokens.html", {"form": form, "tokens": rows, "key": key})


@login_required
@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke one of one's own keys."""
    assert isinstance(request.user, User)
    try:
        tokens.revoke(pk=pk, by=request.user)
    except Token.DoesNotExist as error:
        raise Http404 from error
    messages.success(request, _("The token no longer works."))
    return redirect("accounts:tokens")
