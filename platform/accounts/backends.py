"""Signing in by name and password, and the person behind each request."""

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from accounts.permissions import keep_grants


class Backend(ModelBackend):
    """Django's own backend, which reads only once per request what its person may do.

    Demo accounts, whose password is printed on a screen, do not exist where real people are served.
    """

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        demo = isinstance(user, User) and user.is_demo
        return super().user_can_authenticate(user) and not (demo and settings.LIVE)

    def get_user(self, user_id: int) -> User | None:
        user = super().get_user(user_id)
        if user is None:
            return None
        assert isinstance(user, User)
        keep_grants(user)
        return user
