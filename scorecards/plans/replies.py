"""The right of reply: open it for the figures of a prepared release, answer, show it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import check
from accounts.models import User
from accounts.permissions import covered
from audit import trail
from scorecards.models import Release, ReleasedCell
from scorecards.plans.models import Moderation, Reply
from scorecards.plans.services.evidence import clean_file
from standards.models import Indicator

LONGEST: Final = timedelta(days=60)
"""The longest time an office may take, so that a release does not wait without end."""
SHOWN: Final = ("full", "pale")
"""Cells of a release that carry a figure."""


@dataclass(frozen=True)
class PublicReply:
    """The public reply to a figure: under review, or the office's answer."""

    period: str
    indicator: str
    service: str
    provider_kind: str
    under_review: bool
    agrees: bool | None
    text: str
    indicator_code: str
    service_code: str
    evidence: str
    """The address of what the office handed in, once it was checked; "" for nothing."""
    evidence_page: str


def is_under_review(reply: Reply, today: date) -> bool:
    """Return whether the office has not answered and still can."""
    return reply.answered_at is None and reply.answer_until >= today


def prepared() -> list[Release]:
    """Return releases that are prepared and not yet published."""
    return list(Release.objects.filter(state=Release.State.AUDITED).order_by("-period"))


@transaction.atomic
def open_replies(*, by: User, release: Release, answer_until: date) -> int:
    """Ask offices for a reply to the figures of a prepared release; return how many were opened.

    One for each figure over all services of the communes in which ``by`` moderates. Asked
    twice, nothing is opened again. Raises PermissionDenied, ValidationError.
    """
    check(by, "plans.moderate")
    today = timezone.localdate()
    if release.state != Release.State.AUDITED:
        raise ValidationError(_("Replies are asked for before a release is published."))
    if not today < answer_until <= today + LONGEST:
        raise ValidationError(
            {"answer_until": _("Give offices until a day within the next 60 days.")}
        )
    before = Reply.objects.count()
    Reply.objects.bulk_create(
        _unanswered(by, release, answer_until), ignore_conflicts=True, batch_size=2000
    )
    opened = Reply.objects.count() - before
    trail.record(
        by=by,
        verb="plan.replies_opened",
        subject=release,
        after={"opened": opened, "answer_until": answer_until.isoformat()},
    )
    return opened


def _unanswered(by: User, release: Release, answer_until: date) -> Iterator[Reply]:
    """Yield a reply to be stored for each printed figure where ``by`` moderates."""
    cells = ReleasedCell.objects.filter(
        covered(by, "plans.moderate", place="place_code"),
        release=release,
        period=release.period,
        level="commune",
        service="",
        self_assessment=False,
        status__in=SHOWN,
    )
    indicators = dict(Indicator.objects.values_list("code", "pk"))
    for cell in cells:
        if cell.indicator in indicators:
            yield Reply(
                commune_id=cell.place_code,
                period=cell.period,
                provider_kind=cell.provider_kind,
                indicator_id=indicators[cell.indicator],
                printed_met=cell.numerator,
                printed_judged=cell.denominator,
                opened_by=by,
                answer_until=answer_until,
            )


@transaction.atomic
def answer_reply(
    *,
    by: User,
    reply: Reply,
    agrees: bool,
    text: str,
    evidence_page: str = "",
    file: "UploadedFile[Any] | None" = None,
) -> Reply:
    """Record what an office says of a figure, once, with a photo or PDF that shows it.

    Of a photo only the pixels are kept. Raises PermissionDenied, ValidationError.
    """
    reply = Reply.objects.select_for_update().get(pk=reply.pk)
    check(by, "plans.report", place=reply.commune_id)
    if reply.answered_at is not None:
        raise ValidationError(_("This figure has been answered."))
    if reply.answer_until < timezone.localdate():
        raise ValidationError(_("The time to answer is over."))
    if not agrees and not text.strip():
        raise ValidationError({"text": _("Say with what you do not agree.")})
    reply.answered_at, reply.answered_by = timezone.now(), by
    reply.agrees, reply.text, reply.evidence_page = agrees, text.strip(), evidence_page.strip()
    if file is not None:
        try:
            content, ending = clean_file(file)
        except ValidationError as error:
            raise ValidationError({"file": error.messages}) from error
        reply.evidence.save(f"{reply.uuid}{ending}", ContentFile(content), save=False)
    reply.full_clean()
    reply.save()
    trail.record(
        by=by,
        verb="plan.reply_given",
        subject=reply,
        place_code=reply.commune_id,
        after={"agrees": agrees, "text": reply.text, "evidence": bool(reply.evidence)},
    )
    return reply


def _evidence(row: Reply) -> str:
    if not row.evidence or row.moderation != Moderation.SHOWN:
        return ""
    return reverse("plans:reply_evidence", args=[row.uuid])


def beside_figures(commune: str, period: str) -> dict[tuple[str, str, str], PublicReply]:
    """Return replies of one quarter by (kind of provider, service, indicator).

    Pages show them beside the figures.
    """
    return {
        (one.provider_kind, one.service_code, one.indicator_code): one
        for one in public(commune, period)
    }


def public(commune: str, period: str = "") -> list[PublicReply]:
    """Return replies beside the figures of a commune; texts only once checked."""
    rows = Reply.objects.filter(commune=commune).select_related("indicator", "service")
    if period:
        rows = rows.filter(period=period)
    today = timezone.localdate()
    replies = []
    for row in rows.order_by("-period", "indicator__position")[:200]:
        under_review = is_under_review(row, today)
        if not under_review and row.answered_at is None:
            continue  # expired: the figure is published without a reply
        replies.append(
            PublicReply(
                period=row.period,
                indicator=row.indicator.name,
                service=row.service.name if row.service else "",
                provider_kind=row.provider_kind,
                under_review=under_review,
                agrees=row.agrees,
                text=row.text if row.moderation == Moderation.SHOWN else "",
                indicator_code=row.indicator.code,
                service_code=row.service.code if row.service else "",
                evidence=_evidence(row),
                evidence_page=row.evidence_page if row.moderation == Moderation.SHOWN else "",
            )
        )
    return replies
