"""A case: one person's request for one service at one provider."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from accounts.models import Programme, User
from accounts.permissions import scopes
from places.models import Place
from standards.models import Currency, Provider, Service, Standard
from surveys.models.imports import ImportBatch


class Status(models.TextChoices):
    RECEIVED = "received", _("received")
    OPEN = "open", _("still open")
    REFUSED = "refused", _("refused")
    ABANDONED = "abandoned", _("abandoned")


class Sex(models.TextChoices):
    FEMALE = "female", _("female")
    MALE = "male", _("male")
    OTHER = "other", _("other")


class Channel(models.TextChoices):
    PAGE = "page", _("page")
    API = "api", _("API")
    IMPORT = "import", _("spreadsheet")
    TABLET = "tablet", _("tablet")
    ODK = "odk", _("ODK Collect")
    CITIZEN = "citizen", _("citizen's app")
    HOTLINE = "hotline", _("hotline")
    DEMO = "demo", _("demo data")


def inside(place: str) -> Q:
    """Return observations of the place with this code, by conditions that the indexes serve."""
    if not place:  # the nation
        return Q()
    if len(place) == 6:
        return Q(commune_id=place)
    if len(place) == 2:
        return Q(province_code=place)
    return Q(commune__code__startswith=place)


def readable(user: object) -> Q:
    """Return the filter of single observations that ``user`` may read; ``Q()`` is all of them."""
    condition = Q(pk__in=[])
    for scope in scopes(user, "cases.read"):
        where = inside(scope.place)
        if scope.programme is not None:
            where &= Q(programme_id=scope.programme)
        if not where:  # no limit at all; joined by "or" it would have no effect
            return Q()
        condition |= where
    return condition


class CaseQuerySet(models.QuerySet["Case"]):
    def standing(self) -> "CaseQuerySet":
        """Return cases that count: not voided."""
        return self.filter(voided_at=None)

    def visible_to(self, user: object) -> "CaseQuerySet":
        """Return the single cases this person may read; nobody else sees a single case."""
        return self.filter(readable(user))


class Case(models.Model):
    """One person's request for one service at one provider: what was asked, paid and received.

    ``None`` means "not known" everywhere; an empty ``documents_asked`` list means
    that no paper was asked. ``standard`` is the one in force on ``asked_on`` as far as
    is known today; where it was corrected since, a revision names the row before.
    """

    case_id = models.CharField(max_length=80)
    province_code = models.CharField(max_length=2)
    commune = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="cases", db_index=False)
    service = models.ForeignKey(Service, models.PROTECT, related_name="+", db_index=False)
    option = models.SlugField(max_length=40, default="standard", db_index=False)
    standard = models.ForeignKey(
        Standard, models.PROTECT, null=True, blank=True, related_name="cases", db_index=False
    )
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, blank=True, db_index=False)
    asked_on = models.DateField()
    received_on = models.DateField(null=True, blank=True)
    days_known = models.BooleanField(
        default=True,
        db_default=True,
        help_text="no: the days only say in which month, and whether in time or late",
    )
    status = models.CharField(max_length=10, choices=Status.choices)
    fee_paid = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, choices=Currency.choices, default=Currency.KHR)
    units = models.PositiveSmallIntegerField(default=1, help_text="sheets, copies, rooms")
    documents_asked = ArrayField(models.CharField(max_length=120), null=True, blank=True)
    visits = models.PositiveSmallIntegerField(null=True, blank=True)
    receipt = models.BooleanField(null=True, blank=True)
    staffed = models.BooleanField(
        null=True, blank=True, help_text="visited in posted hours: an officer could serve"
    )
    medicine_given = models.BooleanField(
        null=True, blank=True, help_text="had a prescription: all medicine was given"
    )
    lesson_days_lost = models.PositiveSmallIntegerField(null=True, blank=True)
    plan_shown = models.BooleanField(null=True, blank=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    channel_note = models.CharField(
        max_length=40, blank=True, help_text="the sender's word for the channel, if not ours"
    )
    facilitator = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="cases_gathered", db_index=False
    )
    facilitator_name = models.CharField(
        max_length=150,
        blank=True,
        help_text="as it was written, when the facilitator has no account",
    )
    sex = models.CharField(max_length=6, choices=Sex.choices, blank=True)
    age = models.PositiveSmallIntegerField(null=True, blank=True)
    poor_card = models.BooleanField(null=True, blank=True)
    disability = models.BooleanField(null=True, blank=True)
    minority = models.BooleanField(null=True, blank=True)
    note = models.TextField(blank=True)
    content_hash = models.CharField(max_length=64, help_text="of what was told, to know twins")
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="cases_recorded", db_index=False
    )
    batch = models.ForeignKey(
        ImportBatch, models.SET_NULL, null=True, blank=True, related_name="cases", db_index=False
    )
    updated_at = models.DateTimeField(auto_now=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        indexes = [
            # serves the recompute of one commune and period, and the list of a commune's cases
            models.Index(fields=["commune", "asked_on"], name="case_commune_asked"),
            # serves the nightly run, province by province
            models.Index(fields=["province_code", "asked_on"], name="case_province_asked"),
            # serves the nightly run too: reports from elsewhere about a health centre
            models.Index(fields=["provider"], name="case_provider"),
            # serves "my last cases"
            models.Index(
                fields=["recorded_by", "-id"],
                condition=Q(recorded_by__isnull=False),
                name="case_recorded_by",
            ),
            # serves "the cases of this import", so that one spreadsheet can be traced
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="case_of_batch"),
        ]
        constraints = [
            # a constraint and not unique=True, which would add a second index for LIKE
            models.UniqueConstraint(
                fields=["case_id"],
                name="case_id_once",
                violation_error_message=_("A case with this case_id is already recorded."),
            ),
            models.CheckConstraint(
                name="case_received_after_asked",
                condition=Q(received_on=None) | Q(received_on__gte=F("asked_on")),
            ),
            models.CheckConstraint(
                name="case_received_has_a_date",
                condition=~Q(status="received") | ~Q(received_on=None),
            ),
            models.CheckConstraint(
                name="case_only_received_has_a_date",
                condition=Q(status="received") | Q(received_on=None),
            ),
            models.CheckConstraint(
                name="case_fee_not_negative", condition=Q(fee_paid=None) | Q(fee_paid__gte=0)
            ),
            models.CheckConstraint(name="case_of_one_unit_at_least", condition=Q(units__gte=1)),
            models.CheckConstraint(name="case_age_human", condition=Q(age=None) | Q(age__lte=120)),
            models.CheckConstraint(
                name="case_province_is_the_communes",
                condition=Q(province_code=Left("commune_id", 2)),
            ),
            models.CheckConstraint(
                name="case_void_has_a_reason",
                condition=Q(voided_at=None) | ~Q(void_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return self.case_id


class CaseRevision(models.Model):
    """The values of a case before it was corrected or voided, with author and reason."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="revisions")
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    before = models.JSONField()
    reason = models.TextField()

    def __str__(self) -> str:
        return f"{self.case_id} {self.at:%Y-%m-%d %H:%M}"
