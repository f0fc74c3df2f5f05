"""Signing in by name and password, and the person behind each request."""

from django.contrib.auth.backends import ModelBackend

from accounts.models import User
from accounts.permissions import keep_grants


class Backend(ModelBackend):
    """Django's own, except that a request asks only once what its person may do."""

    def get_user(self, user_id: int) -> User | None:
        user = super().get_user(user_id)
        if user is None:
            return None
        assert isinstance(user, User)
        keep_grants(user)
        return user
