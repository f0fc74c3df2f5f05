"""The price paid for a case and the price due, with unknown amounts kept unknown."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from scorecards.method.arrays import Booleans, Floats, floats


@dataclass(frozen=True)
class Paid:
    """Amounts per case: ``known`` is NaN where the fee is not, ``least`` counts the gift alone.

    ``comparable`` is False where the case was paid in another currency than the standard's.
    """

    amount: Floats
    least: Floats
    comparable: Booleans


@dataclass(frozen=True)
class Owed:
    """The least and the most that could rightly be asked; equal where all is known."""

    least: Floats
    most: Floats


def amount_paid(cases: pd.DataFrame) -> Paid:
    """Add fee and gift, per case, in the currency of the standard.

    Reads fee_paid and, where present, gift_paid, paid_currency and fee_currency. A gift counts as
    paid; a gift that nobody mentions is none.
    """
    fee = floats(cases["fee_paid"])
    gift = np.nan_to_num(_optional(cases, "gift_paid", 0.0), nan=0.0)
    comparable = _same_currency(cases)
    least = np.where(comparable, np.nan_to_num(fee, nan=0.0) + gift, -np.inf)
    return Paid(amount=fee + gift, least=least, comparable=comparable)


def amount_owed_range(cases: pd.DataFrame) -> Owed:
    """Return the official fee x units, or the concession fee for those entitled; NaN without a
    standard.

    Reads fee_official and, where present, fee_concession, entitled and units. An unknown right to
    the concession gives a range from one fee to the other; unknown units give one unit at least and
    no upper end, unless the fee is zero.
    """
    official = floats(cases["fee_official"])
    concession = _optional(cases, "fee_concession", np.nan)
    concession = np.where(np.isnan(concession), official, concession)
    entitled = _optional(cases, "entitled", 0.0)
    units = _optional(cases, "units", 1.0)
    lower = np.where(entitled == 0, official, np.minimum(concession, official))
    upper = np.where(entitled == 1, concession, official)
    fewest = np.where(np.isnan(units), 1.0, units)
    with np.errstate(invalid="ignore"):
        highest = np.where(np.isnan(units) & (upper > 0), np.inf, upper * fewest)
    highest = np.where(np.isnan(official), np.nan, highest)
    return Owed(least=lower * fewest, most=highest)


def _optional(cases: pd.DataFrame, column: str, absent: float) -> Floats:
    if column in cases.columns:
        return floats(cases[column])
    return np.full(len(cases), absent)


def _same_currency(cases: pd.DataFrame) -> Booleans:
    """Return True unless both currencies are named and differ."""
    if "paid_currency" not in cases.columns or "fee_currency" not in cases.columns:
        return np.ones(len(cases), dtype=bool)
    paid, official = cases["paid_currency"], cases["fee_currency"]
    unnamed = paid.isna() | official.isna()
    same = paid.astype(object).eq(official.astype(object))
    return (unnamed | same).to_numpy(dtype=bool)
