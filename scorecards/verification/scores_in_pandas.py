"""Compute scores in a second, slower way: observations read once, judged and counted by pandas.

This shares no code with ``scorecards.pipeline`` except the query of observations; the rules are
``scorecards.method``'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from django.db.models import F, Q
from pandas.api.types import union_categoricals

from scorecards import columns, periods
from scorecards.indicators import FAMILIES, KINDS, SCORED_ALONE, Family
from scorecards.method.arrays import Integers
from scorecards.method.estimates import cells
from scorecards.method.estimates.clustering import RHO_UNKNOWN, cell_effect
from scorecards.method.estimates.shares import shares
from scorecards.method.judging.cases import excess_paid, judge
from scorecards.method.judging.elapsed_days import days_elapsed
from scorecards.method.vocabulary import REASONS, Outcome
from scorecards.models import DesignEffect, Source
from scorecards.periods import Period
from scorecards.storage.copy_out import SEPARATOR, copied
from standards.calendar import holidays
from standards.models import Provider, Service, StandardDocument
from surveys import observations

CELL = list(columns.names(*columns.KEY))
PAIRS = list(columns.names(*columns.PAIRS))
COUNTED = [
    *columns.names(*columns.COUNTS),
    *(reason.reason for reason in REASONS),
    *PAIRS,
]
NUMBERS = [*COUNTED, "share", "low", "high", "median"]
KEYS = ["period", "commune", "provider_id", "provider_kind", "service"]
_STATUS = {"received": "delivered", "abandoned": "withdrawn"}


@dataclass(frozen=True)
class Observed:
    """One province's observations: judged cases, votes and checks, a row each.

    ``foreign`` marks those of other provinces' communes at this province's providers:
    they count for the provider and not for a commune. Places and services are
    categories of ``places`` and ``services`` in every table.
    """

    cases: pd.DataFrame
    votes: pd.DataFrame
    checks: pd.DataFrame
    providers: dict[int, str]
    places: pd.CategoricalDtype
    services: pd.CategoricalDtype

    def months(self) -> set[str]:
        """Return the codes of the months in which anything was observed."""
        tables = (self.cases, self.votes, self.checks)
        return {str(month) for table in tables for month in table["month"].unique()}


def read(province: str, as_of: date) -> Observed:
    """Read and judge everything observed in one province, from nothing."""
    placed = Provider.objects.filter(kind__in=SCORED_ALONE, place__code__startswith=province)
    providers = dict(placed.values_list("pk", "place_id"))
    days = (periods.observable().first, periods.observable().last)
    told_here = observations.cases_to_judge(
        province_code=province, provider__kind__in=KINDS, asked_on__range=days
    )
    away = observations.cases_to_judge(provider_id__in=list(providers), asked_on__range=days)
    parts = [cases_table(told_here)]
    if away.exclude(province_code=province).exists():
        parts.append(cases_table(away.exclude(province_code=province)))
    cases = _joined(parts)
    cases = judged(cases.assign(foreign=cases["province_code"] != province), as_of)
    votes = _observed(observations.votes_to_count, "meeting__", province, list(providers))
    checks = _observed(observations.checks_to_count, "", province, list(providers))
    tables = (cases, votes, checks)
    places = {*providers.values()}.union(*(table["commune"].unique() for table in tables))
    values = pd.CategoricalDtype(sorted(places))
    cases, votes, checks = (t.assign(commune=t["commune"].astype(values)) for t in tables)
    return Observed(cases, votes, checks, providers, values, _kind_of(cases["service"]))


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Return tables one below the other; categorical columns stay so, with the values of all."""
    if len(parts) == 1:
        return parts[0]
    categories = [
        str(n) for n, kind in parts[0].dtypes.items() if isinstance(kind, pd.CategoricalDtype)
    ]
    words = {name: union_categoricals([p[name] for p in parts]).categories for name in categories}
    alike = [p.assign(**{n: p[n].cat.set_categories(words[n]) for n in categories}) for p in parts]
    return pd.concat(alike, ignore_index=True)


def recount(seen: Observed, wanted: Sequence[Period]) -> pd.DataFrame:
    """Return every commune's and provider's cell of the periods: CELL and NUMBERS.

    All months are counted at once, then all quarters, then all years.
    """
    codes = pd.CategoricalDtype([period.code for period in wanted])
    tables = [
        table
        for length in ("month", "quarter", "year")
        if (some := [period for period in wanted if period.length == length])
        for table in _recounted(seen, some, codes)
    ]
    filled = [table for table in tables if len(table)]
    if not filled:
        return pd.DataFrame(columns=pd.Index([*CELL, *NUMBERS]))
    return with_shares(pd.concat(filled, ignore_index=True))


def _recounted(
    seen: Observed, wanted: Sequence[Period], codes: pd.CategoricalDtype
) -> list[pd.DataFrame]:
    """Return the cells of periods of one length, none of which share a month."""
    within = {month: period.code for period in wanted for month in period.months}

    def of_periods(table: pd.DataFrame) -> pd.DataFrame:
        period = table["month"].map(within).astype(codes)
        return table.assign(period=period)[period.notna()]

    tables = []
    cases = of_periods(seen.cases)
    alone = cases["provider_id"].isin(list(seen.providers)) & _alone(cases)
    for family in FAMILIES:
        mine = cases["provider_kind"].isin(family.kinds)
        tables.append(_count(cases[mine & ~cases["foreign"]].assign(provider_id=0), family))
        own = cases[mine & alone]
        where = own["provider_id"].map(seen.providers).astype(seen.places)
        tables.append(_count(own.assign(commune=where), family))
    for source, count in ((seen.votes, _votes), (seen.checks, _checks)):
        some = of_periods(source)
        tables.append(count(some[~some["foreign"]].assign(provider_id=0)))
        own = some[some["provider_id"].isin(list(seen.providers)) & _alone(some)]
        where = own["provider_id"].map(seen.providers).astype(seen.places)
        tables.append(count(own.assign(commune=where)))
    fixed = {"place_code": seen.places, "service": seen.services, "provider_kind": _KINDS}
    return [table.astype(fixed) for table in tables]


_KINDS = pd.CategoricalDtype(sorted(KINDS))


def _kind_of(column: pd.Series) -> pd.CategoricalDtype:
    if not isinstance(column.dtype, pd.CategoricalDtype):
        raise TypeError(f"{column.name} is no category")
    return column.dtype


def _alone(table: pd.DataFrame) -> "pd.Series[bool]":
    return table["provider_kind"].isin(SCORED_ALONE)


def with_shares(table: pd.DataFrame) -> pd.DataFrame:
    """Return counted cells with share, low and high, on as many cases as they are worth."""
    rows = DesignEffect.objects.values_list(
        "year", "indicator", "self_assessment", "source", "rho_used"
    )
    rho_of = {(year, code, own, source): rho for year, code, own, source, rho in rows}
    year = table["period"].astype("category").map(lambda code: code[:4])
    groups = table.assign(year=year).groupby(
        ["year", "indicator", "self_assessment"], observed=True
    )
    names = [(str(y), str(code), bool(own)) for y, code, own in groups.size().index]
    number = groups.ngroup().to_numpy()
    rhos = [
        np.array([rho_of.get((*name, source.value), RHO_UNKNOWN) for name in names])[number]
        for source in (Source.GATHERED, Source.REGISTER)
    ]
    effect = cell_effect(table["denominator"], [table[name] for name in PAIRS], rhos)
    estimates = shares(table["numerator"], table["denominator"], deff=effect)
    return table.assign(share=estimates["share"], low=estimates["low"], high=estimates["high"])[
        [*CELL, *NUMBERS]
    ]


def cases_table(query: Any) -> pd.DataFrame:
    """Return the cases of a query of ``observations.cases_to_judge``, what is never judged left
    out.
    """
    named = query.annotate(known_as=F("facilitator_name"), told_through=F("channel"))
    sql, values = named.query.sql_with_params()
    return copied(sql, values, leave_out=("id", "updated_at"))


def judged(cases: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Judge the cases of ``cases_table``: one outcome column for each rule, and the month."""
    table = _for_the_method(cases)
    moment, days_off = pd.Timestamp(as_of), holidays()
    answer = cases[["province_code", "provider_id", "provider_kind", "foreign"]].copy()
    answer["commune"] = cases["commune_id"]
    names = dict(Service.objects.values_list("pk", "code"))
    services = pd.CategoricalDtype(["", *sorted(set(names.values()))])
    answer["service"] = cases["service_id"].map(names).astype(services)
    answer["month"] = cells.period_of(table["asked_on"], "month")
    rules = {rule for family in FAMILIES for rule in family.rules.values()}
    for rule in sorted(rules - {"documents"}):
        answer[rule] = judge(table, rule, as_of=moment, holidays=days_off)
    answer["documents"] = _documents(cases)
    answer["excess"] = excess_paid(table).where(answer["fee"] == Outcome.NOT_MET)
    days = days_elapsed(table, as_of=moment, holidays=days_off)
    finished = (answer["time"] >= 0) & (table["status"] != "open")
    finished &= cases["days_known"].astype(bool)
    answer["days"] = pd.Series(days, index=answer.index).where(finished)
    return answer.assign(**_clusters(cases))


def _for_the_method(cases: pd.DataFrame) -> pd.DataFrame:
    """Rename the columns of cases to those of ``scorecards.method.judging``."""
    return pd.DataFrame(
        {
            "status": cases["status"].cat.rename_categories(_STATUS),
            "asked_on": cases["asked_on"],
            "received_on": cases["received_on"],
            "fee_paid": cases["fee_paid"],
            "units": cases["units"],
            "entitled": cases["poor_card"],
            "paid_currency": cases["currency"],
            "fee_official": cases["fee_official"],
            "fee_concession": cases["fee_concession"],
            "fee_currency": cases["fee_currency"],
            "days_max": cases["days_max"],
            "day_kind": cases["day_kind"].mask(cases["day_kind"] == ""),
            "visits": cases["visits"],
            "receipt_given": cases["receipt"],
            "in_posted_hours": _is_answered(cases["staffed"]),
            "officer_present": cases["staffed"],
            "holds_card": cases["poor_card"],
            "informal_fee": cases["fee_paid"],
            "medicine_prescribed": _is_answered(cases["medicine_given"]),
            "medicine_given": cases["medicine_given"],
            "lesson_days_lost": cases["lesson_days_lost"],
            "plan_seen": cases["plan_shown"],
        }
    )


SINGLES = ("citizen", "hotline")
"""Channels in which each case without a facilitator is one person's own report."""


def _clusters(cases: pd.DataFrame) -> dict[str, Integers]:
    """Return the number of each case's cluster by kind of pairs; -1 where it is in none."""
    words = cases["known_as"].cat.categories.str.strip(" ").str.lower()
    values = np.append(pd.factorize(words)[0], -1)[cases["known_as"].cat.codes]
    values = np.where(np.append(words == "", True)[cases["known_as"].cat.codes], -1, values)
    communes = cases["commune_id"].cat
    by_account = cases["facilitator_id"].notna().to_numpy()
    by_name = ~by_account & (values >= 0)
    of_register = ~by_account & ~by_name & ~cases["told_through"].isin(SINGLES).to_numpy()
    who = -1 - (values * len(communes.categories) + communes.codes.to_numpy(dtype=np.int64))
    who = np.where(by_name, who, 0)
    who = np.where(by_account, cases["facilitator_id"].fillna(0).to_numpy(dtype=np.int64), who)
    day = cases["asked_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
    number = np.zeros(len(cases), dtype=np.int64)
    for part in (who, day, cases["provider_id"].to_numpy()):
        codes, distinct = pd.factorize(part)
        number = pd.factorize(number * max(len(distinct), 1) + codes)[0].astype(np.int64)
    kinds = {"cluster_pairs": by_account | by_name, "register_pairs": of_register}
    return {name: np.where(of, number, -1) for name, of in kinds.items()}


def _is_answered(answers: pd.Series) -> "pd.Series[float]":
    """Return 1 where there is an answer (the question applied), NaN where there is none."""
    return pd.Series(np.where(answers.notna(), 1.0, np.nan), index=answers.index)


def _documents(cases: pd.DataFrame) -> pd.Series:
    """Judge each distinct pair of asked papers and standard once."""
    lists: dict[int, list[str]] = {}
    required = StandardDocument.objects.order_by("position", "pk")
    for standard, code in required.values_list("standard_id", "document__code"):
        lists.setdefault(standard, []).append(code)
    pairs = cases[["documents_asked", "standard_id", "documents_known"]]
    codes = [pd.factorize(pairs[name], use_na_sentinel=False)[0] for name in pairs.columns]
    _, first, number = np.unique(
        np.column_stack(codes), axis=0, return_index=True, return_inverse=True
    )
    distinct = pairs.iloc[first]
    asked = [
        None if pd.isna(text) else [name for name in str(text).split(SEPARATOR) if name]
        for text in distinct["documents_asked"]
    ]
    official = [
        lists.get(int(number), []) if existing is True or existing == 1 else None
        for number, existing in zip(
            distinct["standard_id"].fillna(0), distinct["documents_known"].fillna(0), strict=True
        )
    ]
    table = pd.DataFrame(
        {
            "documents_asked": pd.Series(asked, dtype=object),
            "documents_official": pd.Series(official, dtype=object),
        }
    )
    documents = judge(table, "documents").to_numpy()
    return pd.Series(documents[number.ravel()], index=cases.index)


def _count(cases: pd.DataFrame, family: Family) -> pd.DataFrame:
    """Return cells per service and of all services together."""
    services = _kind_of(cases["service"])
    everything = pd.Categorical.from_codes(
        np.full(len(cases), services.categories.get_loc("")), dtype=services
    )
    names = {rule: code for code, rule in family.rules.items()}
    outcomes = cases[list(names)].rename(columns=names)
    middles = {
        code: cases[column]
        for code, rule in family.rules.items()
        if (column := {"fee": "excess", "time": "days"}.get(rule)) is not None
    }
    tables = [
        cells.count_wide(
            each, outcomes, KEYS, middles=middles, clusters={name: cases[name] for name in PAIRS}
        )
        for each in (cases, cases.assign(service=everything))
    ]
    table = pd.concat(tables, ignore_index=True)
    return table.rename(
        columns={"commune": "place_code", "met": "numerator", "judged": "denominator"}
    ).assign(self_assessment=False)


def _votes(votes: pd.DataFrame) -> pd.DataFrame:
    keys = ["period", "indicator_code", "provider_kind", "commune", "provider_id"]
    grouped = votes.assign(met=votes["score"] >= 4).groupby(
        [*keys, "self_assessment"], observed=True
    )
    table = pd.DataFrame(
        {
            "numerator": grouped["met"].sum(),
            "denominator": grouped["score"].size(),
            "median": grouped["score"].median(),
            "cluster_pairs": _alike(votes, [*keys, "self_assessment"]),
        }
    ).reset_index()
    return _plain(table)


def _alike(rows: pd.DataFrame, keys: list[str]) -> "pd.Series[int]":
    """Return ordered pairs of rows of one provider and day, by cell."""
    inner = list(dict.fromkeys([*keys, "own_provider", "own_commune", "observed_on"]))
    sizes = rows.groupby(inner, observed=True).size()
    pairs: pd.Series[int] = (sizes * (sizes - 1)).groupby(level=keys, observed=True).sum()
    return pairs


def _checks(checks: pd.DataFrame) -> pd.DataFrame:
    keys = ["period", "indicator_code", "provider_kind", "commune", "provider_id"]
    seen = checks["present"]
    grouped = checks.assign(met=seen == 1, answered=seen.notna()).groupby(keys, observed=True)
    table = pd.DataFrame(
        {
            "numerator": grouped["met"].sum(),
            "denominator": grouped["answered"].sum(),
            "unknown_answer": grouped["answered"].size() - grouped["answered"].sum(),
            "cluster_pairs": _alike(checks[seen.notna()], keys),
        }
    ).reset_index()
    table["cluster_pairs"] = table["cluster_pairs"].fillna(0).astype(np.int64)
    return _plain(table.assign(median=np.nan, self_assessment=False))


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    named = table.rename(columns={"indicator_code": "indicator", "commune": "place_code"})
    missing = {name: 0 for name in COUNTED if name not in named.columns}
    named = named.assign(service="", **missing)
    return named.astype({"indicator": str})


def _observed(question: Any, prefix: str, province: str, providers: list[int]) -> pd.DataFrame:
    here = Q(**{f"{prefix}province_code": province})
    here |= Q(**{f"{prefix}provider_id__in": providers})
    days = periods.observable()
    query = question(**{f"{prefix}provider__kind__in": KINDS}).filter(
        here, observed_on__range=(days.first, days.last)
    )
    sql, values = query.query.sql_with_params()
    table = copied(sql, values)
    told_by = table["told_by"] if "told_by" in table.columns else pd.Series("", table.index)
    return table.assign(
        foreign=table["province_code"] != province,
        month=table["observed_on"].dt.strftime("%Y-%m"),
        commune=table["commune_id"],
        own_commune=table["commune_id"],
        own_provider=table["provider_id"],
        self_assessment=told_by == "self_assessment",
    )
