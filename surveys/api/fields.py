"""Serializer fields that read what people type, with the readers of the spreadsheet.

JSON brings numbers, true and false; people and spreadsheets bring Khmer digits and
words. Both are understood, and null or "" is "not known".
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from parsing.errors import UnreadableValue
from surveys.parsing import values


def _read(read: Callable[[str], Any], data: Any) -> Any:
    try:
        return read(str(data))
    except UnreadableValue as error:
        raise serializers.ValidationError(str(error)) from error


class Optional(serializers.Field[Any, Any, Any, Any]):
    """A field that may be left out, null or empty: not known."""

    read: Callable[[str], Any]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "allow_null": True, **kwargs})

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        """Read an empty text as None."""
        return super().validate_empty_values(None if data == "" else data)

    def to_internal_value(self, data: Any) -> Any:
        """Return the value, or a sentence."""
        if isinstance(data, dict | list | bool):
            raise serializers.ValidationError(_("One value is needed here."))
        return _read(type(self).read, data)

    def to_representation(self, value: Any) -> Any:
        """Return the value as JSON writes it."""
        return value.isoformat() if hasattr(value, "isoformat") else value


@extend_schema_field({"type": "string", "format": "date", "nullable": True})
class DayField(Optional):
    """A date as yyyy-mm-dd or dd/mm/yyyy, in either kind of digits."""

    read = staticmethod(values.read_day)


@extend_schema_field({"type": "integer", "minimum": 0, "nullable": True})
class NumberField(Optional):
    """A whole number."""

    read = staticmethod(values.read_number)


@extend_schema_field({"type": "integer", "format": "int64", "minimum": 0, "nullable": True})
class AmountField(Optional):
    """A whole amount of money; text may carry thousands separators."""

    read = staticmethod(values.read_amount)


@extend_schema_field({"type": "boolean", "nullable": True})
class YesNoField(Optional):
    """true or false, or yes and no as text."""

    read = staticmethod(values.read_yes_no)

    def to_internal_value(self, data: Any) -> Any:
        """Read JSON's true and false, then words."""
        return data if isinstance(data, bool) else super().to_internal_value(data)


@extend_schema_field({"type": "string", "nullable": True})
class WordField(Optional):
    """A code or word; nothing is an empty text."""

    def __init__(self, read: Callable[[str], str] = values.read_text, **kwargs: Any) -> None:
        self._reader = read
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """Return the word as the rules know it."""
        if isinstance(data, dict | list | bool):
            raise serializers.ValidationError(_("One value is needed here."))
        return _read(self._reader, data)


@extend_schema_field({"type": "array", "items": {"type": "string"}, "nullable": True})
class PapersField(Optional):
    """A list of papers by code or name; [] means that none was asked, null not known."""

    def to_internal_value(self, data: Any) -> list[str]:
        """Return a list, or a text with semicolons."""
        if isinstance(data, str):
            return values.read_papers(data)
        if not isinstance(data, list) or not all(isinstance(one, str) for one in data):
            raise serializers.ValidationError(_("A list of documents is needed here."))
        return [paper for one in data if (paper := values.read_text(one))]


class ReportInput(serializers.Serializer[Any]):
    """Input that refuses fields it does not know: a misspelt field is not lost without notice."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the known fields; a sentence for every other one."""
        if isinstance(data, Mapping):
            unknown = {
                str(name): [_("There is no such field.")]
                for name in data
                if name not in self.fields
            }
            if unknown:
                raise serializers.ValidationError(unknown)
        return super().to_internal_value(data)

    def values(self) -> dict[str, Any]:
        """Return the validated values; a null text is the empty text."""
        return {
            name: "" if value is None and isinstance(self.fields[name], WordField) else value
            for name, value in self.validated_data.items()
        }


class Reason(ReportInput):
    """The reason for a change."""

    reason = serializers.CharField(max_length=2000)
