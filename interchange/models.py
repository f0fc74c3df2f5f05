"""Links to other systems."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Programme, User


class LinkQuerySet(models.QuerySet["Link"]):
    def visible_to(self, user: object) -> "LinkQuerySet":
        """Return those of the programmes all of which this person coordinates."""
        managed = Programme.objects.managed_by(user, "submissions.review")
        return self.filter(programme__in=managed)


class Link(models.Model):
    """Another system that a programme takes records from, or gives released figures to.

    ``cursor`` marks how far it was read, so that each run asks only for what is new.
    """

    class Kind(models.TextChoices):
        KOBO = "kobo", _("KoboToolbox: take its form and records")
        CENTRAL = "central", _("ODK Central: take its form and records")
        DHIS2 = "dhis2", _("DHIS2: give it the released figures")

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="links")
    kind = models.CharField(_("system"), max_length=8, choices=Kind.choices)
    address = models.URLField(_("address"), max_length=300)
    remote = models.CharField(
        _("form or data set there"),
        max_length=200,
        help_text=_("KoboToolbox: the form's code; Central: project/form; DHIS2: the data set"),
    )
    secret_sealed = models.TextField(help_text="token, or name:password; encrypted")
    cursor = models.CharField(max_length=100, blank=True)
    pushed = models.JSONField(default=dict, blank=True, help_text="period to keys sent (DHIS2)")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    last_run_at = models.DateTimeField(null=True, blank=True)
    last_count = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0, help_text="records that we could not take")
    last_error = models.CharField(max_length=500, blank=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "address", "remote", "programme"],
                condition=Q(is_active=True),
                name="link_once",
                violation_error_message=_("This programme has this link already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.remote}"
