"""Where the pages get what they show: scores through their one door, names from the registers.

Whatever comes out of here for a person holds only what this person may see:
``scorecards.scores`` decides that, and nothing is added afterwards.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pandas as pd
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from dashboards import wording
from dashboards.comparison import NOTHING, Whole, spread_of, standings
from dashboards.query import Choices, Query
from places.models import Level, Place
from places.search import find
from scorecards import scores
from scorecards.catalogue import KINDS
from standards.models import Indicator, ProviderKind, Service

PERIOD_ORDER = {"quarter": 0, "year": 1, "month": 2}
KEEP_SECONDS = 300
"""How long an answer is kept that nobody asks again; what is asked is always checked first."""

WHY = {"no_standard": "no_standard", "still_open": "not_yet_known"}
"""How a cell in which nothing was judged is told, by the main reason; others are "no answers"."""


@dataclass(frozen=True)
class Comparison:
    """The answer to one question: every place of the selection, and what all are measured by."""

    table: pd.DataFrame
    whole: Whole
    deff: float
    spread: float
    computed_at: datetime | None
    is_working: bool
    method_version: str
    key: str
    """Changes whenever anything in here does: the name under which its figures are kept."""

    @property
    def has_figures(self) -> bool:
        """True where at least one place has a figure that may be shown."""
        return bool(self.table["share"].notna().any())

    @property
    def is_silent(self) -> bool:
        """True where nobody was asked anywhere in the selection."""
        return bool((self.table["status"] == "no_data").all())


def choices(user: object) -> Choices:
    """Everything that can be chosen, named in the reader's language."""
    found = sorted(scores.periods(user), key=lambda p: PERIOD_ORDER[p.length])
    today = timezone.localdate()
    finished = [p.code for p in found if p.length == "quarter" and p.last < today]
    services: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    known = Service.objects.filter(retired_on=None, provider_kind__in=KINDS)
    for kind, code, km, en in known.values_list("provider_kind", "code", "name_km", "name_en"):
        services[kind][code] = wording.pick(km, en)
    indicators: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    measured = Indicator.objects.values_list("provider_kinds", "code", "name_km", "name_en")
    for kinds, code, km, en in measured:
        for kind in set(kinds) & set(KINDS):
            indicators[kind][code] = wording.pick(km, en)
    provinces = Place.objects.provinces().values_list("code", "name_km", "name_latin")
    return Choices(
        sees_working=bool(scores.Reader.of(user).working),
        release_is_coming=not found and scores.release_is_coming(),
        periods={p.code: wording.period_name(p.code) for p in found},
        kinds={kind: str(ProviderKind(kind).label) for kind in KINDS if indicators[kind]},
        services=services,
        indicators=indicators,
        provinces={code: wording.pick(km, latin) for code, km, latin in provinces},
        usual_period=next(iter(finished), ""),
    )


def compare_communes(user: object, query: Query) -> Comparison:
    """All communes of the nation or one province, for one question."""
    found = _compare(user, query, Level.COMMUNE)
    table = found.table
    if query.province:
        table = table[table["province"] == query.province].reset_index(drop=True)
    # One look at the address, not 1,652: only the code differs.
    before, after = reverse("dashboards:commune", args=["000000"]).split("000000")
    asked = urlencode({"period": query.period})
    return replace(found, table=_told(table, before, f"{after}?{asked}"))


def compare_provinces(user: object, query: Query) -> Comparison:
    """All provinces and the capital, for one question."""
    found = _compare(user, query, Level.PROVINCE)
    asked = query.turned(commune="").encoded(without=["province"])
    before = f"{reverse('dashboards:compare')}?{asked}&province="
    return replace(found, table=_told(found.table, before, ""))


def _told(table: pd.DataFrame, before: str, after: str) -> pd.DataFrame:
    """The table with ``name`` in the reader's language and the ``address`` of each place."""
    name = table["name_km" if wording.is_khmer() else "name_latin"]
    address = [f"{before}{code}{after}" for code in table["code"].tolist()]
    return table.assign(name=name, address=pd.Series(address, index=table.index, dtype=object))


def _compare(user: object, query: Query, level: str) -> Comparison:
    """All places of the nation for one question; kept until ``scores.version`` changes.

    The key says who may see what, so that nobody is answered from another's cache.
    """
    seen = scores.version(
        user,
        period=query.period,
        indicator=query.indicator,
        service=query.service,
        provider_kind=query.kind,
    )
    asked = (level, query.period, query.kind, query.indicator, query.service, seen)
    key = f"dashboards:{sha256(repr(asked).encode()).hexdigest()}"
    kept: Comparison | None = cache.get(key)
    if kept is None:
        kept = _computed(user, query, level, key)
        cache.set(key, kept, KEEP_SECONDS)
    return kept


NEEDED = (
    "level",
    "place_code",
    "numerator",
    "denominator",
    "share",
    "low",
    "high",
    "deff",
    "status",
    "why",
    "computed_at",
    "method_version",
    "working",
)


def _computed(user: object, query: Query, level: str, key: str) -> Comparison:
    cells = scores.cells(
        user,
        period=query.period,
        indicator=query.indicator,
        service=query.service,
        provider_kind=query.kind,
        level=(level, "nation"),
        columns=NEEDED,
    )
    # In order of code: the nation's comes first, for it has none.
    nation = cells[: int((cells["place_code"] == "").sum())]
    cells = cells[len(nation) :]
    whole = _whole(nation)
    deff = float(nation["deff"].fillna(1.0).iloc[0]) if len(nation) else 1.0
    table = _with_standing(_placed(cells, _places(level)), whole, deff)
    return Comparison(
        table=table,
        whole=whole,
        deff=deff,
        spread=spread_of(table, deff),
        computed_at=_newest(cells),
        is_working=bool(cells["working"].any()),
        method_version=str(cells["method_version"].iloc[0]) if len(cells) else "",
        key=key,
    )


FIGURES = {
    "met": "numerator",
    "judged": "denominator",
    "share": "share",
    "low": "low",
    "high": "high",
}
"""The numbers of a place under the names of ``comparison``, and of ``scores``."""


def _placed(cells: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Every place with the figures of its cell; one without a cell has no data."""
    number = {code: at for at, code in enumerate(places["code"].tolist())}
    known = np.array([number.get(code, -1) for code in cells["place_code"].tolist()], dtype=int)
    here = known >= 0
    at = known[here]
    columns: dict[str, Any] = {name: places[name] for name in places.columns}
    for name, told in FIGURES.items():
        column = np.full(len(places), np.nan)
        column[at] = cells[told].to_numpy(dtype=float)[here]
        columns[name] = column
    for name, missing in (("why", ""), ("status", "no_data")):
        words = np.full(len(places), missing, dtype=object)
        words[at] = np.array(cells[name].tolist(), dtype=object)[here]
        columns[name] = pd.Series(words, index=places.index, dtype=object)
    return pd.DataFrame(columns)


def _with_standing(table: pd.DataFrame, whole: Whole, deff: float) -> pd.DataFrame:
    """The table with how each place stands against the whole nation, or why it does not."""
    told = standings(table, whole, deff).tolist()
    reasons = [WHY.get(why, "no_data") if why else "" for why in table.pop("why").tolist()]
    standing = [reason or s for reason, s in zip(reasons, told, strict=True)]
    table["standing"] = pd.Series(standing, index=table.index, dtype=object)
    return table


def _whole(nation: pd.DataFrame) -> Whole:
    if nation.empty:
        return NOTHING
    row = nation.iloc[0]
    return Whole(
        met=float(row["numerator"]),
        judged=float(row["denominator"]),
        share=float(row["share"]),
        low=float(row["low"]),
        high=float(row["high"]),
    )


def _newest(cells: pd.DataFrame) -> datetime | None:
    found: Any = cells["computed_at"].max() if len(cells) else None
    return None if found is None or pd.isna(found) else pd.Timestamp(found).to_pydatetime()


def _places(level: str) -> pd.DataFrame:
    """The places of a level as a table, in order of code: names, kind, point, province."""
    key = f"dashboards:places:{level}"
    kept: pd.DataFrame | None = cache.get(key)
    if kept is not None:
        return kept
    columns = ["code", "name_km", "name_latin", "kind", "longitude", "latitude"]
    rows = Place.objects.filter(level=level, valid_to=None).values_list(*columns)
    table = pd.DataFrame(rows, columns=pd.Index(columns))
    for degrees in ("longitude", "latitude"):
        table[degrees] = table[degrees].astype(float)
    # As plain objects: the pages walk through these texts, which Arrow's arrays make slow.
    texts = ["code", "name_km", "name_latin", "kind"]
    table = table.astype(dict.fromkeys(texts, object))
    table["province"] = pd.Series([code[:2] for code in table["code"]], dtype=object)
    cache.set(key, table, KEEP_SECONDS)
    return table


def communes_of(province: str) -> list[Place]:
    """The communes of one province, with their district, in order of code."""
    here = Place.objects.communes().filter(valid_to=None).inside(province)
    return list(here.select_related("parent"))


def find_communes(sought: str) -> list[Place]:
    """Communes that what is sought may mean, the likeliest first: by name, near name or code."""
    return find(sought, level=Level.COMMUNE, limit=40)
