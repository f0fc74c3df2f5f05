"""Secrets are readable with this installation's key and its purpose only, and never silently empty."""

import base64
import hashlib
from typing import Any

import pytest
from cryptography.fernet import Fernet

from sealing import BrokenSealError, Purpose, keyed_hash, open_seal, seal


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_secret_comes_back_for_its_own_purpose_only(purpose: Purpose) -> None:
    sealed = seal("012345678", purpose)
    assert open_seal(sealed, purpose) == open_seal(sealed.decode(), purpose) == "012345678"
    for other in set(Purpose) - {purpose}:
        with pytest.raises(BrokenSealError):
            open_seal(sealed, other)


@pytest.mark.parametrize("broken", [b"", b"x", "", "gAAAA", b"\xff\xfe"])
def test_what_was_never_sealed_raises(broken: Any) -> None:
    with pytest.raises(BrokenSealError):
        open_seal(broken, Purpose.TOKENS)


def test_another_key_reads_nothing(settings: Any) -> None:
    sealed = seal("token", Purpose.TOKENS)
    settings.SECRET_KEY = "another key"
    with pytest.raises(BrokenSealError):
        open_seal(sealed, Purpose.TOKENS)


def test_an_empty_text_is_neither_sealed_nor_accepted(settings: Any) -> None:
    with pytest.raises(ValueError, match="empty"):
        seal("", Purpose.TOKENS)
    # sealed by a release that still accepted it
    key = hashlib.sha256(b"surveys.tokens:" + settings.SECRET_KEY.encode()).digest()
    old = Fernet(base64.urlsafe_b64encode(key))
    assert open_seal(old.encrypt(b"kept"), Purpose.TOKENS) == "kept"
    with pytest.raises(BrokenSealError):
        open_seal(old.encrypt(b""), Purpose.TOKENS)


def test_hashes_differ_by_purpose_and_key(settings: Any) -> None:
    settings.CONTACT_KEY = ""
    first = keyed_hash("855", Purpose.CALLER)
    assert first == keyed_hash("855", Purpose.CALLER) != keyed_hash("855", Purpose.REQUEST_CODE)
    settings.CONTACT_KEY = "of citizens"
    assert keyed_hash("855", Purpose.CALLER) != first
