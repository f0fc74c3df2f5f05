"""Requests that wait at an office, for its officials."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import require
from surveys.requests import waiting_at_offices


@require("plans.report")
@require_safe
def waiting(request: HttpRequest) -> HttpResponseBase:
    """Show open requests at the offices of my places, where citizens agreed to be seen."""
    rows = waiting_at_offices(request.user)
    overdue = sum(row.overdue for row in rows)
    return render(request, "surveys/office.html", {"rows": rows, "overdue": overdue})
