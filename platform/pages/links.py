"""Links to rooms above this one, by name: present where the room is, absent where it is not."""

from collections.abc import Iterable
from typing import Any

from django.urls import NoReverseMatch, reverse


def first_url(names: Iterable[str], **kwargs: Any) -> str | None:
    """The address of the first of ``names`` that exists, or None."""
    for name in names:
        try:
            return reverse(name, kwargs=kwargs or None)
        except NoReverseMatch:
            continue
    return None
