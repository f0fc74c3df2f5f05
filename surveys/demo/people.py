"""Accounts of the demo: one per role to sign in with, and facilitators of every commune."""

import json
import secrets
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management.base import CommandError

from accounts.models import Membership, Programme, Role, User
from accounts.services import add_person, grant_role
from audit import trail
from places.models import Place
from surveys.demo.country import Ground

# user name, role, name shown, where: the nation, all provinces, the busiest commune, those near it
ACCOUNTS = (
    ("admin", "administrator", "សុខា · Sokha", "nation"),
    ("national", "coordinator", "រតនា · Ratana", "nation"),
    ("coordinator", "coordinator", "ច័ន្ទ · Chan", "provinces"),
    ("facilitator", "facilitator", "ស្រីមុំ · Srey Mom", "communes"),
    ("council", "council_member", "វិសាល · Visal", "commune"),
    ("district", "district_officer", "បូផា · Bopha", "district"),
    ("staff", "provider_staff", "វណ្ណា · Vanna", "commune"),
    ("donor", "donor", "តារា · Dara", "programme"),
    ("keeper", "report_keeper", "សុភា · Sophea", "nation"),
)
FACILITATORS_A_COMMUNE = 2
_WORDS = ("lotus", "mekong", "sugar", "palm", "rumduol", "krama", "temple", "ferry", "mango")


def make_accounts(ground: Ground) -> dict[str, Any]:
    """Make (or renew the passwords of) the accounts to sign in with; return what to print.

    Raises CommandError where a real person already has one of the names.
    """
    taken = User.objects.filter(username__in=[name for name, *_ in ACCOUNTS], is_demo=False)
    if taken:
        raise CommandError(
            "These user names belong to real people, so this is no demo database: "
            + ", ".join(sorted(taken.values_list("username", flat=True)))
        )
    password = "-".join(
        [*(secrets.choice(_WORDS) for _ in range(2)), str(secrets.randbelow(9000) + 1000)]
    )
    shown = []
    for username, role, name, where in ACCOUNTS:
        user = User.objects.filter(username=username).first()
        if user is None:
            user = add_person(
                by=None, username=username, password=password, display_name=name, is_demo=True
            )
        else:
            user.set_password(password)
            user.save(update_fields=["password"])
        places = _places(ground, where)
        of_programme = where in {"programme", "provinces"}
        _grant(user, role, places, ground.programme if of_programme else None)
        shown.append(
            {
                "username": username,
                "password": password,
                "role": role,
                "name": name,
                "places": [place.code for place in places if place is not None],
            }
        )
    return {"password": password, "accounts": shown}


def _places(ground: Ground, where: str) -> list[Place | None]:
    first = ground.busiest
    near = [c for c in ground.communes if c.startswith(first[:4]) and c != first]
    codes = {
        "provinces": ground.provinces,
        "communes": [first, *near[:2]],
        "commune": [first],
        "district": [first[:4]],
    }.get(where)
    return list(Place.objects.filter(code__in=codes)) if codes else [None]


def _grant(user: User, role: str, places: list[Place | None], programme: Programme | None) -> None:
    row = Role.objects.get(code=role)
    keep = {place.code if place is not None else None for place in places}
    Membership.objects.filter(user=user).exclude(
        role=row, place__in=keep - {None}, programme=programme
    ).exclude(role=row, place=None, programme=programme).delete()
    for place in places:
        grant_role(by=None, user=user, role=row, place=place, programme=programme)


def make_facilitators(ground: Ground) -> dict[str, list[str]]:
    """Make the facilitators, who gather cases and cannot sign in; return their names by commune.

    The facilitator who can sign in gathers in her own communes too.
    """
    role = Role.objects.get(code="facilitator")
    names = {
        commune: [f"demo-{commune}-{n}" for n in range(1, FACILITATORS_A_COMMUNE + 1)]
        for commune in ground.communes
    }
    wanted = {name: commune for commune, every in names.items() for name in every}
    users = set(User.objects.filter(username__in=wanted).values_list("username", flat=True))
    fresh = [
        User(
            username=name,
            display_name=f"CAF {name.removeprefix('demo-')}",
            is_demo=True,
            password=make_password(None),
        )
        for name, commune in wanted.items()
        if name not in users
    ]
    made = User.objects.bulk_create(fresh, batch_size=1000)
    Membership.objects.bulk_create(
        (Membership(user=user, role=role, place_id=wanted[user.username]) for user in made),
        batch_size=1000,
    )
    trail.record(
        by=None,
        job="demo",
        verb="facilitators.invented",
        subject=ground.programme,
        after={"added": len(made)},
    )
    own = Membership.objects.filter(user__username="facilitator", role=role, place__isnull=False)
    for commune in own.values_list("place_id", flat=True):
        if commune in names:
            names[str(commune)].insert(0, "facilitator")
    return names


def write(accounts: dict[str, Any], path: Path) -> None:
    """Keep the accounts where ``make run`` reads them, readable only by this machine's user."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(accounts, ensure_ascii=False, indent=2), encoding="utf-8")
    path.chmod(0o600)
