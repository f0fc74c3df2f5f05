"""Two provinces with every kind of provider, and cases drawn at random, odd ones included."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Membership, Role, User
from places.models import Place
from scorecards import tasks
from scorecards.indicators import KINDS
from scorecards.models import Release
from scorecards.pipeline import workday_table
from scorecards.releases import lifecycle
from standards.models import Holiday, Provider, Service, Standard
from surveys.models import Case, Check, Meeting, ObservationChange, Vote
from surveys.tests.country import make_country

COMMUNES = ("010201", "010202", "020101")
FIRST, LAST = date(2026, 2, 3), date(2026, 4, 28)


def make_nation() -> None:
    """``make_country`` with holidays, and an office across the border of a province."""
    make_country()
    for day in (date(2026, 4, 14), date(2026, 4, 15), date(2026, 4, 16), date(2026, 5, 1)):
        Holiday.objects.update_or_create(date=day, defaults={"name_km": "បុណ្យ", "name_en": "feast"})


def number_records_from_one() -> None:
    """A record's key follows from its number: the draws are not to depend on tests before this."""
    with connection.cursor() as cursor:
        for model in (Case, Check, Vote):
            cursor.execute(
                f"ALTER SEQUENCE {model._meta.db_table}_{model._meta.pk.name}_seq RESTART"
            )


def make_person(role: str, place: str = "") -> User:
    """A person in one of the roles that are shipped, at a place or ("") for the nation."""
    if not Role.objects.exists():
        call_command("load_roles", stdout=StringIO())
    user = User.objects.create_user(f"{role}-{place}")
    Membership.objects.create(user=user, role=Role.objects.get(code=role), place_id=place or None)
    return user


def publish(by: User, period: str) -> Release:
    """The whole way of a release: prepared, approved by another person, checked, published."""
    prepared = lifecycle.prepare(lifecycle.begin(by=by, period=period).pk)
    return lifecycle.publish(lifecycle.approve(by=second_person(), release=prepared).pk)


def second_person() -> User:
    """Somebody with a national mandate who approves what others began."""
    if row := User.objects.filter(username="a second person").first():
        return row
    user = User.objects.create_user("a second person")
    Membership.objects.create(user=user, role=Role.objects.get(code="coordinator"), place=None)
    return user


def draw_cases(
    count: int, seed: int = 1, *, communes: Sequence[str] = COMMUNES, **fixed: Any
) -> list[Case]:
    """Add ``count`` cases of these communes drawn from ``seed``; every answer may be missing."""
    rng = random.Random(seed)
    providers = list(Provider.objects.filter(kind__in=KINDS).order_by("pk"))
    services = {k: list(Service.objects.filter(provider_kind=k).order_by("pk")) for k in KINDS}
    standards = list(Standard.objects.order_by("pk"))
    places = Place.objects.in_bulk(communes)
    existing = Case.objects.count()
    cases = []
    for number in range(count):
        provider = rng.choice(providers)
        service = rng.choice(services[provider.kind])
        fitting = [s for s in standards if s.service_id == service.pk]
        values = _told(rng) | {
            "provider": provider,
            "service": service,
            "commune": places[rng.choice(communes)],
            "days_known": number % 9 > 0,
            "standard": rng.choice([*fitting, None])
            if rng.random() < 0.3
            else (fitting or [None])[-1],
        }
        values = {"channel": "api", **values, **fixed}
        values["province_code"] = values["commune"].pk[:2]
        cases.append(Case(case_id=f"case-{seed}-{existing + number}", **values))
    now = timezone.now()
    for case in cases:
        case.recorded_at = case.updated_at = now
    return Case.objects.bulk_create(cases)


def _told(rng: random.Random) -> dict[str, Any]:
    asked = FIRST + timedelta(days=rng.randrange((LAST - FIRST).days + 1))
    status = rng.choices(["received", "open", "refused", "abandoned"], [8, 2, 1, 1])[0]

    def maybe(value: Any) -> Any:
        return value if rng.random() < 0.85 else None

    return {
        "asked_on": asked,
        "status": status,
        "received_on": asked + timedelta(days=rng.randrange(25)) if status == "received" else None,
        "fee_paid": maybe(rng.choice([0, 0, 500, 1000, 4000, 9000])),
        "currency": rng.choices(["KHR", "USD"], [19, 1])[0],
        "units": rng.choice([1, 1, 2]),
        "documents_asked": maybe(
            rng.choice([[], ["family-book"], ["family-book", "hospital-letter"], ["a bribe"]])
        ),
        "visits": maybe(rng.randrange(1, 5)),
        "receipt": maybe(rng.random() < 0.5),
        "staffed": maybe(rng.random() < 0.7),
        "medicine_given": maybe(rng.random() < 0.6),
        "lesson_days_lost": maybe(rng.choice([0, 0, 1, 3])),
        "plan_shown": maybe(rng.random() < 0.4),
        "poor_card": maybe(rng.random() < 0.3),
    }


def draw_meetings(count: int, seed: int = 2) -> None:
    """Add meetings with votes, and visits with checks, drawn from ``seed``."""
    rng = random.Random(seed)
    providers = list(Provider.objects.filter(kind__in=KINDS).order_by("pk"))
    for number in range(count):
        provider, commune = rng.choice(providers), rng.choice(COMMUNES)
        day = FIRST + timedelta(days=rng.randrange((LAST - FIRST).days + 1))
        where = {"provider": provider, "commune_id": commune, "province_code": commune[:2]}
        meeting = Meeting.objects.create(
            meeting_id=f"meeting-{seed}-{number}",
            kind=rng.choice(["community", "community", "self_assessment"]),
            held_on=day,
            **where,
        )
        Vote.objects.bulk_create(
            Vote(
                vote_id=f"{meeting.meeting_id}-{code}-{voter}",
                meeting=meeting,
                indicator_code=code,
                score=rng.randrange(1, 6),
            )
            for code in ("CA-P1", "HC-P1")
            for voter in range(rng.randrange(4, 12))
        )
        for code in ("CA-I1", "HC-I3"):
            present = rng.choice([True, False, None])
            Check.objects.create(
                check_id=f"check-{seed}-{number}",
                indicator_code=code,
                seen_on=day,
                present=present,
                **where,
            )


def tell_everything() -> None:
    """Write into the outbox what a change of every case, vote and check would."""
    places: set[tuple[str, date]] = set()
    places |= set(Case.objects.values_list("commune_id", "asked_on"))
    places |= set(Meeting.objects.values_list("commune_id", "held_on"))
    places |= set(Check.objects.values_list("commune_id", "seen_on"))
    months = {(commune, day.replace(day=1)) for commune, day in places}
    ObservationChange.objects.bulk_create(
        ObservationChange(
            province_code=commune[:2], commune_code=commune, month=month, observation=kind
        )
        for commune, month in sorted(months)
        for kind in ("case", "vote", "check")
    )


def score_everything() -> None:
    """Compute the scores of everything that was drawn, as the changes of it would."""
    workday_table.refresh(timezone.localdate())
    tell_everything()
    tasks.recompute_changed()
