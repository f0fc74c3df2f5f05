"""A country of two provinces, small enough to remember."""

from datetime import date
from typing import Any

from accounts.models import Membership, Role, User
from places.models import Kind, Level, Place
from standards.models import (
    Document,
    Indicator,
    Provider,
    Service,
    Standard,
    StandardDocument,
)
from surveys.services import ReportedCase

ASKED = date(2026, 3, 2)
RECEIVED = date(2026, 3, 4)
HALL = "hall-010201"


def make_country() -> None:
    """Two communes of one district and one elsewhere, their providers, services, standards."""
    places = [
        ("01", Level.PROVINCE, Kind.KHET, None),
        ("0102", Level.DISTRICT, Kind.SROK, "01"),
        ("010201", Level.COMMUNE, Kind.KHUM, "0102"),
        ("010202", Level.COMMUNE, Kind.KHUM, "0102"),
        ("02", Level.PROVINCE, Kind.KHET, None),
        ("0201", Level.DISTRICT, Kind.SROK, "02"),
        ("020101", Level.COMMUNE, Kind.KHUM, "0201"),
    ]
    for code, level, kind, parent in places:
        Place.objects.create(
            code=code,
            level=level,
            kind=kind,
            name_km=f"ទី{code}",
            name_latin=f"Place {code}",
            parent_id=parent,
        )
    for commune in ("010201", "010202", "020101"):
        _provider(f"hall-{commune}", "commune", commune)
        _provider(f"police-{commune}", "police", commune)
    _provider("owso-0102", "owso", "0102")
    _provider("passport-office", "ministry", "01")
    centre = _provider("hc-banteay", "health_centre", "010201")
    centre.serves.set(["010201", "010202"])
    _provider("school-a", "primary_school", "010201")
    _provider("school-b", "primary_school", "010201")
    _make_services()
    _make_indicators()


def widen_country(communes: int = 20) -> None:
    """More communes in each of the two provinces, each with a hall and a police post."""
    fresh = [
        Place(
            code=f"{district}{number:02}",
            level=Level.COMMUNE,
            kind=Kind.KHUM,
            name_km=f"ទី{district}{number:02}",
            name_latin=f"Place {district}{number:02}",
            parent_id=district,
        )
        for district in ("0102", "0201")
        for number in range(10, 10 + communes)
    ]
    Place.objects.bulk_create(fresh)
    Provider.objects.bulk_create(
        Provider(code=f"{kind}-{p.code}", kind=kind, place=p, name_km=p.name_km, name_en=p.code)
        for p in fresh
        for kind in ("commune", "police")
    )


def _provider(code: str, kind: str, place: str) -> Provider:
    return Provider.objects.create(
        code=code, kind=kind, place_id=place, name_km=f"ក {code}", name_en=code
    )


def _make_services() -> None:
    for code, kind in (
        ("birth-registration", "commune"),
        ("id-card", "police"),
        ("certified-copy", "owso"),
        ("passport-adult", "ministry"),
        ("outpatient-consultation", "health_centre"),
        ("delivery", "health_centre"),
        ("school-enrolment", "primary_school"),
    ):
        Service.objects.create(code=code, provider_kind=kind, name_km=f"ស {code}", name_en=code)
    services = {s.code: s for s in Service.objects.all()}
    old = Standard.objects.create(
        service=services["id-card"],
        fee=10000,
        valid_from=date(2014, 7, 1),
        valid_to=date(2017, 12, 31),
    )
    Standard.objects.create(service=services["id-card"], fee=0, valid_from=date(2018, 1, 1))
    birth = Standard.objects.create(
        service=services["birth-registration"],
        fee=0,
        days_max=10,
        day_kind="working",
        documents_known=True,
        valid_from=date(2020, 1, 1),
    )
    Standard.objects.create(
        service=services["certified-copy"],
        fee=1000,
        fee_concession=500,
        days_max=3,
        day_kind="working",
        valid_from=date(2017, 2, 8),
    )
    Standard.objects.create(
        service=services["outpatient-consultation"],
        provider=Provider.objects.get(code="hc-banteay"),
        fee=4000,
        valid_from=date(2020, 1, 1),
    )
    for option, fee in (("normal", 100), ("fast", 150)):
        Standard.objects.create(
            service=services["passport-adult"],
            option=option,
            fee=fee,
            currency="USD",
            valid_from=date(2018, 1, 1),
        )
    for position, (code, km, en) in enumerate(
        [
            ("family-book", "សៀវភៅគ្រួសារ", "family book"),
            ("hospital-letter", "លិខិតមន្ទីរពេទ្យ", "letter from the hospital"),
        ]
    ):
        paper = Document.objects.create(code=code, name_km=km, name_en=en)
        StandardDocument.objects.create(standard=birth, document=paper, position=position)
    assert old.valid_to


def _make_indicators() -> None:
    for code, kinds, kind in (
        ("CA-C1", ["commune", "police", "owso"], "compliance"),
        ("CA-P1", ["commune", "police", "owso"], "perception"),
        ("CA-I1", ["commune", "police", "owso"], "input"),
        ("HC-P1", ["health_centre"], "perception"),
        ("HC-I1", ["health_centre"], "input"),
    ):
        Indicator.objects.create(
            code=code,
            provider_kinds=kinds,
            kind=kind,
            name_km=code,
            name_en=code,
            measured_as_km="-",
            measured_as_en="-",
        )


ROLES = {
    "facilitator": ["cases.record", "cases.read", "cases.correct"],
    "coordinator": [
        "cases.record",
        "cases.read",
        "cases.correct",
        "cases.import",
        "scores.working",
    ],
    "council": ["scores.released"],
    "district": ["scores.released"],
    "donor": ["scores.released"],
}


def make_person(
    role: str, place: str | None = None, username: str = "", password: str | None = None
) -> User:
    """A person in one role at one place."""
    user = User.objects.create_user(username or f"{role}-{place}", password)
    existing, _new = Role.objects.get_or_create(
        code=role,
        defaults={
            "name_km": role,
            "name_en": role,
            "about_km": "-",
            "about_en": "-",
            "permissions": ROLES[role],
        },
    )
    Membership.objects.create(user=user, role=existing, place_id=place)
    return user


def reported_case(**values: Any) -> ReportedCase:
    """A birth registered in two days without a fee, with the fields that the test changes."""
    return ReportedCase(
        **{
            "case_id": "K-1",
            "commune": "010201",
            "service": "birth-registration",
            "asked_on": ASKED,
            "received_on": RECEIVED,
            "status": "received",
            "fee_paid": 0,
            "documents_asked": ["family book"],
            "visits": 2,
            **values,
        }
    )
