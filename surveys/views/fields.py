"""Form fields that read what people in Cambodia type, with the readers of the spreadsheet."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from parsing.fields import ReadField
from surveys.parsing import values

__all__ = ["ReadField", "YesNoField"]


class YesNoField(forms.TypedChoiceField):
    """Yes, no or not known, as three large targets."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=[("yes", _("Yes")), ("no", _("No")), ("", _("Don't know"))],
            coerce=values.read_yes_no,
            empty_value=None,
            required=False,
            widget=forms.RadioSelect,
            initial="",
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        """Return a stored yes or no as the word that is chosen."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        return "" if value is None else value
