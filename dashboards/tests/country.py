"""A small country with stored scores, for tests of pages: places, services, cells."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

import pandas as pd
from django.apps import apps
from django.db import transaction

from accounts.models import Membership, Role, User
from places.models import Place
from scorecards import periods
from scorecards.method.estimates.shares import shares
from scorecards.pipeline import comparisons
from scorecards.storage import partitions
from standards.models import Document, Indicator, Service, Standard, StandardDocument

PERIOD, BEFORE = "2026-Q2", "2026-Q1"
COMPUTED = datetime(2026, 7, 2, 8, 30, tzinfo=UTC)
INDICATORS = {"CA-C1": "Official fee respected", "CA-C2": "Delivered within the promised days"}


def make_places(communes: int = 30) -> list[str]:
    """Two provinces, a district each, ``communes`` communes in the first and two in the second."""
    codes = []
    for province, number in (("01", communes), ("02", 2)):
        p = Place.objects.create(
            code=province,
            level="province",
            kind="khet",
            name_km=f"ខេត្ត{province}",
            name_latin=f"Province {province}",
        )
        d = Place.objects.create(
            code=f"{province}02",
            level="district",
            kind="srok",
            name_km="ស្រុក",
            name_latin="District",
            parent=p,
        )
        for i in range(1, number + 1):
            code = f"{province}02{i:02}"
            Place.objects.create(
                code=code,
                level="commune",
                kind="sangkat" if i % 5 == 0 else "khum",
                name_km=f"ឃុំល្អ{i}",
                name_latin=f"Commune {province}-{i}",
                parent=d,
                search=f"commune {province}-{i}",
                longitude=None if i == 3 else 103 + i / 20 + int(province),
                latitude=None if i == 3 else 12 + (i % 7) / 10,
            )
            codes.append(code)
    return codes


def make_catalogue() -> None:
    """Two services of the commune hall, one with a standard; two indicators."""
    birth = Service.objects.create(
        code="birth-registration",
        provider_kind="commune",
        name_km="ចុះបញ្ជីកំណើត",
        name_en="Birth registration",
    )
    Service.objects.create(
        code="certified-copy",
        provider_kind="commune",
        name_km="ថតចម្លង",
        name_en="Certified copy",
        position=1,
    )
    Service.objects.create(
        code="id-card",
        provider_kind="police",
        name_km="អត្តសញ្ញាណប័ណ្ណ",
        name_en="Identity card",
        position=2,
    )
    standard = Standard.objects.create(
        service=birth,
        fee=0,
        days_max=3,
        day_kind="working",
        documents_known=True,
        valid_from=date(2024, 7, 1),
        legal_basis_en="Law on Civil Registration",
    )
    paper = Document.objects.create(code="family-book", name_km="សៀវភៅ", name_en="Family book")
    StandardDocument.objects.create(standard=standard, document=paper)
    for position, (code, name) in enumerate(INDICATORS.items()):
        Indicator.objects.create(
            code=code,
            provider_kinds=["commune", "police"],
            kind="compliance",
            name_km=f"សូចនាករ {code}",
            name_en=name,
            measured_as_km="ភាគរយ",
            measured_as_en="share",
            position=position,
        )


def put_score(place: str, met: int, judged: int, **changed: object) -> None:
    """One stored cell, as the scoring would write it."""
    level = {0: "nation", 2: "province", 6: "commune"}[len(place)]
    row = shares(pd.Series([met]), pd.Series([judged])).iloc[0]
    fields: dict[str, object] = {
        "period": PERIOD,
        "indicator": "CA-C1",
        "service": "",
        "provider_kind": "commune",
        "place_code": place,
        "level": level,
        "province_code": place[:2],
        "numerator": met,
        "denominator": judged,
        "status": str(row["status"]),
        "method_version": "1",
        "computed_at": COMPUTED,
        "newest_observation": COMPUTED,
    }
    for name in ("share", "low", "high"):
        fields[name] = None if pd.isna(row[name]) else float(row[name])
    fields |= changed
    partitions.ensure(partitions.SCORES, [str(fields["period"])])
    # Pages never touch this table; only a test puts rows there by hand.
    apps.get_model("scorecards", "Score").objects.create(**fields)


def make_country(communes: int = 30) -> list[str]:
    """The whole small country: usual communes, one very good, one very bad, one tiny, one silent."""
    codes = make_places(communes)
    make_catalogue()
    for service in ("", "birth-registration"):
        put_score("", 2400, 3000, service=service)
        put_score("01", 2300, 2880, service=service)
        put_score("02", 3, 7, service=service)
        for i, code in enumerate(codes[:-1]):
            put_score(code, *_counts(i), service=service)
    put_score(codes[1], 20, 100, period=BEFORE, service="birth-registration")
    put_score("", 2400, 3000, period=BEFORE)
    for period in (BEFORE, PERIOD):
        compare(period)
        release(period)
    return codes


def compare(period: str = PERIOD) -> None:
    """Compute the comparisons of the present working cells."""
    comparisons.compute(periods.parse(period))


def release(
    period: str,
    changed: Mapping[str, Mapping[str, object]] = {},
    *,
    rules: str = "rounded",
    gaps: Sequence[Mapping[str, object]] = (),
) -> None:
    """Publish what stands there, of cells with ten people or more, unrounded.

    ``changed`` are other values of a place's cells. A second release replaces the first.
    ``gaps`` are rows of gaps between groups of voters that go out with it.
    ``rules`` "suppressed" is a release from before figures were rounded.
    """
    preparer, _ = User.objects.get_or_create(username=f"prepares {period}")
    approver, _ = User.objects.get_or_create(username=f"approves {period}")
    releases = apps.get_model("scorecards", "Release").objects
    releases.filter(period=period, is_current=True).update(is_current=False)
    made = apps.get_model("scorecards", "Release").objects.create(
        period=period,
        state="audited",
        rules=rules,
        data_until=COMPUTED,
        method_version="1",
        prepared_by=preparer,
    )
    partitions.ensure(partitions.RELEASED, [period])
    same = ("period", "indicator", "service", "provider_kind", "place_code", "level")
    numbers = ("numerator", "denominator", "share", "low", "high")
    for score in apps.get_model("scorecards", "Score").objects.filter(period=period):
        fields = {name: getattr(score, name) for name in (*same, "province_code", "status")}
        if score.denominator < 10:
            continue
        fields |= {name: getattr(score, name) for name in numbers}
        fields |= changed.get(score.place_code, {})
        apps.get_model("scorecards", "ReleasedCell").objects.create(release=made, **fields)
    for table in (partitions.COMPARISONS, partitions.OVERALL, partitions.CLASSES):
        partitions.ensure(table, [period])
    cells = pd.DataFrame(
        apps.get_model("scorecards", "ReleasedCell").objects.filter(release=made).values()
    )
    if len(cells):  # nothing is compared where nothing may be shown
        figures = comparisons.released(periods.parse(period), cells.assign(deff=1.0), COMPUTED)
        with transaction.atomic():
            comparisons.store(figures, release=made.pk)
    partitions.ensure(partitions.GAPS, [period])
    for gap in gaps:
        apps.get_model("scorecards", "VoteGap").objects.create(
            period=period, release_id=made.pk, method_version="1", computed_at=COMPUTED, **gap
        )
    made.state, made.is_current = "published", True
    made.approved_by, made.published_at = approver, COMPUTED
    made.save()


def _counts(i: int) -> tuple[int, int]:
    special = {0: (999, 1000), 1: (78, 100), 2: (100, 1000), 3: (3, 7), 4: (10, 12)}
    return special.get(i, (77 + i % 7, 100))


PERMISSIONS = {
    "coordinator": ["scores.working", "scores.released"],
    "facilitator": ["scores.working", "scores.released"],
    "council": ["scores.released"],
    "donor": ["scores.released"],
    "stranger": [],
}


def person(role: str, place: str | None = None, *, username: str = "") -> User:
    """A person in one of the roles of ``PERMISSIONS``, for a place or the nation."""
    username = username or f"{role}-{place or 'all'}"
    user = User.objects.create_user(username=username, password="x" * 12)
    made, _ = Role.objects.get_or_create(
        code=f"test-{role}",
        defaults={
            "name_km": role,
            "name_en": role,
            "about_km": role,
            "about_en": role,
            "permissions": PERMISSIONS[role],
        },
    )
    Membership.objects.create(user=user, role=made, place_id=place)
    return user
