"""Lines of the hotline, their languages, and the clips that are played on them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class Line(models.Model):
    """A telephone number of ours at one telephone company, and how it is answered.

    ``sealed_tokens`` are the company's signing secrets, encrypted: the current one and, while
    it is being replaced, the one before.
    """

    class Company(models.TextChoices):
        SOMLENG = "somleng", "Somleng"
        TWILIO = "twilio", "Twilio"
        SIMULATOR = "simulator", _("simulator")

    class Mode(models.TextChoices):
        ANSWER = "answer", _("answers")
        MISSED_CALL = "missed_call", _("hangs up and calls back, free for the caller")

    company = models.CharField(max_length=10, choices=Company.choices)
    number = models.CharField(max_length=20, unique=True)
    mode = models.CharField(max_length=12, choices=Mode.choices, default=Mode.ANSWER)
    api_base = models.URLField(blank=True)
    account_sid = models.CharField(max_length=64)
    sealed_tokens = models.JSONField(default=list, help_text="current first; sealed, as text")
    is_open = models.BooleanField(default=True, help_text="false: every call is refused")
    minutes_a_day = models.PositiveIntegerField(default=600, help_text="the budget of one day")
    calls_at_once = models.PositiveSmallIntegerField(default=50)
    riel_a_minute = models.PositiveIntegerField(default=0, help_text="tariff, for the cost shown")
    account_error = models.CharField(
        max_length=20, blank=True, help_text="the company's code while our account does not work"
    )
    account_error_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="line_signs_its_requests", condition=~Q(sealed_tokens=[]) | Q(is_open=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} ({self.company})"


class Language(models.Model):
    """A language that the hotline can speak once people have recorded it."""

    code = models.CharField(primary_key=True, max_length=8, help_text="ISO 639: km, cmo, jra …")
    name_km = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    name_own = models.CharField(max_length=60, blank=True, help_text="in the language itself")
    position = models.PositiveSmallIntegerField(default=0)
    is_open = models.BooleanField(default=False, help_text="offered to callers")
    machine_voice = models.CharField(
        max_length=20, blank=True, help_text="espeak-ng voice where nobody recorded; English only"
    )

    class Meta:
        ordering = ["position", "code"]
        constraints = [
            models.CheckConstraint(
                name="language_machine_speaks_only_english",
                condition=Q(code="en") | Q(machine_voice=""),
            )
        ]

    def __str__(self) -> str:
        return self.name_en


class Clip(models.Model):
    """One recording of one prompt or fragment in one language; the newest one in use is played.

    A whole sentence that names a fee or days keeps a hash of those facts: when they change the clip
    is stale, and the fragments are played instead.
    """

    language = models.ForeignKey(Language, models.PROTECT, related_name="clips")
    name = models.CharField(max_length=120, help_text="such as main.information or number.1000")
    sha256 = models.CharField(max_length=64, help_text="of the telephone sound (WAV, 8 kHz)")
    milliseconds = models.PositiveIntegerField()
    loudness = models.FloatField(null=True, help_text="LUFS; null for less than 0.4 s")
    peak = models.FloatField(null=True, help_text="dBTP")
    facts_hash = models.CharField(
        max_length=64, blank=True, help_text="of the words and facts it was recorded with"
    )
    original = models.CharField(max_length=200, help_text="the upload, unchanged, under media")
    is_machine = models.BooleanField(default=False)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["language", "name"],
                condition=Q(replaced_at=None),
                name="clip_one_stands",
            ),
            models.CheckConstraint(
                name="clip_machine_speaks_only_english",
                condition=Q(is_machine=False) | Q(language="en"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.language_id} {self.name}"


class Rendered(models.Model):
    """One sound of one step, joined from clips; its name is the hash of its parts."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    parts = models.JSONField(help_text="hashes of clips and milliseconds of silence, in order")
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.sha256
