"""The facts that the hotline may speak in one call, as plain values for pure functions."""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

NOTICE: Final = "2026-11"
"""The version of the notice "tell.notice": who asks, why, and who never sees the number."""

CHECK_CONSENT: Final = "2026-11"
"""The version of "tell.check": somebody calls once, the number is kept for that and deleted."""


SEVERAL: Final = frozenset({"sheet", "document"})
"""Units of which one request buys several at once."""


@dataclass(frozen=True)
class Option:
    """The standard in force for one option of a service; ``None`` means never published.

    ``fee`` and ``fee_concession`` are whole riel or dollars, ``days_max`` days of ``day_kind``
    ("working" or "calendar"), ``papers`` document codes (``None``: no list published).
    """

    code: str
    fee: int | None
    fee_concession: int | None
    currency: str
    days_max: int | None
    day_kind: str
    papers: tuple[str, ...] | None
    checked: date | None = None
    """When somebody last compared this with its source."""
    fee_unit: str = ""
    """What one fee pays for (standards.models.FeeUnit), such as one sheet; "" where unknown."""
    papers_complete: bool = True
    """False where the published list is known only in part."""

    @property
    def several(self) -> bool:
        """Return whether one request may pay this fee several times, such as for each sheet."""
        return bool(self.fee) and self.fee_unit in SEVERAL


@dataclass(frozen=True)
class Service:
    """One service with its options, in the order in which they are offered."""

    code: str
    options: tuple[Option, ...]
    kind: str = ""
    """The kind of office that gives it (standards.models.ProviderKind)."""

    def option(self, code: str) -> Option:
        """Return the option with this code, the first one where the code is unknown."""
        return next((o for o in self.options if o.code == code), self.options[0])


@dataclass(frozen=True)
class Request:
    """The facts of a request that its caller may hear after giving its code."""

    service: str
    promised: date | None
    overdue: bool
    far: bool = False
    """The promised day is so far from today that it is said with its year."""
    fee: int | None = None
    """The official fee of the standard the request was made under; None where none is known."""
    currency: str = "KHR"
    unit: str = ""


@dataclass(frozen=True)
class Facts:
    """Everything a call can ask about: languages, services in their order, the caller's past."""

    languages: tuple[str, ...]
    services: tuple[Service, ...]
    commune: str = ""
    """The commune that the caller named before; empty where none is remembered."""
    communes: frozenset[str] = frozenset()
    """Codes of all communes: only these can be entered."""
    agreed: bool = False
    """The caller has heard the notice and agreed to be asked."""
    check: bool = False
    """This call was drawn: after a report the caller is asked for a call back to check it."""
    by_code: dict[str, Service] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        self.by_code.update({s.code: s for s in self.services})
