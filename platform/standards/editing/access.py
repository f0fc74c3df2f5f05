"""Permission to change standards: one function for every page of ``standards.editing``."""

from accounts.permissions import NATION, may, scopes
from standards.models import Provider


def may_edit(user: object, provider: Provider | None = None) -> bool:
    """May ``user`` change the standards of this provider (None: those of the whole country)?

    National standards bind everybody, so they are for people whose right holds in the whole
    country and in every programme. A provider's own posted fee is for its place.
    """
    if provider is None:
        return NATION in scopes(user, "standards.edit")
    return may(user, "standards.edit", place=provider.place_id)
