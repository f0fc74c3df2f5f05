"""THE way to read scores: every page, export, API and report asks here and nowhere deeper.

Who sees what is decided here and only here (``Reader``): people with ``scores.working``
for a place see its working figures, everyone else, signed in or not, sees figures from
which nothing about fewer than ten people can be learnt. Callers pass ``request.user``
and show what comes back; they never filter for confidentiality themselves.

    periods(user) -> list[Period]                    newest first; .code .length .first .last
    cells(user, period=, indicator=, service="", provider_kind="", level="commune", within="")
        -> DataFrame, one row per place (and kind): for comparing, maps, tables, CSV
    commune(user, code, period) -> DataFrame         every cell of one commune and its providers
    series(user, place=, indicator=, service="", provider_kind="", length="quarter", provider=0)
        -> DataFrame, one row per period, oldest first
    provider(user, provider_id, period) -> DataFrame every cell of one health centre, school …
    place(user, code, period) -> DataFrame           the same for a province "01" or the nation ""
    revisions(user, …) and explain(user, …)          what one cell was computed from

Columns of every DataFrame (see ``COLUMNS``): period, level, place_code, place_km,
place_en, province_code, provider_kind, provider_id, provider_km, provider_en, service
("" is all services), indicator, self_assessment, numerator, denominator, share, low, high
(0..1), status ("full", "pale", "too_few", "no_data", "not_yet_known"), why
("no_standard", "still_open", … where nothing was judged, else ""), the counts left out
(no_standard, unknown_answer, does_not_apply, still_open), deff, median, distribution,
revised, computed_at, newest_observation, method_version, standards_version, working
(True: a working figure, shown to this person only).

A number that this person may not see is NaN (None in ``distribution``) and ``status``
says why in a word; it is never 0. Place codes: "" nation, "01" province, "0102"
district, "010203" commune.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from django.db import connection

from accounts.models import Programme
from accounts.permissions import scopes
from scorecards import partitions
from scorecards import periods as calendar
from scorecards.periods import Period
from scorecards.scoring.shares import LEAST_JUDGED

COUNTS = ("no_standard", "unknown_answer", "does_not_apply", "still_open")
NUMBERS = ("numerator", "denominator", "share", "low", "high", *COUNTS, "deff", "median")
COLUMNS = (
    "period",
    "level",
    "place_code",
    "place_km",
    "place_en",
    "province_code",
    "provider_kind",
    "provider_id",
    "provider_km",
    "provider_en",
    "service",
    "indicator",
    "self_assessment",
    *NUMBERS,
    "distribution",
    "status",
    "why",
    "revised",
    "computed_at",
    "newest_observation",
    "method_version",
    "standards_version",
    "working",
)
LEVELS = ("provider", "commune", "province", "nation")

_SELECT = """
SELECT s.period, s.level, s.place_code, coalesce(p.name_km, ''), coalesce(p.name_latin, ''),
       s.province_code, s.provider_kind, s.provider_id, coalesce(o.name_km, ''),
       coalesce(o.name_en, ''), s.service, s.indicator, s.self_assessment, s.numerator,
       s.denominator, s.share, s.low, s.high, s.no_standard, s.unknown_answer,
       s.does_not_apply, s.still_open, s.deff, s.median, s.distribution, s.status, s.revised,
       s.computed_at, s.newest_observation, s.method_version, s.standards_version
FROM scorecards_score s
LEFT JOIN places_place p ON p.code = s.place_code
LEFT JOIN standards_provider o ON s.provider_id > 0 AND o.id = s.provider_id
"""
_READ = [name for name in COLUMNS if name not in ("why", "working")]
_ORDER = " ORDER BY s.place_code, s.provider_kind, s.provider_id, s.service, s.indicator, s.period"


@dataclass(frozen=True)
class Reader:
    """Where one person sees working figures: prefixes of place codes ("" is the nation)."""

    working: tuple[str, ...]

    @classmethod
    def of(cls, user: object) -> "Reader":
        """What ``user`` may see; anybody unknown sees no working figure."""
        prefixes: set[str] = set()
        for scope in scopes(user, "scores.working"):
            if scope.programme is None or scope.place:
                prefixes.add(scope.place)
            else:
                provinces = Programme.objects.get(pk=scope.programme).provinces
                prefixes.update(provinces.values_list("code", flat=True))
        return cls(tuple(sorted(prefixes)))

    def sees(self, codes: pd.Series) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """For each place code: may the working figure be shown?"""
        if "" in self.working:
            return np.ones(len(codes), dtype=np.bool_)
        if not self.working:
            return np.zeros(len(codes), dtype=np.bool_)
        return np.asarray(codes.str.startswith(self.working), dtype=np.bool_)


def periods(user: object) -> list[Period]:
    """The periods that have figures for this person, newest first, months before quarters."""
    order = {"month": 0, "quarter": 1, "year": 2}
    with connection.cursor() as cursor:
        found = []
        for code in partitions.parts(partitions.SCORES):
            cursor.execute("SELECT EXISTS (SELECT FROM scorecards_score WHERE period = %s)", [code])
            if cursor.fetchone() == (True,):
                found.append(calendar.parse(code))
    return sorted(found, key=lambda p: (-p.first.toordinal(), order[p.length]))


def cells(
    user: object,
    *,
    period: str,
    indicator: str,
    service: str = "",
    provider_kind: str = "",
    level: str = "commune",
    within: str = "",
    self_assessment: bool = False,
) -> pd.DataFrame:
    """One indicator across places: a row per place and kind of provider, in order of code.

    ``provider_kind`` "" is every kind; ``within`` limits to places whose code begins so.
    Raises ``ValueError`` for a period or level that does not exist.
    """
    calendar.parse(period)
    if level not in LEVELS:
        raise ValueError(f'"{level}" is not a level: {", ".join(LEVELS)}')
    where = "s.period = %s AND s.indicator = %s AND s.service = %s AND s.level = %s"
    values: list[Any] = [period, indicator, service, level]
    where, values = _narrow(where, values, provider_kind, within)
    return _read(user, f"{where} AND s.self_assessment = %s", [*values, self_assessment])


def commune(user: object, code: str, period: str) -> pd.DataFrame:
    """Every cell of one commune in one period, its own providers' cells included."""
    return place(user, code, period)


def place(user: object, code: str, period: str) -> pd.DataFrame:
    """Every cell of one place (commune "010203", province "01", nation "") in one period."""
    calendar.parse(period)
    return _read(user, "s.period = %s AND s.place_code = %s", [period, code])


def provider(user: object, provider_id: int, period: str) -> pd.DataFrame:
    """Every cell of one provider that has a score of its own, in one period."""
    calendar.parse(period)
    return _read(user, "s.period = %s AND s.provider_id = %s", [period, provider_id])


def series(
    user: object,
    *,
    place: str,
    indicator: str,
    service: str = "",
    provider_kind: str = "",
    length: str = "quarter",
    provider: int = 0,
    self_assessment: bool = False,
) -> pd.DataFrame:
    """One cell through time: a row per period of this ``length`` (and kind), oldest first."""
    codes = [p.code for p in periods(user) if p.length == length]
    where = (
        "s.period = ANY(%s) AND s.indicator = %s AND s.service = %s AND s.place_code = %s"
        " AND s.provider_id = %s AND s.self_assessment = %s"
    )
    values: list[Any] = [codes, indicator, service, place, provider, self_assessment]
    where, values = _narrow(where, values, provider_kind, "")
    found = _read(user, where, values)
    return found.sort_values(["provider_kind", "period"], ignore_index=True)


def _narrow(
    where: str, values: list[Any], provider_kind: str, within: str
) -> tuple[str, list[Any]]:
    if provider_kind:
        where, values = f"{where} AND s.provider_kind = %s", [*values, provider_kind]
    if within:
        where, values = f"{where} AND starts_with(s.place_code, %s)", [*values, within]
    return where, values


def _read(user: object, where: str, values: list[Any]) -> pd.DataFrame:
    """Rows of working figures, with everything hidden that this person may not see."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT} WHERE {where}{_ORDER}", values)
        rows = cursor.fetchall()
    table = pd.DataFrame(rows, columns=pd.Index(_READ))
    numbers = table[list(NUMBERS)].astype("float64")
    table = table.assign(**{name: numbers[name] for name in NUMBERS})
    table["why"] = _why(table)
    table["working"] = Reader.of(user).sees(table["place_code"].astype(str))
    return _hide(table)[list(COLUMNS)]


def _why(table: pd.DataFrame) -> pd.Series:
    """The main reason why nothing was judged; "" where something was."""
    counts = table[list(COUNTS)]
    nothing = (table["denominator"] == 0) & (counts.sum(axis=1) > 0)
    if table.empty:
        return pd.Series([], dtype=object)
    return counts.idxmax(axis=1).where(nothing, "").astype(object)


def _hide(table: pd.DataFrame) -> pd.DataFrame:
    """Take away every number of fewer than ten people from those who may not see it."""
    hidden = ~table["working"] & (table["denominator"] < LEAST_JUDGED)
    some = hidden & (table["denominator"] > 0)
    table.loc[some, "status"] = "too_few"
    small = ~table["working"].to_numpy()[:, None] & (table[list(COUNTS)] < LEAST_JUDGED)
    table[list(COUNTS)] = table[list(COUNTS)].mask(small)
    table.loc[hidden, list(NUMBERS)] = np.nan
    table.loc[hidden, "newest_observation"] = pd.NaT
    few_behind = ~table["working"] & (table["denominator"] - table["numerator"] < LEAST_JUDGED)
    table.loc[few_behind, "median"] = np.nan
    table["distribution"] = [
        None if gone else votes
        for votes, gone in zip(table["distribution"], hidden | ~table["working"], strict=True)
    ]
    return table
