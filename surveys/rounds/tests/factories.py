"""Rounds and sessions as somebody reports them, for tests."""

from datetime import date
from typing import Any

from accounts.models import Membership, Role, User
from surveys.rounds.services.plan import PlannedRound
from surveys.rounds.services.sessions import ReportedSession


def make_person(role: str, place: str | None, username: str) -> User:
    """A person in one of the platform's real roles at one place."""
    user = User.objects.create_user(username)
    Membership.objects.create(user=user, role=Role.objects.get(code=role), place_id=place)
    return user


def planned(**changes: Any) -> PlannedRound:
    """A round with the hall of 010201 in the first half of 2026."""
    return PlannedRound(
        **{
            "provider": "hall-010201",
            "commune": "010201",
            "period": (2026, 1),
            "informed_on": date(2026, 1, 12),
            "met_on": date(2026, 3, 2),
            "agreed_on": date(2026, 4, 20),
            **changes,
        }
    )


def session(**changes: Any) -> ReportedSession:
    """A session of 24 people in 010201."""
    return ReportedSession(
        **{
            "session_id": "S-1",
            "kind": "information",
            "commune": "010201",
            "held_on": date(2026, 3, 2),
            "topic": "តម្លៃសេវា",
            "trainer": "caf.dara",
            "people": 24,
            "women": 14,
            "men": 10,
            "youth": 6,
            "poor_card": 5,
            "handouts": [("poster", 20)],
            "trained": ["village chief, Banteay"],
            **changes,
        }
    )
