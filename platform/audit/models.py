"""Audit entries: append-only, without foreign keys, so history never blocks a deletion."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """One thing that one person (or a job) did to one record, with what it was before and after."""

    at = models.DateTimeField(_("when"), auto_now_add=True, db_index=True)
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(_("who"), max_length=150, help_text="username then, or the job's name")
    verb = models.CharField(_("did"), max_length=60, help_text="such as case.recorded")
    subject_type = models.CharField(_("to what"), max_length=60)
    subject_id = models.CharField(_("its number"), max_length=80)
    place_code = models.CharField(_("place"), max_length=8, blank=True)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("entry of the history")
        verbose_name_plural = _("history")
        indexes = [
            # serves the history of one record in the admin and on its page
            models.Index(fields=["subject_type", "subject_id", "at"], name="audit_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.verb} {self.subject_id}"

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        """Return field, before and after, for every field that differs."""
        before, after = self.before or {}, self.after or {}
        return [
            (name, before.get(name), after.get(name))
            for name in {**before, **after}
            if before.get(name) != after.get(name)
        ]


class Seal(models.Model):
    """One link of the chain over the history: all entries up to ``last``, and the seal before.

    The digest is an HMAC under a key that is not in the database, so an attacker who can only write
    to the database cannot make a chain that fits a changed history (`audit.chain`).
    """

    first = models.BigIntegerField(help_text="the first entry that this seal covers")
    last = models.BigIntegerField(unique=True)
    entries = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("seal of the history")
        verbose_name_plural = _("seals of the history")

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"
