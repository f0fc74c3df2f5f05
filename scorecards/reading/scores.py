"""THE way to read scores: every page, export, API and report asks here and nowhere deeper.

Access is decided here and only here (``Reader``): people with ``scores.working``
for a place see its working figures; everyone else, signed in or not, sees the frozen
releases, from which nothing about fewer than ten people can be learnt, and nothing that
is not released. Callers pass ``request.user`` and show what comes back; they never
filter for confidentiality themselves.

    periods(user) -> list[Period]                    newest first; .code .length .first .last
    cells(user, period=, indicator=, service="", provider_kind="", level="commune", within="",
        columns=COLUMNS) -> DataFrame, one row per place (and kind): for comparing, maps, CSV
    commune(user, code, period) -> DataFrame         every cell of one commune and its providers
    series(user, place=, indicator=, service="", provider_kind="", length="quarter", provider=0)
        -> DataFrame, one row per period, oldest first
    provider(user, provider_id, period) -> DataFrame every cell of one health centre, school …
    place(user, code, period) -> DataFrame           the same for a province "01" or the nation ""
    communes_within(user, code, period) -> DataFrame all services together of each commune of a
        district or province
    history(user, code, length=, last=) -> DataFrame every cell of a place in its last periods
    version(user, period=, indicator=, …) -> str     changes whenever ``cells`` would; for caches
    totals(user, codes) -> DataFrame                 all services together of the nation and
        every province, in several periods
    everything(user, period) -> DataFrame            all of it; reading.data_package makes files
    reading.explanation.explain(user, …)             what one cell was computed from, in words

Columns of every DataFrame (see ``COLUMNS``): period, level, place_code, place_km,
place_en, province_code, provider_kind, provider_id, provider_km, provider_en, service
("" is all services), indicator, self_assessment, numerator, denominator, share, low, high
(0..1), status ("full", "pale", "too_few", "no_data", "not_yet_known"; of released figures
"full", "pale" or "withdrawn": being corrected, no number), why ("no_standard",
"still_open", … where nothing was judged, else ""), the counts left out (no_standard,
unknown_answer, does_not_apply, still_open), deff, median, distribution, revised,
computed_at, newest_observation, method_version, standards_version, working (True: a working
figure, shown to this person only), rounded (True: numerator and denominator are rounded to
multiples of three; a figure neither working nor rounded was published under earlier rules).
Released figures have no counts left out, no median and no distribution; they exist for
quarters, places and the nation. A cell that is not printed has no row, like an empty one.

A number that this person may not see is NaN (None in ``distribution``) and ``status``
says why in a word; it is never 0. Place codes: "" nation, "01" province, "0102"
district, "010203" commune.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Required, TypedDict, Unpack

import pandas as pd
from django.core.cache import cache

from accounts.models import Programme
from accounts.permissions import scopes
from replicas import connection_for_reading
from scorecards import periods as calendar
from scorecards.models import Release
from scorecards.periods import Period
from scorecards.reading.score_columns import (
    COLUMNS,
    COMPARED,
    LEVELS,
    NAMED,
    NAMES,
    PACKING,
    RELEASED_AS,
    RELEASED_CELLS,
    RELEASES,
    SUMMED,
    WORKING_AS,
)
from scorecards.storage import packed_columns, partitions

_FILLED = "scorecards:periods"
# These names identify a cell, so that its position in a table never depends on the database.
_BY = (
    "place_code",
    "provider_kind",
    "provider_id",
    "service",
    "indicator",
    "self_assessment",
    "period",
)


class Asked(TypedDict, total=False):
    """The arguments of ``cells``; see ``arrays``."""

    period: Required[str]
    indicator: Required[str]
    service: str
    provider_kind: str
    level: str | Sequence[str]
    within: str
    self_assessment: bool


@dataclass(frozen=True)
class Reader:
    """The places where one person sees working figures: code prefixes ("" is the nation)."""

    working: tuple[str, ...]

    @classmethod
    def of(cls, user: object) -> "Reader":
        """Return the reader for ``user``; an anonymous user sees no working figure."""
        prefixes: set[str] = set()
        for scope in scopes(user, "scores.working"):
            if scope.programme is None or scope.place:
                prefixes.add(scope.place)
            else:
                provinces = Programme.objects.get(pk=scope.programme).provinces
                prefixes.update(provinces.values_list("code", flat=True))
        return cls(tuple(sorted(prefixes)))

    @property
    def everything(self) -> bool:
        """Return whether this person may see every working figure."""
        return "" in self.working

    def condition(self) -> tuple[str, list[Any]]:
        """Return the places whose working figures this person sees, as a condition on ``s``."""
        if self.everything:
            return "true", []
        if not self.working:
            return "false", []
        return "s.place_code ^@ ANY(%s)", [list(self.working)]


def periods(user: object) -> list[Period]:
    """Return periods that have figures for this person, newest first, months before quarters."""
    order = {"month": 0, "quarter": 1, "year": 2}
    with connection_for_reading().cursor() as cursor:
        cursor.execute("SELECT period FROM scorecards_release WHERE is_current")
        codes = {code for (code,) in cursor.fetchall()}
    if Reader.of(user).working:
        codes |= _with_working_figures()
    available = [calendar.parse(code) for code in codes]
    return sorted(available, key=lambda p: (-p.first.toordinal(), order[p.length]))


def readable_places(user: object, period: str) -> tuple[str, ...]:
    """Return where ``user`` may read figures of ``period``, as code prefixes ("" is all).

    Of other places it was not released: silence there does not mean that nobody answered.
    """
    reader = Reader.of(user)
    if reader.everything or Release.objects.filter(period=period, is_current=True).exists():
        return ("",)
    return reader.working


def release_is_coming() -> bool:
    """Return whether a release is being prepared now; this reveals none of its figures."""
    return Release.objects.filter(state=Release.State.PREPARING).exists()


def _with_working_figures() -> set[str]:
    """Return the periods with any working figure.

    A period that had some is not checked again for a while.
    """
    parts = set(calendar.plausible(partitions.parts(partitions.SCORES)))
    filled: set[str] = cache.get(_FILLED, set()) & parts
    if unsure := sorted(parts - filled):
        with connection_for_reading().cursor() as cursor:
            cursor.execute(
                "SELECT code FROM unnest(%s::text[]) AS code, LATERAL "
                "(SELECT FROM scorecards_score s WHERE s.period = code LIMIT 1) AS one",
                [unsure],
            )
            if fresh := {code for (code,) in cursor.fetchall()}:
                filled |= fresh
                cache.set(_FILLED, filled, timeout=300)
    return filled


def cells(
    user: object, *, columns: Sequence[str] = COLUMNS, **asked: Unpack[Asked]
) -> pd.DataFrame:
    """Return one indicator across places: a row per place and kind of provider, in order of code.

    ``columns`` limits to what a page needs: each costs time for each place. Raises
    ``ValueError`` for a period or level that does not exist.
    """
    return pd.DataFrame(arrays(user, columns=columns, **asked), columns=pd.Index(columns))


def arrays(
    user: object,
    *,
    period: str,
    indicator: str,
    service: str = "",
    provider_kind: str = "",
    level: str | Sequence[str] = "commune",
    within: str = "",
    self_assessment: bool = False,
    columns: Sequence[str] = COLUMNS,
) -> dict[str, Any]:
    """Return ``cells`` for a page that cannot wait: columns by name, numbers as arrays, texts as
    lists.

    ``provider_kind`` "" is every kind; ``level`` may be several; ``within`` limits to places whose
    code begins so.
    """
    calendar.parse(period)
    levels = [level] if isinstance(level, str) else list(level)
    for name in levels:
        if name not in LEVELS:
            raise ValueError(f'"{name}" is not a level: {", ".join(LEVELS)}')
    where = "s.period = %s AND s.indicator = %s AND s.service = %s AND s.level = ANY(%s)"
    values: list[Any] = [period, indicator, service, levels]
    where, values = _narrow(where, values, provider_kind, within)
    where, values = f"{where} AND s.self_assessment = %s", [*values, self_assessment]
    return _columns(user, where, values, columns)


def version(
    user: object, *, period: str, indicator: str, service: str = "", provider_kind: str = ""
) -> str:
    """Return a text that changes whenever ``cells`` would answer this person otherwise.

    At any level; also when classes and lines (``statistics.classes``) were computed anew. For
    caches: it costs one aggregate, and contains what the person may see.
    """
    where = "s.period = %s AND s.indicator = %s AND s.service = %s"
    where, values = _narrow(where, [period, indicator, service], provider_kind, "")
    reader = Reader.of(user)
    parts: list[str] = []
    with connection_for_reading().cursor() as cursor:
        if reader.working:
            cursor.execute(f"{SUMMED} WHERE {where}", values)
            parts += map(str, cursor.fetchone() or ())
            cursor.execute(f"{COMPARED} WHERE {where} AND s.release_id = 0", values)
            parts += map(str, cursor.fetchone() or ())
        if not reader.everything:
            cursor.execute(RELEASES, [period])
            parts += map(str, cursor.fetchone() or ())
    return repr((reader.working, *parts))


def commune(user: object, code: str, period: str) -> pd.DataFrame:
    """Return every cell of one commune in one period, its own providers' cells included."""
    return place(user, code, period)


def place(user: object, code: str, period: str) -> pd.DataFrame:
    """Return every cell of one place (commune "010203", province "01", nation "") in one period."""
    calendar.parse(period)
    return _read(user, "s.period = %s AND s.place_code = %s", [period, code])


def communes_within(user: object, code: str, period: str) -> pd.DataFrame:
    """Return cells of all services together of every commune of one district or province."""
    calendar.parse(period)
    where = (
        "s.period = %s AND s.level = 'commune' AND starts_with(s.place_code, %s) "
        "AND s.service = '' AND s.provider_id = 0 AND NOT s.self_assessment"
    )
    return _read(user, where, [period, code])


def history(
    user: object, code: str, *, until: str, last: int = 8, columns: Sequence[str] = COLUMNS
) -> pd.DataFrame:
    """Return cells of one place in up to ``last`` periods as long as ``until``, itself the last."""
    end = calendar.parse(until)
    codes = [p.code for p in periods(user) if p.length == end.length and p.first <= end.first]
    where = (
        "s.period = ANY(%s) AND s.place_code = %s AND s.provider_id = 0 AND NOT s.self_assessment"
    )
    return _read(user, where, [codes[:last], code], columns)


def totals(user: object, codes: Sequence[str], *, columns: Sequence[str] = COLUMNS) -> pd.DataFrame:
    """Return cells of all services together of nation and provinces, in several periods."""
    where = (
        "s.period = ANY(%s) AND s.level IN ('nation', 'province') AND s.service = '' "
        "AND s.provider_id = 0 AND NOT s.self_assessment"
    )
    return _read(user, where, [list(codes)], columns)


def everything(
    user: object, period: str, *, within: str = "", columns: Sequence[str] = COLUMNS
) -> pd.DataFrame:
    """Return every cell of one period that this person may see, in order of place.

    ``within`` limits to places whose code begins so, ``columns`` to what is needed.
    """
    calendar.parse(period)
    return _read(user, *_narrow("s.period = %s", [period], "", within), columns)


def provider(user: object, provider_id: int, period: str) -> pd.DataFrame:
    """Return every cell of one provider that has a score of its own, in one period."""
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
    """Return one cell through time.

    A row per period of this ``length`` (and kind), oldest first.
    """
    codes = [p.code for p in periods(user) if p.length == length]
    where = (
        "s.period = ANY(%s) AND s.indicator = %s AND s.service = %s AND s.place_code = %s"
        " AND s.provider_id = %s AND s.self_assessment = %s"
    )
    values: list[Any] = [codes, indicator, service, place, provider, self_assessment]
    where, values = _narrow(where, values, provider_kind, "")
    rows = _read(user, where, values)
    return rows.sort_values(["provider_kind", "period"], ignore_index=True)


def _narrow(
    where: str, values: list[Any], provider_kind: str, within: str
) -> tuple[str, list[Any]]:
    if provider_kind:
        where, values = f"{where} AND s.provider_kind = %s", [*values, provider_kind]
    if within:
        where, values = f"{where} AND starts_with(s.place_code, %s)", [*values, within]
    return where, values


def _read(
    user: object, where: str, values: list[Any], columns: Sequence[str] = COLUMNS
) -> pd.DataFrame:
    """Read working figures where this person may see them, released ones everywhere else."""
    return pd.DataFrame(_columns(user, where, values, columns), columns=pd.Index(columns))


def _columns(user: object, where: str, values: list[Any], columns: Sequence[str]) -> dict[str, Any]:
    """Return the same, column by column: a page of the nation waits for this.

    Columns are sent packed, in one row: a tuple per place, and a Python object per figure, took
    three times as long to receive.
    """
    reader = Reader.of(user)
    mine, prefixes = reader.condition()
    names = list(columns)
    parts: list[str] = []
    if reader.working:
        source = f"FROM scorecards_score s {_named(names)} WHERE {where} AND {mine}"
        parts.append(f"(SELECT {_listed(names, WORKING_AS)} {source})")
    if not reader.everything:
        source = f"FROM {RELEASED_CELLS} s {_named(names)} WHERE {where} AND NOT {mine}"
        parts.append(f"(SELECT {_listed(names, RELEASED_AS)} {source})")
    order = ", ".join(str(names.index(name) + 1) for name in _BY if name in names)
    rows = f"{' UNION ALL '.join(parts)} ORDER BY {order}"
    kinds = [PACKING.get(name, packed_columns.PLAIN) for name in names]
    packed = ", ".join(kind.packed(f"q.{name}") for kind, name in zip(kinds, names, strict=True))
    with connection_for_reading().cursor() as cursor:
        cursor.execute(
            f"SELECT {packed} FROM ({rows}) q",  # noqa: S608 - our own names of columns
            [*values, *prefixes] * len(parts),
        )
        row = cursor.fetchone() or [None] * len(names)
    return {
        name: kind.unpacked(column) for name, kind, column in zip(names, kinds, row, strict=True)
    }


def _listed(names: list[str], read_as: dict[str, str]) -> str:
    return ", ".join(f"{read_as[name]} AS {name}" for name in names)


def _named(names: list[str]) -> str:
    """Return the joins for the names of places and providers, where any is asked for."""
    return NAMED if set(NAMES) & set(names) else ""
