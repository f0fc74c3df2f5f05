"""Find the standard of cases again after standards changed, and have scorecards judge them again.

``standards`` leaves a ``StandardChange`` with every change. Handling one is idempotent: a case with
the right standard is not touched, so a killed worker loses nothing.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from standards.models import Standard, StandardChange
from surveys.models import Case, CaseRevision
from surveys.reference_data import Register
from surveys.services.outbox import tell_scorecards
from surveys.validation.cases import CONTENT, fingerprint

CHUNK = 1000
KEPT_FOR = timedelta(hours=1)
"""The time for which a handled change is handled again: longer than an import lasts."""


def rejudge_cases() -> int:
    """Handle every change of standards; return how many cases have another standard now.

    Changes of the last hour are handled each time, because a case that was being recorded
    during the change may have been committed after it.
    """
    total = 0
    for number in StandardChange.objects.order_by("pk").values_list("pk", flat=True):
        total += _handle(number)
    StandardChange.objects.filter(
        handled_at__isnull=False, at__lt=timezone.now() - KEPT_FOR
    ).delete()
    return total


def cases_of_change(
    *, service: int, option: str, provider: int | None, first: Any, last: Any
) -> QuerySet[Case]:
    """Return cases that a standard of this series binds on these days (None: an open end).

    The national series (``provider`` None) leaves out cases of providers whose own posted
    standard was in force on the day of the case.
    """
    cases = Case.objects.filter(service=service, option=option)
    if first is not None:
        cases = cases.filter(asked_on__gte=first)
    if last is not None:
        cases = cases.filter(asked_on__lte=last)
    if provider is not None:
        return cases.filter(provider=provider)
    own = _in_force_on_the_day().filter(provider=OuterRef("provider"))
    return cases.exclude(Exists(own))


def _in_force_on_the_day() -> QuerySet[Standard]:
    """Return current standards for the outer case's service, option and day of asking."""
    return Standard.objects.current().filter(
        Q(valid_from=None) | Q(valid_from__lte=OuterRef("asked_on")),
        Q(valid_to=None) | Q(valid_to__gte=OuterRef("asked_on")),
        service=OuterRef("service"),
        option=OuterRef("option"),
    )


def _outdated(change: StandardChange) -> QuerySet[Case]:
    """Return cases of the days of a change that point to another standard than the one in force."""
    days = {
        "asked_on__gte": change.valid_from,
        "asked_on__lte": change.valid_to,
        "provider": change.provider_id,
    }
    binding = (
        _in_force_on_the_day()
        .filter(Q(provider=None) | Q(provider=OuterRef("provider")))
        .order_by(F("provider").asc(nulls_last=True))
        .values("pk")[:1]
    )
    cases = Case.objects.filter(
        service=change.service_id,
        option=change.option,
        **{name: value for name, value in days.items() if value is not None},
    )
    return cases.annotate(
        points_to=Coalesce("standard_id", Value(0)),
        bound_by=Coalesce(Subquery(binding), Value(0)),
    ).exclude(points_to=F("bound_by"))


def _handle(number: int) -> int:
    changed = 0
    for cases in _chunks(number):
        changed += cases
    return changed


def _chunks(number: int) -> Iterator[int]:
    """Handle one change, a chunk of cases in each transaction; yield how many each took."""
    while True:
        with transaction.atomic():
            locked = StandardChange.objects.select_for_update(skip_locked=True, of=("self",))
            change = locked.select_related("by").filter(pk=number).first()
            if change is None:  # another worker handles it
                return
            cases = list(
                _outdated(change)
                .select_for_update(of=("self",), no_key=True)
                .order_by("pk")[:CHUNK]
            )
            _point_anew(cases, change)
            if len(cases) < CHUNK and change.handled_at is None:
                change.handled_at = timezone.now()
                change.save(update_fields=["handled_at"])
        yield len(cases)
        if len(cases) < CHUNK:
            return


def _point_anew(cases: list[Case], change: StandardChange) -> None:
    """Set the standards that bind these cases; the earlier values are kept as revisions."""
    register = Register()
    bound = {case.pk: getattr(case, "bound_by") or None for case in cases}  # noqa: B009  annotated
    standards = Standard.objects.in_bulk([pk for pk in set(bound.values()) if pk])
    revisions = []
    for case in cases:
        before: dict[str, Any] = {"standard_id": case.standard_id}
        number = bound[case.pk]
        case.standard = standards[number] if number else None
        documents = _documents(case, register)
        if documents != case.documents_asked:
            before["documents_asked"] = case.documents_asked
            case.documents_asked = documents
            case.content_hash = fingerprint({name: getattr(case, name) for name in CONTENT})
        reason = change.reason or "a standard has changed"
        revisions.append(CaseRevision(case=case, by=change.by, before=before, reason=reason))
    if not cases:
        return
    Case.objects.bulk_update(cases, ["standard", "documents_asked", "content_hash"])
    CaseRevision.objects.bulk_create(revisions)
    one = cases[0].pk if len(cases) == 1 else None
    tell_scorecards("case", {(c.commune_id, c.asked_on) for c in cases}, case=one)


def _documents(case: Case, register: Register) -> list[str] | None:
    """Return the documents asked for, by their code where the new standard's list names them."""
    if case.documents_asked is None:
        return None
    return list(dict.fromkeys(register.document(d, case.standard) for d in case.documents_asked))
