"""Permission to change standards: one function for every page of ``standards.editing``."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.access import refusal
from accounts.models import User
from accounts.permissions import NATION, may, scopes
from standards.models import Provider


def may_edit(user: object, provider: Provider | None = None) -> bool:
    """Return whether ``user`` may change the standards of this provider (None: of the whole
    country).

    National standards bind everybody, so they are for people whose right holds in the whole country
    and in every programme. A provider's own posted fee is for its place.
    """
    if provider is None:
        return NATION in scopes(user, "standards.edit")
    return may(user, "standards.edit", place=provider.place_id)


def demand_national(request: HttpRequest) -> User:
    """Return the person who may change national standards. Raises PermissionDenied for others."""
    if not may_edit(request.user):
        raise PermissionDenied(refusal("standards.edit"))
    assert isinstance(request.user, User)
    return request.user
