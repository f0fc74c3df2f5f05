"""Passkeys (WebAuthn), checked by the `webauthn` library: the browser's options, and its proof.

The challenge is stored in the session and used once. The name of the site is the one that people
type: ``PUBLIC_URL``, or the host of the request where none is set.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts import second_factor
from accounts.factors import Passkey
from accounts.models import User

_CHALLENGE = "passkey_challenge"
_UNREADABLE = (WebAuthnException, ValueError, KeyError, TypeError)


def _origin(request: HttpRequest) -> str:
    if settings.PUBLIC_URL:
        url = urlsplit(settings.PUBLIC_URL)
        return f"{url.scheme}://{url.netloc}"
    return f"{request.scheme}://{request.get_host()}"


def _site(request: HttpRequest) -> str:
    return urlsplit(_origin(request)).hostname or ""


def _descriptors(user: User) -> list[PublicKeyCredentialDescriptor]:
    ids = user.passkeys.values_list("credential_id", flat=True)
    return [PublicKeyCredentialDescriptor(id=bytes(each)) for each in ids]


def _challenge(request: HttpRequest) -> bytes:
    return base64url_to_bytes(request.session.pop(_CHALLENGE))


def ask_to_make(request: HttpRequest, user: User) -> dict[str, Any]:
    """Return the options with which the browser makes a passkey; the challenge is stored."""
    options = generate_registration_options(
        rp_id=_site(request),
        rp_name="Keep its word",
        user_id=str(user.pk).encode(),
        user_name=user.username,
        user_display_name=str(user),
        exclude_credentials=_descriptors(user),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    request.session[_CHALLENGE] = bytes_to_base64url(options.challenge)
    values: dict[str, Any] = json.loads(options_to_json(options))
    return values


def keep_made(request: HttpRequest, user: User, proof: object, name: str) -> Passkey | None:
    """Store the passkey that the browser made; None where its proof is wrong."""
    try:
        checked = verify_registration_response(
            credential=json.dumps(proof),
            expected_challenge=_challenge(request),
            expected_rp_id=_site(request),
            expected_origin=_origin(request),
            require_user_verification=False,
        )
    except _UNREADABLE:
        return None
    if Passkey.objects.filter(credential_id=checked.credential_id).exists():
        return None
    return second_factor.add_passkey(
        user=user,
        name=name.strip()[:80] or "passkey",
        credential_id=checked.credential_id,
        public_key=checked.credential_public_key,
        sign_count=checked.sign_count,
    )


def ask_to_show(request: HttpRequest, user: User) -> dict[str, Any]:
    """Return the options with which the browser shows one of the person's passkeys."""
    options = generate_authentication_options(
        rp_id=_site(request),
        allow_credentials=_descriptors(user),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    request.session[_CHALLENGE] = bytes_to_base64url(options.challenge)
    values: dict[str, Any] = json.loads(options_to_json(options))
    return values


def is_shown(request: HttpRequest, user: User, proof: object) -> bool:
    """Return whether the browser proved to hold one of this person's passkeys."""
    try:
        assert isinstance(proof, dict)
        passkey = user.passkeys.get(credential_id=base64url_to_bytes(proof["id"]))
        checked = verify_authentication_response(
            credential=json.dumps(proof),
            expected_challenge=_challenge(request),
            expected_rp_id=_site(request),
            expected_origin=_origin(request),
            credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=False,
        )
    except (*_UNREADABLE, AssertionError, Passkey.DoesNotExist):
        return False
    passkey.sign_count, passkey.used_at = checked.new_sign_count, timezone.now()
    passkey.save(update_fields=["sign_count", "used_at"])
    return True
