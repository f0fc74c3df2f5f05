"""Records: stored permanently as they came, with their edits, review, and deliveries."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Programme, User
from accounts.permissions import scopes
from surveys.models.forms import AppUser, Form, FormVersion


class ReviewState(models.TextChoices):
    """Central's states, and ``returned``: sent back to the tablet with a comment."""

    RECEIVED = "received", _("received")
    HAS_ISSUES = "hasIssues", _("has issues")
    RETURNED = "returned", _("returned")
    EDITED = "edited", _("edited")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")


class Trouble(models.TextChoices):
    """The reason why a record was not turned into cases, in words for its coordinator."""

    ERROR = "error", _("The program has an error and cannot read this record.")
    BUSY = "busy", _("The server was too busy or its disk was full.")
    STOPPED = "stopped", _("Reading this record stopped the program twice.")


_LONG = (
    *("xml", "line", "current__xml"),
    *(
        f"{version}__{column}"
        for version in ("version", "current__version")
        for column in ("xml", "source", "compiled", "outside_subset")
    ),
)
"""Columns that no list shows: each is longer than all the others together."""


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def standing(self) -> "SubmissionQuerySet":
        """Return records that were not deleted."""
        return self.filter(deleted_at=None)

    def for_lists(self) -> "SubmissionQuerySet":
        """Leave out wordings and what a form is made of; they are read when asked for."""
        return self.defer(*_LONG)

    def unread(self) -> "SubmissionQuerySet":
        """Return records that were stored and could not be turned into cases.

        A person has to act on them.
        """
        return self.standing().exclude(observe_error="")

    def visible_to(self, user: object) -> "SubmissionQuerySet":
        """Return records this person may review: by programme and by province; fails closed.

        A record whose province is not known (it was not read, or its form asks for no place)
        is seen by those who may see the nation or the whole programme: by one membership, or
        by several whose places together are all of it.
        """
        placed = Programme.objects.managed_by(user, "submissions.review")
        allowed = Q(province_code="", form__programme__in=placed.values("pk"))
        for scope in scopes(user, "submissions.review"):
            # not Q(): "nothing or no condition" is nothing to Django
            where = Q(pk__isnull=False)
            if scope.programme is not None:
                where &= Q(form__programme_id=scope.programme)
            if len(scope.place) > 2:
                where &= Q(commune_code__startswith=scope.place)
            elif scope.place:
                where &= Q(province_code=scope.place)
            allowed |= where
        return self.filter(allowed)


class Submission(models.Model):
    """One record as it first arrived, kept byte for byte permanently; edits are rows of their own.

    ``observed_at`` is null until the task has read it: a null row was stored and not yet turned
    into observations, even after a crash.
    """

    form = models.ForeignKey(Form, models.PROTECT, related_name="submissions", db_index=False)
    version = models.ForeignKey(FormVersion, models.PROTECT, related_name="+", db_index=False)
    instance_id = models.CharField(max_length=255)
    xml = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField(auto_now_add=True)
    device_id = models.CharField(max_length=120, blank=True)
    user_agent = models.CharField(max_length=200, blank=True)
    app_user = models.ForeignKey(
        AppUser, models.PROTECT, null=True, blank=True, related_name="submissions", db_index=False
    )
    submitter = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    current = models.ForeignKey(
        "SubmissionVersion", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    state = models.CharField(
        max_length=10, choices=ReviewState.choices, default=ReviewState.RECEIVED
    )
    observed_at = models.DateTimeField(null=True, blank=True)
    first_observed_at = models.DateTimeField(null=True, blank=True)
    answers_hash = models.CharField(
        max_length=64, blank=True, help_text="of the answers alone, to notice the same record twice"
    )
    observe_error = models.TextField(blank=True)
    trouble = models.CharField(
        max_length=8,
        choices=Trouble.choices,
        blank=True,
        db_default="",
        help_text="why it was given up, or is tried again later",
    )
    tries = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="how often the database or the disk was in the way"
    )
    deaths = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="how often a worker was killed while it read this alone"
    )
    next_try_at = models.DateTimeField(null=True, blank=True)
    province_code = models.CharField(max_length=2, blank=True)
    commune_code = models.CharField(max_length=6, blank=True)
    person = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="who filled it, when the tablet may be believed",
    )
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    missing_media = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    call_back = models.BooleanField(default=False, help_text="drawn for the random call-back")
    updated_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    line = models.TextField(
        blank=True, db_default="", help_text="the answers as the end of a line of CSV"
    )
    line_key = models.CharField(
        max_length=32, blank=True, db_default="", help_text="the layout that line was made for"
    )

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        constraints = [
            # identical twins conflict here, and leave one row
            models.UniqueConstraint(fields=["form", "instance_id"], name="submission_once"),
        ]
        indexes = [
            # serves the list of a form, newest first, and its export in order of arrival
            models.Index(fields=["form", "id"], name="submission_of_form"),
            # serves the task that reads what was stored; nearly always empty
            models.Index(
                fields=["id"], name="submission_unobserved", condition=Q(observed_at=None)
            ),
            # serves the list of those that could not be read; nearly always empty
            models.Index(
                fields=["form", "id"], name="submission_unread", condition=~Q(observe_error="")
            ),
            # serves the question whether the same answers came before
            models.Index(
                fields=["form", "answers_hash"],
                name="submission_same_answers",
                condition=~Q(answers_hash=""),
            ),
            # serves returned.json of one tablet
            models.Index(
                fields=["app_user"], name="submission_returned", condition=Q(state="returned")
            ),
        ]

    def __str__(self) -> str:
        return self.instance_id


class SubmissionVersion(models.Model):
    """A later wording of a record: an edit that replaced the previous wording."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="edits")
    form = models.ForeignKey(Form, models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(FormVersion, models.PROTECT, related_name="+", db_index=False)
    instance_id = models.CharField(max_length=255)
    deprecates = models.CharField(max_length=255)
    xml = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField(auto_now_add=True)
    device_id = models.CharField(max_length=120, blank=True)
    user_agent = models.CharField(max_length=200, blank=True)
    app_user = models.ForeignKey(AppUser, models.PROTECT, null=True, blank=True, related_name="+")
    submitter = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["form", "instance_id"], name="submission_edit_once"),
            # two edits of one wording cannot both win
            models.UniqueConstraint(
                fields=["submission", "deprecates"], name="submission_edited_once"
            ),
        ]

    def __str__(self) -> str:
        return self.instance_id


class SubmissionAttachment(models.Model):
    """A file that came with one wording of a record: a photo, a voice, an encrypted part.

    ``edit`` is null for the first wording. Bytes are stored under ``MEDIA_ROOT`` by their sha256,
    so the same photo sent twice is kept once.
    """

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="attachments")
    edit = models.ForeignKey(
        SubmissionVersion, models.CASCADE, null=True, blank=True, related_name="attachments"
    )
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    md5 = models.CharField(max_length=32)
    size = models.BigIntegerField()
    content_type = models.CharField(max_length=120, help_text="what it says it is")
    looks_like = models.CharField(
        max_length=120, blank=True, help_text="what its first bytes say; empty: unknown"
    )
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "edit", "name"],
                nulls_distinct=False,
                name="submission_attachment_once",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Quarantine(models.Model):
    """A payload that was refused and kept: the tablet may hold the better copy."""

    class Reason(models.TextChoices):
        OTHER_CONTENT = "other_content", _("other content under a known id")
        NOT_CURRENT = "not_current", _("edits a wording that is not the current one")
        DELETED = "deleted", _("the record was deleted here")
        UNREADABLE = "unreadable", _("not readable as a record")
        UNKNOWN_FORM = "unknown_form", _("unknown form or version")

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    submission = models.ForeignKey(
        Submission, models.CASCADE, null=True, blank=True, related_name="quarantined"
    )
    reason = models.CharField(max_length=16, choices=Reason.choices)
    instance_id = models.CharField(max_length=255, blank=True)
    xml = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    files = models.JSONField(default=list, help_text="name, sha256, size of what came with it")
    app_user = models.ForeignKey(AppUser, models.PROTECT, null=True, blank=True, related_name="+")
    submitter = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    received_at = models.DateTimeField(auto_now_add=True)
    times = models.PositiveIntegerField(default=1, help_text="how often it was sent")
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    settlement = models.CharField(max_length=10, blank=True, help_text="taken or dismissed")

    class Meta:
        constraints = [
            # the same refused payload again counts up and adds no row
            models.UniqueConstraint(fields=["programme", "sha256"], name="quarantine_once")
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.instance_id}"


class SubmissionComment(models.Model):
    """A reviewer's comment on a record; the last one travels with a returned record."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="comments")
    body = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.body[:60]


class QualityFlag(models.Model):
    """A quality flag for a reviewer to look at; it accuses nobody and changes nothing by itself."""

    class Kind(models.TextChoices):
        TOO_FAST = "too_fast", _("filled faster than it can be read aloud")
        SAME_ANSWERS = "same_answers", _("the same answer throughout")
        FAR_AWAY = "far_away", _("filled far from the commune named")
        DUPLICATE = "duplicate", _("the same answers as another record")
        OUTSIDE_HOURS = "outside_hours", _("filled outside working hours")
        CONSTRAINT = "constraint", _("an answer outside what the form allows")
        REQUIRED = "required", _("a needed answer is missing")
        IRRELEVANT = "irrelevant", _("an answer to a question that should not have been asked")
        NOT_A_CHOICE = "not_a_choice", _("an answer that is not among the choices")
        NOT_JUDGED = "not_judged", _("could not be checked against the rules of the form")
        BAD_MEDIA = "bad_media", _("a file that is not what its name says")
        NOT_OBSERVED = "not_observed", _("could not be counted")

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="flags")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    path = models.CharField(
        max_length=300, blank=True, help_text="the question, where one is meant"
    )
    detail = models.JSONField(default=dict, blank=True)
    raised_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "kind", "path"], name="quality_flag_once")
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} {self.kind}"


class SubmissionObservation(models.Model):
    """An observation derived from a record, so that an edit can correct or void it."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="observations")
    kind = models.CharField(max_length=8, help_text="case, meeting or check")
    place = models.PositiveIntegerField(default=1, help_text="which turn of a repeat, from 1")
    key = models.CharField(max_length=80, help_text="case_id, meeting_id or check_id")
    fingerprint = models.CharField(max_length=64, blank=True, help_text="of what was told")
    error = models.JSONField(default=dict, blank=True, help_text="field to sentence, if refused")
    voided = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="submission_observation_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class ExportJob(models.Model):
    """A file of one form's records, made in the background for one person."""

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"
        JSON = "json", "JSON"

    form = models.ForeignKey(Form, models.CASCADE, related_name="exports")
    format = models.CharField(max_length=4, choices=Format.choices)
    asked_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    file = models.CharField(max_length=200, blank=True, help_text="under MEDIA_ROOT")
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="export_done_within_total", condition=Q(done__lte=F("total"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.form_id}.{self.format}"
