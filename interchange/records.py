"""Receive records of another system: its form is published, each record received once.

They are received like tablets' records (``intake.receive``), which recognises a record by its
instance id: the same record again changes nothing, so a run can be repeated from anywhere.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext as _

from accounts.models import User
from interchange.models import Link
from interchange.remote import RemoteError
from surveys.forms.problems import FormProblems
from surveys.forms.publishing import prepare, publish, save_draft
from surveys.models import FormVersion
from surveys.submissions.intake.files import Kept, keep
from surveys.submissions.intake.receive import RefusedError, Sender, receive

MOST = 2000
"""Records of one run; the rest comes with the next."""


@dataclass(frozen=True)
class RecordFile:
    """A photo or recording of a record."""

    name: str
    content: bytes
    content_type: str


@dataclass(frozen=True)
class Pulled:
    """A record as it was sent to the other system, and how far reading it brings us."""

    xml: bytes
    files: list[RecordFile]
    cursor: str


class Source(Protocol):
    """Another system that has a form and records."""

    def form(self) -> bytes:
        """Return the XForm."""

    def records(self, cursor: str) -> Iterator[Pulled]:
        """Yield the records that are new since the cursor, the oldest first."""


def pull(*, link: Link, source: Source, keep_cursor: Callable[[str], None]) -> tuple[int, int]:
    """Read the form and what is new; return how many records were received, and how many refused.

    The cursor moves after each record: what was received before the other system stopped answering
    stays, and the next run continues there. One run receives at most `MOST`.
    """
    _take_form(link, source.form(), link.created_by)
    sender = Sender(link.programme_id, user_id=link.created_by_id)
    taken = refused = 0
    for record in islice(source.records(link.cursor), MOST):
        files = [_kept(file) for file in record.files]
        try:
            receive(sender=sender, xml=record.xml, files=files)
            taken += 1
        except RefusedError:
            refused += 1  # it is in quarantine, with the reason, for the coordinator
        keep_cursor(record.cursor)
    return taken, refused


def _kept(file: RecordFile) -> Kept:
    return keep(SimpleUploadedFile(file.name, file.content, file.content_type))


def _take_form(link: Link, xml: bytes, by: User | None) -> None:
    """Publish the form in the link's programme, unless this version is published already."""
    try:
        prepared = prepare(xml, "xml")
        form_id, version = prepared.form.form_id, prepared.form.version
        form_versions = FormVersion.objects.filter(
            form__programme=link.programme, form__xml_form_id=form_id, version=version
        )
        if form_versions.exclude(published_at=None).exists():
            return
        draft = save_draft(programme=link.programme, prepared=prepared, by=by)
        publish(form=draft.form, by=by)
    except (FormProblems, ValidationError) as error:
        raise RemoteError(_("Its form cannot be used here: %(why)s") % {"why": error}) from error
