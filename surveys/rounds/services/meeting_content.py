"""Read a meeting that a tablet or a page sends: counts of votes, never ballots."""

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from surveys.models import Channel, Meeting
from surveys.rounds.models.attendance import COUNTS


@dataclass(slots=True)
class CriterionTold:
    """One criterion of a meeting: how many gave each score, by way of voting and by group."""

    key: str = ""
    code: str = ""
    text: str = ""
    voice: str = ""
    kept: bool = True
    tablet: list[int] = field(default_factory=lambda: [0] * 5)
    cards: list[int] = field(default_factory=lambda: [0] * 5)
    groups: dict[str, list[int]] = field(default_factory=dict)
    strengths: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    suggestions: list[str] = field(default_factory=list)


@dataclass(slots=True)
class RoundMeetingTold:
    """A meeting as a tablet or page tells it: attendance by group, criteria with counts."""

    id: str = ""
    kind: str = Meeting.Kind.COMMUNITY
    days: list[date] = field(default_factory=list)
    facilitator: str = ""
    channel: str = Channel.TABLET
    voters_tablet: int = 0
    voters_cards: int = 0
    criteria: list[CriterionTold] = field(default_factory=list)
    people: int | None = None
    women: int | None = None
    men: int | None = None
    other_sex: int | None = None
    children: int | None = None
    youth: int | None = None
    adults: int | None = None
    elders: int | None = None
    poor_card: int | None = None
    disability: int | None = None
    minority: int | None = None


def read_told(said: Any) -> RoundMeetingTold:
    """Read a meeting from JSON of a tablet. Raises ValidationError for another shape."""
    try:
        voters = said.get("voters", {})
        told = RoundMeetingTold(
            id=str(said["id"]),
            kind=str(said["kind"]),
            days=[date.fromisoformat(str(day)) for day in said["days"]],
            facilitator=str(said.get("person", "")),
            voters_tablet=int(voters.get("tablet") or 0),
            voters_cards=int(voters.get("cards") or 0),
            criteria=[_criterion(one) for one in said["criteria"]],
        )
        for name in COUNTS:
            setattr(told, name, int(said["attendance"].get(name) or 0))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValidationError(
            {"meeting": [_("The meeting cannot be read. Update the app and send it again.")]}
        ) from error
    return told


def _criterion(said: dict[str, Any]) -> CriterionTold:
    def counts(value: Any) -> list[int]:
        return [int(n) for n in value or [0] * 5]

    def words(value: Any) -> list[str]:
        return [str(text) for text in value or []]

    return CriterionTold(
        key=str(said["key"]),
        code=str(said.get("code") or ""),
        text=str(said.get("text") or ""),
        voice=str(said.get("voice") or ""),
        kept=bool(said.get("kept", True)),
        tablet=counts(said.get("tablet")),
        cards=counts(said.get("cards")),
        groups={str(name): counts(value) for name, value in (said.get("groups") or {}).items()},
        strengths=words(said.get("strengths")),
        problems=words(said.get("problems")),
        suggestions=words(said.get("suggestions")),
    )


def as_content(said: Any) -> bytes:
    """The canonical bytes of a meeting's JSON, of which the hash tells a repeated sending."""
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
