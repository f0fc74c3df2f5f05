"""Errors of reading a value."""

from django.core.exceptions import BadRequest


class UnreadableValue(ValueError):  # noqa: N818 - reads as a fact about the value
    """One value cannot be read; the message is a sentence for the person who sent it."""


class UnreadableRequest(BadRequest):
    """A request cannot be read; the message is a sentence for the error page."""
