"""The history of an action and its evidence."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from scorecards.plans.models.actions import Action
from scorecards.plans.models.vocabulary import (
    AnswerChannel,
    AnswerKind,
    EventKind,
    Moderation,
    State,
)


class ActionEvent(models.Model):
    """One step in the history of an action.

    Rows are never changed or deleted (a trigger refuses).
    """

    action = models.ForeignKey(Action, models.PROTECT, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    job = models.CharField(max_length=40, blank=True, help_text="who acted where no person did")
    kind = models.CharField(max_length=9, choices=EventKind.choices)
    state_before = models.CharField(max_length=11, choices=State.choices, blank=True)
    state_after = models.CharField(max_length=11, choices=State.choices, blank=True)
    due_before = models.DateField(null=True, blank=True)
    due_after = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["action", "-at"], name="event_of_action")]
        constraints = [
            models.CheckConstraint(
                name="event_of_a_move_has_a_reason",
                condition=~Q(kind="moved")
                | (Q(due_before__isnull=False, due_after__isnull=False) & ~Q(reason="")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.action_id} {self.kind}"


class Evidence(models.Model):
    """A photo, document or note that shows how things were before or are after an action."""

    class Kind(models.TextChoices):
        PHOTO = "photo", "photo"
        DOCUMENT = "document", "document"
        NOTE = "note", "note"

    class Stage(models.TextChoices):
        BEFORE = "before", "before"
        AFTER = "after", "after"

    action = models.ForeignKey(Action, models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    stage = models.CharField(max_length=6, choices=Stage.choices, default=Stage.AFTER)
    file = models.FileField(upload_to="plans/evidence", blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    text = models.CharField(max_length=1000, blank=True)
    added_at = models.DateTimeField(auto_now_add=True)
    added_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    moderation = models.CharField(
        max_length=7, choices=Moderation.choices, default=Moderation.WAITING
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="evidence_has_a_file_or_a_text",
                condition=(Q(kind="note", file="") & ~Q(text="")) | (~Q(kind="note") & ~Q(file="")),
            ),
            models.UniqueConstraint(
                fields=["action", "sha256"],
                condition=~Q(sha256=""),
                name="evidence_file_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action_id} {self.kind}"


class Answer(models.Model):
    """The answer of citizens to one report that an action is done.

    ``person_key`` is a keyed hash of telephone or browser *and* of the action and claim: one answer
    per person and claim, and no link between a person's answers on different actions; so is
    ``network_key`` of the network. ``counts`` is false where that network had given enough answers
    (``services.weighing``). Answers of a quarterly follow-up are counts without any key; ``batch``
    names the tablet's record, so that it is taken once.
    """

    action = models.ForeignKey(Action, models.PROTECT, related_name="answers")
    claim = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=AnswerKind.choices)
    people = models.PositiveIntegerField(default=1)
    channel = models.CharField(max_length=9, choices=AnswerChannel.choices)
    person_key = models.CharField(max_length=64, blank=True)
    network_key = models.CharField(max_length=64, blank=True)
    counts = models.BooleanField(default=True)
    batch = models.CharField(max_length=36, blank=True)
    given_on = models.DateField()
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        indexes = [models.Index(fields=["action", "claim"], name="answer_of_claim")]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "claim", "person_key"],
                condition=~Q(person_key=""),
                name="answer_once_a_person_and_claim",
            ),
            models.CheckConstraint(
                name="answer_of_one_person_is_one",
                condition=Q(people__gte=1) & (Q(person_key="") | Q(people=1)),
            ),
            models.CheckConstraint(
                name="answer_without_key_is_a_follow_up",
                condition=(
                    Q(channel="follow_up", person_key="", network_key="")
                    & (Q(recorded_by__isnull=False) | ~Q(batch=""))
                )
                | (Q(batch="") & ~Q(channel="follow_up") & ~Q(person_key="")),
            ),
            models.UniqueConstraint(
                fields=["action", "batch", "kind"],
                condition=~Q(batch=""),
                name="answer_batch_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action_id}/{self.claim} {self.kind}"
