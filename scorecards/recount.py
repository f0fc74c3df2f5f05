"""The slow way to the scores: observations read once, judged and counted by pandas.

Nothing here shares code with ``scorecards.computing`` but the question asked of the
database; the rules are ``scorecards.scoring``'s.
"""

import io
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from django.db import connection
from django.db.models import QuerySet
from pyarrow import csv

from scorecards.catalogue import FAMILIES, KINDS, SCORED_ALONE, Family
from scorecards.models import DesignEffect
from scorecards.periods import Period
from scorecards.scoring import aggregate
from scorecards.scoring.elapsed import days_elapsed
from scorecards.scoring.judging import excess_paid, judge
from scorecards.scoring.shares import shares
from scorecards.scoring.vocabulary import REASONS, Outcome
from standards.calendar import holidays
from standards.models import Provider, Service, StandardDocument
from surveys import observations

CELL = [
    "indicator",
    "service",
    "provider_kind",
    "place_code",
    "provider_id",
    "self_assessment",
]
COUNTED = ["numerator", "denominator", *(reason.reason for reason in REASONS)]
NUMBERS = [*COUNTED, "share", "low", "high", "median"]
_STATUS = {"received": "delivered", "abandoned": "withdrawn"}
_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Observed:
    """One province's observations: judged cases, votes and checks, a row each.

    ``foreign`` marks those of other provinces' communes at this province's providers:
    they count for the provider and not for a commune.
    """

    cases: pd.DataFrame
    votes: pd.DataFrame
    checks: pd.DataFrame
    providers: dict[int, str]

    def months(self) -> set[str]:
        """The codes of the months in which anything was observed."""
        tables = (self.cases, self.votes, self.checks)
        return {month for table in tables for month in table["month"].unique()}


def read(province: str, as_of: date) -> Observed:
    """Read and judge everything observed in one province, from nothing."""
    here = {"province_code": province, "provider__kind__in": KINDS}
    away = {"provider__place__code__startswith": province, "provider__kind__in": SCORED_ALONE}
    cases = pd.concat(
        [
            _table(observations.cases_to_judge(**here)).assign(foreign=False),
            _table(observations.cases_to_judge(**away).exclude(province_code=province)).assign(
                foreign=True
            ),
        ],
        ignore_index=True,
    )
    placed = Provider.objects.filter(kind__in=SCORED_ALONE, place__code__startswith=province)
    return Observed(
        judged(cases, as_of),
        _observed(observations.votes_to_count, "meeting__", province),
        _observed(observations.checks_to_count, "", province),
        dict(placed.values_list("pk", "place_id")),
    )


def recount(seen: Observed, period: Period) -> pd.DataFrame:
    """Every commune's and provider's cell of ``period``: CELL and NUMBERS."""
    tables = []
    cases = seen.cases[seen.cases["month"].isin(period.months)]
    alone = cases["provider_id"].isin(seen.providers) & cases["provider_kind"].isin(SCORED_ALONE)
    for family in FAMILIES:
        mine = cases["provider_kind"].isin(family.kinds)
        tables.append(_by_place(cases[mine & ~cases["foreign"]], family))
        tables.append(_by_provider(cases[mine & alone], family, seen.providers))
    for source, count in ((seen.votes, _votes), (seen.checks, _checks)):
        some = source[source["month"].isin(period.months)]
        tables.append(count(some[~some["foreign"]].assign(provider_id=0)))
        own = some["provider_id"].isin(seen.providers) & some["provider_kind"].isin(SCORED_ALONE)
        placed = some[own]
        tables.append(count(placed.assign(commune=placed["provider_id"].map(seen.providers))))
    table = pd.concat([t for t in tables if len(t)] or tables[:1], ignore_index=True)
    return with_shares(table, period)


def with_shares(table: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Counted cells with share, low and high, on as many cases as they are worth."""
    year = DesignEffect.objects.filter(year=period.code[:4])
    known = {(row.indicator, row.self_assessment): row.deff for row in year}
    cells = zip(table["indicator"], table["self_assessment"], strict=True)
    effect = np.array([known.get(cell, 1.0) for cell in cells], dtype=np.float64)
    told = shares(table["numerator"], table["denominator"], deff=effect)
    return table.assign(share=told["share"], low=told["low"], high=told["high"])[[*CELL, *NUMBERS]]


def judged(cases: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Cases as read from the database, with one outcome column per rule and a month."""
    table = pd.DataFrame(
        {
            "status": cases["status"].replace(_STATUS),
            "asked_on": pd.to_datetime(cases["asked_on"]),
            "received_on": pd.to_datetime(cases["received_on"]),
            "fee_paid": cases["fee_paid"],
            "units": cases["units"],
            "entitled": cases["poor_card"],
            "paid_currency": cases["currency"],
            "fee_official": cases["fee_official"],
            "fee_concession": cases["fee_concession"],
            "fee_currency": cases["fee_currency"],
            "days_max": cases["days_max"],
            "day_kind": cases["day_kind"].replace("", None),
            "visits": cases["visits"],
            "receipt_given": cases["receipt"],
            "in_posted_hours": _known(cases["staffed"]),
            "officer_present": cases["staffed"],
            "holds_card": cases["poor_card"],
            "informal_fee": cases["fee_paid"],
            "medicine_prescribed": _known(cases["medicine_given"]),
            "medicine_given": cases["medicine_given"],
            "lesson_days_lost": cases["lesson_days_lost"],
            "plan_seen": cases["plan_shown"],
        }
    )
    moment, days_off = pd.Timestamp(as_of), holidays()
    answer = cases[["province_code", "provider_id", "provider_kind", "foreign"]].copy()
    answer["commune"] = cases["commune_id"].astype("category")
    names = dict(Service.objects.values_list("pk", "code"))
    answer["service"] = cases["service_id"].map(names).astype("category")
    answer["month"] = aggregate.period_of(table["asked_on"], "month").astype(str)
    rules = {rule for family in FAMILIES for rule in family.rules.values()}
    for rule in sorted(rules - {"documents"}):
        answer[rule] = judge(table, rule, as_of=moment, holidays=days_off)
    answer["documents"] = _documents(cases)
    answer["excess"] = excess_paid(table).where(answer["fee"] == Outcome.NOT_MET)
    days = days_elapsed(table, as_of=moment, holidays=days_off)
    finished = (answer["time"] >= 0) & (table["status"] != "open")
    answer["days"] = pd.Series(days, index=answer.index).where(finished)
    return answer


def _known(answers: pd.Series) -> "pd.Series[float]":
    """1 where there is an answer (the question applied), NaN where there is none."""
    return pd.Series(np.where(answers.notna(), 1.0, np.nan), index=answers.index)


def _documents(cases: pd.DataFrame) -> pd.Series:
    """Each distinct pair of asked papers and standard is judged once."""
    lists: dict[int, list[str]] = {}
    required = StandardDocument.objects.order_by("position", "pk")
    for standard, code in required.values_list("standard_id", "document__code"):
        lists.setdefault(standard, []).append(code)
    pairs = cases[["documents_asked", "standard_id", "documents_known"]]
    distinct = pairs.drop_duplicates()
    asked = [
        None if pd.isna(text) else [name for name in str(text).split(_SEPARATOR) if name]
        for text in distinct["documents_asked"]
    ]
    official = [
        lists.get(int(number), []) if known is True or known == 1 else None
        for number, known in zip(
            distinct["standard_id"].fillna(0), distinct["documents_known"].fillna(0), strict=True
        )
    ]
    table = pd.DataFrame(
        {
            "documents_asked": pd.Series(asked, dtype=object),
            "documents_official": pd.Series(official, dtype=object),
        }
    )
    outcome = distinct.assign(documents=judge(table, "documents").to_numpy())
    merged = pairs.merge(outcome, how="left", on=list(pairs.columns))
    return pd.Series(merged["documents"].to_numpy(), index=cases.index)


def _by_place(cases: pd.DataFrame, family: Family) -> pd.DataFrame:
    return _count(cases.assign(provider_id=0), family)


def _by_provider(cases: pd.DataFrame, family: Family, placed: dict[int, str]) -> pd.DataFrame:
    where = cases["provider_id"].map(placed).astype("category")
    return _count(cases.assign(commune=where), family)


def _count(cases: pd.DataFrame, family: Family) -> pd.DataFrame:
    """Cells per service and of all services together."""
    tables = []
    for each in (cases, cases.assign(service=pd.Categorical([""] * len(cases)))):
        keys = ["commune", "provider_id", "provider_kind", "service"]
        names = {rule: code for code, rule in family.rules.items()}
        outcomes = each[list(names)].rename(columns=names)
        cells = aggregate.count_wide(each, outcomes, keys)
        middles = _medians(each, family, keys)
        if middles is None:
            cells["median"] = np.nan
        else:
            cells = cells.merge(middles, how="left", on=[*keys, "indicator"])
        tables.append(cells)
    table = pd.concat(tables, ignore_index=True)
    return table.rename(
        columns={"commune": "place_code", "met": "numerator", "judged": "denominator"}
    ).assign(self_assessment=False)


def _medians(cases: pd.DataFrame, family: Family, keys: list[str]) -> pd.DataFrame | None:
    found = []
    for code, rule in family.rules.items():
        column = {"fee": "excess", "time": "days"}.get(rule)
        if column is not None:
            some = cases[cases[column].notna()]
            middle = some.groupby(keys, observed=True)[column].median().rename("median")
            found.append(middle.reset_index().assign(indicator=code))
    filled = [table for table in found if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else None


def _votes(votes: pd.DataFrame) -> pd.DataFrame:
    keys = ["indicator_code", "provider_kind", "commune", "provider_id", "self_assessment"]
    grouped = votes.assign(met=votes["score"] >= 4).groupby(keys, observed=True)
    table = pd.DataFrame(
        {
            "numerator": grouped["met"].sum(),
            "denominator": grouped["score"].size(),
            "median": grouped["score"].median(),
        }
    ).reset_index()
    return _plain(table)


def _checks(checks: pd.DataFrame) -> pd.DataFrame:
    keys = ["indicator_code", "provider_kind", "commune", "provider_id"]
    seen = checks["present"].astype("float64")
    grouped = checks.assign(met=seen == 1, known=seen.notna()).groupby(keys, observed=True)
    table = pd.DataFrame(
        {
            "numerator": grouped["met"].sum(),
            "denominator": grouped["known"].sum(),
            "unknown_answer": grouped["known"].size() - grouped["known"].sum(),
        }
    ).reset_index()
    return _plain(table.assign(median=np.nan, self_assessment=False))


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    named = table.rename(columns={"indicator_code": "indicator", "commune": "place_code"})
    missing = {name: 0 for name in COUNTED if name not in named.columns}
    return named.assign(service="", **missing)


def _observed(question: Any, prefix: str, province: str) -> pd.DataFrame:
    here = {f"{prefix}province_code": province, f"{prefix}provider__kind__in": KINDS}
    away = {
        f"{prefix}provider__place__code__startswith": province,
        f"{prefix}provider__kind__in": SCORED_ALONE,
    }
    elsewhere = question(**away).exclude(**{f"{prefix}province_code": province})
    table = pd.concat(
        [
            _table(question(**here)).assign(foreign=False),
            _table(elsewhere).assign(foreign=True),
        ],
        ignore_index=True,
    )
    told_by = table["told_by"] if "told_by" in table.columns else pd.Series("", table.index)
    month = pd.to_datetime(table["observed_on"]).dt.strftime("%Y-%m")
    return table.assign(
        month=month.astype(object),
        commune=table["commune_id"],
        self_assessment=told_by == "self_assessment",
    )


def _table(query: QuerySet[Any, Any]) -> pd.DataFrame:
    """Rows of a query by COPY and Arrow: columns typed, lists as joined text."""
    sql, values = query.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({sql}) q LIMIT 0", values)  # noqa: S608 - Django's own
        columns = [(c.name, c.type_code) for c in cursor.description]
        chosen = ", ".join(
            f"array_to_string(q.{name}, E'\\x1f') AS {name}" if kind == _TEXTS else f"q.{name}"
            for name, kind in columns
        )
        buffer = io.BytesIO()
        copy = f"COPY (SELECT {chosen} FROM ({sql}) q) TO STDOUT (FORMAT csv, HEADER)"  # noqa: S608
        with cursor.copy(copy, values) as stream:
            for block in stream:
                buffer.write(block)
    buffer.seek(0)
    table = csv.read_csv(
        buffer,
        convert_options=csv.ConvertOptions(
            column_types={name: _ARROW.get(kind, pa.string()) for name, kind in columns},
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )
    return _plain_types(table.to_pandas(), columns)


def _plain_types(table: pd.DataFrame, columns: list[tuple[str, int]]) -> pd.DataFrame:
    """Yes, no and not known as 1, 0 and NaN, so that every column has one meaning of missing."""
    for name, kind in columns:
        if kind == _BOOL:
            table[name] = table[name].astype("object").map({True: 1.0, False: 0.0})
            table[name] = table[name].astype("float64")
    return table


_BOOL, _TEXTS = 16, 1015
_ARROW = {
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int64(),
    23: pa.int64(),
    1082: pa.date32(),
    1184: pa.string(),
}
