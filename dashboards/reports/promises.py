"""The official standards in force, as short words for the cells of a matrix."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards.text import formats
from scorecards.indicators import KINDS
from standards import wording
from standards.models import Service, Standard

VISITS = 2
"""Hand in, and pick up (method, 1)."""


class Promises:
    """Services and their standards on one day, read once for many sheets."""

    def __init__(self, on: date) -> None:
        offered = Service.objects.offered(on).filter(provider_kind__in=KINDS)
        self.services = {service.code: service for service in offered}
        rows = Standard.objects.in_force(on).filter(provider=None).select_related("service")
        self._standards: dict[str, list[Standard]] = {}
        for row in rows.prefetch_related("required").order_by("option"):
            self._standards.setdefault(row.service.code, []).append(row)

    def words(self, service: str, rule: str) -> str:
        """Return the published promise for a service by one rule; "" where there is none."""
        if not service:
            return ""
        return self._spoken(self._standards.get(service, []), rule)

    def _spoken(self, rows: list[Standard], rule: str) -> str:
        sentences = list(dict.fromkeys(filter(None, (_one(row, rule) for row in rows))))
        if len(sentences) > 1:
            return _("%(first)s to %(last)s") % {"first": sentences[0], "last": sentences[-1]}
        return sentences[0] if sentences else ""


def _one(row: Standard, rule: str) -> str:
    if rule == "fee":
        return wording.amount(row.fee, row.currency)
    if rule == "time" and row.days_max is not None:
        return wording.days(row)
    if rule == "documents" and row.documents_known:
        n = len(row.required.all())
        return ngettext("%(n)s document", "%(n)s documents", n) % {"n": formats.digits(n)}
    if rule == "visits":
        return ngettext("%(n)s visit", "%(n)s visits", VISITS) % {"n": formats.digits(VISITS)}
    return ""
