"""Rules of retention that somebody changed, and what each night erased."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Rule(models.Model):
    """The number of days that one kind of record is kept; without a row, its usual time."""

    code = models.SlugField(_("kind"), max_length=60, primary_key=True)
    days = models.PositiveIntegerField(_("days"))

    class Meta:
        verbose_name = _("rule of retention")
        verbose_name_plural = _("rules of retention")
        constraints = [
            models.CheckConstraint(
                name="kept_a_day_to_thirty_years", condition=Q(days__gte=1, days__lte=10957)
            )
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.days}"


class Erasure(models.Model):
    """The result of one erasure of one kind: number and age of the records, never their content."""

    code = models.SlugField(max_length=60)
    at = models.DateTimeField(auto_now_add=True)
    older_than = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        indexes = [models.Index(fields=["code", "at"], name="erasure_of_kind")]

    def __str__(self) -> str:
        return f"{self.code}: {self.count}"
