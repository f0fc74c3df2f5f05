"""The reader's selection: one frozen value, used from the address to the chart.

An address that cannot be understood is never an error page: the part that is not understood is
named in a sentence, its usual value is used, and the rest is kept.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from khmer.digits import to_ascii

LEVELS = ("commune", "district", "province")
"""The levels that can be compared; the usual one first."""

SORTS = ("share", "judged", "name", "code")
"""The orders of rows; a leading "-" reverses the order."""

NO_PAGE_BEYOND = 9999
COMMUNE_CODE = re.compile(r"[0-9]{6}")

Names = Mapping[str, str]


@dataclass(frozen=True)
class Choices:
    """The possible choices, as code -> name in the reader's language, in the order shown."""

    periods: Names = field(default_factory=dict)
    kinds: Names = field(default_factory=dict)
    services: Mapping[str, Names] = field(default_factory=dict)
    indicators: Mapping[str, Names] = field(default_factory=dict)
    provinces: Names = field(default_factory=dict)
    usual_period: str = ""
    sees_working: bool = False
    """Whether figures reach this reader as they are computed, or only once released."""

    release_is_coming: bool = False
    """Whether there is nothing to show yet, and a release is being prepared right now."""

    @property
    def is_empty(self) -> bool:
        """True where nothing was ever scored, so that there is nothing to choose."""
        return not (self.periods and self.kinds)


@dataclass(frozen=True)
class Query:
    """One question to the scores. ``service`` and ``province`` may be "" (all of them)."""

    period: str = ""
    kind: str = ""
    service: str = ""
    indicator: str = ""
    province: str = ""
    commune: str = ""
    sort: str = "share"
    page: int = 1
    level: str = "commune"
    q: str = ""
    """A part of a name or code: the table shows only places that have it."""

    every: str = ""
    """ "1": places without a figure are in the table too."""

    def turned(self, **changes: Any) -> "Query":
        """Return the same question with some parts changed; a changed question starts on page 1."""
        return replace(self, **{"page": 1, **changes})

    def params(self, *, without: Iterable[str] = ()) -> dict[str, str]:
        """Return the question as URL parameters, leaving out what is empty or usual."""
        left_out = set(without)
        usual = {"sort": "share", "page": "1", "level": "commune"}
        values = {f.name: str(getattr(self, f.name)) for f in fields(self)}
        return {
            name: value
            for name, value in values.items()
            if value and name not in left_out and usual.get(name) != value
        }

    def encoded(self, *, without: Iterable[str] = ()) -> str:
        """Return the question as the part of an address after "?"."""
        return urlencode(self.params(without=without))

    @property
    def sort_column(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def sort_is_descending(self) -> bool:
        return self.sort.startswith("-")


def read_query(params: Mapping[str, str], choices: Choices) -> tuple[Query, tuple[str, ...]]:
    """Return the question in ``params``, and a sentence for each part that was not understood."""
    reader = _Reader(params)
    period = reader.one_of(
        "period",
        choices.periods,
        _("No figures for the period “%s”."),
        may_be=choices.usual_period or None,
    )
    kind = reader.one_of("kind", choices.kinds, _("There is no kind of provider “%s”."))
    services = choices.services.get(kind, {})
    indicators = choices.indicators.get(kind, {})
    query = Query(
        period=period,
        kind=kind,
        service=reader.one_of(
            "service", services, _("“%s” is not a service of this kind of provider."), may_be=""
        ),
        indicator=reader.one_of(
            "indicator", indicators, _("“%s” is not measured for this kind of provider.")
        ),
        province=reader.one_of(
            "province", choices.provinces, _("There is no province with the code “%s”."), may_be=""
        ),
        commune=reader.commune(),
        sort=reader.sort(),
        page=reader.page(),
        level=reader.level(),
        q=reader.sought(),
        every="1" if reader.given("every") == "1" else "",
    )
    if query.level != "commune" and query.commune:
        query = replace(query, commune="")
    return query, tuple(reader.complaints)


class _Reader:
    """Takes values out of the parameters and remembers which could not be understood."""

    def __init__(self, params: Mapping[str, str]) -> None:
        self.params = params
        self.complaints: list[str] = []

    def given(self, name: str) -> str:
        """Return one query parameter in ASCII digits, stripped, at most 60 characters."""
        return to_ascii(str(self.params.get(name) or "")).strip()[:60]

    def one_of(self, name: str, names: Names, complaint: str, *, may_be: str | None = None) -> str:
        """Return the value if it is known; else ``may_be``, or the first that is known."""
        usual = next(iter(names), "") if may_be is None else may_be
        given = self.given(name)
        if not given or (given == "all" and not usual):
            return usual
        if given in names:
            return given
        shown = names.get(usual) or _("all")
        self.complaints.append(
            f"{complaint % given} "
            + _("You see “%(shown)s” instead; choose another in the form.") % {"shown": shown}
        )
        return usual

    def level(self) -> str:
        given = self.given("level") or LEVELS[0]
        if given in LEVELS:
            return given
        self.complaints.append(
            _("There is no level “%s”; you see communes. Choose another in the form.") % given
        )
        return LEVELS[0]

    def sought(self) -> str:
        return str(self.params.get("q") or "").replace("\x00", "").strip()[:60]

    def commune(self) -> str:
        given = self.given("commune")
        if not given or COMMUNE_CODE.fullmatch(given):
            return given
        self.complaints.append(
            _("“%s” is not the code of a commune; a code has six digits, such as 010201.") % given
        )
        return ""

    def sort(self) -> str:
        given = self.given("sort") or "share"
        if given.removeprefix("-") in SORTS:
            return given
        self.complaints.append(
            _("The table cannot be sorted by “%s”; choose the heading of a column.") % given
        )
        return "share"

    def page(self) -> int:
        given = self.given("page") or "1"
        if given.isascii() and given.isdigit() and 1 <= int(given) <= NO_PAGE_BEYOND:
            return int(given)
        self.complaints.append(_("There is no page “%s”; this is the first one.") % given)
        return 1
