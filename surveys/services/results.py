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
    """The observation that stands now under the given id, and what became of it.

    With ``CONFLICT`` that is the earlier one, unchanged; it may lie where the teller
    must not look, so ask ``visible_to`` before showing it.
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
