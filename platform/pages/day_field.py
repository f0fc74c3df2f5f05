"""The form field of a day, read as people in Cambodia write one."""

from datetime import date
from typing import Any

from django import forms

from khmer.dates import format_date
from pages.languages import readers_language
from parsing import days, values
from parsing.errors import UnreadableValue


class DayField(forms.CharField):
    """A day in any usual form, in either kind of digits; an empty field is None."""

    def clean(self, value: Any) -> date | None:
        """Return the day, or None. Raises ValidationError."""
        text = super().clean(value)
        if not text.strip():
            return None
        try:
            return values.read_day(text, within=days.validity())
        except UnreadableValue as error:
            raise forms.ValidationError(str(error)) from None

    def prepare_value(self, value: Any) -> Any:
        """Return a stored day as it is typed."""
        return format_date(value, readers_language()) if isinstance(value, date) else value
