"""Results of recording a reported observation."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from django.db import models

from surveys.validation import Problems

M = TypeVar("M", bound=models.Model)


class Outcome(StrEnum):
    """The result of one report."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Recorded(Generic[M]):
    """The observation that counts under the given id, and the result of recording.

    With ``CONFLICT`` it is the earlier one, unchanged; it may be in a place the sender may not
    read, so ask ``visible_to`` before showing it.
    """

    observation: M
    outcome: Outcome

    @property
    def case(self) -> M:
        """The observation, under the name that callers of ``record_case`` use."""
        return self.observation


@dataclass(slots=True)
class RowResult:
    """The result of one row of many."""

    outcome: Outcome
    problems: Problems = field(default_factory=Problems)
