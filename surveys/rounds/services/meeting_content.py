"""Read a meeting that a tablet or a page sends: counts of votes, never ballots."""

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from surveys.models import Channel, Meeting
from surveys.rounds.models.attendance import COUNTS
from surveys.rounds.services.attendance import ReportedAttendance


@dataclass(slots=True)
class ReportedCriterion:
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
class ReportedRoundMeeting(ReportedAttendance):
    """A meeting as a tablet or page sends it: attendance by group, criteria with counts."""

    id: str = ""
    kind: str = Meeting.Kind.COMMUNITY
    days: list[date] = field(default_factory=list)
    facilitator: str = ""
    channel: str = Channel.TABLET
    voters_tablet: int = 0
    voters_cards: int = 0
    criteria: list[ReportedCriterion] = field(default_factory=list)


def read_reported(text: Any) -> ReportedRoundMeeting:
    """Read a meeting from JSON of a tablet. Raises ValidationError for another shape."""
    try:
        voters = text.get("voters", {})
        reported = ReportedRoundMeeting(
            id=str(text["id"]),
            kind=str(text["kind"]),
            days=[date.fromisoformat(str(day)) for day in text["days"]],
            facilitator=str(text.get("person", "")),
            voters_tablet=int(voters.get("tablet") or 0),
            voters_cards=int(voters.get("cards") or 0),
            criteria=[_criterion(one) for one in text["criteria"]],
        )
        for name in COUNTS:
            setattr(reported, name, int(text["attendance"].get(name) or 0))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValidationError(
            {"meeting": [_("The meeting cannot be read. Update the app and send it again.")]}
        ) from error
    return reported


def _criterion(texts: dict[str, Any]) -> ReportedCriterion:
    def counts(value: Any) -> list[int]:
        return [int(n) for n in value or [0] * 5]

    def words(value: Any) -> list[str]:
        return [str(text) for text in value or []]

    return ReportedCriterion(
        key=str(texts["key"]),
        code=str(texts.get("code") or ""),
        text=str(texts.get("text") or ""),
        voice=str(texts.get("voice") or ""),
        kept=bool(texts.get("kept", True)),
        tablet=counts(texts.get("tablet")),
        cards=counts(texts.get("cards")),
        groups={str(name): counts(value) for name, value in (texts.get("groups") or {}).items()},
        strengths=words(texts.get("strengths")),
        problems=words(texts.get("problems")),
        suggestions=words(texts.get("suggestions")),
    )


def as_content(text: Any) -> bytes:
    """Return the canonical bytes of a meeting's JSON, whose hash recognises a repeated sending."""
    return json.dumps(text, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
