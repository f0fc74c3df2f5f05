"""The right of reply: an office's answer to a figure before it is released."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import covered
from places.models import Place
from scorecards.plans.models.vocabulary import Moderation
from standards.models import Indicator, Service


class ReplyQuerySet(models.QuerySet["Reply"]):
    def visible_to(self, user: object) -> "ReplyQuerySet":
        """Return replies of the communes whose plans this person reads."""
        return self.filter(covered(user, "plans.read", place="commune__code"))


class Reply(models.Model):
    """An office's opportunity to agree or disagree with a figure before it is released."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    commune = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False)
    period = models.CharField(max_length=7)
    provider_kind = models.CharField(max_length=20)
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+", db_index=False)
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    printed_met = models.PositiveIntegerField(null=True)
    printed_judged = models.PositiveIntegerField(null=True)
    opened_at = models.DateTimeField(auto_now_add=True)
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    answer_until = models.DateField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False
    )
    agrees = models.BooleanField(_("agrees"), null=True)
    text = models.CharField(_("reply"), max_length=1000, blank=True)
    evidence = models.FileField(upload_to="plans/replies", blank=True)
    evidence_page = models.CharField(_("page of the evidence"), max_length=40, blank=True)
    moderation = models.CharField(
        max_length=7, choices=Moderation.choices, default=Moderation.WAITING
    )

    objects = ReplyQuerySet.as_manager()

    class Meta:
        ordering = ["answer_until", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["commune", "period", "provider_kind", "indicator", "service"],
                nulls_distinct=False,
                name="reply_once_a_figure",
            ),
            models.CheckConstraint(
                name="reply_answered_says_whether_it_agrees",
                condition=Q(answered_at=None, agrees=None)
                | Q(answered_at__isnull=False, agrees__isnull=False),
            ),
            models.CheckConstraint(
                name="reply_that_disagrees_says_why",
                condition=Q(agrees=None) | Q(agrees=True) | ~Q(text=""),
                violation_error_message=_("Say with what you do not agree."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commune_id} {self.period} {self.indicator_id}"
