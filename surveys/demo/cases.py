"""Inventing cases: people who come in clusters, in season, and are sometimes still waiting."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from khmer import workdays
from standards.book import StandardBook
from standards.calendar import holiday_calendar
from standards.models import Service, Standard
from surveys.demo.country import Ground
from surveys.demo.truth import RULES, Truth
from surveys.reference_data import Register
from surveys.services import ReportedCase

Floats = NDArray[np.float64]

MEAN_CLUSTER = 6
KIND_WEIGHTS = {
    "commune": 0.44,
    "police": 0.20,
    "owso": 0.08,
    "health_centre": 0.18,
    "primary_school": 0.10,
}
SERVICE_WEIGHTS = {
    "birth-registration": 5,
    "marriage-registration": 2,
    "death-registration": 1,
    "land-document-certification": 2,
    "id-card": 5,
    "residence-book": 2,
    "family-book": 3,
    "certified-copy": 6,
    "room-rental-licence": 1,
    "barber-licence": 1,
    "outpatient-consultation": 9,
    "delivery": 1,
    "school-enrolment": 1,
}
# January to December: busy after the harvest, quiet while rice is planted and at Pchum Ben
SEASON = (1.25, 1.3, 1.2, 0.8, 1.05, 0.85, 0.7, 0.75, 0.8, 0.75, 1.1, 1.2)
MINORITY_SHARE = {"16": 0.6, "11": 0.5, "19": 0.2, "10": 0.12, "13": 0.08}
EXTRA_PAPERS = ("ការអនុញ្ញាតពីមេភូមិ", "លិខិតធានា", "រូបថត ១០ សន្លឹក", "គ្រួសារទាំងមូលមកបង្ហាញខ្លួន")
EXCESSES = (500, 1000, 2000, 3000, 5000, 10_000, 20_000, 40_000)
_SLOW = 12.0
"""Days, on average, where no time was ever published."""


@dataclass(frozen=True)
class Plan:
    """The size of the demo: cases, days, and how similar cases of a cluster are."""

    cases: int
    since: date
    until: date
    rho: float
    prefix: str


@dataclass(frozen=True)
class Draws:
    """The random draws for all cases, one row per case."""

    provider: list[str]
    commune: list[str]
    facilitator: list[str]
    service: list[Service]
    standard: list[Standard | None]
    asked: NDArray[np.datetime64]
    days: Floats
    met: NDArray[np.bool_]
    luck: Floats


def invent(
    rng: np.random.Generator,
    plan: Plan,
    ground: Ground,
    truths: list[Truth],
    people: dict[str, list[str]],
) -> Iterator[tuple[ReportedCase, datetime]]:
    """Yield cases as they would be reported, each with the moment at which it was recorded."""
    draws = _draw(rng, plan, ground, truths, people)
    received = _received(draws)
    papers = _official_papers(draws.standard)
    last = np.datetime64(plan.until)
    for number in range(plan.cases):
        reported = _tell(number, plan, draws, papers)
        _close(reported, draws, number, received[number], last)
        yield reported, _recorded_at(reported, draws.luck[number], plan.until)


def _draw(
    rng: np.random.Generator,
    plan: Plan,
    ground: Ground,
    truths: list[Truth],
    people: dict[str, list[str]],
) -> Draws:
    sizes = _cluster_sizes(rng, plan.cases)
    clusters = len(sizes)
    truth_of_cluster, commune_of_cluster = _where(rng, clusters, ground, truths)
    day_of_cluster = _when(rng, clusters, plan)
    of_case = np.repeat(np.arange(clusters), sizes)[: plan.cases]
    rates = np.array([truth.of_rules() for truth in truths])[truth_of_cluster]
    chance = _alike(rng, rates, plan.rho)[of_case]
    met = rng.random((plan.cases, len(RULES))) < chance
    turn = rng.integers(0, 1 << 30, clusters)
    gatherers = [
        people[c][int(t) % len(people[c])] for c, t in zip(commune_of_cluster, turn, strict=True)
    ]
    truth_of_case = truth_of_cluster[of_case]
    asked = day_of_cluster[of_case]
    services = _services(rng, [truths[t].provider.kind for t in truth_of_case])
    standards = _standards(services, truth_of_case, asked, truths)
    return Draws(
        provider=[truths[t].provider.code for t in truth_of_case],
        commune=[commune_of_cluster[c] for c in of_case],
        facilitator=[gatherers[c] for c in of_case],
        service=services,
        standard=standards,
        asked=asked,
        days=_days(rng, standards, met[:, RULES.index("time")]),
        met=met,
        luck=rng.random((plan.cases, 24)),
    )


def _cluster_sizes(rng: np.random.Generator, cases: int) -> NDArray[np.int64]:
    """Return sizes of facilitator-days that sum to at least ``cases``."""
    sizes = 1 + rng.poisson(MEAN_CLUSTER - 1, size=cases // 3 + 10)
    return sizes[: int(np.searchsorted(np.cumsum(sizes), cases)) + 1]


def _where(
    rng: np.random.Generator, clusters: int, ground: Ground, truths: list[Truth]
) -> tuple[NDArray[np.int64], list[str]]:
    """Return each cluster's provider (its position in ``truths``) and a commune that it serves."""
    communes = rng.choice(len(ground.communes), size=clusters, p=ground.busy)
    kinds = list(KIND_WEIGHTS)
    kind = rng.choice(len(kinds), size=clusters, p=list(KIND_WEIGHTS.values()))
    here: dict[tuple[str, str], list[int]] = {}
    for place, truth in enumerate(truths):
        for commune in truth.communes:
            here.setdefault((commune, truth.provider.kind), []).append(place)
    pick = rng.integers(0, 1 << 30, clusters)
    chosen = []
    for c, k, p in zip(communes, kind, pick, strict=True):
        options = here.get((ground.communes[c], kinds[k])) or here[ground.communes[c], "commune"]
        chosen.append(options[int(p) % len(options)])
    return np.array(chosen), [ground.communes[c] for c in communes]


def _when(rng: np.random.Generator, clusters: int, plan: Plan) -> NDArray[np.datetime64]:
    """Return working days, by season."""
    days = np.arange(
        np.datetime64(plan.since),
        np.datetime64(plan.until + timedelta(days=1)),
        np.timedelta64(1, "D"),
    )
    days = days[np.is_busday(days, busdaycal=holiday_calendar())]
    month = days.astype("datetime64[M]").astype(int) % 12
    weight = np.array(SEASON)[month]
    return rng.choice(days, size=clusters, p=weight / weight.sum())


def _alike(rng: np.random.Generator, rates: Floats, rho: float) -> Floats:
    """Return the chances of each cluster.

    They are on average the provider's, with the intra-cluster correlation rho.
    """
    if rho <= 0:
        return rates
    certain = (rates <= 0) | (rates >= 1)
    safe = np.clip(rates, 1e-6, 1 - 1e-6)
    strength = (1 - rho) / rho
    drawn = rng.beta(safe * strength, (1 - safe) * strength)
    return np.where(certain, rates, drawn)


def _services(rng: np.random.Generator, kinds: list[str]) -> list[Service]:
    by_kind: dict[str, list[Service]] = {}
    for service in Service.objects.filter(retired_on=None, code__in=SERVICE_WEIGHTS):
        by_kind.setdefault(service.provider_kind, []).append(service)
    cuts = {}
    for kind, services in by_kind.items():
        weights = np.array([SERVICE_WEIGHTS[s.code] for s in services], dtype=float)
        cuts[kind] = np.cumsum(weights / weights.sum())
    luck = rng.random(len(kinds))
    return [
        by_kind[kind][min(int(np.searchsorted(cuts[kind], u)), len(cuts[kind]) - 1)]
        for kind, u in zip(kinds, luck, strict=True)
    ]


def _standards(
    services: list[Service],
    truth_of_case: NDArray[np.int64],
    asked: NDArray[np.datetime64],
    truths: list[Truth],
) -> list[Standard | None]:
    register = Register(StandardBook.load())
    return [
        register.standard(service, "standard", truths[t].provider, day)
        for service, t, day in zip(services, truth_of_case, asked.astype(object), strict=True)
    ]


def _days(
    rng: np.random.Generator, standards: list[Standard | None], on_time: NDArray[np.bool_]
) -> Floats:
    """Return days to delivery in the standard's kind of days: within the promise, or beyond it."""
    count = len(standards)
    limit = np.array([np.nan if s is None or s.days_max is None else s.days_max for s in standards])
    is_known = ~np.isnan(limit)
    promise = np.where(is_known, limit, 0.0)
    inside = np.floor(rng.beta(2.2, 1.4, count) * (promise + 1))
    beyond = promise + rng.geometric(1 / (0.6 * promise + 3))
    free = rng.geometric(1 / _SLOW, count).astype(float)
    return np.where(is_known, np.where(on_time, np.minimum(inside, promise), beyond), free)


def _received(draws: Draws) -> NDArray[np.datetime64]:
    working = np.array(
        [s is None or s.days_max is None or s.day_kind == "working" for s in draws.standard]
    )
    at_once = np.array(
        [s.provider_kind in ("health_centre", "primary_school") for s in draws.service]
    )
    days = np.where(at_once, 0.0, draws.days)
    by_work = workdays.add(draws.asked, days, holiday_calendar())
    by_calendar = workdays.add_calendar(draws.asked, days)
    return np.where(working, by_work, by_calendar)


def _official_papers(standards: list[Standard | None]) -> dict[int, list[str]]:
    """Return the codes on the list of each standard whose list is published in full."""
    seen = {s.id: s for s in standards if s is not None and s.documents_known}
    return {number: list(s.documents.values_list("code", flat=True)) for number, s in seen.items()}


def _tell(number: int, plan: Plan, draws: Draws, papers: dict[int, list[str]]) -> ReportedCase:
    """Invent the part of a case that does not depend on whether it was delivered."""
    luck = draws.luck[number]
    service, standard = draws.service[number], draws.standard[number]
    met = dict(zip(RULES, draws.met[number].tolist(), strict=True))
    commune = draws.commune[number]
    reported = ReportedCase(
        case_id=f"{plan.prefix}-{number:07d}",
        commune=commune,
        provider=draws.provider[number],
        service=service.code,
        asked_on=draws.asked[number].astype(object),
        facilitator=draws.facilitator[number],
        channel="demo",
        sex="female" if luck[0] < 0.58 else "male",
        age=int(16 + 64 * luck[1] ** 1.6),
        disability=None if luck[2] < 0.03 else luck[2] < 0.075,
        minority=luck[3] < MINORITY_SHARE.get(commune[:2], 0.02),
        programme="demo" if luck[4] < 0.9 else "",
    )
    # where the fee depends on the card, the card is known, so that being unjudged depends on
    # nothing
    decides = standard is not None and standard.fee_concession is not None
    reported.poor_card = None if luck[5] < 0.04 and not decides else luck[6] < 0.22
    reported.units = 1 + int(luck[7] * 3) if service.code == "certified-copy" else 1
    reported.staffed = None if luck[8] < 0.08 else met["presence"]
    reported.documents_asked = _papers_asked(standard, papers, met["documents"], luck)
    _tell_of_kind(reported, service.provider_kind, met, luck)
    reported.fee_paid = _fee_paid(reported, standard, met["fee"], luck)
    if reported.fee_paid:
        reported.receipt = None if luck[12] < 0.05 else met["receipt"]
    reported.visits = (
        None
        if luck[13] < 0.04
        else (1 + int(luck[14] < 0.7))
        if met["visits"]
        else 3 + int(luck[14] * 3)
    )
    return reported


def _tell_of_kind(reported: ReportedCase, kind: str, met: dict[str, bool], luck: Any) -> None:
    """Answer the questions that only health centres or only schools are asked."""
    if kind == "health_centre":
        reported.medicine_given = met["medicine"] if luck[9] < 0.6 else None
    if kind == "primary_school":
        reported.lesson_days_lost = (
            None if luck[9] < 0.05 else 0 if met["teacher"] else 1 + int(luck[10] * 4)
        )
        reported.plan_shown = None if luck[11] < 0.1 else met["plan"]


def _papers_asked(
    standard: Standard | None, papers: dict[int, list[str]], met: bool, luck: Any
) -> list[str] | None:
    official = papers.get(standard.id) if standard is not None else None
    if official is None or luck[15] < 0.06:
        return None
    asked = [paper for place, paper in enumerate(official) if (luck[16] * 7 + place) % 1 < 0.85]
    if not met:
        asked.append(EXTRA_PAPERS[int(luck[17] * len(EXTRA_PAPERS))])
    return asked


def _fee_paid(
    reported: ReportedCase, standard: Standard | None, met: bool, luck: Any
) -> int | None:
    if luck[18] < 0.05:
        return None
    if standard is None or standard.fee is None:
        return (0, 1000, 5000, 10_000)[int(luck[19] * 4)]
    fee = standard.fee
    if reported.poor_card and standard.fee_concession is not None:
        fee = standard.fee_concession
    owed = fee * (reported.units or 1)
    return owed if met else owed + EXCESSES[int(luck[19] ** 1.5 * len(EXCESSES))]


def _close(
    reported: ReportedCase, draws: Draws, number: int, received: np.datetime64, last: np.datetime64
) -> None:
    """Set the outcome: received, refused, abandoned, or still open on the last day of the data."""
    luck = draws.luck[number]
    at_once = draws.service[number].provider_kind in ("health_centre", "primary_school")
    late = not draws.met[number][RULES.index("time")]
    if not at_once and luck[20] < 0.045:
        reported.status = "refused" if luck[20] < 0.018 else "abandoned"
    elif received > last or (late and not at_once and luck[21] < 0.06):
        reported.status = "open"
        reported.visits = None
    else:
        reported.status = "received"
        reported.received_on = received.astype(object)


def _recorded_at(reported: ReportedCase, luck: Any, until: date) -> datetime:
    """Return when a case is recorded: within days, or weeks later by a tablet without network.

    It is never after the last day of the data.
    """
    assert reported.asked_on is not None
    delay = int(luck[22] * 4) if luck[22] < 0.93 else 20 + int(luck[23] * 40)
    day = min((reported.received_on or reported.asked_on) + timedelta(days=delay), until)
    # 1:00 to 9:59 in UTC is office time in Phnom Penh
    return datetime(
        day.year, day.month, day.day, 1 + int(luck[23] * 9), int(luck[22] * 60), tzinfo=UTC
    )
