"""Counts of cases, records, tablets and imports for the home page."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permissions import may
from accounts.worklist import Count, count
from surveys.forms import tablets
from surveys.forms.pages import programmes_for
from surveys.gathering import communes_at_work, lacking, quarter_of
from surveys.models import (
    AppUser,
    Case,
    CaseRevision,
    Form,
    ImportBatch,
    QualityFlag,
    Quarantine,
    ReviewState,
    Submission,
)
from surveys.requests import waiting_at_offices

RECENT = timedelta(days=30)
MOST_COUNTED = 1000
"""Records to review are counted so far and no further."""


def own_cases_changed(user: User) -> Q:
    """Return the condition on revisions: those of the last 30 days by others.

    They changed cases that ``user`` recorded.
    """
    since = timezone.now() - RECENT
    return Q(at__gte=since, case__recorded_by=user) & ~Q(by=user)


def counts(user: User) -> Iterator[Count]:
    """Count the open tasks of those who record, review and coordinate."""
    if may(user, "cases.record"):
        yield from _gathering(user)
    if may(user, "cases.import"):
        yield from _imports(user)
    if may(user, "plans.report"):
        n = sum(row.overdue for row in waiting_at_offices(user))
        sentence = ngettext(
            "%(n)s request past its promised day", "%(n)s requests past their promised day", n
        )
        yield count("surveys:office_requests", n, sentence, reverse("surveys:office_requests"))
    if may(user, "submissions.review"):
        yield from _review(user)
        yield from _tablets(user)
    if may(user, "forms.publish"):
        n = Form.objects.standing().visible_to(user).count()
        sentence = ngettext("%(n)s form", "%(n)s forms", n)
        yield count("surveys:forms", n, sentence, reverse("surveys:forms"), waits=False)


def _gathering(user: User) -> Iterator[Count]:
    today = timezone.localdate()
    communes = communes_at_work(user)
    n = lacking(communes, quarter_of(today)).count()
    sentence = ngettext(
        "%(n)s commune lacks cases this quarter", "%(n)s communes lack cases this quarter", n
    )
    yield count("surveys:progress", n, sentence, reverse("surveys:progress"))
    n = communes.count()
    sentence = ngettext("%(n)s commune", "%(n)s communes", n)
    yield count("surveys:progress", n, sentence, reverse("surveys:progress"), waits=False)
    mine = Case.objects.standing().filter(recorded_by=user)
    n = mine.filter(status="open").count()
    sentence = ngettext("%(n)s request to ask about again", "%(n)s requests to ask about again", n)
    yield count("surveys:home", n, sentence, reverse("surveys:home") + "#waiting")
    n = mine.filter(recorded_at__date__gte=today.replace(day=1)).count()
    sentence = ngettext("%(n)s case recorded this month", "%(n)s cases recorded this month", n)
    yield count("surveys:cases", n, sentence, reverse("surveys:cases") + "?mine=1", waits=False)
    n = CaseRevision.objects.filter(own_cases_changed(user)).values("case").distinct().count()
    sentence = ngettext(
        "%(n)s of your cases was corrected or excluded by others",
        "%(n)s of your cases were corrected or excluded by others",
        n,
    )
    yield count("surveys:outcomes", n, sentence, reverse("surveys:outcomes"))
    n = (
        Submission.objects.standing()
        .filter(Q(person=user) | Q(app_user__people=user), state=ReviewState.RETURNED)
        .distinct()
        .count()
    )
    sentence = ngettext("%(n)s record sent back to you", "%(n)s records sent back to you", n)
    yield count("surveys:outcomes", n, sentence, reverse("surveys:outcomes") + "#returned")


def _imports(user: User) -> Iterator[Count]:
    recent = ImportBatch.objects.filter(by=user, created_at__gte=timezone.now() - RECENT)
    n = recent.filter(Q(rejected__gt=0) | Q(conflicts__gt=0)).count()
    sentence = ngettext(
        "%(n)s spreadsheet has rows to correct", "%(n)s spreadsheets have rows to correct", n
    )
    yield count("surveys:import", n, sentence, reverse("surveys:import"))


def _review(user: User) -> Iterator[Count]:
    records = Submission.objects.standing().visible_to(user)
    n = Submission.objects.unread().visible_to(user).count()
    sentence = ngettext("%(n)s record could not be read", "%(n)s records could not be read", n)
    yield count("surveys:submissions", n, sentence, reverse("surveys:unread"))
    mine = programmes_for(user, "submissions.review")
    n = Quarantine.objects.filter(settled_at=None, programme__in=mine).count()
    sentence = ngettext(
        "%(n)s refused record waits for a decision", "%(n)s refused records wait for a decision", n
    )
    yield count("surveys:submissions", n, sentence, reverse("surveys:quarantine"))
    flagged = QualityFlag.objects.values("submission")
    odd = records.filter(state=ReviewState.RECEIVED, pk__in=flagged)
    n = odd.order_by()[:MOST_COUNTED].count()
    sentence = ngettext("%(n)s record to look at", "%(n)s records to look at", n)
    address = reverse("surveys:submissions") + "?flag=any&state=received"
    yield count("surveys:submissions", n, sentence, address)


def _tablets(user: User) -> Iterator[Count]:
    app_users = AppUser.objects.visible_to(user).filter(revoked_at=None)
    n = app_users.filter(tablets.is_silent()).count()
    sentence = ngettext(
        "%(n)s tablet has not synced for a week", "%(n)s tablets have not synced for a week", n
    )
    yield count("surveys:tablets", n, sentence, reverse("surveys:tablets") + "?silent=1")
    n = app_users.count()
    sentence = ngettext("%(n)s tablet", "%(n)s tablets", n)
    yield count("surveys:tablets", n, sentence, reverse("surveys:tablets"), waits=False)
