"""Exclude many cases at once, each with its own audit entry, and undo that."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied

from accounts.models import User
from surveys.models import Case
from surveys.services.cases import count_case_again, void_case

MOST_AT_ONCE = 500
"""Most cases excluded in one transaction; more take several."""


@dataclass(frozen=True)
class Changed:
    """The numbers of cases changed, already so, and refused."""

    done: int = 0
    unchanged: int = 0
    refused: int = 0


def exclude_cases(*, cases: Iterable[Case], by: User, reason: str) -> Changed:
    """Void each case with the same reason; one that may not be voided blocks no other.

    Raises ValidationError where no reason is given.
    """
    return _each(cases, lambda case: void_case(case=case, by=by, reason=reason), excluded=True)


def include_cases(*, cases: Iterable[Case], by: User, reason: str) -> Changed:
    """Count each case again with the same reason; the opposite of ``exclude_cases``."""
    return _each(
        cases, lambda case: count_case_again(case=case, by=by, reason=reason), excluded=False
    )


def _each(cases: Iterable[Case], change: Callable[[Case], Case], *, excluded: bool) -> Changed:
    done = unchanged = refused = 0
    for case in cases:
        if (case.voided_at is not None) == excluded:
            unchanged += 1
            continue
        try:
            change(case)
        except PermissionDenied:
            refused += 1
        else:
            done += 1
    return Changed(done, unchanged, refused)
