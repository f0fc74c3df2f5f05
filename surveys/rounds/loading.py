"""The dated standards of inputs, from ``fixtures/entitlements.csv``."""

from datetime import date

from django.db import transaction

from standards.loading import read_fixture
from surveys.rounds.models import Entitlement


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@transaction.atomic
def load_entitlements() -> tuple[int, int]:
    """Load every entitlement; answers how many are new and how many there are. May be repeated."""
    rows = read_fixture("entitlements.csv")
    new = 0
    for row in rows:
        _kept, made = Entitlement.objects.update_or_create(
            provider_kind=row["provider_kind"],
            code=row["code"],
            valid_from=_day(row["valid_from"]),
            defaults={
                "indicator_code": row["indicator"],
                "name_km": row["name_km"],
                "name_en": row["name_en"],
                "quantity": int(row["quantity"]),
                "unit_km": row["unit_km"],
                "unit_en": row["unit_en"],
                "valid_to": _day(row["valid_to"]),
                "legal_basis": row["legal_basis"],
                "source": row["source"],
            },
        )
        new += made
    return new, len(rows)
