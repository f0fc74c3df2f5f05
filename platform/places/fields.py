"""A form field for one place, shown as the picker."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from places import search
from places.models import Place


class PlaceField(forms.CharField):
    """Text that names one place by code or whole name; ``clean`` gives the Place (or None).

    Show it with ``{% include "places/_picker.html" %}``, or call ``render_picker``.
    """

    def __init__(self, *, level: str = "", within: str = "", **options: Any) -> None:
        super().__init__(max_length=search.LONGEST, **options)
        self.level, self.within = level, within

    def clean(self, value: Any) -> Any:
        """Return the place that the text names for certain.

        Raises ValidationError with a sentence where none, or more than one, has the name.
        """
        text = super().clean(value)
        if not text:
            return None
        place = search.resolve(text, self.level or None, self.within or None)
        if place is None:
            raise ValidationError(
                _("No single place has this name. Choose it from the list, or type its code."),
                code="unknown_place",
            )
        return place


def render_picker(field: forms.BoundField, value: Place | None = None) -> SafeString:
    """Return the picker of a bound PlaceField, with its label, help and first error."""
    definition = field.field
    assert isinstance(definition, PlaceField)
    return render_to_string(
        "places/_picker.html",
        {
            "name": field.html_name,
            "id": field.auto_id,
            "label": field.label,
            "help": field.help_text,
            "error": field.errors[0] if field.errors else "",
            "required": definition.required,
            "level": definition.level,
            "within": definition.within,
            "value": value,
            "text": "" if value is not None else field.value() or "",
        },
    )
