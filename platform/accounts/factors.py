"""Second factors and the sessions of browsers: rows of the database."""

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _


class WebSession(AbstractBaseSession):
    """A browser's session, with whose it is, so that a person can see and end it.

    Only the kind of browser is kept, never an address: enough to know one's own telephone.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="web_sessions"
    )
    begun_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True, blank=True)
    device = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    @classmethod
    def get_session_store_class(cls) -> type:
        """Return the engine that reads and writes these rows."""
        from accounts.web_sessions import SessionStore

        return SessionStore


class AuthenticatorApp(models.Model):
    """An app that shows six digits (RFC 6238); its key is encrypted."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="authenticator_apps"
    )
    key_sealed = models.BinaryField()
    last_step = models.BigIntegerField(
        default=0, help_text="the half minute of the code used last: no code works twice"
    )
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("authenticator app")
        verbose_name_plural = _("authenticator apps")
        constraints = [models.UniqueConstraint(fields=["user"], name="one_app_for_each_person")]

    def __str__(self) -> str:
        return f"{self.user_id}"


class Passkey(models.Model):
    """A key in a telephone, computer or stick that only its owner can use (WebAuthn)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="passkeys")
    name = models.CharField(_("name"), max_length=80)
    credential_id = models.BinaryField(unique=True)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    added_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("passkey")
        verbose_name_plural = _("passkeys")

    def __str__(self) -> str:
        return self.name


class RecoveryCode(models.Model):
    """A recovery code on paper for the day the telephone is lost; only a keyed hash is stored."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes"
    )
    code_hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = [
            models.UniqueConstraint(fields=["user", "code_hash"], name="recovery_code_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}"
