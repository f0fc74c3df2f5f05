"""Invent what offices say of released figures, and photos of actions, for the demo.

A real office answers before the release; the demo's releases are there already, so the rows are
written as they would stand by now: agreed, disagreed with a photo, and still under review.
"""

import io
from datetime import timedelta
from typing import Any, Final

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image, ImageDraw

from accounts.models import User
from scorecards.models import Release, ReleasedCell
from scorecards.plans import replies, services
from scorecards.plans.models import Action, Evidence, Moderation, Reply
from standards.models import Indicator

WORDS: Final = (
    (True, "យើងយល់ព្រម។ តារាងតម្លៃថ្មីនឹងបិទនៅខែក្រោយ។"),
    (False, "តារាងតម្លៃបានបិទនៅមុខសាលាឃុំតាំងពីខែមុន។ សូមមើលរូបថត។"),
)
"""Whether the office agrees, and what it says; the third figure is still under review."""
DAYS: Final = 14


def drawing(colour: str, number: int) -> bytes:
    """Draw a picture that is clearly no photo of anybody."""
    picture = Image.new("RGB", (640, 420), "#faf7f2")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((60, 180, 580, 380), outline="#12466b", width=6, fill=colour)
    draw.polygon([(40, 180), (320, 60), (600, 180)], outline="#12466b", fill="#e8f0f6")
    for column in range(1 + number % 4):
        draw.rectangle((100 + 120 * column, 230, 170 + 120 * column, 330), fill="#ffffff")
    out = io.BytesIO()
    picture.save(out, format="JPEG", quality=80)
    return out.getvalue()


def show_before_and_after(action: Action, by: User) -> None:
    """Keep two drawings as the photos of before and after, checked for the public."""
    colours = {Evidence.Stage.BEFORE: "#d8c9b4", Evidence.Stage.AFTER: "#cfe6d6"}
    for stage, colour in colours.items():
        file: Any = SimpleUploadedFile("photo.jpg", drawing(colour, action.number))
        piece = services.add_evidence(
            by=by, action=action, kind=Evidence.Kind.PHOTO, stage=stage, file=file
        )
        services.moderate_evidence(by=by, evidence=piece, decision=Moderation.SHOWN)


def make_replies() -> int:
    """Invent replies to three figures of the council member's commune.

    Return how many were made.
    """
    admin = User.objects.filter(username="admin", is_demo=True).first()
    council = User.objects.filter(username="council", is_demo=True).first()
    release = Release.objects.filter(is_current=True).order_by("-period").first()
    if admin is None or council is None or release is None or Reply.objects.exists():
        return 0
    place = council.memberships.values_list("place_id", flat=True).first() or ""
    indicators = {one.code: one for one in Indicator.objects.all()}
    cells = ReleasedCell.objects.filter(
        release=release,
        period=release.period,
        level="commune",
        place_code=place,
        service="",
        self_assessment=False,
        status__in=replies.SHOWN,
        indicator__in=indicators,
    ).order_by("provider_kind", "indicator")[: len(WORDS) + 1]
    made = [
        Reply.objects.create(
            commune_id=place,
            period=cell.period,
            provider_kind=cell.provider_kind,
            indicator=indicators[cell.indicator],
            printed_met=cell.numerator,
            printed_judged=cell.denominator,
            opened_by=admin,
            answer_until=timezone.localdate() + timedelta(days=DAYS),
        )
        for cell in cells
    ]
    for reply, (agrees, text) in zip(made, WORDS, strict=False):
        _answer(reply, council, agrees=agrees, text=text)
    return len(made)


def _answer(reply: Reply, by: User, *, agrees: bool, text: str) -> None:
    reply.answered_at, reply.answered_by = timezone.now(), by
    reply.agrees, reply.text, reply.moderation = agrees, text, Moderation.SHOWN
    if not agrees:
        reply.evidence.save(f"{reply.uuid}.jpg", ContentFile(drawing("#cfe6d6", 2)), save=False)
        reply.evidence_page = "១"
    reply.full_clean()
    reply.save()
