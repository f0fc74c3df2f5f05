"""Building a channel's content row by row, so that one bad row never stops the others."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

log = logging.getLogger(__name__)

Row = TypeVar("Row")
Made = TypeVar("Made")


def made_of_each(rows: Iterable[Row], make: Callable[[Row], Made], *, channel: str) -> list[Made]:
    """What ``make`` makes of each row; a row it cannot make is left out and logged as an error.

    ``channel`` names the content in the log. Database errors are not of one row and are raised.
    """
    made = []
    for row in rows:
        try:
            made.append(make(row))
        except (ArithmeticError, LookupError, TypeError, ValueError):
            log.exception("%s: left out %r (pk %s)", channel, row, getattr(row, "pk", "none"))
    return made
