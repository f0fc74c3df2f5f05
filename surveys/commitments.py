"""Ask citizens whether a commitment is kept, on every channel, from one source of questions.

Joint action plans are in a layer above this package. They register their questions here when they
start, as recordings are registered in ``surveys.recordings``; the hotline, the tablet and the
citizens' app ask them. Where plans are not installed there is nothing to ask.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

from django.utils.translation import gettext as _

from accounts.models import User

CODE_DIGITS: Final = 7
"""Digits by which a caller names a commitment."""
KINDS: Final = ("done", "half", "not_done", "unknown")
MOST_AT_ONCE: Final = 5
"""Commitments of one commune that one call asks about."""


class AnswerRefusedError(ValueError):
    """An answer that cannot be taken; the message says why, in the reader's language."""


@dataclass(frozen=True)
class Question:
    """One commitment that was reported done and waits for citizens' answers.

    ``text`` is empty until somebody has checked it for publication; ``claim`` counts the reports
    of "done", so that an answer to an earlier report is not taken for one to the latest.
    """

    code: str
    commune: str
    number: int
    due: date
    text: str
    office: str
    claim: int


@dataclass(frozen=True)
class Counted:
    """The numbers of people of one follow-up meeting for each answer."""

    done: int = 0
    half: int = 0
    not_done: int = 0
    unknown: int = 0


class Source(Protocol):
    """The interface of the app that stores commitments and answers."""

    def find(self, code: str) -> Question | None:
        """Return the question with this code, None where no answer is awaited under it."""

    def commune_of(self, code: str) -> str:
        """Return the commune of the commitment of this code, "" where there is none."""

    def asked_in(
        self, places: Sequence[str], *, programme: int | None, most: int
    ) -> list[Question]:
        """Return questions of communes whose codes begin like one of ``places``, oldest report
        first.

        Where a programme is given, only its plans and those of no programme.
        """

    def answer(self, *, code: str, kind: str, channel: str, person: str, network: str) -> bool:
        """Store what one citizen says; False where this person answered this report before.

        ``person`` and ``network`` are hashed and never stored. Raises AnswerRefusedError.
        """

    def standing(self, commune: str) -> tuple[int, int]:
        """Count the commitments of a commune: (made, confirmed by citizens)."""

    def follow_up(
        self, *, by: User | None, code: str, claim: int, counted: Counted, batch: str
    ) -> bool:
        """Store what the people of a meeting say; False where ``batch`` was stored before.

        Raises AnswerRefusedError, PermissionDenied.
        """


_offered: list[Source] = []


def offer(source: Source) -> None:
    """Register the source of the questions; the last one registered counts."""
    _offered[:] = [source]


def find(code: str) -> Question | None:
    """Return the question with this code, None where there is none."""
    return _offered[0].find(code) if _offered else None


def commune_of(code: str) -> str:
    """Return the commune of the commitment of this code, in whatever state it is.

    Return "" where there is none.
    """
    return _offered[0].commune_of(code) if _offered else ""


def not_here() -> str:
    """Return the sentence that a tablet does not work where a commitment was made."""
    return _("This tablet does not work in this commune.")


def asked_in(
    places: Iterable[str], *, programme: int | None = None, most: int = MOST_AT_ONCE
) -> list[Question]:
    """List the actions that need citizens' answers in these places, the oldest report first."""
    if not _offered:
        return []
    return _offered[0].asked_in(list(places), programme=programme, most=most)


def standing(commune: str) -> tuple[int, int]:
    """Count the commitments of a commune: (made, confirmed by citizens)."""
    return _offered[0].standing(commune) if _offered else (0, 0)


def answer(*, code: str, kind: str, channel: str, person: str, network: str = "") -> bool:
    """Store what one citizen says; False where this person answered before.

    Raises AnswerRefusedError.
    """
    if not _offered:
        raise AnswerRefusedError
    return _offered[0].answer(code=code, kind=kind, channel=channel, person=person, network=network)


def follow_up(*, by: User | None, code: str, claim: int, counted: Counted, batch: str) -> bool:
    """Store what the people of a meeting say; False where ``batch`` was stored before.

    Raises AnswerRefusedError, PermissionDenied.
    """
    if not _offered:
        raise AnswerRefusedError
    return _offered[0].follow_up(by=by, code=code, claim=claim, counted=counted, batch=batch)
