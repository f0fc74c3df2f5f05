"""Released figures of a province, read once and used for each of its communes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pandas as pd
from django.contrib.auth.models import AnonymousUser

from dashboards.data.classed_cells import with_classes
from places.models import Level, Place
from scorecards import periods
from scorecards.indicators import RULE_OF
from scorecards.reading import scores, statistics
from scorecards.reading.vocabulary import five_like

READER: Final = AnonymousUser()
"""Paper is read by everybody: it shows what a visitor may see."""
LEAST_PEERS: Final = 5
"""Communes with a figure from which a middle of them is drawn."""
COLUMNS: Final = (
    *("period", "level", "place_code", "provider_kind", "provider_id", "service", "indicator"),
    *("self_assessment", "numerator", "denominator", "share", "low", "high", "status", "why"),
    *("computed_at", "method_version", "working", "rounded"),
)
RULES: Final = ("fee", "time", "documents", "visits")
"""The measures of the matrix, in its order."""

Row = Mapping[Any, Any]
Key = tuple[str, str, str]
"""Kind of provider, service ("" for all together), indicator."""


def key_of(row: Row) -> Key:
    """Return the key of a row's measure: (kind of provider, service, indicator)."""
    return row["provider_kind"], row["service"], row["indicator"]


def rule_of(row: Row) -> str:
    """Return the rule by which a row was judged; "" for votes and inputs."""
    return RULE_OF.get(row["indicator"], "")


@dataclass(frozen=True)
class ProvinceFigures:
    """Every released figure of the communes of one province in one quarter."""

    period: str
    table: pd.DataFrame
    """Cells with their class, line and change; only those with a figure."""
    before: Mapping[tuple[str, Key], float]
    """Shares of the quarter before, by commune and measure."""
    middle: Mapping[tuple[str, Key], float]
    """The median of communes of a kind (khum or sangkat), by kind and measure."""
    like: Mapping[str, pd.DataFrame]
    kinds: Mapping[str, str]
    """Commune to its kind."""

    @cached_property
    def _lines(self) -> Mapping[Any, Any]:
        """Find the lines of each commune in the table."""
        return self.table.groupby("place_code", sort=False).indices

    @cached_property
    def _rows(self) -> dict[str, Sequence[Row]]:
        """Keep the rows of communes asked for so far: one sheet needs six of a province."""
        return {}

    def of(self, commune: str) -> Sequence[Row]:
        """Return the figures of one commune, in order of measure."""
        if commune not in self._rows:
            own = self.table.iloc[self._lines.get(commune, [])]
            self._rows[commune] = own.to_dict("records")
        return self._rows[commune]

    def share_before(self, commune: str, row: Row) -> float:
        """Return the share of the same measure in the quarter before; NaN where there is none."""
        return self.before.get((commune, key_of(row)), float("nan"))

    def peers_middle(self, commune: str, row: Row) -> float:
        """Return the middle of communes of its kind in the province; NaN below ``LEAST_PEERS``."""
        return self.middle.get((self.kinds.get(commune, ""), key_of(row)), float("nan"))

    def peers(self, commune: str) -> list[str]:
        """Return five communes like this one.

        They are of its kind, then nearest in the number of answers.
        """
        table = self.like["all"]
        if commune not in table.index:
            extra = pd.DataFrame({"kind": [self.kinds.get(commune, "")], "judged": [0]}, [commune])
            table = pd.concat([table, extra])
        like: list[str] = five_like(table, commune, ["kind"]).tolist()
        return like


def province_figures(province: str, period: str) -> ProvinceFigures:
    """Read the released figures of a province; costs four statements, however many communes."""
    cells = _own(scores.everything(READER, period, within=province, columns=COLUMNS))
    classes = statistics.classes(READER, period, level="commune", within=province)
    classed = with_classes(cells, classes)
    earlier = periods.parse(period).previous.code
    past = _own(scores.everything(READER, earlier, within=province, columns=COLUMNS))
    kinds = dict(
        Place.objects.filter(level=Level.COMMUNE, code__startswith=province).values_list(
            "code", "kind"
        )
    )
    columns = ("place_code", "provider_kind", "service", "indicator", "share")
    shares = zip(*(past[name].tolist() for name in columns), strict=True)
    return ProvinceFigures(
        period=period,
        table=classed,
        before={(place, (kind, s, code)): share for place, kind, s, code, share in shares},
        middle=_middle(classed, kinds),
        like={"all": _alike(classed, kinds)},
        kinds=kinds,
    )


def _own(cells: pd.DataFrame) -> pd.DataFrame:
    """Return cells of communes that carry a figure and are the citizens' view."""
    own = (
        (cells["level"] == "commune")
        & (cells["provider_id"] == 0)
        & ~cells["self_assessment"].astype(bool)
        & cells["share"].notna()
    )
    return cells[own].reset_index(drop=True)


def _middle(table: pd.DataFrame, kinds: Mapping[str, str]) -> dict[tuple[str, Key], float]:
    kind = table["place_code"].map(dict(kinds)).fillna("").astype(object)
    by = [kind.rename("kind"), table["provider_kind"], table["service"], table["indicator"]]
    grouped = table["share"].astype(float).groupby(by)
    middle = grouped.median()[grouped.count() >= LEAST_PEERS]
    return {(k[0], (k[1], k[2], k[3])): float(v) for k, v in middle.items()}  # type: ignore[index]


def _alike(table: pd.DataFrame, kinds: Mapping[str, str]) -> pd.DataFrame:
    """Return the kind and the number of judged cases of each commune with a figure."""
    chosen = table[(table["service"] == "") & table["indicator"].isin(RULE_OF)]
    judged = chosen.groupby("place_code")["denominator"].sum().astype(float)
    kind = [kinds.get(str(code), "") for code in judged.index]
    return pd.DataFrame({"kind": kind, "judged": judged.to_numpy()}, index=judged.index)
