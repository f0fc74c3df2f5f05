"""Sessions of Central's clients; everything else that OpenRosa touches lives in surveys."""

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
        """Return sessions whose time has not run out, of people who may still enter."""
        return self.filter(expires_at__gt=timezone.now(), user__is_active=True).select_related(
            "user"
        )


class Session(models.Model):
    """A day's pass that pyodk, R or another client of Central got for a person's password."""

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
        """False once the person has another password, signed out everywhere, or needs a second
        factor that was not shown for this one."""
        if not constant_time_compare(self.auth_hash, self.user.get_session_auth_hash()):
            return False
        return self.with_second_factor or not second_factor.must_show(self.user)
