"""Secrets of citizens: numbers sealed, codes and callers known only by keyed hashes.

Keys are derived from ``CONTACT_KEY`` (or the installation's ``SECRET_KEY``), one per
purpose (HKDF, RFC 5869), and are never in the database: a stolen dump reads nothing,
and an unkeyed hash of a telephone number would be reversed in minutes.
"""

import base64
import hashlib
import hmac
import re
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from khmer.digits import to_ascii

_MOBILE = re.compile(r"(?:\+?855|0)([1-9][0-9]{7,8})")


class UnreadableNumberError(ValueError):
    """What was given is no Cambodian telephone number that one can call back."""


class BrokenSealError(ValueError):
    """What was sealed cannot be opened with this installation's key."""


@cache
def _key(root: str, purpose: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=purpose.encode()).derive(root.encode())


def _key_for(purpose: str) -> bytes:
    return _key(getattr(settings, "CONTACT_KEY", "") or settings.SECRET_KEY, purpose)


def international(number: str) -> str:
    """A Cambodian number as +855…, from any way of writing it, Khmer digits included.

    Checked by length (8 or 9 digits after the trunk zero), not by operator: operators'
    lists change. Raises UnreadableNumberError.
    """
    found = _MOBILE.fullmatch(re.sub(r"[\s().-]", "", to_ascii(number)))
    if not found:
        raise UnreadableNumberError(number)
    return f"+855{found.group(1)}"


def caller_key(number: str) -> str:
    """A keyed hash (HMAC-SHA256, hexadecimal) by which calls of one number are linked."""
    return hmac.new(_key_for("caller"), number.encode(), hashlib.sha256).hexdigest()


def code_hash(code: str) -> str:
    """A keyed hash by which a request is found from the code its citizen keeps."""
    return hmac.new(_key_for("request-code"), code.encode(), hashlib.sha256).hexdigest()


def sealed(text: str) -> bytes:
    """``text`` encrypted and authenticated for this installation (Fernet)."""
    return Fernet(base64.urlsafe_b64encode(_key_for("contact"))).encrypt(text.encode())


def opened(seal: bytes) -> str:
    """What `sealed` sealed; raises BrokenSealError for anything else."""
    try:
        return Fernet(base64.urlsafe_b64encode(_key_for("contact"))).decrypt(bytes(seal)).decode()
    except InvalidToken as broken:
        raise BrokenSealError from broken
