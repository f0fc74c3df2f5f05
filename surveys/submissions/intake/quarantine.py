"""Quarantine: a record that cannot be accepted is stored with its files before it is refused."""

import hashlib
from collections.abc import Sequence

from surveys.models import Quarantine, Submission
from surveys.submissions.intake.envelope import Envelope
from surveys.submissions.intake.files import Kept
from surveys.submissions.intake.incoming import Coming, Sender

_MAX_QUARANTINE = 5_000_000


def hold(coming: Coming, reason: Quarantine.Reason, submission: Submission | None) -> None:
    """Quarantine a record that was understood but not accepted."""
    quarantine(
        coming.sender,
        coming.xml,
        coming.files,
        reason,
        envelope=coming.envelope,
        submission=submission,
    )


def _file(file: Kept) -> dict[str, str | int]:
    return {
        "name": file.name,
        "sha256": file.sha256,
        "md5": file.md5,
        "size": file.size,
        "type": file.content_type,
        "looks_like": file.looks_like,
    }


def quarantine(
    sender: Sender,
    xml: bytes,
    files: Sequence[Kept],
    reason: Quarantine.Reason,
    *,
    envelope: Envelope | None = None,
    submission: Submission | None = None,
) -> None:
    """Store a refused payload once; sent again, it only counts up."""
    kept = xml[:_MAX_QUARANTINE]
    row, fresh = Quarantine.objects.get_or_create(
        programme_id=sender.programme_id,
        sha256=hashlib.sha256(xml).hexdigest(),
        defaults={
            "submission": submission,
            "reason": reason,
            "instance_id": envelope.instance_id if envelope else "",
            "xml": kept,
            "files": [_file(f) for f in files],
            "app_user_id": sender.app_user_id,
            "submitter_id": sender.user_id,
        },
    )
    if not fresh:
        names = {f["name"] for f in row.files}
        row.files = row.files + [_file(f) for f in files if f.name not in names]
        row.times += 1
        row.save(update_fields=["files", "times"])
