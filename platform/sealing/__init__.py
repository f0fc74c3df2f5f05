"""Encrypt small secrets and compute keyed hashes, with one derived key per purpose.

Keys are derived (HKDF-SHA256, RFC 5869) from ``CONTACT_KEY`` or ``SECRET_KEY`` and are never in the
database: a stolen dump decrypts nothing. Whatever cannot be decrypted raises `BrokenSealError`;
nothing here returns an empty text instead, because an empty password must never authenticate.
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
    """What a key is for; text encrypted for one purpose cannot be decrypted for another."""

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


_OF_CITIZENS = {Purpose.CONTACT, Purpose.CALLER, Purpose.REQUEST_CODE, Purpose.PUSH}


class BrokenSealError(ValueError):
    """The text is not readable with this installation's key: damaged, or another key."""


@cache
def _derived(root: str, purpose: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=purpose.encode()).derive(root.encode())


def _root(purpose: Purpose) -> str:
    contact = settings.CONTACT_KEY if purpose in _OF_CITIZENS else ""
    return contact or settings.SECRET_KEY


def _cipher(purpose: Purpose) -> MultiFernet:
    keys = [_derived(_root(purpose), purpose)]
    if purpose is Purpose.TOKENS:
        # How tokens were encrypted before keys were derived by HKDF.
        keys.append(hashlib.sha256(b"surveys.tokens:" + settings.SECRET_KEY.encode()).digest())
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


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
    """32 bytes that only this installation knows, for a key that has to be the same everywhere."""
    return _derived(_root(purpose), f"{purpose}:key")


def keyed_hash(text: str, purpose: Purpose) -> str:
    """Compute HMAC-SHA256 of ``text`` in hexadecimal, to find a row without storing the text."""
    key = _derived(_root(purpose), purpose)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
