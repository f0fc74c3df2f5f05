"""Observations and the raw things they come from."""

from surveys.models.cases import Case, CaseRevision, Channel, Sex, Status
from surveys.models.changes import ObservationChange
from surveys.models.checks import Check
from surveys.models.imports import ImportBatch
from surveys.models.meetings import Meeting, Vote

__all__ = [
    "Case",
    "CaseRevision",
    "Channel",
    "Check",
    "ImportBatch",
    "Meeting",
    "ObservationChange",
    "Sex",
    "Status",
    "Vote",
]
