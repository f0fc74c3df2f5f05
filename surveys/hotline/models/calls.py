"""Calls of the hotline and what follows from them: reports, calls back, text messages."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from surveys.hotline.models.lines import Line


class Caller(models.Model):
    """A caller, identified only by a keyed hash: language, commune, a wish."""

    caller_key = models.CharField(primary_key=True, max_length=64)
    language = models.CharField(max_length=8, blank=True)
    commune_code = models.CharField(max_length=6, blank=True)
    notice = models.CharField(
        max_length=10, blank=True, help_text="the version of the notice heard and agreed to"
    )
    never_call = models.BooleanField(default=False)
    last_call_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"caller {self.caller_key[:8]}"


class Call(models.Model):
    """One call, in or out, from its first request to its last callback."""

    class Direction(models.TextChoices):
        INBOUND = "inbound", _("inbound")
        OUTBOUND = "outbound", _("outbound")

    class Status(models.TextChoices):
        RINGING = "ringing", _("ringing")
        IN_PROGRESS = "in-progress", _("in progress")
        COMPLETED = "completed", _("completed")
        BUSY = "busy", _("busy")
        NO_ANSWER = "no-answer", _("no answer")
        CANCELED = "canceled", _("cancelled")
        FAILED = "failed", _("failed")
        MISSED = "missed", _("missed, and called back")
        DECLINED = "declined", _("declined: too many calls, or no budget left")

    line = models.ForeignKey(Line, models.PROTECT, related_name="calls")
    sid = models.CharField(max_length=64)
    nonce = models.CharField(max_length=43, unique=True, help_text="unguessable part of addresses")
    caller_key = models.CharField(max_length=64, blank=True, help_text="dropped after 13 months")
    operator = models.CharField(max_length=3, blank=True, help_text="prefix, for quality only")
    direction = models.CharField(max_length=8, choices=Direction.choices)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.RINGING)
    language = models.CharField(max_length=8, blank=True)
    state = models.JSONField(null=True)
    steps_taken = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    seconds = models.PositiveIntegerField(null=True, blank=True)
    first_fact_at = models.DateTimeField(
        null=True, blank=True, help_text="when the first official fee or time was spoken"
    )
    request = models.ForeignKey("surveys.Request", models.SET_NULL, null=True, blank=True)
    owed = models.ForeignKey("CallBack", models.SET_NULL, null=True, blank=True)

    class Meta:
        indexes = [
            # serves budget, concurrency and the calls dashboard, by day
            models.Index(fields=["line", "started_at"], name="call_line_started"),
            # serves the reconciliation of calls whose last callback was lost
            models.Index(
                fields=["started_at"], condition=Q(ended_at__isnull=True), name="call_unended"
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["line", "sid"], name="hotline_call_once")]

    def __str__(self) -> str:
        return f"call {self.pk}"


class Step(models.Model):
    """One turn of a call: the node, the keys, and the answer (the same again, if asked again)."""

    class Result(models.TextChoices):
        START = "start", _("start")
        KEY = "key", _("key")
        INVALID = "invalid", _("no such key")
        SILENCE = "silence", _("silence")

    call = models.ForeignKey(Call, models.CASCADE, related_name="steps")
    number = models.PositiveIntegerField()
    node = models.CharField(max_length=40)
    service_code = models.CharField(max_length=60, blank=True, help_text="asked about here")
    result = models.CharField(max_length=8, choices=Result.choices)
    key = models.CharField(max_length=1, blank=True, help_text="never digits of a code or number")
    document = models.TextField(help_text="the TwiML answered, to answer the same again")
    at = models.DateTimeField(auto_now_add=True)
    milliseconds = models.PositiveIntegerField(default=0, help_text="spent by us")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["call", "number"], name="hotline_step_once")]

    def __str__(self) -> str:
        return f"{self.call_id} step {self.number}: {self.node}"


class Told(models.Model):
    """A caller's report about one service: single keys, no amounts, no words, no name.

    Where the caller hung up early, the answers so far are kept and ``complete`` is false.
    """

    call = models.ForeignKey(Call, models.CASCADE, related_name="told")
    caller_key = models.CharField(max_length=64, blank=True)
    service_code = models.CharField(max_length=60)
    option = models.CharField(max_length=40, blank=True)
    commune_code = models.CharField(max_length=6, blank=True)
    answers = models.JSONField(help_text="question to answer, words of fixtures/hotline/flow.json")
    standard_id = models.BigIntegerField(null=True, help_text="the standard that was read out")
    counts = models.BooleanField(
        default=True, help_text="false: more than three of one caller for one service and day"
    )
    complete = models.BooleanField(default=True)
    case_month = models.DateField(
        null=True, blank=True, help_text="first day of the month of the case it became; not which"
    )
    notice = models.CharField(max_length=10, blank=True, help_text="version of the notice heard")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["service_code", "at"], name="told_service_at")]

    def __str__(self) -> str:
        return f"told {self.pk}"


class CallBack(models.Model):
    """A call we owe: promised to a missed call, asked for by key, or following up a request.

    A check of a report is made by a person, not by the line. The row stays when the number is
    deleted, so that kept promises can be counted.
    """

    class Why(models.TextChoices):
        MISSED_CALL = "missed_call", _("missed call")
        ASKED = "asked", _("asked for")
        FOLLOW_UP = "follow_up", _("follow-up of a request")
        CHECK = "check", _("check of a report")
        COMMITMENT = "commitment", _("is a commitment kept")

    class Outcome(models.TextChoices):
        REACHED = "reached", _("answered")
        NOT_REACHED = "not_reached", _("not answered after three tries")
        NEVER_CALL = "never_call", _("asked never to be called")
        REFUSED = "refused", _("refused by the telephone company")
        FAILED = "failed", _("could not be called")
        CONFIRMED = "confirmed", _("confirmed the report")
        DIFFERENT = "different", _("says it was different")
        UNWANTED = "unwanted", _("no longer wants the call")

    line = models.ForeignKey(Line, models.PROTECT)
    contact = models.ForeignKey("surveys.Contact", models.SET_NULL, null=True)
    caller_key = models.CharField(max_length=64, blank=True, help_text="dropped after 13 months")
    made_at = models.DateTimeField(default=timezone.now)
    why = models.CharField(max_length=12, choices=Why.choices)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, blank=True, choices=Outcome.choices)
    told = models.ForeignKey(
        Told, models.CASCADE, null=True, blank=True, help_text="what is to be checked"
    )
    consent = models.CharField(
        max_length=10, blank=True, help_text="of a check: version of the question agreed to"
    )
    commitment = models.CharField(
        max_length=7, blank=True, help_text="code of the commitment that is asked about"
    )

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], condition=Q(done_at__isnull=True), name="callback_due")
        ]
        constraints = [
            models.UniqueConstraint(fields=["told"], name="callback_checks_once"),
            models.CheckConstraint(
                name="callback_check_has_told_and_consent",
                condition=~Q(why="check") | (Q(told__isnull=False) & ~Q(consent="")),
            ),
            models.CheckConstraint(
                name="callback_commitment_has_a_code",
                condition=(Q(why="commitment") & ~Q(commitment=""))
                | (~Q(why="commitment") & Q(commitment="")),
            ),
        ]

    def __str__(self) -> str:
        return f"call back {self.pk}"


class TextMessage(models.Model):
    """One text message that a caller or citizen asked for, and its state.

    Every message has a row of its own with its own encrypted number, which is deleted as soon as
    the message was sent or cannot be sent. A row that is due is sent by the first worker that finds
    it.
    """

    class Kind(models.TextChoices):
        ANSWER = "answer", _("price and days of a service")
        REMINDER = "reminder", _("the promised day of a request has come")

    class Outcome(models.TextChoices):
        SENT = "sent", _("sent")
        REFUSED = "refused", _("refused by the telephone company")
        OPTED_OUT = "opted_out", _("asked for no more messages")
        FAILED = "failed", _("could not be sent")
        NOTHING = "nothing", _("nothing to say any more")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    caller_key = models.CharField(max_length=64, blank=True, help_text="dropped after 13 months")
    sealed_number = models.BinaryField(null=True, help_text="until the message is settled")
    language = models.CharField(max_length=8, default="km")
    service_code = models.CharField(max_length=60, blank=True)
    option = models.CharField(max_length=40, blank=True)
    request = models.ForeignKey("surveys.Request", models.CASCADE, null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=9, choices=Outcome.choices, blank=True)
    line = models.ForeignKey(Line, models.PROTECT, null=True, blank=True, related_name="texts")
    sid = models.CharField(max_length=64, blank=True, help_text="the company's id of the message")
    words_deleted_at = models.DateTimeField(
        null=True, blank=True, help_text="when the company emptied the text"
    )
    delete_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            # serves the sweep of messages that are due
            models.Index(fields=["next_at"], condition=Q(done_at__isnull=True), name="text_due"),
            # serves the limit of messages of one caller and day
            models.Index(fields=["caller_key", "made_at"], name="text_of_caller"),
        ]
        constraints = [
            models.CheckConstraint(
                name="text_number_until_settled",
                condition=Q(done_at__isnull=True, sealed_number__isnull=False)
                | Q(done_at__isnull=False, sealed_number__isnull=True),
            ),
            models.CheckConstraint(
                name="text_settled_has_outcome",
                condition=Q(done_at__isnull=True, outcome="")
                | (Q(done_at__isnull=False) & ~Q(outcome="")),
            ),
            models.UniqueConstraint(
                fields=["line", "sid"], condition=~Q(sid=""), name="text_sid_once"
            ),
        ]

    def __str__(self) -> str:
        return f"text {self.pk}"


class Event(models.Model):
    """A callback of a telephone company, kept once, without numbers or words."""

    line = models.ForeignKey(Line, models.CASCADE)
    sid = models.CharField(max_length=64)
    kind = models.CharField(max_length=40)
    said = models.JSONField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "sid", "kind"], name="hotline_event_once")
        ]

    def __str__(self) -> str:
        return f"{self.sid} {self.kind}"
