"""Facts, scores, and the runs that compute them."""

from scorecards.models.annotations import Annotation
from scorecards.models.comparisons import (
    Comparison,
    OnTime,
    Overall,
    PendingComparison,
    PlaceClass,
    VoteGap,
)
from scorecards.models.facts import JudgedCase, WorkDay
from scorecards.models.releases import CellState, Release, ReleasedCell
from scorecards.models.runs import FirstPeriod, PendingRollUp, ScoreAlarm, ScoringRun, ScoringStep
from scorecards.models.scores import (
    DesignEffect,
    Level,
    Score,
    ScoreRevision,
    ScoreStatus,
    Source,
)
from scorecards.models.targets import Measure, ProgrammeTarget
from scorecards.models.weights import IndicatorWeight

__all__ = [
    "Annotation",
    "CellState",
    "Comparison",
    "DesignEffect",
    "FirstPeriod",
    "IndicatorWeight",
    "JudgedCase",
    "Level",
    "Measure",
    "OnTime",
    "Overall",
    "PendingComparison",
    "PendingRollUp",
    "PlaceClass",
    "ProgrammeTarget",
    "Release",
    "ReleasedCell",
    "Score",
    "ScoreAlarm",
    "ScoreRevision",
    "ScoreStatus",
    "ScoringRun",
    "ScoringStep",
    "Source",
    "VoteGap",
    "WorkDay",
]
