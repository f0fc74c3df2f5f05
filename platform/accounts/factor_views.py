"""Pages of the second factor: showing it at sign-in, setting it up; and one's own sessions."""

import json
from typing import Any

import segno
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import passkeys, second_factor, sign_ins
from accounts.models import User
from accounts.next_page import next_url

_NEW_KEY = "authenticator_key"
_CODES = "recovery_codes"


@sensitive_post_parameters("code")
@never_cache
def second_step(request: HttpRequest) -> HttpResponse:
    """Show the second step of signing in: digits, a passkey, or a code from paper."""
    user = second_factor.half_signed_in(request)
    if user is None:
        return redirect(next_url(request, "accounts:home"))
    if not user.has_second_factor:
        return redirect("accounts:second_factor")
    wrong = ""
    if request.method == "POST":
        if second_factor.check_code(user, request.POST.get("code", "")):
            return _let_in(request, user)
        wrong = (
            _("Too many wrong codes. Wait 15 minutes, then try again.")
            if second_factor.is_locked(user)
            else _("This code is wrong or was used already. Wait for the next one and type it.")
        )
    context = {
        "person": user,
        "wrong": wrong,
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "has_app": user.authenticator_apps.exists(),
        "has_passkey": user.passkeys.exists(),
    }
    return render(request, "accounts/second_step.html", context, status=422 if wrong else 200)


def _let_in(request: HttpRequest, user: User) -> HttpResponse:
    target = next_url(request, "accounts:home")
    second_factor.mark_shown(request, user)
    sign_ins.note(request, user)
    return redirect(target)


def _at_work(request: HttpRequest) -> User:
    """Return the person who may change a second factor: signed in, or about to set up the first."""
    if isinstance(request.user, User):
        return request.user
    user = second_factor.half_signed_in(request)
    if user is None or user.has_second_factor:
        raise Http404
    return user


@sensitive_post_parameters("code")
@never_cache
def factors(request: HttpRequest) -> HttpResponse:
    """Show one's own second factors, and set up an app."""
    if not request.user.is_authenticated and second_factor.half_signed_in(request) is None:
        return redirect("accounts:sign_in")
    if (half := second_factor.half_signed_in(request)) and half.has_second_factor:
        return redirect("accounts:second_step")
    user, wrong = _at_work(request), ""
    if request.method == "POST":
        key = request.session.get(_NEW_KEY, "")
        if key and second_factor.add_app(user=user, key=key, code=request.POST.get("code", "")):
            del request.session[_NEW_KEY]
            _after_setting_up(request, user)
            return redirect("accounts:recovery_codes")
        wrong = _("This code is wrong. Type the six digits that the app shows now.")
    key = request.session.setdefault(_NEW_KEY, second_factor.new_key())
    square = segno.make(second_factor.address_of_key(user, key), error="m")
    context = {
        "person": user,
        "wrong": wrong,
        "is_required": second_factor.is_required(user),
        "square": mark_safe(square.svg_inline(scale=5, svgclass="qr", omitsize=True)),  # noqa: S308  # drawn by segno
        "key": " ".join(key[at : at + 4] for at in range(0, len(key), 4)),
        "app": user.authenticator_apps.first(),
        "passkeys": user.passkeys.order_by("pk"),
        "codes_left": user.recovery_codes.count(),
    }
    return render(request, "accounts/second_factor.html", context, status=422 if wrong else 200)


def _after_setting_up(request: HttpRequest, user: User) -> None:
    """Sign the person in once a factor was set up; make recovery codes where there are none.

    The codes are put into the session, from which their page shows them once.
    """
    is_new = second_factor.half_signed_in(request) is not None
    second_factor.mark_shown(request, user)
    if is_new:
        sign_ins.note(request, user)
    if not user.recovery_codes.exists():
        request.session[_CODES] = second_factor.new_recovery_codes(user=user)


@login_required
@never_cache
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Show the codes for the day the telephone is lost, shown once; a POST makes new ones."""
    assert isinstance(request.user, User)
    if request.method == "POST":
        codes = second_factor.new_recovery_codes(user=request.user)
    else:
        codes = request.session.pop(_CODES, [])
    if not codes:
        return redirect("accounts:second_factor")
    return render(request, "accounts/recovery_codes.html", {"codes": codes})


@login_required
@require_POST
def remove_factor(request: HttpRequest) -> HttpResponse:
    """Remove the app or one passkey; other devices are signed out."""
    assert isinstance(request.user, User)
    text = request.POST.get("passkey", "")
    passkey = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
    if not second_factor.holds(request.user, passkey):
        raise Http404
    if second_factor.remove(user=request.user, passkey=passkey):
        update_session_auth_hash(request, request.user)
        messages.success(request, _("Removed. Other devices are signed out."))
    else:
        messages.error(request, _("This is your last one. Add another one before."))
    return redirect("accounts:second_factor")


# -- passkeys: the browser asks, and sends its proof ----------------------------------------


def _proof(request: HttpRequest) -> dict[str, Any]:
    try:
        payload = json.loads(request.body)
    except (ValueError, RecursionError, RawPostDataException):
        return {}
    return payload if isinstance(payload, dict) else {}


@require_POST
@never_cache
def make_passkey(request: HttpRequest) -> JsonResponse:
    """Return what the browser needs to make a passkey (empty body), or store its proof."""
    user, text = _at_work(request), _proof(request)
    if "proof" not in text:
        return JsonResponse(passkeys.ask_to_make(request, user))
    if passkeys.keep_made(request, user, text["proof"], str(text.get("name", ""))) is None:
        return JsonResponse({"detail": _("The passkey was not accepted. Try again.")}, status=422)
    _after_setting_up(request, user)
    return JsonResponse({"next": "/me/recovery-codes/"})


@require_POST
@never_cache
def show_passkey(request: HttpRequest) -> JsonResponse:
    """Return what the browser needs to show a passkey at sign-in, or check its proof."""
    user, text = second_factor.half_signed_in(request), _proof(request)
    if user is None or not user.has_second_factor:
        raise Http404
    if "proof" not in text:
        return JsonResponse(passkeys.ask_to_show(request, user))
    if not passkeys.is_shown(request, user, text["proof"]):
        return JsonResponse({"detail": _("The passkey was not accepted. Try again.")}, status=422)
    return JsonResponse({"next": _let_in(request, user)["Location"]})


# -- sessions ----------------------------------------------------------------------------


@login_required
@never_cache
def sessions(request: HttpRequest) -> HttpResponse:
    """List the browsers and programs where a person is signed in; a POST ends one of them."""
    assert isinstance(request.user, User)
    if request.method == "POST":
        kind, _colon, number = request.POST.get("session", "").partition(":")
        is_this = sign_ins.is_this(request, kind, number)
        if not sign_ins.end(request.user, kind, number):
            raise Http404
        if is_this:
            logout(request)
            return redirect("accounts:sign_in")
        messages.success(request, _("The session has ended."))
        return redirect("accounts:sessions")
    signed_in = sign_ins.of(request.user, request)
    return render(request, "accounts/sessions.html", {"sessions": signed_in})
