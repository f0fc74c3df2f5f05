"""An arriving record: its sender, the form it names, and the answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from surveys.forms.published_versions import PublishedVersion
from surveys.submissions.intake.envelope import Envelope
from surveys.submissions.intake.files import Kept


@dataclass(frozen=True)
class Sender:
    """The sender of a record: a tablet or a signed-in person, in one programme."""

    programme_id: int
    app_user_id: int | None = None
    user_id: int | None = None
    device_id: str = ""
    user_agent: str = ""
    forms: frozenset[int] | None = None
    """forms this tablet was given; None is every form"""


@dataclass(frozen=True)
class Receipt:
    """The result of a submission: 201 when something was stored, 202 when all of it existed."""

    status: int
    submission_id: int
    instance_id: str


class RefusedError(Exception):
    """A record that was refused: HTTP status, Central's code, and a sentence for the field."""

    def __init__(self, status: int, code: float, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True)
class Coming:
    """One arriving record, with everything that is known of it."""

    sender: Sender
    envelope: Envelope
    target: PublishedVersion
    xml: bytes
    sha256: str
    files: Sequence[Kept]
