"""Telephone numbers and codes of citizens: one spelling, encrypted or as a keyed hash.

An unkeyed hash of a telephone number would be reversed in minutes; the package ``sealing`` has the
keys.
"""

import re

from khmer.digits import to_ascii
from sealing import BrokenSealError, Purpose, keyed_hash, open_seal, seal

__all__ = [
    "BrokenSealError",
    "UnreadableNumberError",
    "caller_key",
    "code_hash",
    "international",
    "opened",
    "sealed",
]

_MOBILE = re.compile(r"(?:\+?855|0)([1-9][0-9]{7,8})")


class UnreadableNumberError(ValueError):
    """The text is no Cambodian telephone number that can be called back."""


def international(number: str) -> str:
    """Return a Cambodian number as +855…, from any way of writing it, Khmer digits included.

    Checked by length (8 or 9 digits after the trunk zero), not by operator: operators'
    lists change. Raises UnreadableNumberError.
    """
    match = _MOBILE.fullmatch(re.sub(r"[\s().-]", "", to_ascii(number)))
    if not match:
        raise UnreadableNumberError(number)
    return f"+855{match.group(1)}"


def caller_key(number: str) -> str:
    """Compute the keyed hash by which calls of one number are linked."""
    return keyed_hash(number, Purpose.CALLER)


def code_hash(code: str) -> str:
    """Compute the keyed hash by which a request is found from the code its citizen keeps."""
    return keyed_hash(code, Purpose.REQUEST_CODE)


def sealed(text: str) -> bytes:
    """Encrypt a citizen's telephone number, or a signing secret of the telephone company."""
    return seal(text, Purpose.CONTACT)


def opened(text: bytes) -> str:
    """Decrypt what `sealed` encrypted. Raises BrokenSealError."""
    return open_seal(text, Purpose.CONTACT)
