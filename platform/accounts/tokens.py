"""API tokens: shown once, kept as a hash."""

import hashlib
import secrets

from django.db import transaction
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import Token, User
from accounts.permissions import keep_grants
from audit.trail import record


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic
def issue(*, user: User, name: str) -> tuple[Token, str]:
    """Make a token for ``user``; returns the row and the key, which is never shown again."""
    key = secrets.token_urlsafe(32)
    token = Token(user=user, name=name, key_hash=_hash(key))
    token.full_clean()
    token.save()
    record(by=user, verb="token.issued", subject=token, after={"user": user.pk, "name": name})
    return token, key


@transaction.atomic
def revoke(*, pk: int, by: User) -> Token:
    """Make a token useless. Repeating it changes nothing.

    Raises Token.DoesNotExist for a token that ``by`` may not see.
    """
    token = Token.objects.visible_to(by).select_for_update(of=("self",)).get(pk=pk)
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        record(by=by, verb="token.revoked", subject=token, after={"name": token.name})
    return token


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>` (or `Token <key>`)."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        parts = get_authorization_header(request).decode("latin-1").split()
        if len(parts) != 2 or parts[0].lower() not in {"bearer", "token"}:
            return None
        token = (
            Token.objects.usable().select_related("user").filter(key_hash=_hash(parts[1])).first()
        )
        if token is None:
            raise AuthenticationFailed()
        keep_grants(token.user)
        now = timezone.now()
        if token.last_used_at is None or (now - token.last_used_at).total_seconds() > 300:
            Token.objects.filter(pk=token.pk).update(last_used_at=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # theirs
    """Tells the API's description how a token is sent."""

    target_class = "accounts.tokens.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer"}
