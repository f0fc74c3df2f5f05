"""Find the standards by which the cases of a score were judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from scorecards import periods
from standards import wording
from standards.models import Service, Standard


@dataclass(frozen=True)
class StandardInForce:
    """One official standard the cases of the period may have been judged by, and its source."""

    service: str
    service_name: str
    provider: str
    option: str
    fee: int | None
    currency: str
    days_max: int | None
    day_kind: str
    fee_words: str
    days_words: str
    legal_basis: str
    source: str
    completeness: str


def standards_of(cell: Mapping[str, Any]) -> list[StandardInForce]:
    """Return standards in force on some day of the period: of one service, or of all of the kind.

    National ones, and where the law leaves a fee to the provider those posted in the place.
    """
    when = periods.parse(str(cell["period"]))
    services = Service.objects.filter(provider_kind=cell["provider_kind"])
    if cell["service"]:
        services = services.filter(code=cell["service"])
    here = Q(provider=None)
    if cell["provider_id"]:
        here |= Q(provider_id=cell["provider_id"])
    elif len(str(cell["place_code"])) == len("010203"):
        here |= Q(provider__place_id=cell["place_code"])
    standards = Standard.objects.current().filter(
        here,
        Q(valid_from=None) | Q(valid_from__lte=when.last),
        Q(valid_to=None) | Q(valid_to__gte=when.first),
        service__in=services,
    )
    return [
        StandardInForce(
            service=row.service.code,
            service_name=row.service.name,
            provider=row.provider.name if row.provider else "",
            option=row.option,
            fee=row.fee,
            currency=row.currency,
            days_max=row.days_max,
            day_kind=row.day_kind,
            fee_words=wording.fee(row),
            days_words=wording.days(row),
            legal_basis=row.legal_basis,
            source=row.source,
            completeness=row.completeness,
        )
        for row in standards.select_related("service", "provider").order_by(
            "service__position", "option", "pk"
        )
    ]
