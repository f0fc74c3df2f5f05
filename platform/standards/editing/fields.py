"""Form fields that read amounts, days and whole numbers as people in Cambodia type them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from khmer.riel import format_number
from pages.day_field import DayField as PlainDayField
from pages.languages import readers_language
from parsing import values
from parsing.errors import UnreadableValue
from standards.models import MOST_FEE


class AmountField(forms.CharField):
    """Whole riel or dollars; an empty field is None: no amount was ever published."""

    def __init__(self, **options: Any) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "off"}
        super().__init__(max_length=40, widget=forms.TextInput(attrs=attrs), **options)

    def clean(self, value: Any) -> Any:
        """Return the amount, or None. Raises ValidationError."""
        text = super().clean(value)
        if not text.strip():
            return None
        try:
            amount = values.read_amount(text)
        except UnreadableValue as error:
            raise ValidationError(str(error)) from None
        if amount > MOST_FEE:
            most = format_number(MOST_FEE, readers_language())
            raise ValidationError(_("The largest fee is %(most)s.") % {"most": most})
        return amount

    def prepare_value(self, value: Any) -> Any:
        """Return a stored amount as it is typed."""
        return format_number(value, readers_language()) if isinstance(value, int) else value


class DayField(PlainDayField):
    """A day for which phones show their keypad of digits."""

    def __init__(self, **options: Any) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "off"}
        super().__init__(max_length=40, widget=forms.TextInput(attrs=attrs), **options)


class WholeNumberField(forms.CharField):
    """A whole number from 0 to ``most``, in either kind of digits; an empty field is None."""

    def __init__(self, *, most: int, **options: Any) -> None:
        self.most = most
        attrs = {"inputmode": "numeric", "autocomplete": "off"}
        super().__init__(max_length=20, widget=forms.TextInput(attrs=attrs), **options)

    def clean(self, value: Any) -> Any:
        """Return the number, or None. Raises ValidationError."""
        text = super().clean(value)
        if not text.strip():
            return None
        try:
            return values.read_whole_number(text, most=self.most)
        except UnreadableValue:
            most = format_number(self.most, readers_language())
            sentence = _("Type a whole number from 0 to %(most)s.") % {"most": most}
            raise ValidationError(sentence) from None

    def prepare_value(self, value: Any) -> Any:
        """Return a stored number as it is typed."""
        return format_number(value, readers_language()) if isinstance(value, int) else value
