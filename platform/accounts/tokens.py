"""API tokens: shown once, stored as a hash; each may read only or write too, and ends on a day.

A key begins with ``kiw_``, so that scanners for leaked keys can recognise one.
"""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts import second_factor
from accounts.models import Token, User
from accounts.permissions import keep_grants
from audit.trail import record


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic
def issue(
    *,
    user: User,
    name: str,
    scope: str = Token.Scope.WRITE,
    days: int = 90,
    with_second_factor: bool = False,
) -> tuple[Token, str]:
    """Make a token for ``user``; return the row and the key, which is never shown again.

    ``with_second_factor``: its maker showed one. Without it the key is useless to somebody whose
    rights ask for one, also when those rights come later.
    """
    key = f"kiw_{secrets.token_urlsafe(32)}"
    token = Token(
        user=user,
        name=name,
        key_hash=_hash(key),
        prefix=key[:10],
        scope=scope,
        expires_at=timezone.now() + timedelta(days=days),
        with_second_factor=with_second_factor,
    )
    token.full_clean()
    token.save()
    after = {"user": user.pk, "name": name, "scope": scope, "days": days}
    record(by=user, verb="token.issued", subject=token, after=after)
    return token, key


def _may_only_read(token: Token, method: str | None) -> bool:
    return token.scope == Token.Scope.READ and method not in {"GET", "HEAD", "OPTIONS"}


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
        if not token.with_second_factor and second_factor.must_show(token.user):
            raise AuthenticationFailed(
                _("This token was made without the second step that your rights ask for.")
            )
        if _may_only_read(token, request.method):
            raise PermissionDenied(_("This token may only read. Make one that may write."))
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
        """Describe a bearer token in the schema of the API."""
        return {"type": "http", "scheme": "bearer"}
