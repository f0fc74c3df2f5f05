"""Services, documents, standards, providers, indicators and holidays from ``fixtures/``.

May be repeated: rows that people edited stay as they are, a standard that a person has replaced is
never touched again, and an official holiday is not made a predicted one.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import holidays as predicted
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from places.loading import Tally, edited_by_people, store
from places.models import KIND_WORDS_EN, KIND_WORDS_KM, Kind, Level, Place
from standards import services
from standards.coverage import days_kept
from standards.models import (
    Document,
    Holiday,
    Indicator,
    Provider,
    ProviderKind,
    Service,
    Standard,
)

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
JOB = "load_country"
FIRST_YEAR = 2018


def read_fixture(name: str) -> list[dict[str, str]]:
    """Return the rows of one file of ``fixtures/``."""
    with (FIXTURES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load_services() -> Tally:
    """Load services in the order of their file."""
    rows = [
        {
            "code": row["code"],
            "provider_kind": ProviderKind(row["provider_kind"]).value,
            "name_km": row["name_km"],
            "name_en": row["name_en"],
            "note_km": row["note_km"],
            "note_en": row["note_en"],
            "fee_by_provider": _yes(row["fee_by_provider"]),
            "position": position,
        }
        for position, row in enumerate(read_fixture("services.csv"), start=1)
    ]
    return store(Service, "code", rows)


def load_documents() -> Tally:
    """Load the papers that standards name."""
    rows = [
        {name: row[name] for name in ("code", "name_km", "name_en")}
        for row in read_fixture("documents.csv")
    ]
    return store(Document, "code", rows)


def load_indicators() -> Tally:
    """Load the catalogue of indicators in the order of its file."""
    names = ("code", "kind", "name_km", "name_en", "measured_as_km", "measured_as_en")
    rows: list[dict[str, Any]] = []
    for position, row in enumerate(read_fixture("indicators.csv"), start=1):
        values: dict[str, Any] = {name: row[name] for name in names}
        values["provider_kinds"] = [ProviderKind(k).value for k in row["provider_kinds"].split(";")]
        rows.append(values | {"position": position})
    return store(Indicator, "code", rows)


@transaction.atomic
def load_standards() -> Tally:
    """Load official standards; one that a person has replaced or edited is left to people.

    The rows of one service and option are one change: where they would leave a day without a
    standard, or contradict each other, all of them stay as they were and the tally says so.
    """
    tally = Tally()
    by_line: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in read_fixture("standards.csv"):
        by_line[row["service"], row["option"]].append(row)
    for (service, option), rows in by_line.items():
        line = Service.objects.get(code=service).pk, option, None
        kept = replace(tally, refused=[*tally.refused])
        try:
            with transaction.atomic(), days_kept(line):
                for row in sorted(rows, key=_shrinking_first):
                    _load_standard(row, tally)
        except ValidationError as error:
            tally = replace(kept, read=kept.read + len(rows))
            tally.refused.append(f"{service}, {option}: {' '.join(error.messages)}")
    return tally


def _shrinking_first(row: dict[str, str]) -> bool:
    """Return a sort key: False for rows that now end sooner than before, which go first.

    So others may begin in their place.
    """
    root = Standard.objects.filter(fixture_key=row["key"]).first()
    if root is None or not row["valid_to"]:
        return True
    before = _tip(root)[0].valid_to
    return before is not None and before <= date.fromisoformat(row["valid_to"])


def _load_standard(row: dict[str, str], tally: Tally) -> None:
    tally.read += 1
    values = _standard_values(row)
    codes = [code for code in row["documents"].split(";") if code]
    documents = {document.code: document for document in Document.objects.filter(code__in=codes)}
    changed = {
        "by": None,
        "job": JOB,
        "documents": [documents[code] for code in codes],
        "documents_known": _yes(row["documents_known"]),
        **values,
    }
    root = Standard.objects.filter(fixture_key=row["key"]).first()
    if root is None:
        added = services.add_standard(
            service=Service.objects.get(code=row["service"]),
            option=row["option"],
            reason=f"fixtures/standards.csv: {row['key']}",
            **changed,
        )
        Standard.objects.filter(pk=added.pk).update(fixture_key=row["key"])
        tally.added += 1
        return
    tip, by_people = _tip(root)
    if by_people:
        tally.kept += 1
        return
    reason = f"fixtures/standards.csv: {row['key']} has changed"
    now = services.edit_standard(standard=tip, reason=reason, **changed)
    if now.pk == tip.pk:
        tally.unchanged += 1
    else:
        tally.changed += 1


def load_providers() -> Tally:
    """Load one hall and one post for each commune, an office for each district and province.

    There is no national list of health centres and primary schools in our data: they are added by
    people (or by the demo), never invented here.
    """
    kinds = {Level.PROVINCE, Level.DISTRICT, Level.COMMUNE}
    rows = [
        provider
        for place in Place.objects.filter(level__in=kinds)
        for provider in _offices_of(place)
    ]
    rows.append(
        {
            "code": "ministry-passports",
            "kind": ProviderKind.MINISTRY.value,
            "name_km": "នាយកដ្ឋានលិខិតឆ្លងដែន ក្រសួងមហាផ្ទៃ",
            "name_en": "Passport Department, Ministry of Interior",
            "place_id": "12",
        }
    )
    return store(Provider, "code", rows)


@transaction.atomic
def load_holidays(last_year: int | None = None) -> Tally:
    """Load predicted holidays from 2018 to next year; official and edited days stay as they are.

    A prediction for a future day that the calendar no longer makes is removed; past days are never
    removed, because cases were counted with them.
    """
    today = timezone.localdate()
    years = range(FIRST_YEAR, (last_year or today.year + 1) + 1)
    khmer = predicted.country_holidays("KH", years=years, language="km")
    english = predicted.country_holidays("KH", years=years, language="en_US")
    source = f"predicted by the Python package holidays {version('holidays')}"
    edited = edited_by_people(Holiday)
    settled = {
        day.date
        for day in Holiday.objects.all()
        if day.is_official or day.is_cancelled or str(day.pk) in edited
    }
    rows = [
        {"date": day, "name_km": name, "name_en": english[day], "source": source}
        for day, name in sorted(khmer.items())
        if day not in settled
    ]
    tally = store(Holiday, "date", rows)
    tally.read += len(settled)
    tally.kept += len(settled)
    stale = Holiday.objects.filter(date__gt=today, is_official=False, is_cancelled=False)
    stale = stale.exclude(date__in=[*khmer, *settled])
    tally.changed += stale.delete()[0]
    return tally


def _offices_of(place: Place) -> Iterable[dict[str, Any]]:
    kind = Kind(place.kind)
    khmer = KIND_WORDS_KM[kind] + place.name_km
    english = f"{place.name_latin} {KIND_WORDS_EN[kind]}"
    if place.level == Level.COMMUNE:
        yield _office("commune", place, f"សាលា{khmer}", f"{english} hall")
        yield _office("police", place, f"ប៉ុស្តិ៍នគរបាលរដ្ឋបាល{khmer}", f"{english} police post")
    elif place.level == Level.DISTRICT:
        yield _office(
            "owso",
            place,
            f"ការិយាល័យច្រកចេញចូលតែមួយ{khmer}",
            f"{english} one-window service office",
        )
    elif place.level == Level.PROVINCE:
        yield _office("province", place, f"រដ្ឋបាល{khmer}", f"{english} administration")


def _office(kind: str, place: Place, name_km: str, name_en: str) -> dict[str, Any]:
    return {
        "code": f"{kind}-{place.code}",
        "kind": kind,
        "name_km": name_km,
        "name_en": name_en,
        "place_id": place.code,
    }


def _tip(root: Standard) -> tuple[Standard, bool]:
    """Return the row now in force after ``root``, and whether a person has edited it."""
    tip, by_people = root, root.recorded_by_id is not None
    while tip.replaced_at is not None:
        following = Standard.objects.filter(replaces=tip).first()
        if following is None:
            return tip, True
        tip = following
        by_people = by_people or tip.recorded_by_id is not None
    return tip, by_people


def _standard_values(row: dict[str, str]) -> dict[str, Any]:
    names = ("currency", "fee_unit", "day_kind", "legal_basis_km", "legal_basis_en", "source")
    values: dict[str, Any] = {name: row[name] for name in names}
    values |= {name: row[name] for name in ("completeness_km", "completeness_en")}
    for name in ("fee", "fee_concession", "days_max", "valid_years"):
        values[name] = int(row[name]) if row[name] else None
    for name in ("valid_from", "valid_to", "checked_on"):
        values[name] = date.fromisoformat(row[name]) if row[name] else None
    return values


def _yes(word: str) -> bool:
    return {"yes": True, "no": False}[word]
