"""Decorators that guard views: sign-in first, then a sentence for people without the permission."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.permissions import PERMISSIONS, may

P = ParamSpec("P")


def refusal(permission: str) -> str:
    """Return the sentence a person reads who lacks ``permission``."""
    return _("Your account has no right to %(what)s.") % {"what": PERMISSIONS[permission]}


def check(
    user: object, *permissions: str, place: str | None = None, programme: int | None = None
) -> None:
    """Raise PermissionDenied, with a sentence, unless ``user`` holds one of ``permissions``."""
    if not any(may(user, p, place=place, programme=programme) for p in permissions):
        raise PermissionDenied(refusal(permissions[0]))


def require(
    *permissions: str, place: str = ""
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Guard a view: for people who hold one of ``permissions``, at the place ``place`` names.

    ``@require("scores.working", place="code")`` asks at the place in the address.
    Several permissions are alternatives.
    """
    if unknown := set(permissions) - set(PERMISSIONS):
        raise ValueError(f"unknown permissions: {sorted(unknown)}")
    if not permissions:
        raise ValueError("name at least one permission")

    def guard(
        view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            check(request.user, *permissions, place=str(kwargs[place]) if place else None)
            return view(request, *args, **kwargs)

        return guarded

    return guard


class RequireMixin:
    """The same guard for class-based views: set ``permissions`` and, if needed, ``place_kwarg``."""

    permissions: tuple[str, ...] = ()
    place_kwarg = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        inner: Callable[..., HttpResponseBase] = super().dispatch  # type: ignore[misc]  # View's, after us in the MRO
        return require(*self.permissions, place=self.place_kwarg)(inner)(request, *args, **kwargs)


class MayPermission(BasePermission):
    """The same guard for the API; made by ``api_permission``."""

    asked: tuple[str, ...] = ()
    message = gettext_lazy("Your account has no right to do this.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        return any(may(request.user, permission) for permission in self.asked)


def api_permission(*permissions: str) -> type[MayPermission]:
    """Make a DRF permission class: holds one of ``permissions`` somewhere.

    Where exactly is for the view's ``visible_to`` and ``check``.
    """
    if not permissions or set(permissions) - set(PERMISSIONS):
        raise ValueError(f"unknown permissions: {permissions}")
    return type("May", (MayPermission,), {"asked": permissions})
