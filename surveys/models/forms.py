"""Questionnaires, their published versions, and the tablets that may use them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Programme, User


class FormQuerySet(models.QuerySet["Form"]):
    def standing(self) -> "FormQuerySet":
        """Return forms that were not deleted."""
        return self.filter(deleted_at=None)

    def visible_to(self, user: object) -> "FormQuerySet":
        """Return forms of the programmes in some part of which this person reviews or publishes."""
        programmes = Programme.objects.reached_by(user, "submissions.review", "forms.publish")
        return self.filter(programme__in=programmes)


class Form(models.Model):
    """One questionnaire of one programme, through all its versions."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        CLOSING = "closing", _("closing: no new forms, records still accepted")
        CLOSED = "closed", _("closed")

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="forms")
    xml_form_id = models.CharField(_("form id"), max_length=120)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    current = models.ForeignKey(
        "FormVersion", models.PROTECT, null=True, blank=True, related_name="+"
    )
    draft = models.ForeignKey(
        "FormVersion", models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = FormQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "xml_form_id"],
                condition=Q(deleted_at=None),
                name="form_once_in_a_programme",
            )
        ]

    def __str__(self) -> str:
        return self.xml_form_id


class FormVersion(models.Model):
    """One version of a form: a draft that may change, or published and never changed again."""

    form = models.ForeignKey(Form, models.CASCADE, related_name="versions")
    version = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=300)
    xml = models.TextField(help_text="the XForm, byte for byte as served")
    md5 = models.CharField(max_length=32)
    sha256 = models.CharField(max_length=64)
    source = models.BinaryField(null=True, blank=True, help_text="the XLSForm it was made from")
    source_type = models.CharField(max_length=8, blank=True, help_text="xlsx, xls, csv, md or xml")
    compiled = models.JSONField(help_text="tablet.json without media; see docs/forms.md")
    outside_subset = models.JSONField(
        default=list, blank=True, help_text="what the tablet cannot do: cell and sentence"
    )
    tried_by = models.CharField(
        max_length=16, blank=True, help_text="the engine that opened it; empty: none could yet"
    )
    encrypted = models.BooleanField(default=False)
    draft_token = models.CharField(max_length=64, blank=True, help_text="to test the draft")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["form", "version"],
                condition=~Q(published_at=None),
                name="form_version_published_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.form_id} {self.version}"

    @property
    def for_tablet(self) -> bool:
        """True if the tablet app can fill this version."""
        return not self.outside_subset and not self.encrypted


class FormUpload(models.Model):
    """A form somebody sent, from its arrival until a worker has read and compiled it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("being read")
        READY = "ready", _("read")
        FAILED = "failed", _("cannot be taken")

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="+")
    by = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    file_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=8, help_text="xlsx, xlsm, xls, csv, md or xml")
    content = models.BinaryField()
    options = models.JSONField(default=dict, help_text="default_version, default_form_id")
    language = models.CharField(max_length=2, default="km", help_text="of the sentences")
    makes_draft = models.BooleanField(
        help_text="the worker makes a draft of it; the API does that itself"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    prepared = models.JSONField(null=True, help_text="the form as it was read")
    problems = models.JSONField(default=list, help_text="sheet, cell and sentence of each")
    form = models.ForeignKey(Form, models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(state__in=["ready", "failed"]),
                name="form_upload_finished_has_an_end",
            )
        ]

    def __str__(self) -> str:
        return self.file_name


class FormAttachment(models.Model):
    """One media file that a version of a form uses: a spoken question, a picture, a list."""

    version = models.ForeignKey(FormVersion, models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=8, help_text="audio, image, video or file")
    content = models.BinaryField(null=True, blank=True, help_text="empty: not given yet")
    content_type = models.CharField(max_length=120, blank=True)
    md5 = models.CharField(max_length=32, blank=True)
    house_list = models.CharField(
        max_length=20, blank=True, help_text="served from our own tables, such as communes"
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["version", "name"], name="form_attachment_once")
        ]

    def __str__(self) -> str:
        return self.name


class AppUserQuerySet(models.QuerySet["AppUser"]):
    def visible_to(self, user: object) -> "AppUserQuerySet":
        """Return tablets of the programmes all of which this person coordinates.

        A tablet's key opens its whole programme, so a part of it is not enough.
        """
        programmes = Programme.objects.managed_by(user, "submissions.review")
        return self.filter(programme__in=programmes)


class AppUser(models.Model):
    """A tablet, or one ODK Collect, that may fetch a programme's forms and send records.

    Central calls it an app user. The token is looked up by its hash; the encrypted
    copy exists so that a coordinator can show the QR code again.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="app_users")
    name = models.CharField(_("name"), max_length=120)
    token_hash = models.CharField(max_length=64, unique=True)
    token_sealed = models.TextField(blank=True)
    all_forms = models.BooleanField(
        default=False, help_text="sees every published form; else only those assigned"
    )
    forms = models.ManyToManyField(Form, blank=True, related_name="app_users")
    people = models.ManyToManyField(User, blank=True, related_name="tablets")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    next_token_hash = models.CharField(  # unique where there is one
        max_length=64,
        null=True,
        blank=True,
        unique=True,
        help_text="a key that waits for the tablet's next contact; its first use ends the old one",
    )
    next_token_sealed = models.TextField(blank=True)
    erase_asked_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = AppUserQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="tablet_erased_only_when_revoked",
                condition=Q(erase_asked_at=None) | Q(revoked_at__isnull=False),
            ),
            models.CheckConstraint(
                name="tablet_erased_only_when_asked",
                condition=Q(erased_at=None) | Q(erase_asked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EnrolmentCode(models.Model):
    """Six digits that a tablet exchanges, once and soon, for its token."""

    app_user = models.ForeignKey(AppUser, models.CASCADE, related_name="codes")
    code_hash = models.CharField(max_length=64, db_index=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.app_user_id} until {self.expires_at:%H:%M}"


class CollectionRules(models.Model):
    """The rules of collection of one programme: approval, working hours, share of callbacks."""

    programme = models.OneToOneField(
        Programme, models.CASCADE, primary_key=True, related_name="collection_rules"
    )
    count_only_approved = models.BooleanField(_("count only approved records"), default=False)
    from_hour = models.PositiveSmallIntegerField(_("work begins (hour)"), default=6)
    to_hour = models.PositiveSmallIntegerField(_("work ends (hour)"), default=20)
    far_km = models.PositiveSmallIntegerField(_("far from the place (km)"), default=15)
    callback_percent = models.PositiveSmallIntegerField(_("share to call back (%)"), default=5)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="collection_hours_of_a_day",
                condition=Q(from_hour__lt=models.F("to_hour"), to_hour__lte=24),
            ),
            models.CheckConstraint(
                name="collection_share_is_percent", condition=Q(callback_percent__lte=100)
            ),
        ]

    def __str__(self) -> str:
        return str(self.programme_id)
