"""Record keys and the pseudo-random numbers of rounding, from one secret (disclosure, rule 1).

AES is used as a keyed function of 16-byte blocks: one call of the library for a million
values. The secret is split by purpose, so that a record key says nothing about a number
drawn from it.
"""

from enum import IntEnum
from hashlib import blake2b
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import ArrayLike, NDArray

Keys = NDArray[np.uint64]

_WORD = 2**64
_HALF = np.uint64(32)
_LOW = np.uint64(2**32 - 1)


class Kind(IntEnum):
    """The kind of a record, so that a case and a vote of the same number have different keys."""

    CASE = 1
    VOTE = 2
    CHECK = 3
    ANSWER = 4
    SESSION = 5
    MEETING = 6


def record_keys(kind: Kind, ids: ArrayLike, secret: bytes | str) -> Keys:
    """Return the 64-bit key of each record, from its kind and its primary key.

    The same record has the same key wherever it is counted. Whole numbers of any shape in,
    uint64 of that shape out.
    """
    numbers = words(ids)
    return _encrypted(numbers, np.uint64(int(kind)), _purpose_key(secret, b"record"))


def draws(keys: ArrayLike, secret: bytes | str) -> Keys:
    """Return a keyed bijection of 64-bit sums of record keys: u times 2**64, as uint64.

    Four Feistel rounds with a pseudo-random function make a pseudo-random permutation
    (Luby and Rackoff 1988, SIAM Journal on Computing 17, 373-386).
    """
    key = _purpose_key(secret, b"rounding")
    numbers = words(keys)
    left, right = numbers >> _HALF, numbers & _LOW
    for turn in range(4):
        left, right = right, left ^ (_encrypted(right, np.uint64(turn), key) & _LOW)
    return (left << _HALF) | right


def words(values: ArrayLike) -> Keys:
    """Convert whole numbers to uint64, negative and larger ones modulo 2**64."""
    # A list of large whole numbers would otherwise become floats.
    given: NDArray[Any] = np.asarray(values, dtype=None if hasattr(values, "dtype") else object)
    if given.dtype.kind == "O":
        flat = [int(value) % _WORD for value in given.ravel()]
        return np.array(flat, dtype=np.uint64).reshape(given.shape)
    if given.dtype.kind == "f" and ((given != np.floor(given)) | (abs(given) > 2**53)).any():
        raise ValueError("keys are whole numbers; a float cannot hold 64 bits")
    return (
        given.astype(np.int64).view(np.uint64) if given.dtype.kind in "if" else given.astype("u8")
    )


def _purpose_key(secret: bytes | str, purpose: bytes) -> bytes:
    raw = secret.encode() if isinstance(secret, str) else bytes(secret)
    if not raw:
        raise ValueError("the secret of rounding is empty")
    return blake2b(raw, digest_size=32, person=purpose).digest()


def _encrypted(values: Keys, prefix: np.uint64, key: bytes) -> Keys:
    """Return the first half of the AES block (prefix, value), for each value."""
    blocks = np.empty((values.size, 2), dtype="<u8")
    blocks[:, 0], blocks[:, 1] = prefix, values.ravel()
    # ECB is right here: each block is one evaluation of a keyed function, not a message.
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305
    out = np.frombuffer(encryptor.update(blocks.tobytes()), dtype="<u8")
    return out.reshape(-1, 2)[:, 0].astype(np.uint64).reshape(values.shape)
