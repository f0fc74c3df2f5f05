"""The first page of each role, where it is not the work list."""

from dataclasses import dataclass

from django.utils import timezone

from accounts.models import Membership, User
from pages.links import first_url

# role -> URL names tried in order; with {code} the membership's place is the argument.
# Other roles begin with the work list, a count on every card.
FIRST_PAGES: dict[str, tuple[str, ...]] = {
    "district_officer": ("dashboards:district", "plans:district", "plans:districts"),
    "donor": ("dashboards:donor",),
}
_AT_THEIR_PLACE = {"council_member", "district_officer"}


@dataclass(frozen=True)
class FirstPage:
    """A page where work begins, and the membership that leads to it."""

    url: str
    membership: Membership


def first_pages(user: User) -> list[FirstPage] | None:
    """Return the first pages of all of a person's roles; None when a role needs the whole list.

    Most roles begin with the work list and have no single page; nor has a role whose page is not
    there.
    """
    pages: dict[str, FirstPage] = {}
    held = Membership.objects.filter(user=user).in_force(timezone.localdate())
    for membership in held.select_related("role", "place").order_by("role__code", "place_id"):
        names = FIRST_PAGES.get(membership.role.code)
        if names is None:
            return None
        code = membership.place_id if membership.role.code in _AT_THEIR_PLACE else None
        url = next((address for name in names if (address := _address(name, code))), None)
        if url is None:
            return None
        pages.setdefault(url, FirstPage(url, membership))
    return list(pages.values())


def _address(name: str, code: str | None) -> str | None:
    """Return the address of a page: of the person's place where the page has one."""
    return (first_url((name,), code=code) if code else None) or first_url((name,))
