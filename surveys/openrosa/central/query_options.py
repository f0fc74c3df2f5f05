"""Query options of Central's addresses: each is read or refused, none is ignored."""

from collections.abc import Collection
from typing import Any

from django.http import HttpRequest

from khmer.errors import UnreadableText
from khmer.numbers import parse_whole_number
from surveys.openrosa.problems import ApiError

_LONGEST_SHOWN = 80
_ANYWHERE = frozenset({"deviceID", "st"})
"""ODK Collect adds the first to every address."""


def only(request: HttpRequest, *text: str) -> None:
    """Refuse options that the address does not take.

    Raises ApiError 400.4, or 501.1 for OData's own.

    An option that is given twice is refused too (400.8): one of the two would be ignored.
    """
    refuse_unknown(request.GET.keys(), text)
    for name, values in request.GET.lists():
        if len(values) > 1 and name not in _ANYWHERE:
            raise _unexpected(name, ", ".join(values)[:_LONGEST_SHOWN], "it was given twice.")


def refuse_unknown(asked: Collection[str], existing: Collection[str]) -> None:
    """Refuse names that are not among ``known``. Raises ApiError 400.4 or 501.1."""
    for name in asked:
        if name in existing or name in _ANYWHERE:
            continue
        shown = name[:_LONGEST_SHOWN]
        if name.startswith("$"):
            raise ApiError(
                501.1,
                f"The requested feature {shown} is not supported by this server.",
                {"feature": shown},
            )
        raise ApiError(400.4, f"Passed parameter {shown} was not expected.", {"field": shown})


def whole_number(request: HttpRequest, name: str) -> int | None:
    """Read a whole number; None where it was not given. Raises ApiError 400.8."""
    text = request.GET.get(name, "")
    if not text.strip():
        return None
    try:
        return parse_whole_number(text, most_digits=12)
    except UnreadableText as trouble:
        raise _unexpected(
            name, text, "it must be a whole number of at most 12 digits."
        ) from trouble


def flag(request: HttpRequest, name: str, *, default: bool | None = None) -> bool | None:
    """Read ``true`` or ``false``; ``default`` where it was not given. Raises ApiError 400.8."""
    text = request.GET.get(name, "")
    if not text:
        return default
    if text.lower() not in {"true", "false"}:
        raise _unexpected(name, text, "it must be true or false.")
    return text.lower() == "true"


def _unexpected(name: str, text: str, reason: str) -> ApiError:
    shown = text[:_LONGEST_SHOWN]
    details: dict[str, Any] = {"field": name, "value": shown, "reason": reason}
    return ApiError(400.8, f"Unexpected {name} value {shown}; {reason}", details)
