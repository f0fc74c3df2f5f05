"""Citizens' experiences with one service in the last year, from released figures only.

Releases print no days, means or amounts (disclosure, rule 10): waiting and paying are given as
shares that kept to the promise, summed over the last four released quarters of the nation.
"""

from typing import Any

import pandas as pd
from django.core.cache import cache

from scorecards import periods
from scorecards.indicators import FAMILIES
from scorecards.method.disclosure.sums import summed
from scorecards.reading import released_totals, scores

QUARTERS = 4
RULES = ("time", "fee", "documents", "visits")
KEEP_SECONDS = 300


def released(service: str, provider_kind: str) -> list[dict[str, Any]]:
    """Return one entry per rule that has printed figures: how many cases kept it, of how many.

    Keys: rule ("time", "fee", "documents", "visits"), met, judged (rounded), share, low, high,
    first and last (codes of the quarters summed). Empty where nothing is printed.
    """
    word, quarters = released_totals.releases()
    kept = f"scores:service:{word}:{provider_kind}:{service}"
    entries: list[dict[str, Any]] | None = cache.get(kept)
    if entries is None:
        entries = _computed(service, provider_kind, _last_year(quarters))
        cache.set(kept, entries, KEEP_SECONDS)
    return entries


def _last_year(quarters: tuple[str, ...]) -> list[str]:
    """Return the newest released quarter and those of the year that ends with it."""
    if not quarters:
        return []
    wanted = periods.parse(quarters[-1])
    year = []
    for _ in range(QUARTERS):
        year.append(wanted.code)
        wanted = wanted.previous
    return [code for code in quarters if code in year]


def _computed(service: str, provider_kind: str, year: list[str]) -> list[dict[str, Any]]:
    rules = next((f.rules for f in FAMILIES if provider_kind in f.kinds), {})
    by_rule = {rule: code for code, rule in rules.items() if rule in RULES}
    entries = []
    for rule in RULES:
        if rule not in by_rule:
            continue
        rows = scores.series(
            None,
            place="",
            indicator=by_rule[rule],
            service=service,
            provider_kind=provider_kind,
        )
        rows = rows[rows["period"].isin(year) & rows["share"].notna()]
        if rows.empty:
            continue
        total = summed(rows.assign(all_of="x"), ["all_of"]).iloc[0]
        entries.append(_entry(rule, rows, total))
    return entries


def _entry(rule: str, rows: pd.DataFrame, total: "pd.Series[Any]") -> dict[str, Any]:
    return {
        "rule": rule,
        "met": int(total["met"]),
        "judged": int(total["judged"]),
        "share": float(total["share"]),
        "low": float(total["low"]),
        "high": float(total["high"]),
        "first": str(rows["period"].min()),
        "last": str(rows["period"].max()),
    }
