"""Read the stories of a commune that everybody may read."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from scorecards.plans.models import Moderation, Story


@dataclass(frozen=True)
class PublicStory:
    """A story as the public reads it: words, the address of its photo, the commitment it is of."""

    text: str
    photo: str
    action: UUID
    commitment: str
    told_on: date


def public(commune: str, most: int = 10) -> list[PublicStory]:
    """Return the newest checked stories of a commune whose tellers agreed to it."""
    rows = Story.objects.public().filter(action__commune=commune).select_related("action")
    return [
        PublicStory(
            text=row.text,
            photo=reverse("plans:story_photo", args=[row.uuid]) if row.photo else "",
            action=row.action.uuid,
            commitment=row.action.activity
            if row.action.moderation == Moderation.SHOWN
            else _("The wording is being checked."),
            told_on=row.told_on,
        )
        for row in rows[:most]
    ]
