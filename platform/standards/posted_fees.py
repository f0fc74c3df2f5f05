"""Recording the fee that a provider has posted on its own wall."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from standards.book import standard_for
from standards.coverage import Line, days_kept, rows_of
from standards.models import Currency, Document, Provider, Service, Standard
from standards.revision_steps import day_before_next, documents_of
from standards.revisions import add_standard, edit_standard, succeed_standard


@transaction.atomic
def post_fee(
    *,
    provider: Provider,
    service: Service,
    by: User | None,
    fee: int,
    posted_on: date,
    fee_concession: int | None = None,
    option: str = "standard",
    currency: str = Currency.KHR,
    fee_unit: str = "",
    source: str = "",
    reason: str = "",
) -> Standard:
    """Record the fee that a provider has posted on its own wall, from ``posted_on`` on.

    Only for services whose fee the law leaves to the provider. A fee it had posted before
    ends the day before, one it posted later stays. What else is promised (days, documents)
    carries over from its own standard before, or else from the national one.
    """
    if not service.fee_by_provider:
        raise ValidationError(
            {"service": _("The fee of this service is set nationally, not by the provider.")}
        )
    words = reason or _("fee posted by the provider")
    values: dict[str, Any] = {
        "fee": fee,
        "fee_concession": fee_concession,
        "currency": currency,
        "source": source,
        "checked_on": timezone.localdate(),
    }
    if fee_unit:
        values["fee_unit"] = fee_unit
    line: Line = (service.pk, option, provider.pk)
    with days_kept(line):
        before = next((row for row in rows_of(line) if row.covers(posted_on)), None)
        if before is None:
            return _first_posted(
                provider=provider,
                service=service,
                option=option,
                posted_on=posted_on,
                by=by,
                reason=words,
                values=values,
            )
        if before.valid_from == posted_on:
            return edit_standard(standard=before, by=by, reason=words, **values)
        return succeed_standard(standard=before, starts_on=posted_on, by=by, reason=words, **values)


def _first_posted(
    *,
    provider: Provider,
    service: Service,
    option: str,
    posted_on: date,
    by: User | None,
    reason: str,
    values: dict[str, Any],
) -> Standard:
    """Return a posted fee for days without one, with the nation's time and documents."""
    documents: list[Document] | None = None
    if (general := standard_for(service, option, None, posted_on)) is not None:
        carried = ("fee_unit", "days_max", "day_kind", "valid_years", "documents_known")
        names = ("legal_basis_km", "legal_basis_en", "completeness_km", "completeness_en")
        values = {name: getattr(general, name) for name in (*carried, *names)} | values
        documents = documents_of(general)
    return add_standard(
        service=service,
        provider=provider,
        option=option,
        by=by,
        reason=reason,
        documents=documents,
        valid_from=posted_on,
        valid_to=day_before_next((service.pk, option, provider.pk), posted_on),
        **values,
    )
