"""A citizen's request followed under a code: app and hotline share it, without a name."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from surveys.models.cases import Case


class Request(models.Model):
    """A request that a citizen keeps on the server under a code of eight digits, and its case.

    Only a keyed hash of the code is kept: a copy of the database opens nobody's request.
    """

    code_hash = models.CharField(max_length=64, unique=True)
    case = models.OneToOneField(Case, models.PROTECT, related_name="request")
    opened_at = models.DateTimeField(auto_now_add=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    waiting_told_at = models.DateTimeField(
        null=True, blank=True, help_text="when the citizen last said: still waiting"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    office_may_see = models.BooleanField(
        default=False,
        db_default=False,
        help_text="the citizen agreed that the office sees that this request waits",
    )

    class Meta:
        indexes = [
            # serves the reminders of every morning: open requests only
            models.Index(
                fields=["opened_at"], condition=Q(closed_at__isnull=True), name="request_open"
            )
        ]

    def __str__(self) -> str:
        return f"request {self.pk}"


class Contact(models.Model):
    """A telephone number given to be called or texted: encrypted, and deleted on closing.

    ``caller_key`` is a keyed hash of the number, to link calls and to keep a promise never
    to call again; the number itself can only be read with the installation's key.
    """

    class Wanted(models.TextChoices):
        CALL = "call", _("a call")
        SMS = "sms", _("a message")

    request = models.ForeignKey(
        Request, models.CASCADE, null=True, blank=True, related_name="contacts"
    )
    caller_key = models.CharField(max_length=64, db_index=True)
    sealed_number = models.BinaryField()
    wanted = models.CharField(max_length=4, choices=Wanted.choices)
    language = models.CharField(max_length=8, default="km")
    consent_version = models.CharField(max_length=20)
    given_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "caller_key", "wanted"],
                nulls_distinct=False,
                name="contact_once",
            )
        ]

    def __str__(self) -> str:
        return f"contact {self.pk}"
