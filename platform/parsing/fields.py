"""Form fields that read text with ``parsing.values``."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise

from parsing.errors import UnreadableValue


class ReadField(forms.CharField):
    """Text read by a function of ``parsing.values`` (or one like it); nothing typed is None."""

    def __init__(
        self, read: Callable[[str], Any], *, hint: str | Promise = "", **kwargs: Any
    ) -> None:
        self.read = read
        attrs: dict[str, str | Promise] = {"autocomplete": "off"}
        if hint:
            attrs["placeholder"] = hint
        super().__init__(widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> Any:
        """Return the value, or a sentence about what was typed."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return self.read(text)
        except UnreadableValue as error:
            raise ValidationError(str(error)) from error

    def prepare_value(self, value: Any) -> Any:
        """Show dates and numbers as they are typed."""
        if isinstance(value, date):
            return f"{value:%d/%m/%Y}"
        return "" if value is None else str(value)
