"""Judge cases in SQL, by the same rules as ``scorecards.method.judging.cases``.

Tests compare the two on generated cases. Outcome codes are ``Outcome``: 1 met, 0 not met, -1 no
standard, -2 unknown answer, -3 does not apply, -4 still open.
"""

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F

from scorecards import periods
from scorecards.indicators import FAMILIES, KINDS, RULES
from scorecards.pipeline.scope import Scope
from scorecards.storage import partitions, prepared_statements
from surveys import observations

_JUDGE = {
    "fee": """
        CASE WHEN status = 'abandoned' THEN -3
             WHEN fee_official IS NULL THEN -1
             WHEN status = 'open' THEN -4
             WHEN comparable AND coalesce(fee_paid, 0) > owed_most THEN 0
             WHEN fee_paid IS NULL OR NOT comparable THEN -2
             WHEN fee_paid <= owed_least THEN 1
             ELSE -2 END""",
    "time": """
        CASE WHEN status IN ('abandoned', 'refused') THEN -3
             WHEN days_max IS NULL OR coalesce(day_kind, '') = '' THEN -1
             WHEN days IS NULL OR days < 0 THEN -2
             WHEN days > days_max THEN 0
             WHEN status = 'open' THEN -4
             WHEN status = 'received' THEN 1
             ELSE -2 END""",
    "documents": """
        CASE WHEN documents_known IS NOT TRUE THEN -1
             WHEN documents_asked IS NULL THEN -2
             WHEN documents_asked::text[] <@ documents_official THEN 1
             ELSE 0 END""",
    "visits": """
        CASE WHEN status = 'abandoned' THEN -3
             WHEN status = 'open' THEN -4
             WHEN visits IS NULL THEN -2
             WHEN visits <= 2 THEN 1
             ELSE 0 END""",
    "receipt": """
        CASE WHEN fee_paid = 0 THEN -3
             WHEN fee_paid IS NULL OR NOT comparable THEN -2
             WHEN receipt THEN 1
             WHEN NOT receipt THEN 0
             ELSE -2 END""",
    "presence": "CASE WHEN staffed THEN 1 WHEN NOT staffed THEN 0 ELSE -2 END",
    "card_holder_free": """
        CASE WHEN NOT poor_card THEN -3
             WHEN poor_card IS NULL THEN -2
             WHEN comparable AND fee_paid > 0 THEN 0
             WHEN status = 'open' THEN -4
             WHEN fee_paid = 0 THEN 1
             ELSE -2 END""",
    "medicine": "CASE WHEN medicine_given THEN 1 WHEN NOT medicine_given THEN 0 ELSE -2 END",
    "no_informal_fee": "CASE WHEN fee_paid = 0 THEN 1 WHEN fee_paid > 0 THEN 0 ELSE -2 END",
    "teacher_present": """
        CASE WHEN lesson_days_lost = 0 THEN 1 WHEN lesson_days_lost > 0 THEN 0 ELSE -2 END""",
    "plan_seen": "CASE WHEN plan_shown THEN 1 WHEN NOT plan_shown THEN 0 ELSE -2 END",
}

# The amount owed is a range where the right to the concession is not known; days are in the
# standard's own kind, to delivery or, while open, to the day of the data.
_MEASURED = """
SELECT c.*,
    c.fee_currency IS NULL OR c.fee_currency = c.currency AS comparable,
    c.units * CASE WHEN c.poor_card IS FALSE THEN c.fee_official
                   ELSE least(c.fee_concession, c.fee_official) END AS owed_least,
    c.units * CASE WHEN c.poor_card THEN coalesce(c.fee_concession, c.fee_official)
                   ELSE c.fee_official END AS owed_most,
    CASE c.day_kind WHEN 'calendar' THEN c.until - c.asked_on
                    WHEN 'working' THEN u.ordinal - a.ordinal END AS days,
    d.codes AS documents_official
FROM (
    SELECT q.*, CASE WHEN q.status = 'open' THEN %s::date
                     WHEN q.received_on <= %s::date THEN q.received_on END AS until
    FROM ({cases}) q{of_cases}
) c
LEFT JOIN scorecards_workday a ON a.day = c.asked_on
LEFT JOIN scorecards_workday u ON u.day = c.until
LEFT JOIN LATERAL (
    SELECT coalesce(array_agg(k.code::text), '{{}}') AS codes
    FROM standards_standarddocument r JOIN standards_document k ON k.id = r.document_id
    WHERE r.standard_id = c.standard_id
) d ON c.documents_known
"""

_KEPT = (
    "province_code",
    "commune_code",
    "provider_id",
    "provider_kind",
    "service_id",
    "standard_id",
    "facilitator_id",
    "asked_on",
    "observed_at",
    "is_open",
    *RULES,
    "excess",
    "days",
    "days_max",
    "days_known",
)


def _of_its_kinds(rule: str) -> str:
    """Return SQL for the judgement; null where the rule does not apply to the kind of provider."""
    kinds = [kind for family in FAMILIES if rule in family.rules.values() for kind in family.kinds]
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return f"CASE WHEN provider_kind IN ({listed}) THEN ({_JUDGE[rule]}) END AS {rule}"


OF_REGISTER = 0
"""The facilitator of a row of an office's register, which nobody gathered."""
SINGLE_CHANNELS = ("citizen", "hotline")
"""Channels in which each case without a facilitator is one person's own report."""

# A name without an account is a number below zero, one per name and commune.
_GATHERED_BY = f"""
coalesce(facilitator_id, CASE WHEN known_as <> ''
    THEN -1 - abs(hashtext(lower(btrim(known_as)) || ' ' || commune_id)::bigint)
    WHEN told_through NOT IN {SINGLE_CHANNELS!r} THEN {OF_REGISTER} END)"""


def _judged(cases: str, of_cases: str) -> str:
    rules = ",\n".join(_of_its_kinds(rule) for rule in RULES)
    return f"""
        SELECT j.*, CASE WHEN j.fee >= 0 AND owed_least = owed_most
                         THEN greatest(fee_paid - owed_least, 0) END AS excess
        FROM (
            SELECT to_char(asked_on, 'YYYY-MM') AS month, id AS case_id, province_code,
                commune_id AS commune_code, provider_id, provider_kind, service_id, standard_id,
                {_GATHERED_BY} AS facilitator_id, asked_on, updated_at AS observed_at,
                status = 'open' AS is_open,
                days, days_max, days_known,
                fee_paid, owed_least, owed_most, {rules}
            FROM ({_MEASURED.format(cases=cases, of_cases=of_cases)}) m
        ) j"""  # noqa: S608 - all of it is ours


class Touched(NamedTuple):
    """The owner of changed facts: kind and number of the provider, codes of service and commune."""

    kind: str
    provider: int
    service: str
    commune: str


def refresh(
    scope: Scope, months: Iterable[str], *, as_of: date, only: set[int] | None = None
) -> set[Touched]:
    """Judge the cases of ``scope`` and ``months`` again; return those whose facts changed.

    Of the cases only those of ``only``, by their primary keys, if given. A fact that
    moved is returned twice, under its new and its old commune, which may be outside
    ``scope``. Facts that say the same are not written. Run inside a transaction.
    """
    wanted = sorted(set(months))
    if not wanted:
        return set()
    first, last = periods.parse(wanted[0]).first, periods.parse(wanted[-1]).last
    cases, named = _cases_of(len(scope.code))
    constants = {_FIRST: first, _LAST: last, "0" * len(scope.code): scope.code}
    values: list[Any] = [constants.get(value, value) for value in named]
    where, of_scope = scope.sql("old")
    place: list[Any] = [*of_scope]
    of_cases = ""
    if only is not None:
        of_cases, where = " WHERE q.id = ANY(%s)", f"{where} AND old.case_id = ANY(%s)"
        values, place = [*values, sorted(only)], [*of_scope, sorted(only)]
    judged = _judged(cases, of_cases)
    is_commune = len(scope.code) == 6
    with prepared_statements.cursor() if is_commune else connection.cursor() as cursor:
        # For one commune the test is not worth its cost.
        if not is_commune and not _is_judged(where, wanted, place):
            statement, asked = _put_first(judged), [as_of, as_of, *values, wanted]
        else:
            statement = _merged(judged, where, len(wanted))
            asked = [as_of, as_of, *values, *wanted, *wanted, *place, *wanted]
        touched: set[Touched] = set()
        while True:
            cursor.execute(statement, asked)
            rows = {Touched(*row) for row in cursor.fetchall()}
            touched |= rows - {_UNSEEN}
            if _UNSEEN not in rows:
                return touched


_FIRST, _LAST = date(1, 1, 1), date(1, 1, 2)


@cache
def _cases_of(digits: int) -> tuple[str, tuple[Any, ...]]:
    """Return the query of cases for a scope whose code has so many digits, compiled once.

    In its values ``_FIRST``, ``_LAST`` and a code of zeros stand for the days and the place.
    """
    query = observations.cases_to_judge(
        asked_on__range=(_FIRST, _LAST), provider__kind__in=KINDS, **Scope("0" * digits).lookup()
    )
    named = query.annotate(known_as=F("facilitator_name"), told_through=F("channel"))
    return named.query.sql_with_params()


def _is_judged(where: str, months: list[str], place: list[Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM {partitions.FACTS} old "  # noqa: S608
            f"WHERE old.month = ANY(%s) AND {where})",
            [months, *place],
        )
        return bool(cursor.fetchone() == (True,))


def _put_first(judged: str) -> str:
    """Build the INSERT for an empty partition: without stored rows there is nothing to compare."""
    columns = ", ".join(_KEPT)
    fresh = f"SELECT month, case_id, {columns} FROM ({judged}) f WHERE month = ANY(%s)"  # noqa: S608
    if _tells_old_rows():
        return f"WITH put AS ({_put(fresh)}) {_owners_of(_OF_PUT)}"
    return f"""
        WITH fresh AS MATERIALIZED ({fresh}),
        before AS MATERIALIZED ({_before("fresh")}),
        put AS ({_put(f"SELECT * FROM fresh WHERE {_AFTER_BEFORE}")})
        {_owners_of(_OF_PUT_AND_BEFORE)}
        {_unseen("SELECT FROM fresh")}"""  # noqa: S608 - all of it is ours


def _merged(judged: str, where: str, months: int) -> str:
    """Return the statement that writes only what differs; see ``storing`` for the join in full."""
    columns, listed = ", ".join(_KEPT), ", ".join(["%s::text"] * months)
    names = ", ".join(f"(d.n).{name}" for name in ("month", "case_id", *_KEPT))
    fresh, before, of_put = f"SELECT {names} FROM differing d WHERE NOT d.is_gone", "", _OF_PUT  # noqa: S608
    unseen = ""
    if not _tells_old_rows():
        keys = "(SELECT (d.n).month, (d.n).case_id FROM differing d WHERE NOT d.is_gone)"
        before, of_put = f"before AS MATERIALIZED ({_before(keys)}),", _OF_PUT_AND_BEFORE
        fresh += f" AND {_AFTER_BEFORE}"
        unseen = _unseen("SELECT FROM differing d WHERE NOT d.is_gone")
    return f"""
        WITH fresh AS MATERIALIZED (
            SELECT month, case_id, {columns} FROM ({judged}) f
            WHERE month IN ({listed})
        ), was AS MATERIALIZED (
            SELECT old.* FROM {partitions.FACTS} old WHERE old.month IN ({listed}) AND {where}
        ), differing AS MATERIALIZED (
            SELECT n, old, n.case_id IS NULL AS is_gone
            FROM was old FULL JOIN fresh n ON old.month = n.month AND old.case_id = n.case_id
            WHERE n.case_id IS NULL OR old.case_id IS NULL
                OR ({_row("old")}) IS DISTINCT FROM ({_row("n")})
        ), gone AS (
            DELETE FROM {partitions.FACTS} old WHERE old.month IN ({listed}) AND old.case_id
                = ANY(ARRAY(SELECT (d.old).case_id FROM differing d WHERE d.is_gone))
                AND (old.month, old.case_id) IN (
                    SELECT (d.old).month, (d.old).case_id FROM differing d WHERE d.is_gone)
            RETURNING old.provider_kind, old.provider_id, old.service_id, old.commune_code
        ), {before} put AS ({_put(fresh)})
        {_owners_of(f"{of_put} UNION SELECT * FROM gone")} {unseen}"""  # noqa: S608 - all of it is ours


def _put(fresh: str) -> str:
    """Return SQL that writes facts; that of a case that moved to another commune moves with it."""
    old = """,
            old.provider_kind AS kind_before, old.provider_id AS provider_before,
            old.service_id AS service_before, old.commune_code AS commune_before"""
    facts = partitions.FACTS
    was_read = "(SELECT b.month, b.case_id FROM before b)"
    only = "" if _tells_old_rows() else f"WHERE ({facts}.month, {facts}.case_id) IN {was_read}"
    return f"""
        INSERT INTO {facts} (month, case_id, {", ".join(_KEPT)}) {fresh}
        ON CONFLICT (month, case_id) DO UPDATE SET {_sets()} {only}
        RETURNING provider_kind, provider_id, service_id, commune_code
        {old if _tells_old_rows() else ""}"""


def _tells_old_rows() -> bool:
    """Return whether RETURNING can return the values before a change: since PostgreSQL 18."""
    version: int = connection.pg_version  # type: ignore[attr-defined]
    return version >= 180_000


def _before(keys: str) -> str:
    """Return SQL that locks and reads the facts that will be replaced, for older PostgreSQL."""
    return f"""
        SELECT o.month, o.case_id, o.provider_kind, o.provider_id, o.service_id, o.commune_code
        FROM {partitions.FACTS} o JOIN {keys} k ON o.month = k.month AND o.case_id = k.case_id
        FOR UPDATE OF o"""  # noqa: S608 - all of it is ours


_UNSEEN = Touched("", 0, "", "")
"""Stands for facts that another transaction stored after ``before`` was read: repeat the statement.
"""


def _unseen(wanted: str) -> str:
    """Return SQL for one row, ``_UNSEEN``, unless as many facts were put as ``wanted`` has rows.

    A fact that a running transaction stores at the same time is not in ``before``, so that its old
    owner would not be returned. It is left alone, and the statement is repeated, which sees it.
    """
    return f"""UNION ALL SELECT '', 0, '', ''
        WHERE (SELECT count(*) FROM put) < (SELECT count(*) FROM ({wanted}) w)"""  # noqa: S608 - ours


_AFTER_BEFORE = "(SELECT count(*) FROM before) >= 0"
"""A condition that is always true, and makes PostgreSQL read all of ``before`` first."""

_OF_PUT = """
SELECT provider_kind, provider_id, service_id, commune_code FROM put UNION
SELECT kind_before, provider_before, service_before, commune_before
FROM put WHERE provider_before IS NOT NULL"""
_OF_PUT_AND_BEFORE = """
SELECT provider_kind, provider_id, service_id, commune_code FROM put UNION
SELECT provider_kind, provider_id, service_id, commune_code FROM before"""


def _owners_of(changed: str) -> str:
    return f"""SELECT c.provider_kind, c.provider_id, s.code, c.commune_code
        FROM ({changed}) c JOIN standards_service s ON s.id = c.service_id"""  # noqa: S608 - ours


def months_observed(scope: Scope) -> list[str]:
    """Return the plausible months, as codes in order, in which ``scope`` has any observation or
    fact.
    """
    months: set[str] = set()
    queries: list[tuple[Any, str]] = [
        (observations.cases_to_judge(**scope.lookup()), "asked_on"),
        (observations.votes_to_count(**scope.lookup("meeting__")), "observed_on"),
        (observations.checks_to_count(**scope.lookup()), "observed_on"),
    ]
    where, place = scope.sql("f")
    with connection.cursor() as cursor:
        for query, day in queries:
            sql, values = query.query.sql_with_params()
            cursor.execute(
                f"SELECT DISTINCT date_trunc('month', {day})::date FROM ({sql}) q",  # noqa: S608
                values,
            )
            months |= {periods.month_code(day) for (day,) in cursor.fetchall()}
        cursor.execute(
            f"SELECT DISTINCT f.month FROM {partitions.FACTS} f WHERE {where}",  # noqa: S608
            place,
        )
        months |= {month for (month,) in cursor.fetchall()}
    return sorted(periods.plausible(months))


def _sets() -> str:
    return ", ".join(f"{name} = excluded.{name}" for name in _KEPT)


def _row(table: str) -> str:
    return ", ".join(f"{table}.{name}" for name in _KEPT)
