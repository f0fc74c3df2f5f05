"""Where each role's work begins."""

from dataclasses import dataclass

from django.utils import timezone

from accounts.models import Membership, User
from pages.links import first_url

# role -> URL names tried in order; with {code} the membership's place is the argument.
FIRST_PAGES: dict[str, tuple[str, ...]] = {
    "facilitator": ("surveys:home",),
    "council_member": ("plans:work", "dashboards:commune"),
    "district_officer": ("dashboards:district", "plans:district", "plans:districts"),
    "donor": ("dashboards:donor",),
    "provider_staff": ("rounds:rounds",),
}
_AT_THEIR_PLACE = {"council_member", "district_officer"}


@dataclass(frozen=True)
class FirstPage:
    """A page where work begins, and the membership that leads to it."""

    url: str
    membership: Membership


def first_pages(user: User) -> list[FirstPage] | None:
    """The first pages of all of a person's roles, or None when one of them needs the whole list.

    Coordinators and administrators have no single page; nor has a role whose room is not there.
    """
    found: dict[str, FirstPage] = {}
    held = Membership.objects.filter(user=user).in_force(timezone.localdate())
    for membership in held.select_related("role", "place").order_by("role__code", "place_id"):
        names = FIRST_PAGES.get(membership.role.code)
        if names is None:
            return None
        url = None
        if membership.role.code in _AT_THEIR_PLACE and membership.place_id:
            url = first_url(names, code=membership.place_id)
        url = url or first_url(names)
        if url is None:
            return None
        found.setdefault(url, FirstPage(url, membership))
    return list(found.values())
