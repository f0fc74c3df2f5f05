"""A record on its way in: who sends it, which form it names, and what is answered."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from surveys.models import Form, FormVersion
from surveys.submissions.envelope import Envelope
from surveys.submissions.files import Kept

_REMEMBER_SECONDS = 10.0


@dataclass(frozen=True)
class Sender:
    """Who sends: a tablet or a signed-in person, in one programme."""

    programme_id: int
    app_user_id: int | None = None
    user_id: int | None = None
    device_id: str = ""
    user_agent: str = ""
    forms: frozenset[int] | None = None
    """forms this tablet was given; None is every form"""


@dataclass(frozen=True)
class Receipt:
    """What was done: 201 when something was stored, 202 when it was all here already."""

    status: int
    submission_id: int
    instance_id: str


class RefusedError(Exception):
    """A record that was not taken: HTTP status, Central's code, and a sentence for the field."""

    def __init__(self, status: int, code: float, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True)
class Target:
    form_id: int
    version_id: int
    closed: bool


@dataclass(frozen=True)
class Coming:
    """One record on its way in, with everything that is known of it."""

    sender: Sender
    envelope: Envelope
    target: Target
    xml: bytes
    sha256: str
    files: Sequence[Kept]


_targets: dict[tuple[int, str, str], tuple[float, Target]] = {}


def target_of(programme_id: int, envelope: Envelope) -> Target | None:
    """The published version a record names. Found ones are remembered for seconds, per process."""
    key = (programme_id, envelope.form_id, envelope.version)
    known = _targets.get(key)
    if known is not None and known[0] > time.monotonic():
        return known[1]
    row = (
        FormVersion.objects.filter(
            form__programme_id=programme_id,
            form__xml_form_id=envelope.form_id,
            form__deleted_at=None,
            version=envelope.version,
        )
        .exclude(published_at=None)
        .values_list("form_id", "pk", "form__state")
        .first()
    )
    if row is None:
        _targets.pop(key, None)
        return None
    if len(_targets) > 10_000:
        _targets.clear()
    target = Target(row[0], row[1], row[2] == Form.State.CLOSED)
    _targets[key] = (time.monotonic() + _REMEMBER_SECONDS, target)
    return target


def forget_targets() -> None:
    """Forget which versions are published (after a form changes, and in tests)."""
    _targets.clear()
