"""The demo's plans: everyone who works with plans sees them, and making them twice adds nothing."""

from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Role, User
from accounts.services import grant_role
from accounts.tests.factories import make_programme, make_user
from places.models import Place
from scorecards.models import Release, ReleasedCell
from scorecards.plans import demo, demo_notes, demo_replies, reading, stories
from scorecards.plans.models import Action, AlertSubscription, Evidence, Plan
from scorecards.reading.annotations import notes_of
from scorecards.storage import partitions

COMMUNE = "010201"


@pytest.fixture
def people(country: None) -> dict[str, User]:
    """A demo's administrator, council member, and coordinator of its programme alone."""
    call_command("load_roles", verbosity=0)
    programme = make_programme(demo.PROGRAMME, COMMUNE[:2])
    held: dict[str, tuple[str, str | None, Any]] = {
        "admin": ("administrator", None, None),
        "council": ("council_member", COMMUNE, None),
        "coordinator": ("coordinator", COMMUNE[:2], programme),
    }
    results = {}
    for name, (role, place, of) in held.items():
        results[name] = make_user(username=name, is_demo=True)
        grant_role(
            by=None,
            user=results[name],
            role=Role.objects.get(code=role),
            place=Place.objects.get(code=place) if place else None,
            programme=of,
        )
    return results


def test_a_coordinator_of_the_programme_alone_sees_the_demos_plans(
    people: dict[str, User],
) -> None:
    made = demo.make()
    assert made > 0
    for name in ("council", "coordinator"):
        assert Action.objects.visible_to(people[name]).count() >= made
    plans = Plan.objects.count()
    assert demo.make() == 0
    assert Plan.objects.count() == plans


def test_photos_are_drawings_for_the_public_and_replies_stand_in_every_state(
    people: dict[str, User], settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    demo.make()
    shown = Evidence.objects.filter(moderation="shown")
    assert set(shown.values_list("stage", flat=True)) == {"before", "after"}
    released = Release.objects.create(
        period="2026-Q3", state=Release.State.AUDITED, method_version="1",
        prepared_by=people["admin"], approved_by=people["coordinator"],
    )  # fmt: skip
    partitions.ensure("scorecards_releasedcell", ["2026-Q3"])
    for code in ("CA-C1", "CA-P1", "CA-I1"):
        ReleasedCell.objects.create(
            release=released, period="2026-Q3", indicator=code, provider_kind="commune",
            place_code=COMMUNE, province_code="01", level="commune", status="full",
            numerator=27, denominator=39,
        )  # fmt: skip
    Release.objects.update(
        state=Release.State.PUBLISHED, is_current=True, published_at=timezone.now()
    )
    assert demo_replies.make_replies() == 3
    assert demo_replies.make_replies() == 0
    beside = reading.replies_beside(COMMUNE, "2026-Q3").values()
    assert sorted((one.under_review, one.agrees) for one in beside if not one.under_review) == [
        (False, False),
        (False, True),
    ]
    assert sum(one.under_review for one in beside) == 1
    assert [one.evidence for one in beside if one.agrees is False] != [""]
    assert demo_notes.make_notes() == 3, "two notes and a story"
    assert demo_notes.make_notes() == 0
    assert [note.text for note in notes_of(COMMUNE)] == [demo_notes.NOTES[0][1]]
    assert stories.public(COMMUNE)[0].photo
    assert AlertSubscription.objects.get().place_id == COMMUNE
