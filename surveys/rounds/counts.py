"""Counts of rounds and information sessions for the home page."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permissions import may
from accounts.worklist import Count, count
from surveys.rounds.models import InformationSession, Round, RoundStage


def counts(user: User) -> Iterator[Count]:
    """Yield rounds with a stage past its planned day, and sessions of this year."""
    today = timezone.localdate()
    if may(user, "rounds.read"):
        rounds = Round.objects.standing().visible_to(user)
        late = RoundStage.objects.filter(done_on=None, planned_on__lt=today)
        n = rounds.filter(pk__in=late.values("round")).count()
        sentence = ngettext("%(n)s round is late", "%(n)s rounds are late", n)
        yield count("rounds:rounds", n, sentence, reverse("rounds:rounds"))
        n = rounds.filter(year=today.year).count()
        sentence = ngettext("%(n)s round this year", "%(n)s rounds this year", n)
        yield count("rounds:rounds", n, sentence, reverse("rounds:rounds"), waits=False)
    if may(user, "rounds.record"):
        year = today.replace(month=1, day=1)
        held = InformationSession.objects.visible_to(user).filter(voided_at=None)
        n = held.filter(held_on__gte=year).count()
        sentence = ngettext("%(n)s session this year", "%(n)s sessions this year", n)
        yield count("rounds:sessions", n, sentence, reverse("rounds:sessions"), waits=False)
