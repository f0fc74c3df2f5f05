"""The effects of a changed standard on cases, recordings, posters and tablets.

These are in layers above this one. ``settings.STANDARD_EFFECTS`` names their functions, each from a
``Reach`` to an ``Effect`` or None.
"""

from dataclasses import dataclass
from datetime import date
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from standards.models import Provider, Service


@dataclass(frozen=True)
class Reach:
    """A change of the standards of one service, option and provider (None: the nation).

    ``first`` and ``last`` are the days on which something else is promised than before;
    None is an open end.
    """

    service: Service
    option: str
    provider: Provider | None
    first: date | None
    last: date | None


@dataclass(frozen=True)
class Effect:
    """One thing that a change reaches: its name, how many in a sentence, and where to see them."""

    label: str
    text: str
    url: str = ""


def effects_of(reach: Reach) -> list[Effect]:
    """Return everything that a change reaches, in the reader's language."""
    effects = (import_string(name)(reach) for name in settings.STANDARD_EFFECTS)
    return [cast("Effect", effect) for effect in effects if effect is not None]
