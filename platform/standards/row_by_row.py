"""Building a channel's content row by row, so that one bad row never stops the others."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.core.cache import cache
from django.db.models import Model

log = logging.getLogger(__name__)

Row = TypeVar("Row")
Made = TypeVar("Made")

_LEFT_OUT = "standards:left-out"
"""Key in the cache of {"standard 7": ["app", "hotline"]}; each channel renews its entry."""


def made_of_each(rows: Iterable[Row], make: Callable[[Row], Made], *, channel: str) -> list[Made]:
    """Apply ``make`` to each row; a row that fails is left out and logged as an error.

    ``channel`` names the content in the log and on the page of standards, where the rows left out
    are shown. Database errors are not of one row and are raised.
    """
    made, tried, failed = [], set(), set()
    for row in rows:
        tried.add(_name(row))
        try:
            made.append(make(row))
        except (ArithmeticError, LookupError, TypeError, ValueError):
            failed.add(_name(row))
            log.exception("%s: left out %r (pk %s)", channel, row, getattr(row, "pk", "none"))
    _remember(tried, failed, channel)
    return made


def left_out(model: type[Model]) -> dict[int, list[str]]:
    """Return the rows of a model that channels leave out.

    The result maps primary keys to the names of the channels.
    """
    start = f"{model._meta.model_name} "
    left: dict[str, list[str]] = cache.get(_LEFT_OUT) or {}
    return {int(n.removeprefix(start)): c for n, c in left.items() if n.startswith(start)}


def _name(row: object) -> str:
    return f"{row._meta.model_name} {row.pk}" if isinstance(row, Model) else ""


def _remember(tried: set[str], failed: set[str], channel: str) -> None:
    left: dict[str, list[str]] = cache.get(_LEFT_OUT) or {}
    fields = {name: set(channels) for name, channels in left.items()}
    for name in tried - {""}:
        channels = fields.setdefault(name, set())
        (channels.add if name in failed else channels.discard)(channel)
    now = {name: sorted(channels) for name, channels in fields.items() if channels}
    if now != left:
        cache.set(_LEFT_OUT, now, None)
