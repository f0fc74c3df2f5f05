"""Reported observations, before they are validated.

A report holds values that could be read (dates are dates, riel are whole numbers)
and codes that may or may not exist; ``surveys.validation`` decides. ``None`` and ""
mean "not known", everywhere.
"""

from dataclasses import dataclass, field
from datetime import date


@dataclass(slots=True)
class ReportedCase:
    """One person's request as it was reported: readable values and codes, not yet checked."""

    case_id: str = ""
    commune: str = ""
    provider: str = ""
    service: str = ""
    option: str = ""
    asked_on: date | None = None
    received_on: date | None = None
    days_known: bool = True
    status: str = ""
    fee_paid: int | None = None
    currency: str = ""
    units: int | None = None
    documents_asked: list[str] | None = None
    visits: int | None = None
    receipt: bool | None = None
    staffed: bool | None = None
    medicine_given: bool | None = None
    lesson_days_lost: int | None = None
    plan_shown: bool | None = None
    channel: str = ""
    channel_note: str = ""
    facilitator: str = ""
    sex: str = ""
    age: int | None = None
    poor_card: bool | None = None
    disability: bool | None = None
    minority: bool | None = None
    note: str = ""
    programme: str = ""


@dataclass(slots=True)
class ReportedCheck:
    """One check as it was reported: a yes or no seen at a provider."""

    check_id: str = ""
    commune: str = ""
    provider: str = ""
    provider_kind: str = ""
    indicator: str = ""
    seen_on: date | None = None
    present: bool | None = None
    channel: str = ""
    facilitator: str = ""
    programme: str = ""


@dataclass(slots=True)
class ReportedVote:
    """One vote as it was reported: a score for one indicator, given in a meeting."""

    vote_id: str = ""
    indicator: str = ""
    score: int | None = None
    sex: str = ""
    youth: bool | None = None
    poor_card: bool | None = None
    disability: bool | None = None
    minority: bool | None = None


@dataclass(slots=True)
class ReportedMeeting:
    """One meeting as it was reported: it scored one provider on one day, with its votes."""

    meeting_id: str = ""
    commune: str = ""
    provider: str = ""
    provider_kind: str = ""
    kind: str = ""
    held_on: date | None = None
    channel: str = ""
    facilitator: str = ""
    programme: str = ""
    votes: list[ReportedVote] = field(default_factory=list)
