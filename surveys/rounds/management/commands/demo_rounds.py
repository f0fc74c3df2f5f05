"""``manage.py demo_rounds``: rounds in every stage, sessions and meetings of the demo."""

import random
import uuid
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Membership, Programme, User
from places.models import Place
from standards.book import providers_of
from standards.models import Provider, ProviderKind
from surveys.rounds.loading import load_entitlements
from surveys.rounds.models import InformationSession, Round, Stage
from surveys.rounds.reading import inputs_of
from surveys.rounds.services.inputs import record_inputs
from surveys.rounds.services.meeting_content import ReportedCriterion, ReportedRoundMeeting
from surveys.rounds.services.meetings import core_codes, receive_meeting
from surveys.rounds.services.plan import PlannedRound, finish_stage, plan_round
from surveys.rounds.services.sessions import ReportedSession, record_session

JOB = "demo"
COMMUNES = 12
GRADUATED = 4
"""Communes with three full yearly cycles behind them."""

DAYS_OF_STAGE = {
    Stage.INFORMED: -150,
    Stage.MONITORED: -110,
    Stage.SELF_ASSESSED: -80,
    Stage.MET: -75,
    Stage.AGREED: -60,
    Stage.FOLLOWED_UP: 30,
    Stage.CLOSED: 90,
}
"""Planned days of a round's stages, counted from today."""

TOPICS = ("តម្លៃសេវាផ្លូវការ", "សិទ្ធិស្នើសុំបង្កាន់ដៃ", "ថវិកាឃុំ", "រយៈពេលផ្តល់សេវា")
OWN = ("ទឹកស្អាតនៅកន្លែងរង់ចាំ", "ផ្លូវចូលសម្រាប់ជនមានពិការភាព")
SUGGESTIONS = ("បិទផ្សាយតារាងតម្លៃថ្មី", "មានមន្ត្រីប្រចាំការពេលព្រឹក", "រៀបចំកៅអីអង្គុយរង់ចាំ")
PROBLEMS = ("រង់ចាំយូរ", "មិនមានបង្កាន់ដៃ", "តារាងតម្លៃចាស់")


class Command(BaseCommand):
    """Invent rounds; never beside real ones."""

    help = "Make rounds in every stage, information sessions and meetings for the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        programme = Programme.objects.filter(code="demo").first()
        if settings.LIVE or programme is None:
            raise CommandError("This is no demo: invented rounds are refused.")
        if Round.objects.exists():
            return
        load_entitlements()
        chance = random.Random(1)  # noqa: S311  # the same demo each time
        communes = _communes(programme)
        rounds = []
        with transaction.atomic():
            for number, commune in enumerate(communes):
                rounds += _rounds(chance, commune, programme, number)
                _sessions(chance, commune, programme, number)
            for commune in communes[:GRADUATED]:
                _earlier_cycles(commune, programme)
        sessions = InformationSession.objects.count()
        self.stdout.write(f"{len(rounds)} rounds and {sessions} sessions of the demo")


def _communes(programme: Programme) -> list[Place]:
    """Return the communes of those who can sign in first, then others of the programme."""
    own = Membership.objects.filter(user__username="facilitator", place__isnull=False)
    first = list(own.values_list("place_id", flat=True))
    provinces = list(programme.provinces.values_list("code", flat=True))
    others = Place.objects.communes().filter(code__regex=f"^({'|'.join(provinces) or '-'})")
    codes = [*first, *others.order_by("code").values_list("code", flat=True)[:COMMUNES]]
    communes = {p.code: p for p in Place.objects.communes().filter(code__in=codes)}
    return [communes[code] for code in dict.fromkeys(codes) if code in communes][:COMMUNES]


def _rounds(
    chance: random.Random, commune: Place, programme: Programme, number: int
) -> list[Round]:
    """Plan a round with each provider of the commune, each further than the one before."""
    today = timezone.localdate()
    kinds = (ProviderKind.COMMUNE, ProviderKind.HEALTH_CENTRE, ProviderKind.PRIMARY_SCHOOL)
    providers = [p for kind in kinds for p in providers_of(commune.code, kind, today)[:1]]
    made = []
    for place, provider in enumerate(providers):
        row = _plan(commune, programme, provider, today)
        if row is not None:
            _go_on(chance, row, done=(number + 3 * place) % (len(Stage) + 1))
            made.append(row)
    return made


def _plan(commune: Place, programme: Programme, provider: Provider, today: date) -> Round | None:
    if Round.objects.filter(provider=provider).exists():
        return None
    days = {
        f"{stage}_on": min(max(today + timedelta(days=n), date(today.year, 1, 1)), _last(today, n))
        for stage, n in DAYS_OF_STAGE.items()
    }
    people = User.objects.filter(
        memberships__place=commune, memberships__role__code="facilitator", is_active=True
    )
    planned = PlannedRound(
        provider=provider.code,
        commune=commune.code,
        period=(today.year, None),
        programme=programme.code,
        facilitators=sorted(people.values_list("username", flat=True))[:2],
        **days,
    )
    return plan_round(by=None, planned=planned, job=JOB)[0]


def _earlier_cycles(commune: Place, programme: Programme) -> None:
    """Make a closed round with the commune hall in each of the three years before."""
    today = timezone.localdate()
    for provider in providers_of(commune.code, ProviderKind.COMMUNE, today)[:1]:
        for year in range(today.year - 3, today.year):
            days: dict[str, Any] = {
                f"{stage}_on": date(year, 2 + place, 10) for place, stage in enumerate(Stage)
            }
            planned = PlannedRound(
                provider=provider.code,
                commune=commune.code,
                period=(year, None),
                programme=programme.code,
                **days,
            )
            row = plan_round(by=None, planned=planned, job=JOB)[0]
            row.stages.update(done_on=F("planned_on"))  # no meeting is invented for them


def _last(today: date, days: int) -> date:
    """Return the last permitted day: follow-up may be after the year, meetings may not."""
    return today + timedelta(days=400) if days > 0 else date(today.year, 12, 31)


def _go_on(chance: random.Random, row: Round, *, done: int) -> None:
    """Complete the first ``done`` stages; the others are late since their planned day."""
    today = timezone.localdate()
    planned = {s.name: s.planned_on for s in row.stages.all()}
    for stage in list(Stage)[:done]:
        day = min((planned[stage] or today) + timedelta(days=chance.randint(0, 6)), today)
        if stage == Stage.MET:
            _meet(chance, row, day, "community", people=chance.randint(18, 46))
        elif stage == Stage.SELF_ASSESSED:
            _meet(chance, row, day, "self_assessment", people=chance.randint(5, 9))
        else:
            finish_stage(by=None, round=row, name=stage, on=day, job=JOB)
        if stage == Stage.MONITORED:
            present = {
                line.entitlement.code: chance.choice((0, line.entitled, line.entitled, None))
                for line in inputs_of(row)
            }
            record_inputs(by=None, round=row, present=present, seen_on=day, channel="demo", job=JOB)


def _meet(chance: random.Random, row: Round, day: date, kind: str, *, people: int) -> None:
    own = kind == "self_assessment"
    criteria = [ReportedCriterion(key=code, code=code) for code in core_codes(row.provider.kind)]
    if not own:
        for place in range(max(1, 5 - len(criteria))):
            criteria.append(ReportedCriterion(key=f"v{place}{row.pk}", text=OWN[place % len(OWN)]))
    women = people * 3 // 5
    for one in criteria:
        middle = chance.uniform(3.4, 4.6) if own else chance.uniform(2.0, 4.2)
        scores = [min(5, max(1, round(chance.gauss(middle, 0.9)))) for _n in range(people)]
        one.tablet = [scores.count(s) for s in range(1, 6)]
        one.groups = {"women": [scores[:women].count(s) for s in range(1, 6)]}
        one.groups["men"] = [scores[women:].count(s) for s in range(1, 6)]
        one.problems = [] if own else [chance.choice(PROBLEMS)]
        one.suggestions = [] if own else [chance.choice(SUGGESTIONS)]
    reported = ReportedRoundMeeting(
        id=str(uuid.UUID(int=chance.getrandbits(128))),
        kind=kind,
        days=[day],
        channel="demo",
        voters_tablet=people,
        criteria=criteria[:6],
        people=people,
        women=women,
        men=people - women,
        youth=people // 4,
        adults=people // 2,
        poor_card=people // 5,
        disability=people // 12,
        minority=people // 15,
    )
    receive_meeting(by=None, round=row, reported=reported, content=reported.id.encode(), job=JOB)


def _sessions(chance: random.Random, commune: Place, programme: Programme, number: int) -> None:
    """Make a training in each commune, and the sessions that the person trained there held."""
    today = timezone.localdate()
    training = f"DEMO-T{number:03d}"
    trained = f"មេភូមិ · {commune.name_km}"
    for place, id_ in enumerate([training, *(f"DEMO-S{number:03d}-{n}" for n in range(3))]):
        people = chance.randint(12, 60)
        women = chance.randint(people // 3, people * 3 // 4)
        record_session(
            by=None,
            reported=ReportedSession(
                session_id=id_,
                kind="information" if place else "training",
                commune=commune.code,
                programme=programme.code,
                held_on=today - timedelta(days=200 - 12 * place - number),
                topic=TOPICS[(number + place) % len(TOPICS)],
                trainer=trained if place else "ស្រីមុំ",
                follows=training if place else "",
                people=people,
                women=women,
                men=people - women,
                youth=people // 4,
                adults=people // 2,
                elders=people // 8,
                poor_card=people // 5,
                disability=people // 20,
                minority=people // 10,
                handouts=[("ផ្ទាំងព័ត៌មានតម្លៃ", people)],
                trained=[] if place else [trained],
                channel="demo",
            ),
            job=JOB,
        )
