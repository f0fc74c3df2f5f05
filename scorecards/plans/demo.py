"""Invent plans for the demo: actions kept, late, moved, denied, blocked, dropped, and drafts.

Everything goes through the services, as people would do it, with today's date; earlier days are
set afterwards where a service only knows today.
"""

from datetime import date, timedelta
from typing import Any, Final

from django.utils import timezone

from accounts.models import Programme, User
from accounts.permissions import scopes
from places.models import Place
from scorecards.plans import demo_replies, services
from scorecards.plans.models import Action, Moderation, Office, Plan, State
from standards.models import Indicator, Provider, ProviderKind
from surveys.models import Channel, Meeting

PROGRAMME: Final = "demo"
"""The programme of the plans."""
COMMUNES: Final = 8
ACTIVITIES: Final = (
    ("បិទតារាងតម្លៃនៅកន្លែងងាយមើលឃើញ", "Hang up the price table where it is easy to see"),
    ("សម្អាតបន្ទប់រង់ចាំ និងបន្ទប់ទឹករាល់ថ្ងៃ", "Clean the waiting room and toilets daily"),
    ("បើកទ្វារតាមម៉ោងធ្វើការ រាល់ថ្ងៃធ្វើការ", "Open in working hours on every working day"),
    ("ផ្តល់បង្កាន់ដៃរាល់ពេលទទួលប្រាក់", "Give a receipt for every payment"),
    ("ជួសជុលអណ្ដូងទឹកស្អាត", "Repair the well"),
    ("សាងសង់ជម្រាលសម្រាប់ជនពិការ", "Build a ramp for people with disabilities"),
    ("បន្ថែមគ្រូបង្រៀនថ្នាក់ទី១", "Add a teacher for grade 1"),
    ("បង្រៀនបុគ្គលិកឲ្យនិយាយដោយគួរសម", "Train staff to speak politely"),
    ("ប្រកាសថវិកាឃុំរៀងរាល់ត្រីមាស", "Announce the commune budget every quarter"),
)
OFFICES: Final = (
    (ProviderKind.COMMUNE, "មេឃុំ", "Commune chief"),
    (ProviderKind.HEALTH_CENTRE, "ប្រធានមណ្ឌលសុខភាព", "Head of the health centre"),
    (ProviderKind.PRIMARY_SCHOOL, "នាយកសាលា", "Head of the school"),
)
STORIES: Final = (
    "confirmed",
    "late",
    "denied",
    "said_done",
    "blocked",
    "moved",
    "in_progress",
    "dropped",
    "soon",
)


def is_there() -> bool:
    """Return whether any plan exists, so that the demo invents none."""
    return Plan.objects.exists()


def make() -> int:
    """Invent plans in the communes where the demo's people work; return how many actions."""
    admin = User.objects.filter(username="admin", is_demo=True).first()
    reporter = User.objects.filter(username="council", is_demo=True).first()
    if admin is None or is_there():
        return 0
    today = timezone.localdate()
    return sum(
        _commune(place, admin, reporter or admin, today, number)
        for number, place in enumerate(_communes())
    )


def _communes() -> list[Place]:
    """Return the council member's commune first, then its neighbours with meetings."""
    meetings = Meeting.objects.filter(channel=Channel.DEMO).order_by()
    busy = set(meetings.values_list("commune_id", flat=True))
    council = User.objects.filter(username="council").first()
    own = [scope.place for scope in scopes(council, "plans.read")] if council else []
    near = sorted(busy, key=lambda code: (code[:4] not in {c[:4] for c in own}, code))
    codes = list(dict.fromkeys([*own, *near]))[:COMMUNES]
    places = Place.objects.select_related("parent").in_bulk(codes)
    return [places[code] for code in codes if code in places]


def _draft(place: Place, admin: User, year: int) -> Plan:
    """Draft the plan of a commune for a year, in the demo's programme."""
    return services.draft_plan(
        by=admin,
        commune=place,
        programme=Programme.objects.filter(code=PROGRAMME).first(),
        starts_on=date(year, 1, 1),
        ends_on=date(year, 12, 31),
    )


def _commune(place: Place, admin: User, reporter: User, today: date, number: int) -> int:
    """Invent this year's agreed plan of a commune and next year's draft; count the actions."""
    year = today.year
    plan = _draft(place, admin, year)
    offices = _offices(place, admin)
    actions = [
        _action(
            plan,
            admin,
            offices,
            story=story,
            which=(place_in + number) % len(ACTIVITIES),
            today=today,
        )
        for place_in, story in enumerate(STORIES)
    ]
    services.agree_plan(
        by=admin,
        plan=plan,
        agreed_on=date(year, 1, 20),
        community_side="អ្នកតំណាងភូមិ",
        provider_side="មេឃុំ",
    )
    for action, story in zip(actions, STORIES, strict=True):
        _tell(action, story, admin, reporter, today)
    moderated = Action.objects.filter(plan=plan).exclude(number=len(STORIES))
    for action in moderated:
        services.moderate_action(by=admin, action=action, decision=Moderation.SHOWN)
    next_year = _draft(place, admin, year + 1)
    _action(next_year, admin, offices, story="soon", which=number % len(ACTIVITIES), today=today)
    return len(actions)


def _offices(place: Place, admin: User) -> dict[str, Office]:
    district = place.parent
    if district is not None and not Office.objects.filter(place=district).exists():
        services.save_office(
            by=admin, place=district, name_km="អភិបាលស្រុក", name_en="District governor"
        )
    return {
        kind: services.save_office(
            by=admin,
            place=place,
            name_km=km,
            name_en=en,
            channel="telephone" if kind == ProviderKind.COMMUNE else "none",
            address="012 345 678" if kind == ProviderKind.COMMUNE else "",
        )
        for kind, km, en in OFFICES
    }


def _action(
    plan: Plan, admin: User, offices: dict[str, Office], *, story: str, which: int, today: date
) -> Action:
    kinds = [kind for kind, _km, _en in OFFICES]
    kind = kinds[which % len(kinds)]
    due = {"late": -40, "denied": -12, "soon": 6, "blocked": -20, "moved": 20}.get(story, 14)
    due_on = max(today + timedelta(days=due), plan.starts_on + timedelta(days=20))
    facts: dict[str, Any] = {
        "activity": ACTIVITIES[which][0],
        "part": "outside" if which in (4, 5, 6) else "internal",
        "provider": Provider.objects.filter(kind=kind, place__code__startswith=plan.commune_id)
        .order_by("pk")
        .first(),
        "office": offices[kind],
        "proposed_by": "community",
        "level": "district" if which == 6 else "commune",
        "starts_on": plan.starts_on + timedelta(days=14),
        "due_on": due_on,
        "result_quantity": which + 1,
        "result_unit": "កន្លែង",
        "beneficiaries": 400 + 30 * which,
        "beneficiaries_women": 210 + 15 * which,
        "cost_riel": 500_000 * (which + 1),
        "indicator": Indicator.objects.filter(provider_kinds__contains=[kind]).first(),
    }
    return services.add_action(by=admin, plan=plan, **facts)


def _tell(action: Action, story: str, admin: User, reporter: User, today: date) -> None:
    """Carry one action through the events invented for it."""
    if story in {"soon", "late"}:
        return
    services.report_state(by=admin, action=action, state=State.IN_PROGRESS)
    if story == "blocked":
        services.report_state(by=admin, action=action, state=State.BLOCKED, reason="រង់ចាំថវិកាស្រុក")
    elif story == "moved":
        services.move_due(
            by=admin,
            action=action,
            due_on=action.due_on + timedelta(days=30),
            reason="ភ្លៀងខ្លាំង ធ្វើការមិនបាន",
        )
    elif story == "dropped":
        services.drop_action(by=admin, action=action, reason="កម្មវិធីផ្សេងបានធ្វើរួច")
    elif story in {"said_done", "denied", "confirmed"}:
        services.report_state(by=admin, action=action, state=State.SAID_DONE)
        demo_replies.show_before_and_after(action, admin)
        people = {"denied": 1, "confirmed": 23, "said_done": 2}[story]
        for number in range(people):
            kind = "not_done" if story == "denied" else "done"
            services.answer_as_citizen(
                action=action, kind=kind, channel="app", person=f"demo {number}"
            )
