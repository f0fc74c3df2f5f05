"""Words that every scoring function shares.

A number that cannot be shown is never a zero and never an empty cell: it has a status of its own,
so that a page can say "too few" or "not yet known" in words.
"""

from enum import IntEnum, StrEnum


class Outcome(IntEnum):
    """The judgement of one case on one indicator, small enough to count by the million.

    1 and 0 are judged; everything below zero is "not judged" and names the reason.
    """

    MET = 1
    NOT_MET = 0
    NO_STANDARD = -1
    UNKNOWN_ANSWER = -2
    DOES_NOT_APPLY = -3
    STILL_OPEN = -4

    @property
    def judged(self) -> bool:
        """True where the case counts in the denominator."""
        return self >= 0

    @property
    def reason(self) -> str:
        """The reason code ("no_standard" ...) of a case that was not judged, else ""."""
        return "" if self.judged else self.name.lower()


REASONS: tuple[Outcome, ...] = (
    Outcome.NO_STANDARD,
    Outcome.UNKNOWN_ANSWER,
    Outcome.DOES_NOT_APPLY,
    Outcome.STILL_OPEN,
)


class Status(StrEnum):
    """The status of a figure: whether there is one and how certain it is."""

    FULL = "full"
    PALE = "pale"
    TOO_FEW = "too_few"
    NOT_YET_KNOWN = "not_yet_known"
    NO_DATA = "no_data"
    SHOWN = "shown"
    WITHDRAWN = "withdrawn"


class CaseStatus(StrEnum):
    """The progress of a request: the values of the column ``status`` of a case."""

    OPEN = "open"
    DELIVERED = "delivered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class DayKind(StrEnum):
    """The kind of day a standard counts in."""

    WORKING = "working"
    CALENDAR = "calendar"


class FunnelClass(StrEnum):
    """The five classes of a place against the national line."""

    FAR_BELOW = "far_below"
    BELOW = "below"
    AS_EXPECTED = "as_expected"
    ABOVE = "above"
    FAR_ABOVE = "far_above"
    NOT_DRAWN = "not_drawn"


class Change(StrEnum):
    """The five possible statements about two periods of one series."""

    UP = "up"
    DOWN = "down"
    NO_CLEAR_CHANGE = "no_clear_change"
    NEW_STANDARD = "new_standard"
    NOT_COMPARABLE = "not_comparable"


class Colour(StrEnum):
    """The colour of an overall score: it follows the whole interval, never the point."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"
