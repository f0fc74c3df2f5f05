"""The invented part of the country: where work is done, health centres and schools."""

from dataclasses import dataclass

import numpy as np
from django.core.management.base import CommandError

from accounts.models import Programme
from places.models import Place
from standards.models import Provider, ProviderKind, Service
from standards.services import add_standard

PROGRAMME = "demo"
MOST_IN_A_CATCHMENT = 4
_CONSULTATION_FEES = (2000, 3000, 4000, 5000, 6000)
_DELIVERY_FEES = (40_000, 60_000, 80_000, 100_000)


@dataclass(frozen=True)
class Ground:
    """The places of the demo: communes, and the providers that serve them."""

    provinces: list[str]
    communes: list[str]
    providers: list[tuple[Provider, tuple[str, ...]]]
    programme: Programme
    busy: list[float]
    """The share of all work done in each of ``communes``."""

    @property
    def busiest(self) -> str:
        """The commune with most cases, so that a first visit shows figures."""
        return max(zip(self.busy, self.communes, strict=True))[1]


def choose_communes(rng: np.random.Generator, provinces: int, wanted: int) -> list[str]:
    """Return communes of ``provinces`` provinces, whole districts first, ``wanted`` in all."""
    standing = Place.objects.filter(valid_to=None)
    codes = sorted(standing.provinces().values_list("code", flat=True))
    if not codes:
        raise CommandError("The country is not loaded: run `manage.py load_country` first.")
    if not 1 <= provinces <= len(codes):
        raise CommandError(f"--provinces lies between 1 and {len(codes)}.")
    chosen = sorted(rng.choice(codes, size=provinces, replace=False).tolist())
    communes: list[str] = []
    for number, province in enumerate(chosen):
        here = sorted(standing.communes().inside(province).values_list("code", flat=True))
        districts = sorted({code[:4] for code in here})
        rng.shuffle(districts)
        share = (wanted - len(communes)) // (len(chosen) - number)
        order = [code for district in districts for code in here if code[:4] == district]
        communes += order[: max(share, 1)]
    return sorted(communes)


def make_ground(rng: np.random.Generator, communes: list[str]) -> Ground:
    """Make health centres, schools and a programme for these communes.

    Repeated, it finds those it made.
    """
    provinces = sorted({code[:2] for code in communes})
    programme, _new = Programme.objects.get_or_create(
        code=PROGRAMME,
        defaults={
            "name_km": "កម្មវិធីសាកល្បង",
            "name_en": "Demo programme",
            "donor": "Demo donor",
            "partner": "Demo organisation",
        },
    )
    programme.provinces.set(Place.objects.filter(code__in=provinces))
    offices = Provider.objects.filter(
        kind__in=[ProviderKind.COMMUNE, ProviderKind.POLICE], place__in=communes
    )
    served: list[tuple[Provider, tuple[str, ...]]] = [
        (p, (p.place_id,)) for p in offices.order_by("code")
    ]
    one_window = Provider.objects.filter(
        kind=ProviderKind.OWSO, place__in={code[:4] for code in communes}
    )
    served += [
        (p, tuple(c for c in communes if c.startswith(p.place_id)))
        for p in one_window.order_by("code")
    ]
    served += _health_centres(rng, communes)
    for commune in communes:
        served += _schools(rng, commune)
    weight = rng.lognormal(0, 0.6, len(communes))
    return Ground(provinces, communes, served, programme, (weight / weight.sum()).tolist())


def _health_centres(
    rng: np.random.Generator, communes: list[str]
) -> list[tuple[Provider, tuple[str, ...]]]:
    """Make centres that serve one to four neighbouring communes each, and post their own fees."""
    places = {p.code: p for p in Place.objects.filter(code__in=communes)}
    made = []
    for district in sorted({code[:4] for code in communes}):
        rest = [code for code in communes if code.startswith(district)]
        while rest:
            size = int(rng.integers(1, MOST_IN_A_CATCHMENT + 1))
            catchment, rest = tuple(rest[:size]), rest[size:]
            fees = (rng.choice(_CONSULTATION_FEES), rng.choice(_DELIVERY_FEES))
            seat = places[catchment[0]]
            centre, new = Provider.objects.get_or_create(
                code=f"demo-hc-{seat.code}",
                defaults={
                    "kind": ProviderKind.HEALTH_CENTRE,
                    "place": seat,
                    "name_km": f"មណ្ឌលសុខភាព {seat.name_km} (សាកល្បង)",
                    "name_en": f"{seat.name_latin} health centre (demo)",
                },
            )
            centre.serves.set([places[code] for code in catchment])
            if new:
                _post_fees(centre, int(fees[0]), int(fees[1]))
            made.append((centre, catchment))
    return made


def _post_fees(centre: Provider, consultation: int, delivery: int) -> None:
    for code, fee, unit in (
        ("outpatient-consultation", consultation, "consultation"),
        ("delivery", delivery, "delivery"),
    ):
        add_standard(
            service=Service.objects.get(code=code),
            provider=centre,
            by=None,
            job="demo",
            reason="demo data",
            fee=fee,
            fee_concession=0,
            fee_unit=unit,
            source="demo data",
        )


def _schools(rng: np.random.Generator, commune: str) -> list[tuple[Provider, tuple[str, ...]]]:
    """Make one or two schools in a commune; return each with the communes it serves."""
    seat = Place.objects.get(code=commune)
    made: list[tuple[Provider, tuple[str, ...]]] = []
    for number in range(1, int(rng.integers(1, 3)) + 1):
        school, _new = Provider.objects.get_or_create(
            code=f"demo-school-{commune}-{number}",
            defaults={
                "kind": ProviderKind.PRIMARY_SCHOOL,
                "place": seat,
                "name_km": f"សាលាបឋមសិក្សា {seat.name_km} {number} (សាកល្បង)",
                "name_en": f"{seat.name_latin} primary school {number} (demo)",
            },
        )
        made.append((school, (commune,)))
    return made
