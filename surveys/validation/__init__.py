"""The rules of observations: reports become facts, or sentences about what is wrong.

Every channel (page, API, spreadsheet, form, telephone) uses these functions, so that a case is
judged in one way, however it came.
"""

from surveys.validation.cases import case_facts, fingerprint
from surveys.validation.problems import Problems
from surveys.validation.scorecards import check_facts, meeting_facts, vote_facts

__all__ = [
    "Problems",
    "case_facts",
    "check_facts",
    "fingerprint",
    "meeting_facts",
    "vote_facts",
]
