"""Invent notes on figures, a story and a subscription to alerts, for the demo."""

from datetime import date
from typing import Final

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from accounts.permissions import may
from places.models import Place
from scorecards import annotations, periods
from scorecards.models import Annotation, Release
from scorecards.plans import services
from scorecards.plans.alerts.subscriptions import subscribe
from scorecards.plans.demo_replies import drawing
from scorecards.plans.models import Action, Moderation, State, Story

NOTES: Final = (
    (True, "ការិយាល័យថ្មីបើកដំណើរការនៅជិតផ្សារ។"),
    (False, "តារាងតម្លៃត្រូវបានលាបថ្នាំថ្មី។"),
)
"""What happened, and whether a second person has checked it."""
STORY: Final = "មុននេះខ្ញុំត្រូវមកពីរដងទើបជួបមន្ត្រី។ ឥឡូវទ្វារបើកតាមម៉ោង ហើយខ្ញុំមកតែម្តង។"


def make_notes() -> int:
    """Invent the notes and stories of the council member's commune; return how many were made."""
    admin = User.objects.filter(username="admin", is_demo=True).first()
    council = User.objects.filter(username="council", is_demo=True).first()
    release = Release.objects.filter(is_current=True).order_by("-period").first()
    if admin is None or council is None or release is None or Annotation.objects.exists():
        return 0
    place = Place.objects.get(pk=council.memberships.values_list("place_id", flat=True)[0])
    day = periods.parse(release.period).first
    for shown, text in NOTES:
        note = annotations.annotate(by=council, place=place, on=day, text=text)
        if shown:
            annotations.decide(by=admin, annotation=note, shown=True)
    subscribe(
        by=council, place=place, channel="email", address="council@example.org", language="km"
    )
    return len(NOTES) + _tell_story(place, admin, day)


def _tell_story(place: Place, admin: User, day: date) -> int:
    """Make one story about an action that citizens confirmed, written and checked."""
    accounts = User.objects.filter(username__in=["facilitator", "coordinator"], is_demo=True)
    people = [one for one in accounts if may(one, "plans.confirm", place=place.code)]
    team = people[0] if people else None
    done = Action.objects.agreed().filter(commune=place, state=State.CONFIRMED).first()
    if team is None or done is None or Story.objects.exists():
        return 0
    story = services.record_story(
        by=team,
        action=done,
        text=STORY,
        told_on=day,
        consent_public=True,
        consent_photo=True,
        photo=SimpleUploadedFile("photo.jpg", drawing("#cfe6d6", 1)),
    )
    services.moderate_story(by=admin, story=story, decision=Moderation.SHOWN)
    return 1
