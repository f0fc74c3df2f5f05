"""The choices of one person on a page: communes, services, providers."""

from datetime import date

from django.utils import timezone
from django.utils.translation import get_language

from accounts.permissions import scopes
from khmer.digits import to_khmer
from places.models import Place, PlaceQuerySet, valid_on
from standards.book import providers_of
from standards.models import Provider, ProviderKind, Service

MOST_IN_A_LIST = 200
"""More communes than this are typed with suggestions instead of chosen from a list."""


def communes_of(
    user: object, permission: str = "cases.record", *, on: date | None = None
) -> PlaceQuerySet:
    """Return the communes of this permission that exist today, or on the day ``on`` of a case."""
    places = Place.objects.none()
    for scope in scopes(user, permission):
        places |= Place.objects.communes().inside(scope.place)
    today = timezone.localdate()
    exists = valid_on(today) | valid_on(on or today)
    return places.filter(exists).select_related("parent").order_by("code")


def place_name(place: Place) -> str:
    """Return a commune with its district, as the reader writes them."""
    khmer = (get_language() or "km").startswith("km")
    name = place.name_km if khmer else place.name_latin
    parent = place.parent
    above = (parent.name_km if khmer else parent.name_latin) if parent else ""
    code = to_khmer(place.code) if khmer else place.code
    return f"{name} · {above} ({code})"


def commune_choices(user: object, on: date | None = None) -> list[tuple[str, str]]:
    """Return code and name of each commune of this person that exists today or on ``on``."""
    return [(place.code, place_name(place)) for place in communes_of(user, on=on)]


def service_choices(on: date | None = None) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return services offered on the day ``on`` (today), grouped by kind of provider."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for service in Service.objects.offered(on or timezone.localdate()):
        groups.setdefault(service.provider_kind, []).append((service.code, service.name))
    return [(str(ProviderKind(kind).label), choices) for kind, choices in groups.items()]


def provider_choices(
    commune: str, service: Service, on: date, also: str = ""
) -> list[tuple[str, str]]:
    """Return providers of the service for the commune on that day, and the one named ``also``."""
    providers = {p.code: p for p in providers_of(commune, service.provider_kind, on)}
    if also and also not in providers:
        named = Provider.objects.filter(code=also, kind=service.provider_kind).first()
        if named is not None:
            providers[also] = named
    return [(code, provider.name) for code, provider in providers.items()]
