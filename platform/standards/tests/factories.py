"""Makers of places, providers, services and standards for tests of any app."""

from datetime import date
from typing import Any

from places.models import Kind, Level, Place
from standards.models import Document, Holiday, Provider, ProviderKind, Service, Standard

_LEVELS = {2: (Level.PROVINCE, Kind.KHET), 4: (Level.DISTRICT, Kind.SROK)}
_LEVELS |= {6: (Level.COMMUNE, Kind.KHUM), 8: (Level.VILLAGE, Kind.PHUM)}


def place(code: str, **values: Any) -> Place:
    """The place with this code and every place above it."""
    row = Place.objects.filter(pk=code).first()
    if row is not None:
        return row
    level, kind = _LEVELS[len(code)]
    parent = place(code[:-2]) if len(code) > 2 else None
    values = {"name_km": f"ទី {code}", "name_latin": f"Place {code}", "kind": kind} | values
    return Place.objects.create(code=code, level=level, parent=parent, **values)


def provider(code: str, kind: str, at: str, **values: Any) -> Provider:
    """A provider of ``kind`` seated at the place ``at``."""
    values = {"name_km": f"កន្លែង {code}", "name_en": f"Office {code}"} | values
    return Provider.objects.create(code=code, kind=kind, place=place(at), **values)


def service(code: str, kind: str = ProviderKind.COMMUNE, **values: Any) -> Service:
    """A service given by providers of ``kind``."""
    values = {"name_km": f"សេវា {code}", "name_en": f"Service {code}"} | values
    return Service.objects.create(code=code, provider_kind=kind, **values)


def standard(of: Service, **values: Any) -> Standard:
    """A standard written straight to the table, so that constraints can be tried."""
    return Standard.objects.create(service=of, **values)


def document(code: str) -> Document:
    """A paper an office may ask for."""
    return Document.objects.create(code=code, name_km=f"ឯកសារ {code}", name_en=f"Paper {code}")


def holiday(on: date, **values: Any) -> Holiday:
    """A day on which offices are closed."""
    return Holiday.objects.create(date=on, name_km="បុណ្យ", name_en="Holiday", **values)
