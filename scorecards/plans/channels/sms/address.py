"""Telephone numbers that take text messages."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from surveys.phone_numbers import UnreadableNumberError, international


def read(text: str) -> str:
    """Read a Cambodian telephone number as +855…. Raises ValidationError."""
    try:
        return international(text)
    except UnreadableNumberError as bad:
        raise ValidationError(
            _("This is not a Cambodian telephone number, such as 012 345 678.")
        ) from bad
