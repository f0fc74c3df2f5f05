"""People, roles and places for tests."""

from datetime import date
from itertools import count
from typing import Any

from accounts.models import Membership, Programme, Role, User
from places.models import Place

_number = count(1)
PASSWORD = "a-long-enough-word-7"


def make_user(**fields: Any) -> User:
    fields.setdefault("username", f"person{next(_number)}")
    return User.objects.create_user(fields.pop("username"), PASSWORD, **fields)


def make_place(code: str) -> Place:
    """Make the place with this code, and those it lies in."""
    level = {2: "province", 4: "district", 6: "commune", 8: "village"}[len(code)]
    kind = {2: "khet", 4: "srok", 6: "khum", 8: "phum"}[len(code)]
    return Place.objects.get_or_create(
        code=code,
        defaults={
            "level": level,
            "kind": kind,
            "name_km": f"កន្លែង {code}",
            "name_latin": f"Place {code}",
            "parent": make_place(code[:-2]) if len(code) > 2 else None,
        },
    )[0]


def make_role(code: str, *permissions: str) -> Role:
    return Role.objects.update_or_create(
        code=code,
        defaults={
            "name_km": "តួនាទី",
            "name_en": code.replace("_", " ").capitalize(),
            "about_km": "អំពី",
            "about_en": "about",
            "permissions": list(permissions),
        },
    )[0]


def make_programme(code: str = "", *provinces: str) -> Programme:
    code = code or f"programme-{next(_number)}"
    programme = Programme.objects.create(code=code, name_km="កម្មវិធី", name_en=f"Programme {code}")
    programme.provinces.set([make_place(province) for province in provinces])
    return programme


def join(
    user: User,
    *permissions: str,
    place: str = "",
    programme: Programme | None = None,
    role: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Membership:
    """Give ``user`` these permissions at a place ("" is the nation) in a programme."""
    return Membership.objects.create(
        user=user,
        role=make_role(role or f"role-{next(_number)}", *permissions),
        place=make_place(place) if place else None,
        programme=programme,
        starts_on=starts_on,
        ends_on=ends_on,
    )
