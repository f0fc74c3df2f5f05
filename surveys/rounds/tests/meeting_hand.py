"""A meeting as a tablet sends it, made from ballots that only the test knows."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

GROUPS = ("women", "men", "youth", "poor_card", "disability", "minority")
CORE = ("CA-P1", "CA-P2", "CA-P3", "CA-P4", "CA-P5")
OWN = "vwater"
KEYS = (*CORE, OWN)


@dataclass
class Person:
    """Somebody in the meeting and the ballot that nobody else may learn."""

    groups: frozenset[str]
    scores: dict[str, int] = field(default_factory=dict)


def counted(scores: Sequence[int]) -> list[int]:
    return [list(scores).count(score) for score in range(1, 6)]


def meeting(people: Sequence[Person], **changes: Any) -> dict[str, Any]:
    """Return what the tablet sends of these ballots: counts by score, and by group where permitted."""
    attendance = {"people": len(people)}
    for group in GROUPS:
        attendance[group] = sum(group in p.groups for p in people)
    values: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "kind": "community",
        "person": "caf.dara",
        "days": ["2026-03-02"],
        "attendance": attendance,
        "voters": {"tablet": len(people), "cards": 0},
        "criteria": [_criterion(key, people) for key in KEYS],
    }
    return values | changes


def _criterion(key: str, people: Sequence[Person]) -> dict[str, Any]:
    scores = [p.scores[key] for p in people if key in p.scores]
    groups = {
        group: counted([p.scores[key] for p in people if group in p.groups and key in p.scores])
        for group in GROUPS
    }
    own = key == OWN
    return {
        "key": key,
        "code": "" if own else key,
        "text": "ទឹកស្អាត" if own else "",
        "kept": True,
        "tablet": counted(scores),
        "cards": [0] * 5,
        "groups": groups,
        "strengths": [],
        "problems": ["យឺត"],
        "suggestions": ["បើកទ្វារទាន់ពេល"],
    }
