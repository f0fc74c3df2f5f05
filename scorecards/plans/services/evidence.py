"""Store photos, documents and notes that prove an action; a photo loses position and time."""

import hashlib
import io
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from accounts.models import User
from audit import trail
from scorecards.plans.models import Action, EventKind, Evidence
from scorecards.plans.services.events import note
from scorecards.plans.services.progress import demand, demand_agreed, locked

MOST_BYTES: Final = 12 * 2**20
MOST_PIXELS: Final = 60_000_000
LONGEST_SIDE: Final = 1600
MOST_PIECES: Final = 40
"""The most pieces of evidence of one action."""
_DOCUMENTS: Final = {b"%PDF-": ".pdf"}


def clean_photo(data: bytes) -> bytes:
    """Turn a photo upright, shrink it, and leave out all metadata. Raises ValidationError."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as photo:
            if photo.width * photo.height > MOST_PIXELS:
                raise ValidationError(_("This photo is too large. Make it smaller."))
            upright = ImageOps.exif_transpose(photo).convert("RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError, SyntaxError) as bad:
        raise ValidationError(_("This is not a photo (JPEG, PNG or WebP).")) from bad
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    # only the pixels go into a new picture: no position, time, device or thumbnail
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    out = io.BytesIO()
    bare.save(out, format="JPEG", quality=82, optimize=True)
    return out.getvalue()


@transaction.atomic
def add_evidence(
    *,
    by: User,
    action: Action,
    kind: str,
    stage: str,
    file: "UploadedFile[Any] | None",
    text: str = "",
) -> Evidence:
    """Store a piece of evidence; the same file again changes nothing.

    The public sees it only after somebody checked it. Raises PermissionDenied, ValidationError.
    """
    action = locked(action)
    demand("plans.report", action, by)
    demand_agreed(action)
    if action.evidence.count() >= MOST_PIECES:
        raise ValidationError(_("This action has enough evidence already."))
    row = Evidence(action=action, kind=kind, stage=stage, text=text.strip(), added_by=by)
    if kind != Evidence.Kind.NOTE:
        content, ending = _content(kind, file)
        row.sha256 = hashlib.sha256(content).hexdigest()
        entry = action.evidence.filter(sha256=row.sha256).first()
        if entry is not None:
            return entry
        row.file.save(f"{row.sha256}{ending}", ContentFile(content), save=False)
    elif not row.text:
        raise ValidationError({"text": _("Write the note.")})
    row.full_clean()
    row.save()
    note(action, by=by, kind=EventKind.EVIDENCE)
    trail.record(
        by=by,
        verb="plan.evidence_added",
        subject=action,
        place_code=action.commune_id,
        after={"kind": kind, "stage": stage, "sha256": row.sha256},
    )
    return row


def clean_file(file: "UploadedFile[Any]") -> tuple[bytes, str]:
    """Return a photo without its metadata, or a PDF, with the ending of its name; by what is in it.

    Raises ValidationError for anything else and for files over 12 MB.
    """
    if (file.size or 0) > MOST_BYTES:
        raise ValidationError(_("The file is too large: at most 12 MB."))
    data = file.read()
    ending = next((e for start, e in _DOCUMENTS.items() if data.startswith(start)), None)
    if ending is not None:
        return data, ending
    try:
        return clean_photo(data), ".jpg"
    except ValidationError as bad:
        raise ValidationError(_("Choose a photo (JPEG, PNG or WebP) or a PDF file.")) from bad


def _content(kind: str, file: "UploadedFile[Any] | None") -> tuple[bytes, str]:
    if file is None:
        raise ValidationError({"file": _("Choose a file.")})
    if (file.size or 0) > MOST_BYTES:
        raise ValidationError({"file": _("The file is too large: at most 12 MB.")})
    data = file.read()
    if kind == Evidence.Kind.PHOTO:
        return clean_photo(data), ".jpg"
    ending = next((e for start, e in _DOCUMENTS.items() if data.startswith(start)), None)
    if ending is None:
        raise ValidationError({"file": _("A document is a PDF file.")})
    return data, ending
