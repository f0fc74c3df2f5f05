"""The services through which all data of plans is written: permission, history and audit."""

from scorecards.plans.services.answers import (
    Tally,
    answer_as_citizen,
    answer_at_follow_up,
    close_confirmed,
    follow_up_of_tablet,
    tally,
)
from scorecards.plans.services.drafting import (
    add_action,
    agree_plan,
    change_action,
    change_plan,
    draft_plan,
    remove_action,
)
from scorecards.plans.services.evidence import add_evidence
from scorecards.plans.services.moderation import (
    moderate_action,
    moderate_evidence,
    moderate_reply,
)
from scorecards.plans.services.offices import office_named, save_office, show_number
from scorecards.plans.services.progress import (
    drop_action,
    move_due,
    reopen_action,
    report_state,
    set_review,
)
from scorecards.plans.services.stories import moderate_story, record_story, withdraw_story

__all__ = [
    "Tally",
    "add_action",
    "add_evidence",
    "agree_plan",
    "answer_as_citizen",
    "answer_at_follow_up",
    "change_action",
    "change_plan",
    "close_confirmed",
    "draft_plan",
    "drop_action",
    "follow_up_of_tablet",
    "moderate_action",
    "moderate_evidence",
    "moderate_reply",
    "moderate_story",
    "move_due",
    "office_named",
    "record_story",
    "remove_action",
    "reopen_action",
    "report_state",
    "save_office",
    "set_review",
    "show_number",
    "tally",
    "withdraw_story",
]
