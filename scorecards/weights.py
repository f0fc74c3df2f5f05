"""Weights of indicators in the overall score: read, changed, reset."""

import csv
from collections.abc import Mapping
from decimal import Decimal
from functools import cache

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import refusal
from accounts.models import User
from audit.trail import record
from scorecards.models import IndicatorWeight, Overall, PendingComparison
from standards.editing.access import may_edit
from standards.models import Indicator


@cache
def published() -> dict[str, Decimal]:
    """Return the weight of each indicator that counts, from ``fixtures/weights.csv``."""
    with (settings.ROOT / "fixtures" / "weights.csv").open(encoding="utf-8", newline="") as file:
        return {row["indicator"]: Decimal(row["weight"]) for row in csv.DictReader(file)}


def in_use() -> dict[str, Decimal]:
    """Return the weight of each indicator that counts, as set here or else as published.

    One query.
    """
    own = dict(IndicatorWeight.objects.values_list("indicator__code", "weight"))
    return {code: own.get(code, weight) for code, weight in published().items()}


@transaction.atomic
def set_weights(*, by: User, weights: Mapping[str, Decimal], reason: str) -> list[str]:
    """Change weights of indicators; return the codes of those that changed. Needs a reason.

    A weight equal to the published one resets it. Every working score is compared again; releases
    keep theirs. Raises PermissionDenied, ValidationError by code.
    """
    if not may_edit(by):
        raise PermissionDenied(refusal("standards.edit"))
    unknown = sorted(set(weights) - set(published()))
    if unknown:
        raise ValidationError(_("“%s” has no weight in the overall score.") % unknown[0])
    list(IndicatorWeight.objects.select_for_update().order_by("pk"))
    before = in_use()
    changed = {code: weight for code, weight in weights.items() if weight != before[code]}
    if not changed:
        return []
    if not reason.strip():
        raise ValidationError({"reason": [_("Say why.")]})
    indicators = Indicator.objects.in_bulk(list(changed), field_name="code")
    for code, weight in changed.items():
        _store(indicators.get(code), code, weight)
        record(
            by=by,
            verb="indicator.weighted",
            subject=indicators[code],
            before={code: str(before[code])},
            after={code: str(weight)},
            reason=reason.strip(),
        )
    periods = Overall.objects.filter(release_id=0).values_list("period", flat=True).distinct()
    PendingComparison.objects.bulk_create(PendingComparison(period=code) for code in periods)
    return sorted(changed)


def _store(indicator: Indicator | None, code: str, weight: Decimal) -> None:
    if indicator is None:
        raise ValidationError({code: [_("This indicator is not in the catalogue.")]})
    own = IndicatorWeight.objects.filter(indicator=indicator)
    if weight == published()[code]:
        own.delete()
        return
    row = own.first() or IndicatorWeight(indicator=indicator)
    row.weight = weight
    try:
        row.full_clean()
    except ValidationError as error:
        raise ValidationError({code: error.messages}) from error
    row.save()
