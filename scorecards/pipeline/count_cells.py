"""SQL that counts facts, votes and checks into cells, before shares and intervals.

Every function returns a SELECT with the same columns (``COUNTED``) and its values. A cell in which
every case "does not apply" is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scorecards import columns
from scorecards.indicators import FAMILIES, KINDS, RULE_OF, SCORED_ALONE, Family
from scorecards.periods import Period
from scorecards.pipeline.judge_cases import OF_REGISTER
from scorecards.pipeline.scope import Scope
from scorecards.storage import partitions
from surveys import observations

COUNTED = columns.names(
    *columns.KEY,
    *columns.PLACEMENT,
    *columns.COUNTS,
    *columns.LEFT_OUT,
    *columns.PAIRS,
    *columns.DETAILS,
    columns.BY_NAME["standards_version"],
    columns.BY_NAME["newest_observation"],
)
"""Columns of a counted cell, before shares are estimated."""

Sql = tuple[str, list[Any]]
Services = Sequence[str] | None


@dataclass(frozen=True)
class Sources:
    """The observations to count: cases by family, votes, checks. All by default.

    With ``services`` (codes), of the cases only the cells of these services, and of all
    services together.
    """

    families: tuple[Family, ...] = FAMILIES
    votes: bool = True
    checks: bool = True
    services: tuple[str, ...] | None = None

    def __bool__(self) -> bool:
        return bool(self.families) or self.votes or self.checks

    def sql(self) -> Sql:
        """Return the stored cells that come from them, as a condition on ``old``."""
        codes = [code for family in self.families for code in family.rules]
        kinds = [kind for family in self.families for kind in family.kinds]
        any_case = list(RULE_OF)
        of_cases = "old.indicator = ANY(%s) AND old.provider_kind = ANY(%s)"
        values: list[Any] = [codes, kinds]
        if self.services is not None:
            of_cases += " AND old.service = ANY(%s)"
            values.append(["", *self.services])
        if not (self.votes or self.checks):  # only what an index finds
            return of_cases, values
        return (
            f"({of_cases} OR %s AND old.distribution IS NOT NULL"
            " OR %s AND old.distribution IS NULL AND NOT old.indicator = ANY(%s))",
            [*values, self.votes, self.checks, any_case],
        )


@dataclass(frozen=True)
class _By:
    """The columns by which cells are counted: those of the key, those grouped, and the cell's own.

    ``cell`` names the place or provider of a cell within a period, kind and service.
    """

    keys: str
    group: str
    cell: str


_MEDIAN = {
    "fee": "percentile_cont(0.5) WITHIN GROUP (ORDER BY f.excess) FILTER (WHERE f.fee = 0)",
    "time": "percentile_cont(0.5) WITHIN GROUP (ORDER BY f.days)"
    " FILTER (WHERE f.time >= 0 AND NOT f.is_open AND f.days_known)",
}


def communes_from_cases(
    family: Family, scope: Scope, held: Sequence[Period], services: Services = None
) -> Sql:
    """Return cells of the communes of ``scope``: per kind of provider, and per service."""
    where, place = scope.sql("f")
    keys = "f.commune_code AS place_code, 0::bigint AS provider_id, 'commune' AS level, "
    keys += "f.province_code"
    by = _By(keys, "f.commune_code, f.province_code", "f.commune_code")
    return _from_facts(family, held, by, (where, place), services)


def providers_from_cases(
    family: Family, providers: list[int], held: Sequence[Period], services: Services = None
) -> Sql:
    """Return cells of single providers of the kinds that have scores of their own."""
    keys = "NULL AS place_code, f.provider_id, 'provider' AS level, NULL AS province_code"
    by = _By(keys, "f.provider_id", "f.provider_id")
    # No provider of the family's other kinds is among them; the planner cannot know that.
    kinds = [kind for kind in family.kinds if kind in SCORED_ALONE]
    of_theirs: Sql = "f.provider_id = ANY(%s) AND f.provider_kind = ANY(%s)", [providers, kinds]
    sql, values = _from_facts(family, held, by, of_theirs, services)
    chosen = ", ".join(f"c.{name}" for name in COUNTED)
    chosen = chosen.replace("c.place_code", "o.place_id AS place_code").replace(
        "c.province_code", "left(o.place_id, 2) AS province_code"
    )
    joined = f"""SELECT {chosen} FROM ({sql}) c
        JOIN standards_provider o ON o.id = c.provider_id AND o.id = ANY(%s)"""  # noqa: S608
    return joined, [*values, providers]


_OUTCOMES = {
    "met": 1,
    "not_met": 0,
    "no_standard": -1,
    "unknown_answer": -2,
    "does_not_apply": -3,
    "still_open": -4,
}


def _from_facts(
    family: Family, held: Sequence[Period], by: _By, of: Sql, services: Services
) -> Sql:
    """Return SQL for one row per cell; counts of its indicators are in arrays, in their order."""
    facts, period, group, before = _facts_of(held, by)
    rows = ", ".join(f"({n}, '{code}')" for n, code in enumerate(family.rules, 1))
    months = sorted({month for period in held for month in period.months})
    where, place = of
    values = [months[0], months[-1], list(family.kinds), *place]
    service, wanted = "f.service_id", ""
    if services is not None:
        # The others are no groups of their own: they would only be sorted and dropped.
        facts += " LEFT JOIN standards_service w ON w.id = f.service_id AND w.code = ANY(%s)"
        before.append(list(services))
        service, wanted = "w.id", "AND (g.is_all OR g.service_id IS NOT NULL)"
    these = f"""FROM {facts}
            WHERE f.month BETWEEN %s AND %s AND f.provider_kind = ANY(%s) AND {where}"""
    within, read = [*before, *values], ""
    if len(held) > 1:
        # A commune's few facts are in a dozen partitions: opening those twice costs more than
        # reading.
        chosen = f"SELECT f.*, {period} AS period, {service} AS own_service {these}"
        read, these = f"WITH read AS MATERIALIZED ({chosen})", "FROM read f WHERE true"
        period, group, service = "f.period", f"f.period, {by.group}", "f.own_service"
    pairs = _pairs(family, period, _By(by.keys, group, by.cell), service, these)
    sql = f"""{read}
        SELECT g.period, v.indicator, coalesce(s.code, '') AS service, g.provider_kind,
            g.place_code, g.provider_id, false AS self_assessment, g.level, g.province_code,
            g.met[v.n] AS numerator, g.met[v.n] + g.not_met[v.n] AS denominator,
            g.no_standard[v.n] AS no_standard, g.unknown_answer[v.n] AS unknown_answer,
            g.does_not_apply[v.n] AS does_not_apply, g.still_open[v.n] AS still_open,
            coalesce(p.cluster_pairs[v.n], 0) AS cluster_pairs,
            coalesce(p.register_pairs[v.n], 0) AS register_pairs,
            g.median[v.n] AS median, NULL::integer[] AS distribution, g.standards_version,
            g.newest_observation
        FROM (
            SELECT {period} AS period, {by.keys}, {by.cell} AS cell, f.provider_kind,
                {service} AS service_id, grouping({service}) = 1 AS is_all, {_counts(family)},
                max(f.standard_id) AS standards_version,
                max(f.observed_at) AS newest_observation
            {these}
            GROUP BY GROUPING SETS (({group}, f.provider_kind, {service}),
                                    ({group}, f.provider_kind))
        ) g
        LEFT JOIN standards_service s ON s.id = g.service_id
        LEFT JOIN ({pairs}) p ON p.period = g.period AND p.cell = g.cell
            AND p.provider_kind = g.provider_kind
            AND p.service_id = CASE WHEN g.is_all THEN 0 ELSE g.service_id END
        CROSS JOIN (VALUES {rows}) v (n, indicator)
        WHERE g.met[v.n] + g.not_met[v.n] + g.no_standard[v.n] + g.unknown_answer[v.n]
            + g.still_open[v.n] > 0 {wanted}"""  # noqa: S608 - names of ours
    return (f"({sql})", within) if read else (sql, [*within, *within])


def _pairs(family: Family, period: str, by: _By, service: str, these: str) -> str:
    """Return SQL for pairs of judged cases of one cluster, in arrays, by cell that has any.

    A cluster is what one facilitator gathered on one day at one provider, as far as it is in the
    cell; without a facilitator (a register) one provider and day. Service 0 stands for all of them.
    One read of the facts, grouped by cluster twice.
    """
    rules = list(family.rules.values())
    sizes = ", ".join(f"count(*) FILTER (WHERE f.{rule} >= 0) AS {rule}" for rule in rules)

    def added(which: str) -> str:
        sums = (f"sum(c.{r} * (c.{r} - 1)) FILTER (WHERE c.facilitator_id {which})" for r in rules)
        return ", ".join(f"coalesce({each}, 0)::bigint" for each in sums)

    cluster = f"{by.group}, f.provider_kind, f.provider_id, f.facilitator_id, f.asked_on"
    return f"""
        SELECT c.period, c.cell, c.provider_kind, c.service_id,
            ARRAY[{added(f"<> {OF_REGISTER}")}] AS cluster_pairs,
            ARRAY[{added(f"= {OF_REGISTER}")}] AS register_pairs
        FROM (
            SELECT {period} AS period, {by.cell} AS cell, f.provider_kind, f.facilitator_id,
                CASE WHEN grouping({service}) = 1 THEN 0 ELSE {service} END AS service_id, {sizes}
            {these} AND f.facilitator_id IS NOT NULL
            GROUP BY GROUPING SETS (({cluster}, {service}), ({cluster}))
            HAVING count(*) > 1
        ) c GROUP BY c.period, c.cell, c.provider_kind, c.service_id"""  # noqa: S608 - ours


def _facts_of(held: Sequence[Period], by: _By) -> tuple[str, str, str, list[Any]]:
    """Build the query of the facts to read: its FROM, period codes, groups and values.

    With several periods a fact counts for each that holds its month: one read for all.
    """
    if len(held) == 1:
        return f"{partitions.FACTS} f", f"'{held[0].code}'", by.group, []
    bounds = ", ".join("(%s, %s, %s)" for _ in held)
    joined = f"""(VALUES {bounds}) t (period, first, last)
                JOIN {partitions.FACTS} f ON f.month BETWEEN t.first AND t.last"""
    values = [code for p in held for code in (p.code, p.months[0], p.months[-1])]
    return joined, "t.period", f"t.period, {by.group}", values


def _counts(family: Family) -> str:
    """Return SQL for one array per kind of outcome, with an entry per indicator of the family."""
    rules = family.rules.values()
    arrays = []
    for name, outcome in _OUTCOMES.items():
        counted = ", ".join(f"count(*) FILTER (WHERE f.{rule} = {outcome})" for rule in rules)
        arrays.append(f"ARRAY[{counted}] AS {name}")
    medians = ", ".join(_MEDIAN.get(rule, "NULL") for rule in rules)
    return ", ".join([*arrays, f"ARRAY[{medians}]::float8[] AS median"])


def from_votes(scope: Scope, period: Period, providers: list[int] | None = None) -> Sql:
    """Return cells of the votes: satisfied (4 and 5) of all, with their distribution and median.

    With ``providers`` the cells of those providers, else the cells of the communes.
    """
    where: dict[str, Any] = {"meeting__held_on__range": (period.first, period.last)}
    if providers is None:
        where |= {**scope.lookup("meeting__"), "meeting__provider__kind__in": KINDS}
    else:
        where |= {
            "meeting__provider_id__in": providers,
            "meeting__provider__kind__in": SCORED_ALONE,
        }
    votes, values = observations.votes_to_count(**where).query.sql_with_params()
    keys, group, join = _place(providers)
    sql = f"""
        SELECT '{period.code}' AS period, q.indicator_code AS indicator, '' AS service,
            q.provider_kind, {keys},
            q.told_by = 'self_assessment' AS self_assessment, {_level(providers)},
            count(*) FILTER (WHERE q.score >= 4) AS numerator, count(*) AS denominator,
            0 AS no_standard, 0 AS unknown_answer, 0 AS does_not_apply, 0 AS still_open,
            sum(q.alike - 1) AS cluster_pairs, 0::bigint AS register_pairs,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY q.score) AS median,
            ARRAY[{", ".join(f"count(*) FILTER (WHERE q.score = {n})" for n in range(1, 6))}
                ]::integer[] AS distribution,
            NULL::bigint AS standards_version,
            max(q.observed_on)::timestamp AT TIME ZONE 'Asia/Phnom_Penh' AS newest_observation
        FROM ({_alike(votes, "q.score", "q.told_by")}) q {join}
        GROUP BY q.indicator_code, q.provider_kind, q.told_by, {group}"""  # noqa: S608
    return sql, list(values)


def from_checks(scope: Scope, period: Period, providers: list[int] | None = None) -> Sql:
    """Return cells of the checks: seen of all that could be seen; as ``from_votes`` else."""
    where: dict[str, Any] = {"seen_on__range": (period.first, period.last)}
    if providers is None:
        where |= {**scope.lookup(), "provider__kind__in": KINDS}
    else:
        where |= {"provider_id__in": providers, "provider__kind__in": SCORED_ALONE}
    checks, values = observations.checks_to_count(**where).query.sql_with_params()
    keys, group, join = _place(providers)
    sql = f"""
        SELECT '{period.code}' AS period, q.indicator_code AS indicator, '' AS service,
            q.provider_kind, {keys},
            false AS self_assessment, {_level(providers)},
            count(*) FILTER (WHERE q.present) AS numerator, count(q.present) AS denominator,
            0 AS no_standard, count(*) - count(q.present) AS unknown_answer,
            0 AS does_not_apply, 0 AS still_open,
            coalesce(sum(q.alike - 1) FILTER (WHERE q.present IS NOT NULL), 0) AS cluster_pairs,
            0::bigint AS register_pairs, NULL::float8 AS median,
            NULL::integer[] AS distribution, NULL::bigint AS standards_version,
            max(q.observed_on)::timestamp AT TIME ZONE 'Asia/Phnom_Penh' AS newest_observation
        FROM ({_alike(checks, "q.present", "q.commune_id")}) q {join}
        GROUP BY q.indicator_code, q.provider_kind, {group}"""  # noqa: S608
    return sql, list(values)


def _alike(rows: str, text: str, apart: str) -> str:
    """Return SQL for votes or checks, each with the number of known ones of its cluster.

    A cluster is one provider, one day and ``apart``.
    """
    return f"""SELECT q.*, count({text}) OVER (PARTITION BY q.indicator_code, q.provider_id,
            q.commune_id, q.observed_on, {apart}) AS alike FROM ({rows}) q"""  # noqa: S608 - ours


def _place(providers: list[int] | None) -> tuple[str, str, str]:
    if providers is None:
        return "q.commune_id AS place_code, 0::bigint AS provider_id", "q.commune_id", ""
    join = "JOIN standards_provider o ON o.id = q.provider_id"
    return "o.place_id AS place_code, q.provider_id", "o.place_id, q.provider_id", join


def _level(providers: list[int] | None) -> str:
    if providers is None:
        return "'commune' AS level, left(q.commune_id, 2) AS province_code"
    return "'provider' AS level, left(o.place_id, 2) AS province_code"


def rolled_up(scope: Scope, period: Period) -> Sql:
    """Return cells of one province summed from its communes, or of the nation from provinces."""
    below, province = ("commune", True) if scope.code else ("province", False)
    code = "s.province_code" if province else "''"
    # The rows to be summed are found by the primary key, which begins with the place.
    where = "s.place_code = ANY(ARRAY(SELECT p.code::text FROM places_place p"
    values: list[Any] = []
    where += " WHERE p.level = 'province'))"
    if province:
        where, values = scope.sql("s", "place_code")
    summed = _summed(partitions.SCORES, period, below)
    return summed.format(code=code, where=where), values


def all_rolled_up(part: str, period: Period) -> tuple[Sql, Sql]:
    """Return cells of every province, and then of the nation, of a period stored in ``part``."""
    provinces = _summed(part, period, "commune").format(code="s.province_code", where="true")
    return (provinces, []), (_summed(part, period, "province").format(code="''", where="true"), [])


def _summed(table: str, period: Period, below: str) -> str:
    """Return SQL that sums the counts; medians do not add up, and are left out."""
    province = below == "commune"
    return f"""
        SELECT '{period.code}' AS period, s.indicator, s.service, s.provider_kind,
            {{code}} AS place_code,
            0::bigint AS provider_id, s.self_assessment,
            '{"province" if province else "nation"}' AS level, {{code}} AS province_code,
            sum(s.numerator) AS numerator, sum(s.denominator) AS denominator,
            sum(s.no_standard) AS no_standard, sum(s.unknown_answer) AS unknown_answer,
            sum(s.does_not_apply) AS does_not_apply, sum(s.still_open) AS still_open,
            sum(s.cluster_pairs) AS cluster_pairs, sum(s.register_pairs) AS register_pairs,
            NULL::float8 AS median,
            CASE WHEN count(s.distribution) > 0 THEN ARRAY[{_summed_votes()}] END AS distribution,
            max(s.standards_version) AS standards_version,
            max(s.newest_observation) AS newest_observation
        FROM {table} s
        WHERE s.period = '{period.code}' AND s.level = '{below}' AND {{where}}
        GROUP BY s.indicator, s.service, s.provider_kind, s.self_assessment
            {", s.province_code" if province else ""}"""  # noqa: S608


def _summed_votes() -> str:
    return ", ".join(f"sum(s.distribution[{n}])::integer" for n in range(1, 6))


def of_communes(sources: Sources, scope: Scope, held: Sequence[Period]) -> list[Sql]:
    """Build the statements that count the commune cells of ``scope`` in the periods ``held``."""
    chosen = sources.services
    statements = [communes_from_cases(family, scope, held, chosen) for family in sources.families]
    statements += [from_votes(scope, period) for period in held if sources.votes]
    return statements + [from_checks(scope, period) for period in held if sources.checks]


def of_providers(sources: Sources, providers: list[int], held: Sequence[Period]) -> list[Sql]:
    """Build the statements that count the cells of single providers in the periods ``held``."""
    alone = [family for family in sources.families if set(family.kinds) & set(SCORED_ALONE)]
    chosen = sources.services
    statements = [providers_from_cases(family, providers, held, chosen) for family in alone]
    nation = Scope("")
    statements += [from_votes(nation, period, providers) for period in held if sources.votes]
    return statements + [
        from_checks(nation, period, providers) for period in held if sources.checks
    ]
