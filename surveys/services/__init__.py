"""The services through which all observations are written.

Recorded, corrected or voided, with audit.

Each function writes the observation, an audit entry and the outbox row that informs the scorecards,
in one transaction, and wakes the scorecards when it is committed. ``by`` is the person who acts,
whose permission is checked; ``None`` is a trusted part of the program that names itself in ``job``
(a citizen's app has no account).

Raises ``ValidationError`` with sentences by field where the rules of ``surveys.validation`` are
broken, ``PermissionDenied`` where the person may not.
"""

from surveys.reported import ReportedCase, ReportedCheck, ReportedMeeting, ReportedVote
from surveys.services.bulk import close_batch, record_cases, record_checks, record_vote_rows
from surveys.services.cases import (
    correct_case,
    count_case_again,
    erase_note,
    record_case,
    void_case,
)
from surveys.services.checks import record_check, void_check
from surveys.services.meetings import record_meeting, record_votes, void_meeting, void_vote
from surveys.services.results import Outcome, Recorded, RowResult

__all__ = [
    "Outcome",
    "Recorded",
    "ReportedCase",
    "ReportedCheck",
    "ReportedMeeting",
    "ReportedVote",
    "RowResult",
    "close_batch",
    "correct_case",
    "count_case_again",
    "erase_note",
    "record_case",
    "record_cases",
    "record_check",
    "record_checks",
    "record_meeting",
    "record_vote_rows",
    "record_votes",
    "void_case",
    "void_check",
    "void_meeting",
    "void_vote",
]
