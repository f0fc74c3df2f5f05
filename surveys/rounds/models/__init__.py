"""Rounds of social accountability: plans, attendance, votes and results."""

from surveys.rounds.models.attendance import Attendance
from surveys.rounds.models.ballots import BallotCard, PhoneTally
from surveys.rounds.models.corrections import MeetingCorrection
from surveys.rounds.models.inputs import Entitlement, InputFound
from surveys.rounds.models.meetings import (
    Criterion,
    Handover,
    MeetingNote,
    RoundMeeting,
    VillageTally,
)
from surveys.rounds.models.rounds import Round, RoundStage, Stage
from surveys.rounds.models.sessions import Handout, InformationSession, TrainedPerson

__all__ = [
    "Attendance",
    "BallotCard",
    "Criterion",
    "Entitlement",
    "Handout",
    "Handover",
    "InformationSession",
    "InputFound",
    "MeetingCorrection",
    "MeetingNote",
    "PhoneTally",
    "Round",
    "RoundMeeting",
    "RoundStage",
    "Stage",
    "TrainedPerson",
    "VillageTally",
]
