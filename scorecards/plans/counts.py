"""Counts of actions, replies, texts and calls for the home page."""

from collections.abc import Iterator

from django.db.models import Count as Counted
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permissions import may
from accounts.worklist import Count, count
from scorecards.plans.lateness import soon_until
from scorecards.plans.models import (
    UNDER_WAY,
    Action,
    Evidence,
    Moderation,
    Plan,
    Reply,
    State,
    Story,
)
from scorecards.plans.reminders import telephone


def counts(user: User) -> Iterator[Count]:
    """Yield my places' denied, late and due actions, figures to answer and texts to check."""
    if may(user, "plans.read"):
        yield from _actions(user)
        yield from _plans(user)
    if may(user, "plans.moderate"):
        yield from _texts(user)
    if may(user, "plans.confirm"):
        n = len(telephone.waiting(user))
        sentence = ngettext("%(n)s office to telephone", "%(n)s offices to telephone", n)
        yield count("plans:work", n, sentence, reverse("plans:calls"))


def _actions(user: User) -> Iterator[Count]:
    today = timezone.localdate()
    under_way = Q(state__in=UNDER_WAY)
    n = (
        Action.objects.visible_to(user)
        .agreed()
        .order_by()
        .aggregate(
            denied=Counted("pk", filter=under_way & Q(denials__gt=0)),
            late=Counted("pk", filter=under_way & Q(due_on__lt=today, denials=0)),
            soon=Counted(
                "pk", filter=under_way & Q(due_on__range=(today, soon_until(today)), denials=0)
            ),
            claimed=Counted("pk", filter=Q(state=State.SAID_DONE)),
        )
    )
    address = reverse("plans:work")
    sentences = {
        "denied": ngettext(
            "%(n)s action that citizens deny", "%(n)s actions that citizens deny", n["denied"]
        ),
        "late": ngettext("%(n)s late action", "%(n)s late actions", n["late"]),
        "soon": ngettext("%(n)s action due soon", "%(n)s actions due soon", n["soon"]),
        "claimed": ngettext(
            "%(n)s action reported done, to confirm",
            "%(n)s actions reported done, to confirm",
            n["claimed"],
        ),
    }
    for name, sentence in sentences.items():
        yield count("plans:work", n[name], sentence, f"{address}#{name}")


def _plans(user: User) -> Iterator[Count]:
    today = timezone.localdate()
    if may(user, "plans.report"):
        replies = Reply.objects.visible_to(user).filter(answered_at=None, answer_until__gte=today)
        n = replies.count()
        sentence = ngettext("%(n)s figure to answer", "%(n)s figures to answer", n)
        yield count("plans:work", n, sentence, reverse("plans:replies"))
    plans = Plan.objects.visible_to(user)
    address = reverse("plans:plans")
    if may(user, "plans.write"):
        n = plans.filter(agreed_on=None).count()
        sentence = ngettext("%(n)s plan not yet agreed", "%(n)s plans not yet agreed", n)
        yield count("plans:plans", n, sentence, address)
    n = plans.filter(starts_on__lte=today, ends_on__gte=today).exclude(agreed_on=None).count()
    sentence = ngettext("%(n)s plan under way", "%(n)s plans under way", n)
    yield count("plans:plans", n, sentence, address, waits=False)


def _texts(user: User) -> Iterator[Count]:
    mine = Action.objects.visible_to(user)
    n = (
        mine.agreed().filter(moderation=Moderation.WAITING).count()
        + Evidence.objects.filter(
            action__in=mine.values("pk"), moderation=Moderation.WAITING
        ).count()
        + Reply.objects.visible_to(user)
        .filter(moderation=Moderation.WAITING, answered_at__isnull=False)
        .exclude(text="")
        .count()
        + Story.objects.visible_to(user)
        .filter(moderation=Moderation.WAITING, withdrawn_on=None)
        .count()
    )
    sentence = ngettext("%(n)s text or photo to check", "%(n)s texts or photos to check", n)
    yield count("plans:moderation", n, sentence, reverse("plans:moderation"))
