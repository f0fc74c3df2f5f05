"""Counts of alarms and releases for the home page."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permissions import may
from accounts.worklist import Count, count
from scorecards.models import Release, ScoreAlarm
from scorecards.releases import lifecycle


def counts(user: User) -> Iterator[Count]:
    """Yield figures computed twice with different results, and releases to approve."""
    if may(user, "scores.run"):
        n = ScoreAlarm.objects.filter(resolved_at=None).count()
        sentence = ngettext(
            "%(n)s figure was computed twice with different results",
            "%(n)s figures were computed twice with different results",
            n,
        )
        yield count("scorecards:runs", n, sentence, reverse("scorecards:alarms"))
    if lifecycle.may_release(user):
        address = reverse("scorecards:releases")
        audited = Release.objects.filter(state=Release.State.AUDITED)
        n = audited.exclude(prepared_by=user).count()
        sentence = ngettext(
            "%(n)s release waits for your approval", "%(n)s releases wait for your approval", n
        )
        yield count("scorecards:releases", n, sentence, address)
        n = Release.objects.filter(state=Release.State.FAILED).count()
        sentence = ngettext(
            "%(n)s release did not pass its check", "%(n)s releases did not pass their check", n
        )
        yield count("scorecards:releases", n, sentence, address)
