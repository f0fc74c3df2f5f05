"""Rho of each indicator and source: estimated from a year's facts, stored, put into intervals.

The sums are made in SQL, the formula is ``scorecards.method.estimates.clustering``'s. A cluster is
what one facilitator gathered on one day at one provider, or the rows of an office's register of one
day, which have a rho of their own; a citizen's own report is a cluster of its own and does not
enter rho. Votes cluster by meeting: one provider, one day. Clusters are compared within their
provider (docs/decisions/0016-design-effects.md). How large clusters are is each cell's own and
stored with it (``Score.cluster_pairs``).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from math import isnan
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from scorecards import periods
from scorecards.indicators import FAMILIES, KINDS, RULES
from scorecards.method import METHOD_VERSION
from scorecards.method.estimates.clustering import ClusterSums, held
from scorecards.models import DesignEffect, Source
from scorecards.pipeline import comparison_queue, full_run
from scorecards.pipeline.judge_cases import OF_REGISTER
from scorecards.pipeline.locks import lock_everything
from scorecards.pipeline.store_scores import EFFECTS, effect, wilson
from scorecards.storage import partitions
from surveys import observations

Key = tuple[str, bool, str]
"""Indicator, whether the providers assess themselves, and the ``Source``."""

UNFINISHED = datetime(1970, 1, 1, tzinfo=UTC)
"""The date of an estimate that may not yet be in every interval."""


@dataclass(frozen=True)
class Weighed:
    """The number of changed rhos, and of scores whose interval changed with them."""

    effects: int
    scores: int

    def __add__(self, other: "Weighed") -> "Weighed":
        return Weighed(self.effects + other.effects, self.scores + other.scores)


def weigh(*, everything: bool = False, begun: datetime | None = None) -> Weighed:
    """Estimate the years whose scores changed since the last estimate, and use it.

    Years estimated since ``begun`` are left for the next time: a first run estimates them
    before it writes a score, and every score it writes has that estimate in it. Safe to
    repeat and to race: a second run finds nothing to do.
    """
    done = Weighed(0, 0)
    for year in years_to_weigh(everything=everything, begun=begun):
        done += _weigh_year(year)
    return done


def _weigh_year(year: str, *, wait: bool = True) -> Weighed:
    """Estimate, update the intervals, and only then store that it was done.

    Killed before the end, the year keeps its old date (a new estimate none, ``UNFINISHED``) and is
    weighed again by the next run. Without ``wait`` a year that another worker is weighing is left
    to it.
    """
    lock = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
    name = [f"weighing of {year}"]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(hashtext(%s))", name)
        if cursor.fetchone() == (False,):
            return Weighed(0, 0)
    try:
        begun = timezone.now()
        done = Weighed(estimate(year), put_into_intervals(year))
        _finished(year, begun)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", name)
    return done


def _finished(year: str, estimated_at: datetime) -> None:
    DesignEffect.objects.filter(year=year).update(estimated_at=estimated_at)


def is_new() -> bool:
    """Return whether no design effect is stored, so nothing was ever scored."""
    return not DesignEffect.objects.exists()


def weigh_judged() -> None:
    """Estimate from the facts before the first scores, so that none is written twice."""
    for year in sorted({m[:4] for m in periods.plausible(partitions.parts(partitions.FACTS))}):
        begun = timezone.now()
        estimate(year)
        _finished(year, begun)


def weigh_new() -> Weighed:
    """Weigh the years of which nothing was ever estimated, or whose weighing was interrupted."""
    years_stored = set(DesignEffect.objects.values_list("year", flat=True)) - _cut_off()
    done = Weighed(0, 0)
    for year in years_to_weigh():
        if year not in years_stored:
            done += _weigh_year(year, wait=False)
    return done


def finish_what_was_cut_off() -> int:
    """Update intervals with estimates where a killed run has not; return how many scores changed.

    The years keep their mark: the next run that weighs estimates them again.
    """
    return sum(put_into_intervals(year) for year in sorted(_cut_off()))


def _cut_off() -> set[str]:
    unfinished = DesignEffect.objects.filter(estimated_at=UNFINISHED)
    return set(unfinished.values_list("year", flat=True))


def years_to_weigh(*, everything: bool = False, begun: datetime | None = None) -> list[str]:
    """Return years with scores; without ``everything`` only those in which any score is newer.

    Whatever changes a fact changes a score of the nation, so those are looked at. Years whose
    estimate is younger than ``begun`` are left out.
    """
    years = sorted({code[:4] for code in periods.plausible(partitions.parts(partitions.SCORES))})
    if everything:
        return years
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT y FROM unnest(%s::text[]) y, LATERAL (SELECT coalesce(min(e.estimated_at), "
            "'-infinity') AS estimated FROM scorecards_designeffect e WHERE e.year = y) e "
            "WHERE estimated < %s AND EXISTS (SELECT FROM scorecards_score s WHERE s.period = y "
            "AND s.place_code = '' AND s.level = 'nation' AND s.computed_at > estimated)",
            [years, begun or timezone.now()],
        )
        return sorted(year for (year,) in cursor.fetchall())


@transaction.atomic
def estimate(year: str) -> int:
    """Estimate one year's design effects from nothing; return how many of them changed.

    Those that changed are dated ``UNFINISHED`` until the intervals follow.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"design effects {year}"])
    sums = _of_cases(year) | _of_votes(year) | _of_checks(year)
    stored = {(row.indicator, row.self_assessment, row.source): row for row in _rows(year)}
    changed = 0
    for key, numbers in sums.items():
        before = stored.pop(key, None)
        row = _estimated(year, key, numbers)
        if before is not None:
            row.pk = before.pk
            if before.rho_used == row.rho_used:
                row.estimated_at = before.estimated_at
        changed += before is None or before.rho_used != row.rho_used
        row.save()
    gone = [row.pk for row in stored.values()]
    DesignEffect.objects.filter(pk__in=gone).delete()
    return changed + len(gone)


def put_into_intervals(year: str) -> int:
    """Give every score of the year the interval that follows from rho; return how many changed.

    One transaction per period, which waits for the computations under way and delays later ones, so
    that no score keeps an outdated effect.
    """
    codes = [c for c in partitions.parts(partitions.SCORES) if c.startswith(year)]
    done = 0
    for code in sorted(codes, key=lambda code: (len(code), code)):
        with transaction.atomic(), connection.cursor() as cursor:
            lock_everything(full_run.provinces_to_do())
            cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL jit = off")
            cursor.execute(_REWEIGHED, [year, code, timezone.now(), code])
            done += cursor.rowcount
            if cursor.rowcount:
                comparison_queue.note(periods.parse(code).months)
    return done


_INTERVAL = wilson("o.numerator", "o.denominator", "o.fresh")
# Found by their position on disk, which nobody changes meanwhile: joined by the key's six texts,
# the planner expects one row, sorts by half of the key and compares each with thousands.
_REWEIGHED = f"""
WITH n AS MATERIALIZED (
    SELECT o.place_on_disk, o.fresh AS deff, {_INTERVAL["low"]} AS low,
        {_INTERVAL["high"]} AS high
    FROM (
        SELECT o.ctid AS place_on_disk, o.numerator, o.denominator, o.deff,
            {effect("o")} AS fresh
        FROM scorecards_score o
        LEFT JOIN {EFFECTS} e
            ON e.indicator = o.indicator AND e.self_assessment = o.self_assessment
        WHERE o.period = %s OFFSET 0
    ) o WHERE o.deff <> o.fresh
)
UPDATE scorecards_score s SET deff = n.deff, low = n.low, high = n.high, computed_at = %s
FROM n WHERE s.period = %s AND s.ctid = n.place_on_disk
"""  # noqa: S608 - names of ours


def _rows(year: str) -> list[DesignEffect]:
    return list(DesignEffect.objects.filter(year=year))


def _estimated(year: str, key: Key, sums: ClusterSums) -> DesignEffect:
    rho = sums.rho
    return DesignEffect(
        year=year,
        indicator=key[0],
        self_assessment=key[1],
        source=key[2],
        rho_used=held(rho),
        deff=round(max(1.0, 1.0 + (sums.mean_size - 1.0) * held(rho)), 2),
        rho=None if isnan(rho) else round(rho, 4),
        mean_size=round(sums.mean_size, 2),
        clusters=int(sums.clusters),
        cases=int(sums.cases),
        method_version=METHOD_VERSION,
        estimated_at=UNFINISHED,
    )


def _of_cases(year: str) -> dict[Key, ClusterSums]:
    """Return sums of every rule and source, one read of the year's facts; added up to families."""
    counted = ", ".join(
        f"count(*) FILTER (WHERE f.{r} >= 0) AS {r}_n, count(*) FILTER (WHERE f.{r} = 1) AS {r}_x"
        for r in RULES
    )
    gathered = ", ".join(
        f"sum({r}_n) AS {r}_n, sum({r}_x) AS {r}_x, count(*) FILTER (WHERE {r}_n > 0) AS {r}_c,"
        f" sum({r}_n * {r}_n) AS {r}_q, sum({r}_x * {r}_x / nullif({r}_n, 0)::float8) AS {r}_b"
        for r in RULES
    )
    text = ", ".join(_sums(f"{r}_") for r in RULES)
    by = "f.provider_kind, f.provider_id"
    sql = f"""
        SELECT provider_kind, of_register, {text} FROM (
            SELECT provider_kind, provider_id, of_register, {gathered} FROM (
                SELECT {by}, f.facilitator_id = {OF_REGISTER} AS of_register, {counted}
                FROM {partitions.FACTS} f
                WHERE f.month BETWEEN %s AND %s AND f.facilitator_id IS NOT NULL
                GROUP BY {by}, f.facilitator_id, f.asked_on
            ) cluster GROUP BY provider_kind, provider_id, of_register
        ) provider GROUP BY provider_kind, of_register"""  # noqa: S608 - names of ours
    cluster_sums: dict[Key, ClusterSums] = defaultdict(ClusterSums)
    for kind, of_register, *numbers in _fetch(sql, [f"{year}-01", f"{year}-12"]):
        family = next(f for f in FAMILIES if kind in f.kinds)
        source = Source.REGISTER if of_register else Source.GATHERED
        for code, rule in family.rules.items():
            at = WIDTH * RULES.index(rule)
            cluster_sums[code, False, source] += _read(numbers[at : at + WIDTH])
    return {key: sums for key, sums in cluster_sums.items() if sums.cases}


WIDTH = len(fields(ClusterSums))


def _sums(prefix: str) -> str:
    """Return the columns of ``ClusterSums`` over providers, in order."""
    n, x, c, q, b = (f"{prefix}{part}" for part in "nxcqb")
    return (
        f"sum({n}), sum({x}), sum({c}), count(*) FILTER (WHERE {n} > 0), sum({q}), sum({b}),"
        f" sum({x} * {x} / nullif({n}, 0)::float8), sum({q} / nullif({n}, 0)::float8)"
    )


def _read(numbers: Sequence[Any]) -> ClusterSums:
    return ClusterSums(*(float(number or 0) for number in numbers))


def _of_votes(year: str) -> dict[Key, ClusterSums]:
    votes = observations.votes_to_count(
        meeting__held_on__year=int(year), meeting__provider__kind__in=KINDS
    )
    return _of_rows(votes, "told_by = 'self_assessment'", "true", "score >= 4")


def _of_checks(year: str) -> dict[Key, ClusterSums]:
    checks = observations.checks_to_count(seen_on__year=int(year), provider__kind__in=KINDS)
    return _of_rows(checks, "false", "present IS NOT NULL", "present")


def _of_rows(query: QuerySet[Any, Any], own: str, text: str, met: str) -> dict[Key, ClusterSums]:
    """Return sums of votes or checks: a cluster is one provider on one day."""
    rows, values = query.query.sql_with_params()
    sql = f"""
        SELECT indicator_code, own, {_sums("")} FROM (
            SELECT indicator_code, own, provider_id, sum(n) AS n, sum(x) AS x, count(*) AS c,
                sum(n * n) AS q, sum(x * x / n::float8) AS b
            FROM (
                SELECT indicator_code, {own} AS own, provider_id, count(*) AS n,
                    count(*) FILTER (WHERE {met}) AS x
                FROM ({rows}) r WHERE {text}
                GROUP BY indicator_code, own, provider_id, observed_on
            ) cluster GROUP BY indicator_code, own, provider_id
        ) provider GROUP BY indicator_code, own"""  # noqa: S608 - names of ours
    sums = _fetch(sql, list(values))
    return {(code, own_, Source.GATHERED): _read(numbers) for code, own_, *numbers in sums}


def _fetch(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(sql, values)
        return list(cursor.fetchall())
