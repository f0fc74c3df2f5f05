"""Look-up of standards: in memory for bulk work, or by single queries.

``StandardBook.load()`` reads everything once (a few queries, some thousand rows)
and then answers without the database; an import of 200,000 rows asks it for every
row. The functions at the end answer a single question with a query each.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
from django.db.models import Q

from places.models import is_valid
from standards import calendar
from standards.models import Provider, ProviderKind, Service, Standard

# Kinds of which there is one for every commune, district, province, or the nation:
# the length of the code of the place they sit at. Others are found by catchment.
_OWN_LEVEL = {
    ProviderKind.COMMUNE: 6,
    ProviderKind.POLICE: 6,
    ProviderKind.OWSO: 4,
    ProviderKind.PROVINCE: 2,
    ProviderKind.MINISTRY: 0,
}


@dataclass
class StandardBook:
    """Services, providers and current standards at one moment, for look-ups without queries."""

    services: dict[str, Service]
    providers: dict[str, Provider]
    _standards: dict[tuple[int, str, int | None], list[Standard]]
    _catchments: dict[str, list[str]] = field(repr=False, default_factory=dict)

    @classmethod
    def load(cls, on: date | None = None) -> "StandardBook":
        """Read the book; with ``on`` only the standards in force on that day.

        Retired services and closed providers are in it too (old cases name them): ask
        ``service.retired_on`` or ``provider_open``.
        """
        rows = Standard.objects.current() if on is None else Standard.objects.in_force(on)
        standards: dict[tuple[int, str, int | None], list[Standard]] = defaultdict(list)
        for row in rows.select_related("service").order_by("pk"):
            standards[row.service_id, row.option, row.provider_id].append(row)
        providers = {p.code: p for p in Provider.objects.all()}
        by_pk = {p.pk: p.code for p in providers.values()}
        catchments: dict[str, list[str]] = defaultdict(list)
        for provider_id, commune in Provider.serves.through.objects.values_list(
            "provider_id", "place_id"
        ):
            catchments[commune].append(by_pk[provider_id])
        services = {s.code: s for s in Service.objects.all()}
        return cls(services, providers, dict(standards), dict(catchments))

    def service(self, code: str) -> Service | None:
        """Return the service with this code, or None."""
        return self.services.get(code)

    def provider(self, code: str) -> Provider | None:
        """Return the provider with this code, or None."""
        return self.providers.get(code)

    def own_provider(self, commune_code: str, kind: str, on: date | None = None) -> Provider | None:
        """Return the commune's own provider of ``kind``: its hall, its post, its district's office.

        A health centre or school is its own where exactly one sits in the commune or
        serves it. None where there is none, or more than one so that it must be named.
        """
        providers = [p for p in self._candidates(commune_code, kind) if provider_open(p, on)]
        return providers[0] if len(providers) == 1 else None

    def providers_of(self, commune_code: str, kind: str, on: date | None = None) -> list[Provider]:
        """Return every provider of ``kind`` a person of the commune may be served by, by code."""
        by_code = {p.code: p for p in self._candidates(commune_code, kind)}
        return [p for code, p in sorted(by_code.items()) if provider_open(p, on)]

    def standard_for(
        self, service: Service | str, option: str, provider: Provider | None, on: date
    ) -> Standard | None:
        """Return the standard in force on ``on``.

        It is the provider's own posted one, else the national one.
        """
        chosen = self.services.get(service) if isinstance(service, str) else service
        if chosen is None:
            return None
        own = provider.pk if provider is not None else None
        for key in dict.fromkeys((own, None)):
            for row in self._standards.get((chosen.pk, option, key), ()):
                if row.covers(on):
                    return row
        return None

    def options_of(self, service: Service) -> list[str]:
        """Return the options a service has in the book ("normal", "fast" …), in order of code."""
        return sorted({option for pk, option, _ in self._standards if pk == service.pk})

    @cached_property
    def calendar(self) -> np.busdaycalendar:
        """The holidays, read once with the book; hand it to ``standards.calendar``."""
        return calendar.holiday_calendar()

    @cached_property
    def _seats(self) -> dict[tuple[str, str], list[Provider]]:
        seats: dict[tuple[str, str], list[Provider]] = defaultdict(list)
        for provider in self.providers.values():
            seat = "" if provider.kind == ProviderKind.MINISTRY else provider.place_id
            seats[provider.kind, seat].append(provider)
        return dict(seats)

    def _candidates(self, commune_code: str, kind: str) -> list[Provider]:
        level = _OWN_LEVEL.get(ProviderKind(kind), 6)
        seated = self._seats.get((kind, commune_code[:level]), [])
        serving = [
            p
            for p in (self.providers[code] for code in self._catchments.get(commune_code, ()))
            if p.kind == kind
        ]
        return list(dict.fromkeys([*seated, *serving]))


def provider_open(provider: Provider, on: date | None) -> bool:
    """Return whether the provider exists on the day ``on`` (any day, where ``on`` is None)."""
    return on is None or is_valid(provider, on)


def own_provider(commune_code: str, kind: str, on: date | None = None) -> Provider | None:
    """Find the commune's own provider as ``StandardBook.own_provider``, with a query."""
    providers = providers_of(commune_code, kind, on)
    return providers[0] if len(providers) == 1 else None


def providers_of(commune_code: str, kind: str, on: date | None = None) -> list[Provider]:
    """Find providers as ``StandardBook.providers_of``, with a query."""
    here = Q(serves=commune_code)
    if kind == ProviderKind.MINISTRY:
        here |= Q(place__isnull=False)
    else:
        here |= Q(place=commune_code[: _OWN_LEVEL.get(ProviderKind(kind), 6)])
    providers = Provider.objects.filter(here, kind=kind).distinct().order_by("code")
    return [p for p in providers if provider_open(p, on)]


def standard_for(
    service: Service, option: str, provider: Provider | None, on: date
) -> Standard | None:
    """Find the standard as ``StandardBook.standard_for``, with a query."""
    own = Q(provider=None) | Q(provider=provider) if provider is not None else Q(provider=None)
    rows = list(Standard.objects.in_force(on).filter(own, service=service, option=option))
    return _posted_first(rows)


def standards_in_force(
    service: Service, on: date, provider: Provider | None = None
) -> list[Standard]:
    """Find the standards as ``applicable`` does, for one service at one provider."""
    return applicable(on, services=[service], providers=[provider] if provider else [])


def applicable(
    on: date,
    *,
    services: Iterable[Service] | None = None,
    providers: Iterable[Provider] = (),
) -> list[Standard]:
    """Return the standards that apply on a day, one for each service and option, in two queries.

    A standard that one of ``providers`` posted itself goes before the national one. ``services``
    None is all of them. Service, provider and documents are fetched; the order is that of the
    services, then from the lowest fee up (unpublished last), the same in every channel.
    """
    rows = Standard.objects.in_force(on).filter(
        Q(provider=None) | Q(provider__in=[provider.pk for provider in providers])
    )
    if services is not None:
        rows = rows.filter(service__in=services)
    chosen: dict[tuple[int, str], Standard] = {}
    for row in (
        rows.select_related("service", "provider")
        .prefetch_related("required__document")
        .order_by("service__position", "service__code", "fee", "option", "pk")
    ):
        kept = chosen.setdefault((row.service_id, row.option), row)
        chosen[row.service_id, row.option] = _posted_first([kept, row]) or row
    return list(chosen.values())


def _posted_first(rows: Iterable[Standard]) -> Standard | None:
    """Return a provider's own posted standard if there is one, else the national one, else None."""
    return min(rows, key=lambda row: row.provider_id is None, default=None)
