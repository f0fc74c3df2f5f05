"""The right of reply: open it for the figures of a prepared release, answer, show it."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from scorecards.plans.models import Moderation, Reply


@dataclass(frozen=True)
class PublicReply:
    """What stands beside a figure: under review, or what the office answered."""

    period: str
    indicator: str
    service: str
    provider_kind: str
    under_review: bool
    agrees: bool | None
    text: str


def is_under_review(reply: Reply, today: date) -> bool:
    """Whether the office can still answer and has not."""
    return reply.answered_at is None and reply.answer_until >= today


def public(commune: str, period: str = "") -> list[PublicReply]:
    """Replies beside the figures of a commune; texts only once checked."""
    rows = Reply.objects.filter(commune=commune).select_related("indicator", "service")
    if period:
        rows = rows.filter(period=period)
    today = timezone.localdate()
    found = []
    for row in rows.order_by("-period", "indicator__position")[:200]:
        under_review = is_under_review(row, today)
        if not under_review and row.answered_at is None:
            continue  # expired: nothing to say
        found.append(
            PublicReply(
                period=row.period,
                indicator=row.indicator.name,
                service=row.service.name if row.service else "",
                provider_kind=row.provider_kind,
                under_review=under_review,
                agrees=row.agrees,
                text=row.text if row.moderation == Moderation.SHOWN else "",
            )
        )
    return found
