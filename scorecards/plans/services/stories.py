"""Record, check and withdraw short stories of a change."""

from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail
from scorecards.plans.models import Action, Moderation, Story
from scorecards.plans.services.evidence import MOST_BYTES, clean_photo
from scorecards.plans.services.progress import demand, demand_agreed, locked

MOST_STORIES: Final = 20
"""The most stories of one action."""


@transaction.atomic
def record_story(
    *,
    by: User,
    action: Action,
    text: str,
    told_on: date,
    consent_public: bool,
    consent_photo: bool,
    photo: "UploadedFile[Any] | None" = None,
) -> Story:
    """Store a story of a person who agreed; of a photo only the pixels are kept.

    The public reads it only after another person checked it. The same words about the same action
    are kept once. Raises PermissionDenied, ValidationError.
    """
    action = locked(action)
    demand("plans.confirm", action, by)
    demand_agreed(action)
    if told_on > timezone.localdate():
        raise ValidationError({"told_on": _("This day has not come yet.")})
    if photo is not None and not consent_photo:
        raise ValidationError(
            {"consent_photo": _("Without the person's consent to the photo, leave the photo out.")}
        )
    same = action.stories.filter(text=text.strip(), withdrawn_on=None).exclude(text="").first()
    if same is not None:
        return same
    if action.stories.count() >= MOST_STORIES:
        raise ValidationError(_("This action has enough stories already."))
    row = Story(
        action=action,
        text=text.strip(),
        told_on=told_on,
        consent_public=consent_public,
        consent_photo=consent_photo,
        recorded_by=by,
    )
    if photo is not None:
        row.photo.save(f"{row.uuid}.jpg", ContentFile(_pixels(photo)), save=False)
    row.full_clean()
    row.save()
    _note(by, row, "plan.story_recorded", {"photo": bool(row.photo), "public": consent_public})
    return row


def _pixels(photo: "UploadedFile[Any]") -> bytes:
    if (photo.size or 0) > MOST_BYTES:
        raise ValidationError({"photo": _("The file is too large: at most 12 MB.")})
    try:
        return clean_photo(photo.read())
    except ValidationError as error:
        raise ValidationError({"photo": error.messages}) from error


@transaction.atomic
def moderate_story(*, by: User, story: Story, decision: str) -> Story:
    """Let the public read a story, or hide it. Raises PermissionDenied, ValidationError.

    Another person than the one who recorded it decides.
    """
    row = _locked(story)
    demand("plans.moderate", row.action, by)
    if decision not in (Moderation.SHOWN, Moderation.HIDDEN):
        raise ValidationError(_("Choose whether it may be shown."))
    if row.withdrawn_on is not None:
        raise ValidationError(_("The person has withdrawn this story."))
    before, row.moderation, row.moderated_by = row.moderation, decision, by
    row.full_clean()
    row.save()
    _note(by, row, "plan.story_moderated", {"before": before, "moderation": decision})
    return row


@transaction.atomic
def withdraw_story(*, by: User, story: Story) -> Story:
    """Delete a story's words and photo because its teller no longer agrees; twice is the same."""
    row = _locked(story)
    demand("plans.confirm", row.action, by)
    if row.withdrawn_on is None:
        storage, name = row.photo.storage, row.photo.name
        row.text, row.photo, row.withdrawn_on = "", "", timezone.localdate()
        row.moderation = Moderation.HIDDEN
        row.save()
        _note(by, row, "plan.story_withdrawn", {})
        if name:
            transaction.on_commit(lambda: storage.delete(name))
    return row


def _locked(story: Story) -> Story:
    rows = Story.objects.select_for_update(of=("self",)).select_related("action__plan")
    return rows.get(pk=story.pk)


def _note(by: User, row: Story, verb: str, after: dict[str, Any]) -> None:
    """Write an audit entry of a step.

    It never contains the words of a story, because nothing is deleted there.
    """
    trail.record(
        by=by,
        verb=verb,
        subject=row.action,
        place_code=row.action.commune_id,
        after={"story": str(row.uuid), **after},
    )
