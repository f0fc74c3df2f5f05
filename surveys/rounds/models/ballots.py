"""Voting on people's own phones: one-time cards, and counts that contain no single ballot."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from surveys.rounds.models.rounds import Round


class BallotCard(models.Model):
    """A card that has not been used: the keyed hash of its number. Using it deletes the row."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="cards", db_index=False)
    number_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "number_hash"], name="ballot_card_once"),
        ]

    def __str__(self) -> str:
        return f"{self.round_id}"


class PhoneTally(models.Model):
    """The counts of all ballots from phones of one round, in one row that each ballot rewrites.

    ``counts`` holds five numbers for each key. One row, rewritten whole: neither the order
    of rows nor the number of the last transaction on a row reveals what the last ballot held.
    """

    round = models.OneToOneField(Round, models.CASCADE, related_name="phone_tally")
    keys = ArrayField(models.CharField(max_length=20), default=list)
    counts = ArrayField(models.PositiveIntegerField(), default=list)
    voters = models.PositiveIntegerField(default=0)
    closed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="phone_tally_five_counts_a_key",
                condition=Q(counts__len=models.F("keys__len") * 5),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id}: {self.voters}"
