"""Links to pages of apps above this one, by URL name: present where the page exists."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.urls import NoReverseMatch, reverse


@cache
def _address(name: str) -> str | None:
    """Return the address of a page without arguments, or None; kept, as addresses never change."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


def first_url(names: Iterable[str], **kwargs: Any) -> str | None:
    """Return the address of the first of ``names`` that exists, or None."""
    for name in names:
        if not kwargs:
            if (url := _address(name)) is not None:
                return url
            continue
        try:
            return reverse(name, kwargs=kwargs)
        except NoReverseMatch:
            continue
    return None
