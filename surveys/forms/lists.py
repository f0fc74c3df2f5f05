"""House lists: places, offices, services and papers that forms choose from without carrying them.

ODK Collect gets a list as a CSV file among a form's media, the tablet as JSON; both
are the same rows. Communes and offices are those of the places named: a tablet's are
where its people record (``surveys.forms.list_places``), the programme's its provinces.
"""

import csv
import hashlib
import io
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.cache import cache
from django.db.models import Prefetch, Q
from django.utils import timezone

from accounts.models import Programme
from places.models import Place
from standards import wording
from standards.models import Document, Provider, Service, Standard
from standards.terms import Terms

HOUSE_LISTS = ("communes", "providers", "services", "documents")
TABLET_LISTS = (*HOUSE_LISTS, "standards")
_KEEP_SECONDS = 60
Row = dict[str, Any]
Places = tuple[str, ...]
"""Beginnings of codes of places: "" is the whole country."""


@dataclass(frozen=True)
class HouseList:
    """The rows of one list for one programme, and the md5 of each way it is served."""

    name: str
    rows: list[Row]
    csv: bytes
    csv_md5: str
    hash: str


def _both(name_km: str, name_en: str) -> Row:
    label = f"{name_km} · {name_en}" if name_km != name_en else name_km
    return {"label": label, "label_km": name_km, "label_en": name_en}


def places_of_programme(programme: Programme) -> Places:
    """Return codes of the provinces of a programme; "" (the nation) when it names none."""
    return tuple(sorted(programme.provinces.values_list("code", flat=True))) or ("",)


def _inside(field: str, places: Places) -> Q:
    """Return the condition for rows whose place code begins with one of ``places``.

    "" selects every row, no place selects none.
    """
    if "" in places:
        return Q()
    where = Q(pk__in=[])
    for code in places:
        where |= Q(**{f"{field}__startswith": code})
    return where


def _communes(places: Places) -> list[Row]:
    rows = Place.objects.communes().valid_on(timezone.localdate()).filter(_inside("code", places))
    return [
        {
            "name": p.code,
            **_both(p.name_km, p.name_latin),
            "district": p.code[:4],
            "province": p.code[:2],
        }
        for p in rows.order_by("code")
    ]


def _providers(places: Places) -> list[Row]:
    """Return offices that serve a commune of ``places``.

    They are seated in it or above it, or have it in their catchment.
    """
    today = timezone.localdate()
    seats = {code[:length] for code in places for length in (2, 4, 6) if code}
    providers = (
        Provider.objects.valid_on(today)
        .filter(
            _inside("place__code", places)
            | Q(place__code__in=seats)
            | Q(pk__in=Provider.objects.filter(_inside("serves__code", places)).values("pk"))
        )
        .prefetch_related(Prefetch("serves", queryset=Place.objects.only("code")))
        .order_by("code")
    )
    below: dict[str, list[str]] = {}
    communes = Place.objects.communes().valid_on(today).filter(_inside("code", places))
    for code in communes.values_list("code", flat=True):
        for length in (2, 4, 6):
            below.setdefault(code[:length], []).append(code)
    rows = []
    for provider in providers:
        served = {p.code for p in provider.serves.all()} or set(
            below.get(provider.place_id[:6], [])
        )
        rows.append(
            {
                "name": provider.code,
                **_both(provider.name_km, provider.name_en),
                "kind": provider.kind,
                "communes": " ".join(sorted(served)),
            }
        )
    return rows


def _services(places: Places) -> list[Row]:
    return [
        {"name": s.code, **_both(s.name_km, s.name_en), "kind": s.provider_kind}
        for s in Service.objects.offered(timezone.localdate())
    ]


def _documents(places: Places) -> list[Row]:
    pairs = (
        Standard.objects.current()
        .exclude(required=None)
        .values_list("required__document_id", "service__code")
        .distinct()
    )
    services: dict[int, set[str]] = {}
    for document, service in pairs:
        services.setdefault(document, set()).add(service)
    return [
        {
            "name": d.code,
            **_both(d.name_km, d.name_en),
            "services": " ".join(sorted(services.get(d.pk, ()))),
        }
        for d in Document.objects.order_by("code")
    ]


def _standards(places: Places) -> list[Row]:
    # not `Q(provider=None) | Q()`: to Django "this or no condition" is only "this"
    inside = _inside("provider__place__code", places)
    if inside:
        served = Provider.objects.filter(_inside("serves__code", places)).values("pk")
        inside |= Q(provider__in=served)
    standards = (
        Standard.objects.current()
        .filter(Q(provider=None) | inside if inside else Q())
        .select_related("service", "provider")
        .prefetch_related("required__document")
        .order_by("service__code", "option", "id")
    )
    return [
        {
            "service": s.service.code,
            "option": s.option,
            "provider": s.provider.code if s.provider else None,
            "fee": s.fee,
            "fee_concession": s.fee_concession,
            "currency": s.currency,
            "fee_unit": s.fee_unit,
            "days_max": s.days_max,
            "day_kind": s.day_kind,
            "documents": [r.document.code for r in s.required.all()] if s.documents_known else None,
            "listed": [r.document.code for r in s.required.all()],
            **_words(s),
            "valid_from": s.valid_from.isoformat() if s.valid_from else None,
            "valid_to": s.valid_to.isoformat() if s.valid_to else None,
            "legal_basis": s.legal_basis,
            "checked_on": s.checked_on.isoformat() if s.checked_on else None,
        }
        for s in standards
    ]


def _words(standard: Standard) -> Row:
    """Return the texts of a standard in both languages, in the words of every other channel."""
    terms = Terms.of(standard)
    fields = {
        "fee": partial(wording.fee, terms),
        "concession": partial(wording.concession, terms),
        "days": partial(wording.days, terms),
        "documents": partial(wording.documents_note, terms),
    }
    both = {name: wording.in_both_languages(words) for name, words in fields.items()}
    return {
        f"{name}_words_{language}": text
        for name, texts in both.items()
        for language, text in zip(wording.LANGUAGES, texts, strict=True)
    }


_MAKERS = {
    "communes": _communes,
    "providers": _providers,
    "services": _services,
    "documents": _documents,
    "standards": _standards,
}


def _as_csv(rows: list[Row]) -> bytes:
    out = io.StringIO()
    columns = list(rows[0]) if rows else ["name", "label"]
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def house_list(name: str, programme: Programme, places: Places | None = None) -> HouseList:
    """Return one list for these places (None: the programme's).

    Raises KeyError for an unknown name. Kept for a minute.
    """
    make = _MAKERS[name]
    key = f"house-list:{name}:{programme.pk}"
    if places is not None:
        of_places = " ".join(places).encode()
        key += ":" + hashlib.md5(of_places, usedforsecurity=False).hexdigest()
    kept: HouseList | None = cache.get(key)
    if kept is None:
        rows = make(places_of_programme(programme) if places is None else places)
        data = _as_csv(rows)
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        kept = HouseList(name, rows, data, md5, f"md5:{md5}")
        cache.set(key, kept, _KEEP_SECONDS)
    return kept


def forget(programme: Programme) -> None:
    """Make the next request read the tables again."""
    cache.delete_many([f"house-list:{name}:{programme.pk}" for name in _MAKERS])
