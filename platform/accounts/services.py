"""Every change to people, roles, programmes and memberships."""

import secrets
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import second_factor
from accounts.models import Membership, Programme, Role, User
from accounts.permissions import NATION, PERMISSIONS, scopes
from audit.trail import record
from places.models import Place, PlaceQuerySet

# Roles that hold one of these work in the admin too.
_ADMIN_WORK = frozenset({"people.manage", "standards.edit"})


@transaction.atomic
def add_person(
    *,
    by: User | None,
    username: str,
    password: str | None,
    display_name: str = "",
    language: str = "km",
    is_demo: bool = False,
) -> User:
    """Return a new account without any role; raises ValidationError in the reader's language."""
    user = User.objects.create_user(
        username, password, display_name=display_name, language=language, is_demo=is_demo
    )
    record(by=by, verb="person.added", subject=user, after={"username": username})
    return user


@transaction.atomic
def grant_role(
    *,
    by: User | None,
    user: User,
    role: Role,
    place: Place | None = None,
    programme: Programme | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Membership:
    """Give ``user`` a role at a place (None: the nation) in a programme (None: all).

    Granting the same again only changes the dates. ``by`` None is a job; a person must manage
    people there. Raises ValidationError.
    """
    if by is not None:
        _must_manage(by, Membership(role=role, place=place, programme=programme))
    what = {"user": user, "role": role, "place": place, "programme": programme}
    membership = Membership.objects.select_for_update().filter(**what).first()
    before = None if membership is None else _facts(membership)
    membership = membership or Membership(**what)
    membership.starts_on, membership.ends_on = starts_on, ends_on
    membership.full_clean()
    membership.save()
    if not user.is_staff and _ADMIN_WORK & set(role.permissions):
        user.is_staff = True
        user.save(update_fields=["is_staff"])
    after = _facts(membership)
    if before != after:
        record(
            by=by,
            verb="role.granted",
            subject=membership,
            place_code=membership.place_id or "",
            before=before,
            after=after,
        )
    return membership


@transaction.atomic
def end_membership(*, by: User | None, membership: Membership, ends_on: date) -> Membership:
    """Let a membership end after the day ``ends_on``; the row stays as history."""
    if by is not None:
        _must_manage(by, membership)
    before = _facts(membership)
    membership.ends_on = ends_on
    membership.full_clean()
    membership.save(update_fields=["ends_on"])
    record(
        by=by,
        verb="role.ended",
        subject=membership,
        place_code=membership.place_id or "",
        before=before,
        after=_facts(membership),
    )
    return membership


@transaction.atomic
def move_membership(*, by: User | None, membership: Membership, place: Place) -> Membership:
    """Let somebody hold a role at another place from today; at the old one it ended yesterday.

    What they recorded at the old place stays. Raises ValidationError.
    """
    if membership.place_id == place.pk:
        raise ValidationError({"place": _("The role is at this place already.")})
    today = timezone.localdate()
    ends_on, starts = membership.ends_on, membership.starts_on
    if ends_on is not None and ends_on < today:
        raise ValidationError(_("This role has ended. Give a new one."))
    last = today - timedelta(days=1)
    end_membership(
        by=by, membership=membership, ends_on=last if starts is None or starts <= last else starts
    )
    return grant_role(
        by=by,
        user=membership.user,
        role=membership.role,
        place=place,
        programme=membership.programme,
        starts_on=max(today, starts) if starts else today,
        ends_on=ends_on,
    )


def provinces_for(by: User, programme: Programme | None = None) -> PlaceQuerySet:
    """Return the provinces that ``by`` may give to a programme, and those it has already."""
    places = Place.objects.none()
    for scope in scopes(by, "people.manage"):
        if scope.programme is None and len(scope.place) <= 2:
            places |= Place.objects.provinces().inside(scope.place)
    if programme is not None:
        places |= Place.objects.filter(programmes=programme)
    return places.order_by("code").distinct()


@transaction.atomic
def save_programme(
    *, by: User, programme: Programme, provinces: Iterable[Place], reason: str = ""
) -> Programme:
    """Write a programme and where it works (no province: the whole country).

    A programme is changed by those who manage all of it; a province is added by those who
    manage people there, the whole country by those who manage the nation. Raises
    ValidationError.
    """
    old = Programme.objects.select_for_update().filter(pk=programme.pk).first()
    if old is not None and not Programme.objects.managed_by(by, "people.manage").filter(pk=old.pk):
        raise ValidationError(_("You do not manage this programme."), code="not_allowed")
    before = None if old is None else _programme_facts(old)
    wanted = {place.code for place in provinces}
    had = set() if before is None else set(before["provinces"])
    allowed = set(provinces_for(by).values_list("code", flat=True))
    widened = not wanted and (before is None or bool(had))
    if (wanted - had) - allowed or (widened and NATION not in scopes(by, "people.manage")):
        raise ValidationError(
            {"provinces": _("You do not manage people there.")}, code="not_allowed"
        )
    programme.full_clean()
    programme.save()
    programme.provinces.set(Place.objects.filter(pk__in=wanted))
    after = _programme_facts(programme)
    if before != after:
        record(
            by=by,
            verb="programme.added" if before is None else "programme.edited",
            subject=programme,
            before=before,
            after=after,
            reason=reason,
        )
    return programme


def _programme_facts(programme: Programme) -> dict[str, Any]:
    names = ("code", "name_km", "name_en", "donor", "partner")
    days = {n: getattr(programme, n) for n in ("starts_on", "ends_on")}
    return {
        **{name: getattr(programme, name) for name in names},
        **{name: day.isoformat() if day else None for name, day in days.items()},
        "provinces": sorted(programme.provinces.values_list("code", flat=True)),
    }


def _must_manage(by: User, membership: Membership) -> None:
    """Raise ValidationError where a role exceeds the places, programme or rights of ``by``."""
    place, programme = membership.place_id or "", membership.programme_id

    def holds(permission: str) -> bool:
        return any(
            scope.covers(place) and scope.programme in (None, programme)
            for scope in scopes(by, permission)
        )

    if not holds("people.manage"):
        raise ValidationError(_("You do not manage people there."), code="not_allowed")
    if not all(holds(permission) for permission in membership.role.permissions):
        raise ValidationError(
            _("This role may do more than you may there, so you cannot give or end it."),
            code="not_allowed",
        )


def givable_roles(by: User) -> list[Role]:
    """Return the roles that ``by`` could give somewhere.

    Where exactly is checked when it is given.
    """
    return [
        role
        for role in Role.objects.order_by("pk")
        if scopes(by, "people.manage") and all(scopes(by, held) for held in role.permissions)
    ]


def may_act_on(by: User, user: User) -> bool:
    """Return whether ``by`` may reset the password of ``user`` or close the account.

    Only for people all of whose roles ``by`` could have given: otherwise a coordinator could take
    over the account of somebody who may do more.
    """
    if by.is_superuser and by.is_active:
        return True
    if user.is_superuser:
        return False
    memberships = list(user.memberships.select_related("role"))
    if not memberships:
        return NATION in scopes(by, "people.manage")
    try:
        for membership in memberships:
            _must_manage(by, membership)
    except ValidationError:
        return False
    return True


def _must_act_on(by: User, user: User) -> None:
    if not may_act_on(by, user):
        raise ValidationError(
            _("This person also works where you do not manage people."), code="not_allowed"
        )


def new_password() -> str:
    """Make a password to say over the telephone: three groups, no letters that look alike."""
    letters = "abcdefghkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(3))


@transaction.atomic
def reset_password(*, by: User, user: User) -> str:
    """Give ``user`` a new password, shown once to ``by``; ends every session. Return it."""
    _must_act_on(by, user)
    password = new_password()
    user.set_password(password)
    user.save(update_fields=["password"])
    record(by=by, verb="password.reset", subject=user)
    return password


@transaction.atomic
def set_open(*, by: User, user: User, is_open: bool) -> None:
    """Close an account (its sessions and tokens stop working at once) or open it again."""
    _must_act_on(by, user)
    if user.is_active == is_open:
        return
    user.is_active = is_open
    user.save(update_fields=["is_active"])
    record(by=by, verb="person.opened" if is_open else "person.closed", subject=user)


def _facts(membership: Membership) -> dict[str, Any]:
    return {
        "user": membership.user_id,
        "role": membership.role.code,
        "place": membership.place_id,
        "programme": membership.programme_id,
        "starts_on": membership.starts_on.isoformat() if membership.starts_on else None,
        "ends_on": membership.ends_on.isoformat() if membership.ends_on else None,
    }


@transaction.atomic
def change_password(*, by: User, user: User, password: str) -> None:
    """Set a new password; sessions on other devices end, because they are checked against it."""
    user.set_password(password)
    user.save(update_fields=["password"])
    record(by=by, verb="password.changed", subject=user)


@transaction.atomic
def sign_out_everywhere(*, by: User, user: User) -> None:
    """End every session of ``user`` on every device."""
    if by != user:
        _must_act_on(by, user)
    User.objects.filter(pk=user.pk).update(session_generation=F("session_generation") + 1)
    user.refresh_from_db(fields=["session_generation"])
    record(by=by, verb="person.signed_out_everywhere", subject=user)


def reset_second_factor(*, by: User, user: User) -> None:
    """Remove the second factor of somebody whose telephone is lost. Raises ValidationError."""
    _must_act_on(by, user)
    second_factor.reset(by=by, user=user)


def choose_language(*, user: User, language: str) -> None:
    """Remember the language a person reads in; no history is kept of it."""
    User.objects.filter(pk=user.pk).update(language=language)


@transaction.atomic
def load_roles(definitions: list[dict[str, Any]]) -> dict[str, int]:
    """Load the roles from their file; return how many were added, changed, unchanged.

    A role that left the file stays (people may hold it). Raises ValidationError
    for a permission that does not exist.
    """
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    for definition in definitions:
        if unknown := set(definition["permissions"]) - set(PERMISSIONS):
            raise ValidationError(f"{definition['code']}: unknown permissions {sorted(unknown)}")
        role = Role.objects.select_for_update().filter(code=definition["code"]).first()
        fields = {k: v for k, v in definition.items() if k != "code"}
        before = None if role is None else {name: getattr(role, name) for name in fields}
        if before == fields:
            counts["unchanged"] += 1
            continue
        role = role or Role(code=definition["code"])
        for name, value in fields.items():
            setattr(role, name, value)
        role.full_clean()
        role.save()
        counts["added" if before is None else "changed"] += 1
        record(
            by=None, job="load_roles", verb="role.loaded", subject=role, before=before, after=fields
        )
    return counts
