"""Validators of model fields, which apply to every way of writing a row."""

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
