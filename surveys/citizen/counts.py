"""Counts of encrypted reports for the home page."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permissions import may
from accounts.worklist import Count, count
from surveys.citizen.models import SealedReport


def counts(user: User) -> Iterator[Count]:
    """Count the reports that wait for those who may open them; handled reports are deleted."""
    if may(user, "reports.open"):
        n = SealedReport.objects.count()
        sentence = ngettext("%(n)s report to open", "%(n)s reports to open", n)
        yield count("citizen:reports", n, sentence, reverse("citizen:reports"))
