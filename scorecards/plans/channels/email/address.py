"""Addresses of e-mail."""

from django.core.validators import validate_email


def read(text: str) -> str:
    """Read an e-mail address. Raises ValidationError."""
    plain = text.strip()
    validate_email(plain)
    return plain
