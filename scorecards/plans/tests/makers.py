"""A commune with offices, people and a plan, for tests of plans."""

from datetime import date
from typing import Any

from accounts.models import Membership, Programme, Role, User
from places.models import Place
from scorecards.plans import services
from scorecards.plans.models import Action, Office, Plan
from standards.models import Provider
from surveys.tests.country import make_country

TODAY = date(2026, 11, 30)
RIGHTS = {
    "facilitator": ["plans.read", "plans.write", "plans.report", "plans.confirm"],
    "coordinator": [
        *("plans.read", "plans.write", "plans.report", "plans.confirm", "plans.moderate"),
    ],
    "council": ["plans.read", "plans.report"],
    "district": ["plans.read", "plans.report"],
    "donor": ["scores.released"],
}


def make_place() -> None:
    """The country of the tests: commune 010201 with a hall and a health centre."""
    make_country()


def person(role: str, place: str | None = "010201", programme: Programme | None = None) -> User:
    """Somebody who does with plans what this role does."""
    existing, _new = Role.objects.get_or_create(
        code=f"plans-{role}",
        defaults={
            **{f"name_{x}": role for x in ("km", "en")},
            **{f"about_{x}": "-" for x in ("km", "en")},
            "permissions": RIGHTS[role],
        },
    )
    user = User.objects.create_user(f"{role}-{place}-{User.objects.count()}")
    Membership.objects.create(user=user, role=existing, place_id=place, programme=programme)
    return user


def office(by: User, name: str = "ប្រធានមណ្ឌលសុខភាព", **facts: Any) -> Office:
    """An office in the commune, not reachable unless an address is given."""
    facts.setdefault("place", Place.objects.get(code="010201"))
    return services.save_office(by=by, name_km=name, name_en=facts.pop("name_en", name), **facts)


def plan(by: User, **facts: Any) -> Plan:
    """A draft of the commune's joint plan for 2026."""
    facts.setdefault("commune", Place.objects.get(code="010201"))
    facts.setdefault("starts_on", date(2026, 1, 1))
    facts.setdefault("ends_on", date(2026, 12, 31))
    return services.draft_plan(by=by, **facts)


def action(by: User, plan: Plan, **facts: Any) -> Action:
    """One action of the plan, led by an office."""
    facts.setdefault("activity", "សម្អាតបន្ទប់រង់ចាំ")
    facts.setdefault("part", "internal")
    facts.setdefault("starts_on", date(2026, 2, 2))
    facts.setdefault("due_on", date(2026, 6, 30))
    if "office" not in facts:
        facts["office"] = Office.objects.first() or office(by)
    return services.add_action(by=by, plan=plan, **facts)


def agreed(by: User, **facts: Any) -> Action:
    """An action of an agreed plan."""
    made = plan(by)
    one = action(by, made, **facts)
    services.agree_plan(
        by=by,
        plan=made,
        agreed_on=date(2026, 1, 20),
        community_side="អ្នកតំណាងភូមិ",
        provider_side="ប្រធានមណ្ឌល",
    )
    one.refresh_from_db()
    return one


def hall() -> Provider:
    """The commune's hall."""
    return Provider.objects.get(code="hall-010201")
