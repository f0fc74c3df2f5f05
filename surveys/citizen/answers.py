"""Stored answers: a phone that lost the connection sends its message again and gets the same
answer.
"""

import base64
import hashlib
import json
from datetime import timedelta
from typing import Any, Final

from cryptography.fernet import Fernet
from django.utils import timezone

from surveys.citizen.models import Answered

KEPT_FOR: Final = timedelta(days=30)


def _seal_of(message: str) -> Fernet:
    # The name is 128 random bits from the phone; no slow derivation is needed.
    key = hashlib.sha256(b"citizen answer key\0" + message.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def _hash_of(message: str) -> str:
    return hashlib.sha256(b"citizen answer name\0" + message.encode()).hexdigest()


def again(message: str) -> dict[str, Any] | None:
    """Return the stored answer to the message with this name, or None for a new message."""
    kept = Answered.objects.filter(message_hash=_hash_of(message)).first()
    if kept is None:
        return None
    answer: dict[str, Any] = json.loads(_seal_of(message).decrypt(bytes(kept.sealed_answer)))
    return answer


def keep(message: str, answer: dict[str, Any]) -> None:
    """Keep the answer; called inside the transaction of the write.

    Raises IntegrityError where the same message is handled at the same time.
    """
    Answered.objects.create(
        message_hash=_hash_of(message),
        sealed_answer=_seal_of(message).encrypt(json.dumps(answer).encode()),
    )


def purge() -> int:
    """Delete answers after a month; return how many."""
    old = timezone.localdate() - KEPT_FOR
    gone, _rows = Answered.objects.filter(answered_on__lt=old).delete()
    return gone
