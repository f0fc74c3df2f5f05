"""Short stories of a change, by a person who agreed that others may read them."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import covered
from scorecards.plans.models.actions import Action
from scorecards.plans.models.vocabulary import Moderation


class StoryQuerySet(models.QuerySet["Story"]):
    def visible_to(self, user: object) -> "StoryQuerySet":
        """Return stories about actions of the places and programmes in which this person reads
        plans.
        """
        return self.filter(
            covered(
                user,
                "plans.read",
                place="action__commune__code",
                programme="action__plan__programme",
            )
        )

    def public(self) -> "StoryQuerySet":
        """Return stories that everybody may read.

        The teller agreed, and a second person checked.
        """
        return self.filter(
            moderation=Moderation.SHOWN,
            consent_public=True,
            withdrawn_on=None,
            action__first_due_on__isnull=False,
        )


class Story(models.Model):
    """A story of change in a few sentences, with a photo where the teller agreed to one.

    The teller is not recorded. A photo is kept only with consent to it. Withdrawing the consent
    deletes words and photo at once; the row stays, so that the number of stories stays true.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    action = models.ForeignKey(Action, models.PROTECT, related_name="stories")
    text = models.CharField(_("story"), max_length=1000, blank=True)
    photo = models.FileField(upload_to="plans/stories", blank=True)
    consent_public = models.BooleanField(default=False)
    consent_photo = models.BooleanField(default=False)
    told_on = models.DateField(_("told on"))
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    moderation = models.CharField(
        max_length=7, choices=Moderation.choices, default=Moderation.WAITING
    )
    moderated_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    withdrawn_on = models.DateField(null=True, blank=True)

    objects = StoryQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="story_has_words_until_withdrawn",
                condition=Q(withdrawn_on=None) & ~Q(text="")
                | Q(withdrawn_on__isnull=False, text="", photo=""),
            ),
            models.CheckConstraint(
                name="story_photo_with_consent", condition=Q(photo="") | Q(consent_photo=True)
            ),
            models.CheckConstraint(
                name="story_shown_with_consent",
                condition=~Q(moderation="shown") | Q(consent_public=True),
                violation_error_message=_("The person did not agree that the public reads it."),
            ),
            models.CheckConstraint(
                name="story_is_checked_by_a_second_person",
                condition=Q(moderated_by=None) | ~Q(moderated_by=F("recorded_by")),
                violation_error_message=_("Another person than the one who recorded it decides."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action_id} {self.told_on}"
