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
``rounds.plan``       plan rounds with their stages, dates and facilitators
``rounds.record``     record sessions, meetings and inputs of rounds
``rounds.assess``     record the provider's own scores
``rounds.read``       see rounds against their plan, and their results
``reports.open``      open a sealed report with the NGO's key
``plans.read``        read joint action plans, also before they are agreed
``plans.write``       draft and change plans, and record that both sides agreed
``plans.report``      report how far an action has come, and reply to figures
``plans.confirm``     record what citizens say of an action, and close it
``plans.moderate``    decide which texts and photos of plans the public sees
"""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.models import User

PERMISSIONS: dict[str, str | Promise] = {
    "cases.record": _("record cases for the places they cover"),
    "cases.read": _("see single cases of the places they cover"),
    "cases.correct": _("correct or void a case, with a reason"),
    "cases.import": _("import a spreadsheet of cases"),
    "submissions.review": _("review what was sent in, and its warnings"),
    "forms.publish": _("publish forms"),
    "scores.working": _("see working figures before they are released"),
    "scores.released": _("see released figures"),
    "scores.run": _("start a calculation of scores"),
    "releases.approve": _("approve a release of figures"),
    "standards.edit": _("edit standards, services, providers and holidays"),
    "people.manage": _("manage accounts, memberships and programmes"),
    "hotline.edit": _("edit the hotline's prompts and see its calls"),
    "rounds.plan": _("plan rounds with their stages, dates and facilitators"),
    "rounds.record": _("record information sessions, meetings and inputs of rounds"),
    "rounds.assess": _("record the provider's own scores in a round"),
    "rounds.read": _("see rounds against their plan, and their results"),
    "reports.open": _("open a sealed report with the organisation's key"),
    "plans.read": _("read joint action plans"),
    "plans.write": _("draft joint action plans and record that both sides agreed"),
    "plans.report": _("report how far an action has come"),
    "plans.confirm": _("record what citizens say of an action, and close it"),
    "plans.moderate": _("decide which texts and photos of plans the public sees"),
}
"""Every permission there is, in words for humans; a role may hold no other."""


@dataclass(frozen=True)
class Scope:
    """The scope of a permission: a code prefix ("" is the nation), a programme (None is all)."""

    place: str
    programme: int | None

    def covers(self, place: str | None, programme: int | None = None) -> bool:
        """Return whether it holds at ``place`` (None: anywhere) in ``programme`` (None: any)."""
        return (place is None or place.startswith(self.place)) and (
            self.programme is None or programme is None or self.programme == programme
        )

    def q(self, *, place: str, programme: str = "") -> Q:
        """Return the rows it covers: ``place`` names a column of codes (``place__code``, not
        ``place``), ``programme`` the one of programmes.

        Without a ``programme`` column the rows belong to no programme, and only
        the place limits. A row without a place belongs to the nation.
        """
        condition = Q(**{f"{place}__startswith": self.place}) if self.place else Q()
        if self.programme is not None and programme:
            condition &= Q(**{programme: self.programme})
        return condition


NATION = Scope("", None)


def in_force(today: date) -> Q:
    """Return memberships that hold on ``today``."""
    return (Q(starts_on=None) | Q(starts_on__lte=today)) & (Q(ends_on=None) | Q(ends_on__gte=today))


def _grants(user: "User") -> list[tuple[Scope, frozenset[str]]]:
    """Return the grants of the memberships in force today; read once per request."""
    if user.kept_grants is not None:
        return user.kept_grants
    rows = user.memberships.filter(in_force(timezone.localdate())).values_list(
        "place_id", "programme_id", "role__permissions"
    )
    grants = [(Scope(place or "", programme), frozenset(held)) for place, programme, held in rows]
    if user.keeps_grants:
        user.kept_grants = grants
    return grants


def keep_grants(user: "User") -> None:
    """Let ``user`` (one object of one request) remember its grants, which are read once then."""
    user.keeps_grants = True


def scopes(user: object, permission: str) -> list[Scope]:
    """Return the scopes in which ``user`` holds ``permission`` today; an empty list is a no."""
    if not isinstance(user, get_user_model()) or not user.is_active or user.pk is None:
        return []
    if permission not in PERMISSIONS:
        return []
    if user.is_superuser:
        return [NATION]
    return [scope for scope, held in _grants(user) if permission in held]


def may(
    user: object, permission: str, *, place: str | None = None, programme: int | None = None
) -> bool:
    """Return whether ``user`` may do ``permission`` (at the place with this code, in this
    programme).

    Without ``place`` the question is "anywhere at all?", and with a ``programme`` "anywhere in
    it?": a person bound to a place, but to no programme, may only in programmes at work there. For
    what belongs to a whole programme (its tablets' keys, its forms) use
    ``Programme.objects.managed_by`` instead. Anonymous people and inactive accounts may do nothing.
    """
    held = [s for s in scopes(user, permission) if s.covers(place, programme)]
    if place is not None or programme is None:
        return bool(held)
    return any(
        scope.programme is not None or not scope.place or _works_in(programme, scope.place)
        for scope in held
    )


def _works_in(programme: int, place: str) -> bool:
    """Return whether a programme works in the province of ``place``; without provinces it does."""
    model = apps.get_model("accounts", "Programme")
    return bool(model.objects.filter(pk=programme).at_work_in(place).exists())


def covered(user: object, permission: str, *, place: str, programme: str = "") -> Q:
    """Return the rows for which ``user`` holds ``permission``, as a filter.

    The filter selects nothing when there is none.
    """
    held = scopes(user, permission)
    condition = Q(pk__in=[])
    for scope in held:
        limit = scope.q(place=place, programme=programme)
        if not limit:
            return Q()
        condition |= limit
    return condition


def holds_any(user: "User", permissions: frozenset[str]) -> bool:
    """Return whether a membership in force today gives one of ``permissions``, anywhere."""
    return any(held & permissions for _scope, held in _grants(user))
