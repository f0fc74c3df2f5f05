"""Records that a tablet exported to a file, stored like those it sends."""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.db import transaction

from accounts.models import User
from audit import trail
from surveys.models import AppUser
from surveys.submissions.intake.files import Kept, keep
from surveys.submissions.intake.receive import RefusedError, Sender, receive


class UnreadableExportError(ValueError):
    """The uploaded file is no export of a tablet."""


@dataclass
class Imported:
    """The numbers of records stored and already here, and the refused ones with reasons."""

    stored: int = 0
    already_here: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def import_records(*, tablet: AppUser, exported: Any, by: User) -> Imported:
    """Import an export; drafts are not lost: they arrive as records and can be reviewed.

    May be repeated: what is known is counted as known. Raises UnreadableExportError.
    """
    records = _records(exported)
    done = Imported()
    sender = Sender(
        programme_id=tablet.programme_id,
        app_user_id=tablet.pk,
        device_id="export",
        user_agent=f"imported by {by.get_username()}",
    )
    for one in records:
        name = f"{one.get('title', '')} {str(one.get('id', ''))[-8:]}".strip()
        try:
            receipt = receive(sender=sender, xml=one["xml"].encode(), files=list(_files(one)))
        except RefusedError as refused:
            done.refused.append((name, refused.message))
            continue
        done.stored += receipt.status == 201
        done.already_here += receipt.status == 202
    with transaction.atomic():
        trail.record(
            by=by,
            verb="tablet.records_imported",
            subject=tablet,
            after={"stored": done.stored, "known": done.already_here, "refused": len(done.refused)},
        )
    return done


def _records(exported: Any) -> list[dict[str, Any]]:
    if not isinstance(exported, dict) or exported.get("kind") != "tablet-records":
        raise UnreadableExportError
    records = exported.get("records")
    if not isinstance(records, list) or not all(
        isinstance(r, dict) and isinstance(r.get("xml"), str) for r in records
    ):
        raise UnreadableExportError
    return records


def _files(record: dict[str, Any]) -> Iterator[Kept]:
    for reported in record.get("attachments") or []:
        try:
            content = base64.b64decode(reported["base64"], validate=True)
            name, kind = str(reported["name"]), str(reported.get("type", ""))
        except (KeyError, TypeError, binascii.Error) as broken:
            raise UnreadableExportError from broken
        yield keep(InMemoryUploadedFile(BytesIO(content), None, name, kind, len(content), None))
