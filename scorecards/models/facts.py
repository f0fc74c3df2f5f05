"""Facts: the outcome of each case on each indicator, and the calendar it is judged by."""

from django.db import models


class JudgedCase(models.Model):
    """One case, judged: for each rule 1 met, 0 not met, below zero not judged (``Outcome``).

    Derived from ``surveys.Case`` and its standard, and made again whenever either changes; it holds
    nothing that these do not hold. A rule that the kind of provider is not measured by is null. The
    table is partitioned by month and every row carries its province, so that ten years of the
    nation fit and can be distributed.
    """

    pk = models.CompositePrimaryKey("month", "case_id")
    month = models.CharField(max_length=7, help_text="month of the request, as 2026-07")
    case_id = models.BigIntegerField(help_text="surveys.Case; no key: facts never block a case")
    province_code = models.CharField(max_length=2)
    commune_code = models.CharField(max_length=6)
    provider_id = models.BigIntegerField()
    provider_kind = models.CharField(max_length=20)
    service_id = models.BigIntegerField()
    standard_id = models.BigIntegerField(null=True)
    facilitator_id = models.BigIntegerField(
        null=True,
        help_text="who gathered it: an account; below zero, somebody known by name only; "
        "0: nobody, it stands in an office's register; null: nobody, the citizen reported it",
    )
    asked_on = models.DateField()
    observed_at = models.DateTimeField(help_text="when the case last changed")
    is_open = models.BooleanField(help_text="not yet received, refused or given up")
    fee = models.SmallIntegerField(null=True)
    time = models.SmallIntegerField(null=True)
    documents = models.SmallIntegerField(null=True)
    visits = models.SmallIntegerField(null=True)
    receipt = models.SmallIntegerField(null=True)
    presence = models.SmallIntegerField(null=True)
    card_holder_free = models.SmallIntegerField(null=True)
    medicine = models.SmallIntegerField(null=True)
    no_informal_fee = models.SmallIntegerField(null=True)
    teacher_present = models.SmallIntegerField(null=True)
    plan_seen = models.SmallIntegerField(null=True)
    excess = models.BigIntegerField(null=True, help_text="paid beyond the official fee")
    days = models.IntegerField(null=True, help_text="to delivery, or so far while open")
    days_max = models.SmallIntegerField(null=True)
    days_known = models.BooleanField(
        default=True,
        db_default=True,
        help_text="no: the days only say in time or late, and stand in no median",
    )

    class Meta:
        indexes = [
            # serves the recompute of one commune and period, and a province's nightly run
            models.Index(fields=["commune_code", "provider_kind"], name="judged_commune_kind"),
            # serves the scores of one health centre, school or one-window office
            models.Index(fields=["provider_id"], name="judged_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.case_id}"


class WorkDay(models.Model):
    """One day of the calendar and how many working days have passed until then.

    SQL subtracts two of these numbers where Python counts: the table is made from
    ``standards.Holiday`` and made again when that changes.
    """

    day = models.DateField(primary_key=True)
    ordinal = models.IntegerField(help_text="working days up to and with this day")

    def __str__(self) -> str:
        return f"{self.day}: {self.ordinal}"
