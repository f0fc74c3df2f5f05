"""Counts of people and programmes for the home page."""

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.models import Membership, Programme, User
from accounts.permissions import may
from accounts.worklist import Count, count

SOON = timedelta(days=60)
"""A role or programme that ends within this time is named."""


def counts(user: User) -> Iterator[Count]:
    """Yield roles and programmes that end soon, and how many there are."""
    if not may(user, "people.manage"):
        return
    today = timezone.localdate()
    soon = (today, today + SOON)
    people, programmes = reverse("accounts:people"), reverse("accounts:programmes")
    n = Membership.objects.managed_by(user).filter(ends_on__range=soon).count()
    yield count(
        "accounts:people", n, ngettext("%(n)s role ends soon", "%(n)s roles end soon", n), people
    )
    n = User.objects.visible_to(user).filter(is_active=True).count()
    sentence = ngettext("%(n)s person", "%(n)s people", n)
    yield count("accounts:people", n, sentence, people, waits=False)
    reached = Programme.objects.reached_by(user, "people.manage")
    n = reached.filter(ends_on__range=soon).count()
    sentence = ngettext("%(n)s programme ends soon", "%(n)s programmes end soon", n)
    yield count("accounts:programmes", n, sentence, programmes)
    n = reached.count()
    sentence = ngettext("%(n)s programme", "%(n)s programmes", n)
    yield count("accounts:programmes", n, sentence, programmes, waits=False)
