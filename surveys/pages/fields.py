"""Form fields that read what people in Cambodia type, with the readers of the spreadsheet."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from surveys.importing import cells
from surveys.importing.errors import BadCell


class ReadField(forms.CharField):
    """Text read by one of ``surveys.importing.cells``; nothing typed is None."""

    def __init__(
        self, read: Callable[[str], Any], *, hint: str | Promise = "", **kwargs: Any
    ) -> None:
        self.read = read
        attrs: dict[str, str | Promise] = {"autocomplete": "off"}
        if hint:
            attrs["placeholder"] = hint
        super().__init__(widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> Any:
        """The value, or a sentence about what was typed."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return self.read(text)
        except BadCell as error:
            raise ValidationError(str(error)) from error

    def prepare_value(self, value: Any) -> Any:
        """Dates and numbers as they are typed."""
        return "" if value is None else str(value)


class YesNoField(forms.TypedChoiceField):
    """Yes, no or not known, as three large targets."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=[("yes", _("Yes")), ("no", _("No")), ("", _("Don't know"))],
            coerce=cells.read_yes_or_no,
            empty_value=None,
            required=False,
            widget=forms.RadioSelect,
            initial="",
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        """A stored yes or no as the word that is chosen."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        return "" if value is None else value
