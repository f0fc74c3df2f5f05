"""Plans, actions, their history, answers of citizens, reminders and replies."""

from scorecards.plans.models.actions import Action
from scorecards.plans.models.alerts import AlertSubscription
from scorecards.plans.models.history import ActionEvent, Answer, Evidence
from scorecards.plans.models.jobs import PlanJob
from scorecards.plans.models.measures import MeasureCell, MeasureRelease
from scorecards.plans.models.offices import Office
from scorecards.plans.models.plans import Plan
from scorecards.plans.models.reminders import Message, Reminder
from scorecards.plans.models.replies import Reply
from scorecards.plans.models.stories import Story
from scorecards.plans.models.vocabulary import (
    ENDED,
    UNDER_WAY,
    ActionLevel,
    AnswerChannel,
    AnswerKind,
    ContactChannel,
    EventKind,
    Moderation,
    Money,
    Part,
    Proposer,
    State,
)

__all__ = [
    "ENDED",
    "UNDER_WAY",
    "Action",
    "ActionEvent",
    "ActionLevel",
    "AlertSubscription",
    "Answer",
    "AnswerChannel",
    "AnswerKind",
    "ContactChannel",
    "EventKind",
    "Evidence",
    "MeasureCell",
    "MeasureRelease",
    "Message",
    "Moderation",
    "Money",
    "Office",
    "Part",
    "Plan",
    "PlanJob",
    "Proposer",
    "Reminder",
    "Reply",
    "State",
    "Story",
]
