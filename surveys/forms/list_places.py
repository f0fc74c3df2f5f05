"""The communes in the lists of a tablet's people and of a person."""

from collections.abc import Iterable

from accounts.models import Programme, User
from accounts.permissions import scopes
from surveys.forms.lists import Places, places_of_programme
from surveys.models import AppUser


def places_of_person(user: object, programme: Programme) -> Places:
    """Return where a person may record cases of this programme, as code prefixes.

    What the role covers and the programme covers: a facilitator's communes, or the part of a
    national role that lies in the programme's provinces. Empty without the right.
    """
    held = [s for s in scopes(user, "cases.record") if s.programme in (None, programme.pk)]
    within = places_of_programme(programme)
    return _fewest(
        longer
        for scope in held
        for province in within
        if (longer := _both(scope.place, province)) is not None
    )


def places_of_tablet(tablet: AppUser) -> Places:
    """Return where a tablet's people record; the whole programme where nobody is assigned."""
    people = list(tablet.people.filter(is_active=True))
    if not people:
        return places_of_programme(tablet.programme)
    return _fewest(code for user in people for code in places_of_person(user, tablet.programme))


def places_of_client(
    programme: Programme, *, app_user: int | None = None, user: User | None = None
) -> Places | None:
    """Return the places of the tablet or person that fetches lists.

    Return None (the programme's places) for others.
    """
    if app_user is not None:
        return places_of_tablet(AppUser.objects.select_related("programme").get(pk=app_user))
    return places_of_person(user, programme) or None if user is not None else None


def _both(one: str, other: str) -> str | None:
    """Return the smaller of two places where one lies in the other."""
    if one.startswith(other):
        return one
    return other if other.startswith(one) else None


def _fewest(codes: Iterable[str]) -> Places:
    """Return the same places without those that lie in another of them, in order."""
    kept: list[str] = []
    for code in sorted(set(codes)):
        if not kept or not code.startswith(kept[-1]):
            kept.append(code)
    return tuple(kept)
