"""Progress of collection by commune, and the results of a person's own records."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import require
from accounts.models import User
from parsing import query
from surveys.counts import RECENT, own_cases_changed
from surveys.gathering import ENOUGH, communes_at_work, lacking, progress_of, quarter_of
from surveys.models import Case, CaseRevision, ImportBatch, ReviewState, Submission
from surveys.views.choices import place_name

A_PAGE = 100
MOST_SHOWN = 50


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@require("cases.record")
@require_safe
def progress(request: HttpRequest) -> HttpResponseBase:
    """Show communes in which I gather or coordinate, those that lack most cases first."""
    today = timezone.localdate()
    since = quarter_of(today)
    communes = communes_at_work(_person(request))
    total = communes.count()
    asked = query.whole_number(request.GET, "page") or 1
    page = Paginator(range(total), A_PAGE).get_page(asked)
    rows = progress_of(communes, since, first=(page.number - 1) * A_PAGE, most=A_PAGE)
    context = {
        "rows": [(place_name(row.place), row) for row in rows],
        "page": page,
        "lacking": lacking(communes, since).count(),
        "total": total,
        "quarter": f"{since.year}-Q{(since.month + 2) // 3}",
        "enough": ENOUGH,
    }
    return render(request, "surveys/progress.html", context)


@require("cases.record")
@require_safe
def outcomes(request: HttpRequest) -> HttpResponseBase:
    """Show the results of the person's records: counted, changed by others, sent back."""
    user = _person(request)
    mine = Case.objects.filter(recorded_by=user)
    since = quarter_of(timezone.localdate())
    this_quarter = mine.filter(asked_on__gte=since)
    changed = CaseRevision.objects.filter(own_cases_changed(user)).select_related(
        "case__service", "case__commune", "by"
    )
    records = Submission.objects.standing().filter(Q(person=user) | Q(app_user__people=user))
    batches = ImportBatch.objects.filter(by=user, created_at__gte=timezone.now() - RECENT)
    context = {
        "recorded": this_quarter.count(),
        "counted": this_quarter.standing().filter(standard__isnull=False).count(),
        "no_standard": this_quarter.standing().filter(standard=None).count(),
        "excluded": this_quarter.exclude(voided_at=None).count(),
        "quarter": f"{since.year}-Q{(since.month + 2) // 3}",
        "changed": changed.order_by("-at")[:MOST_SHOWN],
        "returned": records.filter(state=ReviewState.RETURNED)
        .distinct()
        .select_related("form", "version", "app_user")
        .for_lists()
        .order_by("-id")[:MOST_SHOWN],
        "batches": batches.filter(Q(rejected__gt=0) | Q(conflicts__gt=0))[:MOST_SHOWN],
    }
    return render(request, "surveys/outcomes.html", context)
