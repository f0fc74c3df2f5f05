"""One function answers "may they?"; everything asks it, and it fails closed.

The words for what a role may do (``Role.permissions``):

``cases.record``      write cases for places they cover
``cases.read``        see single cases (facilitators: only places they cover)
``cases.correct``     correct or void a case, with a reason
``cases.import``      import a spreadsheet
``submissions.review`` review submissions and flags
``forms.publish``     upload and publish forms
``scores.working``    see working figures that are not released
``scores.released``   see released figures
``scores.run``        start a scoring run
``releases.approve``  approve a release
``standards.edit``    edit standards, providers, services, holidays
``people.manage``     manage accounts, memberships, programmes
``hotline.edit``      prompts, simulator and calls of the hotline
``reports.open``      open a sealed report with the NGO's key
"""

from dataclasses import dataclass

from django.utils import timezone

from accounts.models import Membership, User


@dataclass(frozen=True)
class Scope:
    """Where a permission holds: a code prefix ("" is the nation), a programme (None is all)."""

    place: str
    programme: int | None


def scopes(user: object, permission: str) -> list[Scope]:
    """The scopes in which ``user`` holds ``permission`` today; an empty list is a no."""
    if not isinstance(user, User) or not user.is_active:
        return []
    if user.is_superuser:
        return [Scope("", None)]
    today = timezone.localdate()
    rows = Membership.objects.filter(user=user, role__permissions__contains=[permission])
    return [
        Scope(m.place_id or "", m.programme_id)
        for m in rows
        if (m.starts_on is None or m.starts_on <= today)
        and (m.ends_on is None or m.ends_on >= today)
    ]


def may(
    user: object, permission: str, *, place: str | None = None, programme: int | None = None
) -> bool:
    """May ``user`` do ``permission`` (at the place with this code, in this programme)?

    Without ``place`` the question is "anywhere at all?". Anonymous people and
    inactive accounts may nothing.
    """
    return any(
        (place is None or place.startswith(s.place))
        and (s.programme is None or programme is None or s.programme == programme)
        for s in scopes(user, permission)
    )
