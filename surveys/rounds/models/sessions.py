"""Information sessions and trainings: outreach that comes before a round."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Programme, User
from accounts.permissions import covered
from places.models import Place
from surveys.models import Channel
from surveys.rounds.models.attendance import Attendance


class InformationSessionQuerySet(models.QuerySet["InformationSession"]):
    """Sessions, as a person may see them."""

    def visible_to(self, user: object) -> "InformationSessionQuerySet":
        """Return sessions of places and programmes where this person records or reads rounds."""
        return self.filter(
            covered(user, "rounds.record", place="commune__code", programme="programme")
            | covered(user, "rounds.plan", place="commune__code", programme="programme")
        )

    def standing(self) -> "InformationSessionQuerySet":
        """Return sessions that count: not voided."""
        return self.filter(voided_at=None)


class InformationSession(Attendance):
    """One session on one day: what it was about, who led it, how many came of each group."""

    class Kind(models.TextChoices):
        INFORMATION = "information", _("information session")
        TRAINING = "training", _("training")

    session_id = models.CharField(max_length=80)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    commune = models.ForeignKey(Place, models.PROTECT, related_name="+")
    place_note = models.CharField(_("where exactly"), max_length=200, blank=True)
    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, related_name="sessions"
    )
    held_on = models.DateField(_("day"))
    topic = models.CharField(_("topic"), max_length=300)
    trainer = models.CharField(_("trainer"), max_length=150)
    led_by = models.ForeignKey(
        "TrainedPerson",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sessions_held",
        verbose_name=_("held by a person trained earlier"),
    )
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.PAGE)
    content_hash = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)

    objects = InformationSessionQuerySet.as_manager()

    class Meta(Attendance.Meta):
        constraints = [
            *Attendance.Meta.constraints,
            models.UniqueConstraint(
                fields=["session_id"],
                name="session_id_once",
                violation_error_message=_("A session with this session_id is already recorded."),
            ),
            models.CheckConstraint(
                name="session_kind_is_known", condition=Q(kind__in=["information", "training"])
            ),
            models.CheckConstraint(name="session_has_people", condition=Q(people__gte=1)),
            models.CheckConstraint(
                name="session_void_has_a_reason",
                condition=Q(voided_at=None) | ~Q(void_reason=""),
            ),
        ]
        indexes = [
            # serves the list of a place, newest first
            models.Index(fields=["commune", "-held_on"], name="session_commune_held"),
        ]

    def __str__(self) -> str:
        return self.session_id


class Handout(models.Model):
    """Material handed out at a session: a name and how many pieces."""

    session = models.ForeignKey(InformationSession, models.CASCADE, related_name="handouts")
    name = models.CharField(max_length=200)
    pieces = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="handout_has_pieces", condition=Q(pieces__gte=1)),
            models.UniqueConstraint(fields=["session", "name"], name="handout_once_a_session"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.pieces}"


class TrainedPerson(models.Model):
    """A person trained at a session to repeat it: by role and village, not a citizen's name."""

    session = models.ForeignKey(InformationSession, models.CASCADE, related_name="trained")
    name = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "name"], name="trained_once_a_session"),
        ]

    def __str__(self) -> str:
        return self.name
