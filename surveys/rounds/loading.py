"""The dated standards of inputs, from ``fixtures/entitlements.csv``."""

from datetime import date
from typing import Any

from django.db import transaction

from standards.loading import read_fixture
from surveys.rounds.models import Entitlement


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@transaction.atomic
def load_entitlements() -> tuple[int, int]:
    """Load every entitlement; return how many are new and how many there are. May be repeated."""
    rows = read_fixture("entitlements.csv")
    new = 0
    facts: dict[str, Any]
    for row in rows:
        facts = {
            "indicator_code": row["indicator"],
            "name_km": row["name_km"],
            "name_en": row["name_en"],
            "quantity": int(row["quantity"]),
            "unit_km": row["unit_km"],
            "unit_en": row["unit_en"],
            "legal_basis": row["legal_basis"],
            "source": row["source"],
        }
        if last := _day(row["valid_to"]):
            facts["valid_to"] = last  # otherwise one that a page has ended stays ended
        _kept, made = Entitlement.objects.update_or_create(
            provider_kind=row["provider_kind"],
            code=row["code"],
            valid_from=_day(row["valid_from"]),
            defaults=facts,
        )
        new += made
    return new, len(rows)
