"""Observations as scoring reads them: the only interface from surveys to scorecards.

Each function returns an unevaluated query of plain columns; scoring joins, judges and counts it. No
query contains a name of a citizen.
"""

from typing import Any

from django.db.models import F, QuerySet

from parsing.days import DayRange
from surveys.models import Case, Check, Meeting, Vote


def cases_to_judge(**where: Any) -> QuerySet[Case, Any]:
    """Return cases that count, each with the standard it is judged by, one row per case.

    ``where`` are lookups on ``Case``. The standard's columns are null where the case has none;
    ``updated_at`` is when the case last changed in a way that scores depend on.
    """
    return (
        Case.objects.standing()
        .filter(**where)
        .order_by()
        .values(
            "id",
            "province_code",
            "commune_id",
            "provider_id",
            "service_id",
            "standard_id",
            "facilitator_id",
            "asked_on",
            "received_on",
            "days_known",
            "status",
            "fee_paid",
            "currency",
            "units",
            "documents_asked",
            "visits",
            "receipt",
            "staffed",
            "poor_card",
            "medicine_given",
            "lesson_days_lost",
            "plan_shown",
            "updated_at",
            provider_kind=F("provider__kind"),
            fee_official=F("standard__fee"),
            fee_concession=F("standard__fee_concession"),
            fee_currency=F("standard__currency"),
            days_max=F("standard__days_max"),
            day_kind=F("standard__day_kind"),
            documents_known=F("standard__documents_known"),
        )
    )


def votes_to_count(**where: Any) -> QuerySet[Vote, Any]:
    """Return votes that count, with their place and day; ``where`` are lookups on ``Vote``."""
    return (
        Vote.objects.standing()
        .filter(**where)
        .order_by()
        .values(
            "id",
            "indicator_code",
            "score",
            province_code=F("meeting__province_code"),
            commune_id=F("meeting__commune_id"),
            provider_id=F("meeting__provider_id"),
            provider_kind=F("meeting__provider__kind"),
            told_by=F("meeting__kind"),
            observed_on=F("meeting__held_on"),
        )
    )


def groups_to_count(**where: Any) -> QuerySet[Vote, Any]:
    """Return votes of communities that count, each with its meeting and its voter's groups.

    An unknown group is null (sex: ""). ``where`` are lookups on ``Vote``.
    """
    return (
        Vote.objects.standing()
        .filter(meeting__kind=Meeting.Kind.COMMUNITY, **where)
        .order_by()
        .values(
            "id",
            "indicator_code",
            "score",
            "meeting_id",
            "sex",
            "youth",
            "poor_card",
            "disability",
            "minority",
            commune_id=F("meeting__commune_id"),
            provider_kind=F("meeting__provider__kind"),
        )
    )


def checks_to_count(**where: Any) -> QuerySet[Check, Any]:
    """Return checks that count, with their place and day; ``where`` are lookups on ``Check``."""
    return (
        Check.objects.standing()
        .filter(**where)
        .order_by()
        .values(
            "id",
            "province_code",
            "commune_id",
            "provider_id",
            "indicator_code",
            "present",
            provider_kind=F("provider__kind"),
            observed_on=F("seen_on"),
        )
    )


def outside(days: DayRange) -> int:
    """Count the valid cases, meetings and checks with a day outside ``days``: typing errors."""
    count = 0
    for model, day in ((Case, "asked_on"), (Meeting, "held_on"), (Check, "seen_on")):
        rows = model._default_manager.filter(voided_at=None)
        count += rows.exclude(**{f"{day}__range": (days.first, days.last)}).count()
    return count
