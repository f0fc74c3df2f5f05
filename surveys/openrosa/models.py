"""Sessions of Central's clients; all other data of OpenRosa is stored by surveys."""

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import second_factor
from accounts.models import User

SESSION_HOURS = 24


def _a_day_from_now() -> object:
    return timezone.now() + timedelta(hours=SESSION_HOURS)


class SessionQuerySet(models.QuerySet["Session"]):
    def alive(self) -> "SessionQuerySet":
        """Return unexpired sessions of people who may still sign in."""
        return self.filter(expires_at__gt=timezone.now(), user__is_active=True).select_related(
            "user"
        )


class Session(models.Model):
    """A one-day session that pyodk, R or another client of Central got for a password."""

    user = models.ForeignKey(User, models.CASCADE, related_name="central_sessions")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(default=_a_day_from_now)
    auth_hash = models.CharField(
        max_length=64,
        default="",
        help_text="what the person's sessions hung on: a new password, or signing out everywhere,"
        " ends this one too",
    )

    with_second_factor = models.BooleanField(default=False)

    objects = SessionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.user_id} until {self.expires_at:%Y-%m-%d %H:%M}"

    def stands(self) -> bool:
        """Return whether the session is still valid.

        It ends when the person gets another password, signs out everywhere, or needs a second
        factor that was not shown for this session.
        """
        if not constant_time_compare(self.auth_hash, self.user.get_session_auth_hash()):
            return False
        return self.with_second_factor or not second_factor.must_show(self.user)
