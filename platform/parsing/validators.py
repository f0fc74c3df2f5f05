"""Validators of model fields, so that no way of writing a row goes round them."""

from datetime import date

from django.core.exceptions import ValidationError

from parsing import days
from parsing.errors import UnreadableValue


def plausible_validity(day: date) -> None:
    """Refuse a day on which nothing can begin or end to be valid: a typing error."""
    try:
        days.validity().check(day)
    except UnreadableValue as error:
        raise ValidationError(str(error), code="implausible_day") from error
