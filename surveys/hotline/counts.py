"""Counts of the hotline for the home page."""

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permissions import may
from accounts.worklist import Count, count
from surveys.hotline import verification_calls
from surveys.hotline.models import Burst, Call, Line


def counts(user: User) -> Iterator[Count]:
    """Count reports to check by a call, unusual days to look at, lines that do not work, calls."""
    if not may(user, "hotline.edit"):
        return
    n = verification_calls.visible_to(user).count()
    sentence = ngettext("%(n)s report to check by a call", "%(n)s reports to check by a call", n)
    yield count("hotline:home", n, sentence, reverse("hotline:checks"))
    n = Burst.objects.filter(seen_at=None).count()
    sentence = ngettext("%(n)s unusual day to look at", "%(n)s unusual days to look at", n)
    yield count("hotline:home", n, sentence, reverse("hotline:home"))
    n = Line.objects.filter(is_open=True).exclude(account_error="").count()
    sentence = ngettext("%(n)s line does not work", "%(n)s lines do not work", n)
    yield count("hotline:home", n, sentence, reverse("hotline:home"))
    n = Call.objects.filter(started_at__gte=timezone.now() - timedelta(days=7)).count()
    sentence = ngettext("%(n)s call in the last 7 days", "%(n)s calls in the last 7 days", n)
    yield count("hotline:home", n, sentence, reverse("hotline:home"), waits=False)
