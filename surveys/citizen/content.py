"""The content of the citizens' app: standards in force today, holidays, places, recordings.

It is made of the same standards as pages and scores; the phone keeps it and answers without a
network. The version is a hash of the content, so that a phone with that version gets a short
answer: nothing changed.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

from django.core.cache import cache
from django.db.models import TextChoices
from django.utils import timezone

from pages.links import first_url
from places.models import KIND_WORDS_EN, KIND_WORDS_KM, Kind, Level, Place
from standards.book import applicable, providers_of
from standards.models import FeeUnit, Holiday, Provider, ProviderKind, Service, Standard
from standards.row_by_row import made_of_each
from standards.terms import Terms
from standards.wording import LANGUAGES, in_both_languages, option_name
from surveys import commitments, recordings
from surveys.citizen import push
from surveys.citizen.models import key_in_use

MOST_COMMITMENTS: Final = 50
KEPT_FOR = 20
"""Seconds for which the content is kept in memory: every phone sees an edit within this time."""

YEARS_OF_HOLIDAYS = 2


def as_json(reported: Any) -> bytes:
    """Return the shortest JSON text of a value."""
    return json.dumps(reported, ensure_ascii=False, separators=(",", ":")).encode()


def ready(name: str, make: Callable[[], Any]) -> tuple[bytes, str]:
    """Return the content as JSON and its version (an ETag), made at most every ``KEPT_FOR``
    seconds.

    Content that is bytes already is kept as it is.
    """
    kept: tuple[bytes, str] | None = cache.get(f"citizen:{name}")
    if kept is None:
        made = make()
        body = made if isinstance(made, bytes) else as_json(made)
        kept = body, hashlib.sha256(body).hexdigest()[:20]
        cache.set(f"citizen:{name}", kept, KEPT_FOR)
    return kept


def book() -> dict[str, Any]:
    """Return everything the phone needs to answer: see ``frontend/src/types.ts`` for its shape."""
    today = timezone.localdate()
    rows = _national(today)
    options = {row.option for record in rows.values() for row in record}
    key = key_in_use()
    return {
        "services": made_of_each(
            Service.objects.offered(today), lambda s: _service(s, rows[s.pk]), channel="app"
        ),
        "kinds": {
            str(kind.value): in_both_languages(partial(str, kind.label)) for kind in ProviderKind
        },
        "units": _labels(FeeUnit),
        "options": {o: in_both_languages(partial(option_name, o)) for o in sorted(options)},
        "holidays": _holidays(today),
        "voices": dict(made_of_each(LANGUAGES, _voices, channel="app")),
        "report_key": {"id": key.pk, "recipient": key.recipient} if key else None,
        "telephone": recordings.telephone(),
        "push": push.public_key(),
        "scorecards": first_url(["dashboards:communes"]),
    }


def _labels(choices: type[TextChoices]) -> dict[str, list[str]]:
    return {str(one.value): in_both_languages(partial(str, one.label)) for one in choices}


def first(pictures: dict[str, str]) -> list[dict[str, Any]]:
    """Return the services in Khmer as the page brings them: name, picture, standards in force."""
    today = timezone.localdate()
    rows = _national(today)
    return [
        {
            "code": service.code,
            "name": service.name_km,
            "picture": pictures.get(service.code) or pictures[service.provider_kind],
            "posted": service.fee_by_provider,
            "rows": rows[service.pk] or [None],
        }
        for service in Service.objects.offered(today)
    ]


def _national(today: date) -> dict[int, list[Standard]]:
    rows: dict[int, list[Standard]] = defaultdict(list)
    for row in made_of_each(applicable(today), _worded, channel="app"):
        rows[row.service_id].append(row)
    return rows


def _worded(row: Standard) -> Standard:
    """Return the row after checking that its fee and time can be put in words."""
    promise(row)
    return row


def _voices(language: str) -> tuple[str, dict[str, str]]:
    return language, recordings.recordings(language)


def _service(service: Service, standards: list[Standard]) -> dict[str, Any]:
    return {
        "code": service.code,
        "kind": service.provider_kind,
        "name": [service.name_km, service.name_en],
        "note": [service.note_km, service.note_en or service.note_km],
        "posted": service.fee_by_provider,
        "options": [promise(row) for row in standards],
    }


def promise(row: Standard) -> dict[str, Any]:
    """Return one standard in force with its words; null where nothing was published, never zero."""
    return Terms.of(row).as_json()


def _holidays(today: date) -> list[list[Any]]:
    since = today - timedelta(days=366)
    holidays = Holiday.objects.filter(
        is_cancelled=False, date__gte=since, date__year__lte=today.year + YEARS_OF_HOLIDAYS
    )
    return [[h.date.isoformat(), h.name_km, h.name_en, h.is_official] for h in holidays]


def places() -> list[list[Any]]:
    """Return communes under their districts and provinces: [code, Khmer, Latin, [children]]."""
    today = timezone.localdate()
    levels = (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)
    rows = Place.objects.valid_on(today).filter(level__in=levels).order_by("code")
    nodes: dict[str, list[Any]] = {}
    roots: list[list[Any]] = []
    for place in rows:
        node = [place.code, *_named(place), []]
        nodes[place.code] = node
        (nodes[place.code[:-2]][3] if place.code[:-2] in nodes else roots).append(node)
    return roots


def _named(place: Place) -> list[str]:
    kind = Kind(place.kind)
    return [f"{KIND_WORDS_KM[kind]}{place.name_km}", f"{place.name_latin} {KIND_WORDS_EN[kind]}"]


def commune(code: str) -> dict[str, Any] | None:
    """Return the offices of one commune, what they posted, and its released scorecard.

    Return None for an unknown code.
    """
    place = Place.objects.communes().filter(code=code).first()
    if place is None:
        return None
    today = timezone.localdate()
    offices = [
        office
        for kind in ProviderKind
        if kind != ProviderKind.MINISTRY
        for office in providers_of(code, kind, today)
    ]
    return {
        "code": code,
        "name": _named(place),
        "offices": [_office(office, today) for office in offices],
        "scorecard": first_url(["dashboards:commune"], code=code),
        "commitments": [
            {
                "code": one.code,
                "claim": one.claim,
                "number": one.number,
                "text": one.text,
                "office": one.office,
                "month": f"{one.due:%Y-%m}",
            }
            for one in commitments.asked_in([code], most=MOST_COMMITMENTS)
        ],
        "allCommitments": first_url(["plans:commitments"], code=code),
    }


def _office(office: Provider, today: date) -> dict[str, Any]:
    posted = (
        Standard.objects.in_force(today)
        .filter(provider=office)
        .select_related("service")
        .prefetch_related("required__document")
    )
    return {
        "code": office.code,
        "kind": office.kind,
        "name": [office.name_km, office.name_en],
        "hours": office.opening_hours,
        "phone": office.phone,
        "posted": made_of_each(
            posted, lambda row: {"service": row.service.code, **promise(row)}, channel="app"
        ),
    }
