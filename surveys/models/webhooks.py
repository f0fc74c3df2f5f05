"""Webhooks: addresses that are notified of records, and each message to one."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Programme, User


class Webhook(models.Model):
    """An address to notify when a programme's records are created, edited, reviewed, deleted."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="webhooks")
    url = models.URLField(max_length=500)
    secret_sealed = models.TextField(help_text="signs every message; encrypted")
    events = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return self.url


class WebhookDelivery(models.Model):
    """One message to one webhook, kept until it was accepted or given up."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)
    body = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True, help_text="null: finished")
    delivered_at = models.DateTimeField(null=True, blank=True)
    last_answer = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            # serves the sweep for messages that are due
            models.Index(
                fields=["next_try_at"], name="delivery_due", condition=~Q(next_try_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} → {self.webhook_id}"
