"""Differences between stored rows and the same rows computed again."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from django.db import connection

from scorecards.method.estimates.intervals import normal_quantile
from scorecards.periods import Period

CLOSE = 1e-9

Values = dict[str, Any]


@dataclass(frozen=True)
class Check:
    """One kind of stored row: its key, and the columns that must agree, words and numbers."""

    about: str
    key: tuple[str, ...]
    words: tuple[str, ...]
    numbers: tuple[str, ...]


_Z = normal_quantile(0.95)


def wilson(met: str, judged: str, deff: str, z: float = _Z) -> str:
    """Return a subquery of one row: share, low and high of three SQL expressions, however few.

    Not the one that storing uses: what is checked here must not be computed there.
    """
    return f"""(
    SELECT i.p AS share,
        CASE WHEN {met} = 0 THEN 0.0 ELSE greatest(0.0, (centre - half) / scale) END AS low,
        CASE WHEN {met} = {judged} THEN 1.0 ELSE least(1.0, (centre + half) / scale) END AS high
    FROM (
        SELECT n.p, n.p + {z * z!r} / (2.0 * n.n) AS centre,
            {z!r} * sqrt(n.p * (1.0 - n.p) / n.n + {z * z!r} / (4.0 * n.n * n.n)) AS half,
            1.0 + {z * z!r} / n.n AS scale
        FROM (SELECT {met}::float8 / nullif({judged}, 0)::float8 AS p,
                     nullif({judged}, 0)::float8 / {deff} AS n) n
    ) i
)"""  # noqa: S608 - numbers of ours


def _stored(check: Check, period: Period) -> pd.DataFrame:
    names = [*check.key, *check.words, *check.numbers]
    return read(
        f"SELECT {', '.join(names)} FROM scorecards_{check.about} "  # noqa: S608 - ours
        "WHERE period = %(period)s AND release_id = 0",
        {"period": period.code},
        names,
    )


def compared(check: Check, period: Period, fresh: pd.DataFrame) -> pd.DataFrame:
    """Return one row per cell that ``fresh`` contradicts, naming the first such column."""
    both = _stored(check, period).merge(
        fresh, how="outer", on=list(check.key), suffixes=("_old", "_new"), indicator="where"
    )
    field = np.where(both["where"] == "both", "", "cell").astype(object)
    old = both["where"].map({"both": "", "left_only": "stored", "right_only": "none"})
    new = both["where"].map({"both": "", "left_only": "none", "right_only": "recomputed"})
    values, recomputed = old.to_numpy(dtype=object), new.to_numpy(dtype=object)
    for name in (*check.words, *check.numbers):
        before, after = both[f"{name}_old"], both[f"{name}_new"]
        if name in check.words:
            differs = (before.astype(str) != after.astype(str)).to_numpy()
        else:
            one = before.to_numpy(dtype=np.float64, na_value=np.nan)
            other = after.to_numpy(dtype=np.float64, na_value=np.nan)
            differs = ~np.isclose(one, other, rtol=0.0, atol=CLOSE, equal_nan=True)
        differs = differs & (field == "")
        field[differs] = name
        values[differs] = [str(value)[:60] for value in before[differs]]
        recomputed[differs] = [str(value)[:60] for value in after[differs]]
    table = both[list(check.key)].assign(field=field, stored=values, recomputed=recomputed)
    differing_rows: pd.DataFrame = table.loc[field != ""]
    return differing_rows.assign(about=check.about)


def read(sql: str, values: Values, names: list[str]) -> pd.DataFrame:
    """Return rows of a query under these names."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return pd.DataFrame(cursor.fetchall(), columns=pd.Index(names))
