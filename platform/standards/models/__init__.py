"""Services, providers and their official standards."""

from standards.change_models import StandardChange, Withdrawal
from standards.models.choices import (
    Bilingual,
    Currency,
    DayKind,
    FeeUnit,
    IndicatorKind,
    ProviderKind,
)
from standards.models.standards import (
    MOST_DAYS,
    MOST_FEE,
    Document,
    Holiday,
    Indicator,
    Provider,
    ProviderQuerySet,
    Service,
    ServiceOption,
    ServiceQuerySet,
    Standard,
    StandardDocument,
    StandardQuerySet,
)

__all__ = [
    "MOST_DAYS",
    "MOST_FEE",
    "Bilingual",
    "Currency",
    "DayKind",
    "Document",
    "FeeUnit",
    "Holiday",
    "Indicator",
    "IndicatorKind",
    "Provider",
    "ProviderKind",
    "ProviderQuerySet",
    "Service",
    "ServiceOption",
    "ServiceQuerySet",
    "Standard",
    "StandardChange",
    "StandardDocument",
    "StandardQuerySet",
    "Withdrawal",
]
