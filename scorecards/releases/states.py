"""Keep and read the private states of cells (``CellState``), and the secret they belong to."""

from hashlib import blake2b

import pandas as pd
from django.conf import settings

from scorecards.models import Release
from scorecards.releases import rows
from scorecards.releases.records import CELL
from scorecards.storage import partitions
from scorecards.storage.copy_in import plain
from scorecards.storage.copy_out import copied

STATE = [*CELL, "met", "not_met", "kept_met", "kept_not_met"]


def secret() -> str:
    """Return the secret of rounding: ``settings.ROUNDING_SECRET``."""
    return str(settings.ROUNDING_SECRET)


def secret_mark() -> str:
    """Return a hash that is equal where two installations or days round by the same secret."""
    return blake2b(secret().encode(), digest_size=8, person=b"mark").hexdigest()


def kept(period: str, *, before: Release | None = None) -> pd.DataFrame:
    """Return the states of all published releases of a quarter, oldest first: STATE and is_new.

    In the form that ``disclosure.release`` takes as ``previous``. With ``before``: only of
    those that came before this one.
    """
    stored = copied(
        f"SELECT {', '.join(f's.{name}' for name in STATE)} "  # noqa: S608
        f"FROM {partitions.STATES} s JOIN scorecards_release r ON r.id = s.release_id "
        "WHERE s.period = %s AND r.period = s.period AND r.state = 'published' "
        "AND r.rules = 'rounded' AND (%s::bigint IS NULL OR s.release_id < %s) "
        "ORDER BY s.release_id",
        [period, *[before.pk if before else None] * 2],
    )
    return typed(stored).assign(is_new=True) if len(stored) else pd.DataFrame()


def typed(table: pd.DataFrame) -> pd.DataFrame:
    """States as they are read: prints that may be missing as floats."""
    return plain(table).astype({"kept_met": "float64", "kept_not_met": "float64"})


def settled(kept_states: pd.DataFrame) -> frozenset[tuple[str, str]]:
    """Return pairs of indicator and kind of provider that an earlier release of the quarter had."""
    if kept_states.empty:
        return frozenset()
    pairs = kept_states[["indicator", "provider_kind"]].drop_duplicates()
    return frozenset((str(i), str(k)) for i, k in pairs.itertuples(index=False, name=None))


def keep(release: Release, decided: pd.DataFrame) -> None:
    """Store the states that this release decided anew."""
    rows.add(partitions.STATES, release, decided.loc[decided["is_new"], STATE])
