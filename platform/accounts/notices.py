"""What waits for a person, said on their home page: each app names its own."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Notice:
    """One sentence with the page where it is dealt with."""

    url: str
    text: str


_makers: list[Callable[[object], Notice | None]] = []


def announce(make: Callable[[object], Notice | None]) -> None:
    """Ask this function about everybody who opens their home page."""
    if make not in _makers:
        _makers.append(make)


def notices_for(user: object) -> list[Notice]:
    """What waits for this person."""
    return [notice for make in _makers if (notice := make(user))]
