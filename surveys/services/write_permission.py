"""Permission of a person to write at places: read once, checked for every row."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Scope, scopes


class Mandate:
    """The scopes where ``by`` holds a permission; ``None`` (a trusted job) holds it everywhere."""

    def __init__(self, by: User | None, permission: str) -> None:
        self.by = by
        self._scopes = [Scope("", None)] if by is None else scopes(by, permission)
        self._covered: dict[tuple[str, int | None], bool] = {}
        self._programmes: dict[str, int | None] = {}

    def covers(self, place: str, programme: int | None = None) -> bool:
        """Return whether the permission holds at this place (for this programme)."""
        covered = self._covered.get((place, programme))
        if covered is None:
            covered = any(
                place.startswith(s.place)
                and (s.programme is None or programme is None or s.programme == programme)
                for s in self._scopes
            )
            self._covered[place, programme] = covered
        return covered

    def programme_at(self, place: str) -> int | None:
        """Return the only programme for which this person writes at the place; None if not one."""
        if place not in self._programmes:
            here = {s.programme for s in self._scopes if place.startswith(s.place)}
            self._programmes[place] = here.pop() if len(here) == 1 else None
        return self._programmes[place]

    def demand(self, place: str | None = None, programme: int | None = None) -> None:
        """Raise PermissionDenied unless the permission holds (there, or anywhere at all)."""
        if not self._scopes or (place is not None and not self.covers(place, programme)):
            raise PermissionDenied(_("You may not do this here."))
