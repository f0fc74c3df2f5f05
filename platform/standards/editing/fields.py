"""Form fields that read amounts, days and whole numbers as people in Cambodia type them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from khmer.dates import UnreadableDate, format_date, parse_date
from khmer.digits import to_ascii
from khmer.riel import UnreadableRiel, format_number, parse_riel
from khmer.text import strip_invisible
from pages.languages import readers_language
from standards.models import MOST_FEE


class AmountField(forms.CharField):
    """Whole riel or dollars; an empty field is None: no amount was ever published."""

    def __init__(self, **options: Any) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "off"}
        super().__init__(max_length=40, widget=forms.TextInput(attrs=attrs), **options)

    def clean(self, value: Any) -> Any:
        """The amount, or None. Raises ValidationError."""
        text = super().clean(value)
        if not text.strip():
            return None
        try:
            amount = parse_riel(text)
        except UnreadableRiel as error:
            if error.code != "too_big":
                raise ValidationError(_("Type a whole amount, such as 10,000.")) from None
            amount = MOST_FEE + 1
        if amount > MOST_FEE:
            most = format_number(MOST_FEE, readers_language())
            raise ValidationError(_("The largest fee is %(most)s.") % {"most": most})
        return amount

    def prepare_value(self, value: Any) -> Any:
        """A stored amount as it is typed."""
        return format_number(value, readers_language()) if isinstance(value, int) else value


class DayField(forms.CharField):
    """A day written as 21/11/2026, in either kind of digits; an empty field is None."""

    def __init__(self, **options: Any) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "off"}
        super().__init__(max_length=40, widget=forms.TextInput(attrs=attrs), **options)

    def clean(self, value: Any) -> Any:
        """The day, or None. Raises ValidationError."""
        text = super().clean(value)
        if not text.strip():
            return None
        try:
            return parse_date(text)
        except UnreadableDate:
            raise ValidationError(_("This is not a date. Write it as 21/11/2026.")) from None

    def prepare_value(self, value: Any) -> Any:
        """A stored day as it is typed."""
        return format_date(value, readers_language()) if hasattr(value, "year") else value


class WholeNumberField(forms.CharField):
    """A whole number from 0 to ``most``, in either kind of digits; an empty field is None."""

    def __init__(self, *, most: int, **options: Any) -> None:
        self.most = most
        attrs = {"inputmode": "numeric", "autocomplete": "off"}
        super().__init__(max_length=20, widget=forms.TextInput(attrs=attrs), **options)

    def clean(self, value: Any) -> Any:
        """The number, or None. Raises ValidationError."""
        text = to_ascii(strip_invisible(super().clean(value))).strip()
        if not text:
            return None
        if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) > self.most:
            most = format_number(self.most, readers_language())
            raise ValidationError(_("Type a whole number from 0 to %(most)s.") % {"most": most})
        return int(text)

    def prepare_value(self, value: Any) -> Any:
        """A stored number as it is typed."""
        return format_number(value, readers_language()) if isinstance(value, int) else value
