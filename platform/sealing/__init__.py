"""Encrypt small secrets and compute keyed hashes, with one derived key per purpose.

Keys are derived (HKDF-SHA256, RFC 5869) from ``CONTACT_KEY`` or ``SECRET_KEY`` and are never in the
database: a stolen dump decrypts nothing. Text that cannot be decrypted raises `BrokenSealError` and
never becomes an empty text, because an empty password must never authenticate.
"""

import base64
import hashlib
import hmac
from enum import StrEnum
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Purpose(StrEnum):
    """The purpose of a key; text encrypted for one cannot be decrypted for another."""

    CONTACT = "contact"
    """Telephone numbers of citizens and the telephone company's signing secrets."""
    CALLER = "caller"
    REQUEST_CODE = "request-code"
    BALLOT = "ballot"
    """Numbers of ballot cards, which are never stored."""
    PUSH = "push"
    """Push addresses of citizens' browsers, and the key by which push services know us."""
    TOKENS = "tokens"
    """Tokens of tablets and secrets of webhooks, which must be shown or used again."""
    SECOND_FACTOR = "second-factor"
    """Keys of authenticator apps, and hashes of recovery codes."""
    AUDIT = "audit"
    """The chain over the history."""


_OF_CITIZENS = {Purpose.CONTACT, Purpose.CALLER, Purpose.REQUEST_CODE, Purpose.PUSH}


class BrokenSealError(ValueError):
    """The text is not readable with this installation's key: damaged, or another key."""


@cache
def _derived(root: str, purpose: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=purpose.encode()).derive(root.encode())


def _roots(purpose: Purpose) -> list[str]:
    """Return the installation's keys for this purpose: today's first, then earlier ones."""
    own = [settings.SECRET_KEY, *settings.SECRET_KEY_BEFORE]
    if purpose not in _OF_CITIZENS:
        return own
    if settings.CONTACT_KEY:
        return [settings.CONTACT_KEY, *settings.CONTACT_KEY_BEFORE]
    return [*own, *settings.CONTACT_KEY_BEFORE]


def _hash_key(purpose: Purpose) -> bytes:
    """Return the key of hashes: the oldest one named.

    What was hashed is not kept, so nothing can hash it anew: under another key a caller who asked
    never to be called again would be called.
    """
    return _derived(_roots(purpose)[-1], purpose)


def _fernet(key: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key))


def _cipher(purpose: Purpose) -> MultiFernet:
    roots = _roots(purpose)
    keys = [_derived(root, purpose) for root in roots]
    if purpose is Purpose.TOKENS:
        # Tokens were encrypted so before keys were derived by HKDF.
        keys += [hashlib.sha256(b"surveys.tokens:" + root.encode()).digest() for root in roots]
    return MultiFernet([_fernet(key) for key in keys])


def is_current(sealed: bytes | str, purpose: Purpose) -> bool:
    """Return whether ``sealed`` was encrypted under today's key of this purpose."""
    raw = sealed.encode() if isinstance(sealed, str) else bytes(sealed)
    try:
        _fernet(_derived(_roots(purpose)[0], purpose)).decrypt(raw)
    except InvalidToken:
        return False
    return True


def seal(text: str, purpose: Purpose) -> bytes:
    """Encrypt and authenticate ``text`` (Fernet). Raises ValueError for an empty text."""
    if not text:
        raise ValueError("an empty secret is not encrypted")
    return _cipher(purpose).encrypt(text.encode())


def open_seal(sealed: bytes | str, purpose: Purpose) -> str:
    """Decrypt what `seal` encrypted. Raises BrokenSealError for anything else."""
    raw = sealed.encode() if isinstance(sealed, str) else bytes(sealed)
    try:
        text = _cipher(purpose).decrypt(raw).decode()
    except (InvalidToken, UnicodeDecodeError) as broken:
        raise BrokenSealError("unreadable with this installation's key") from broken
    if not text:
        raise BrokenSealError("an empty secret")
    return text


def derived_bytes(purpose: Purpose) -> bytes:
    """Return 32 bytes that only this installation knows, for a key that is the same in every
    process.
    """
    return _derived(_roots(purpose)[-1], f"{purpose}:key")


def key_of(purpose: Purpose) -> bytes:
    """Return the 32 bytes of the key of one purpose, for a keyed hash over much data."""
    return _hash_key(purpose)


def keyed_hash(text: str, purpose: Purpose) -> str:
    """Compute HMAC-SHA256 of ``text`` in hexadecimal, to find a row without storing the text."""
    return hmac.new(_hash_key(purpose), text.encode(), hashlib.sha256).hexdigest()
