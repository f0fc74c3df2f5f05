"""Shares on time where requests are open, in SQL.

The first computation uses numpy and the same facts.
"""

import pandas as pd
from django.db import connection

from scorecards.method.estimates.intervals import normal_quantile
from scorecards.method.vocabulary import Outcome
from scorecards.periods import Period
from scorecards.pipeline.on_time_open_requests import INDICATOR
from scorecards.storage import partitions
from scorecards.verification.table_diff import Check, compared, read

ON_TIME = Check(
    "ontime",
    ("provider_kind", "service", "place_code"),
    ("level",),
    ("share", "low", "high", "median_days", "cases", "still_open"),
)
_CELL = "provider_kind, service, level, place_code"
_Z = normal_quantile(0.95)


def differing(period: Period) -> pd.DataFrame:
    """Return the stored shares on time of one period that the second computation contradicts."""
    if not _concerned(period):
        return pd.DataFrame(columns=pd.Index(["service"]))
    return compared(ON_TIME, period, _on_time(period))


def _concerned(period: Period) -> bool:
    """Return whether on-time figures of the period are stored or due: some requests are open."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM scorecards_ontime WHERE period = %s) OR EXISTS (SELECT "
            "FROM scorecards_score WHERE period = %s AND place_code = '' AND still_open > 0)",
            [period.code, period.code],
        )
        return bool(cursor.fetchone() == (True,))


def _on_time(period: Period) -> pd.DataFrame:
    names = [*ON_TIME.key, *ON_TIME.words, *ON_TIME.numbers]
    values = {
        "months": list(period.months),
        "period": period.code,
        "indicator": INDICATOR,
        "outcomes": [int(Outcome.MET), int(Outcome.NOT_MET), int(Outcome.STILL_OPEN)],
        "waiting": int(Outcome.STILL_OPEN),
    }
    return read(f"{_CURVES} SELECT {', '.join(names)} FROM told", values, names)  # noqa: S608


def _steps(of: str, condition: str) -> str:
    """Return SQL for the curve of ``of`` (margin, day): logarithm per step, and Greenwood's sum.

    Cases under watch at a step have waited as long or longer. Where nobody is left the
    logarithm has no number, and ``emptied`` says so.
    """
    return f"""
        SELECT {_CELL}, {of}, served, watched, watched = served AS emptied,
            CASE WHEN watched > served THEN ln((watched - served)::float8 / watched) END AS fall,
            CASE WHEN watched > served THEN served::float8 / watched / (watched - served) END
                AS spread
        FROM (
            SELECT {_CELL}, {of}, coalesce(sum(n) FILTER (WHERE delivered), 0) AS served,
                sum(sum(n)) OVER (PARTITION BY {_CELL} ORDER BY {of} DESC) AS watched
            FROM placed WHERE {condition} GROUP BY {_CELL}, {of}
        ) step"""  # noqa: S608 - names of ours


# Margin: days beyond the promise, below zero if early; one day late is as late as ten.
_CURVES = f"""
WITH effect AS MATERIALIZED (
    SELECT {_CELL}, deff AS stored_effect FROM scorecards_score
    WHERE period = %(period)s AND indicator = %(indicator)s AND provider_id = 0
),
counted AS MATERIALIZED (
    SELECT f.commune_code, f.provider_kind, s.code AS own_service,
        least(f.days - f.days_max, 1) AS margin, CASE WHEN f.days_known THEN f.days END AS day,
        NOT f.is_open AS delivered, f.time = %(waiting)s AS waits, count(*) AS n
    FROM {partitions.FACTS} f JOIN standards_service s ON s.id = f.service_id
    WHERE f.month = ANY(%(months)s) AND f.time = ANY(%(outcomes)s)
        AND EXISTS (SELECT FROM {partitions.FACTS} o
            WHERE o.month = ANY(%(months)s) AND o.time = %(waiting)s)
    GROUP BY 1, 2, 3, 4, 5, 6, 7
),
placed AS MATERIALIZED (
    SELECT provider_kind, service, level, left(commune_code, digits) AS place_code,
        margin, day, delivered, waits, sum(n) AS n
    FROM counted
    CROSS JOIN (VALUES ('commune', 6), ('province', 2), ('nation', 0)) p (level, digits)
    CROSS JOIN LATERAL (VALUES (own_service), ('')) k (service)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
),
cells AS (
    SELECT {_CELL}, sum(n)::bigint AS cases,
        (sum(n) FILTER (WHERE waits))::bigint AS still_open,
        sum(n) FILTER (WHERE delivered AND margin <= 0) AS early,
        sum(n) FILTER (WHERE margin >= 0 OR delivered) AS followed,
        bool_or(margin >= 0) AS long_enough
    FROM placed GROUP BY {_CELL} HAVING bool_or(waits)
),
promised AS (
    SELECT {_CELL}, CASE WHEN bool_or(emptied) THEN 0 ELSE exp(sum(fall)) END AS surviving,
        sum(spread) AS spread
    FROM ({_steps("margin", "true")}) s WHERE margin <= 0 GROUP BY {_CELL}
),
fallen AS (
    SELECT {_CELL}, day, served, bool_or(emptied) OVER up AS emptied, sum(fall) OVER up AS fall
    FROM ({_steps("day", "day IS NOT NULL")}) s
    WINDOW up AS (PARTITION BY {_CELL} ORDER BY day)
),
middle AS (
    SELECT {_CELL}, min(day) AS median_days FROM fallen
    WHERE served > 0 AND (emptied OR exp(fall) <= 0.5 + 1e-9) GROUP BY {_CELL}
),
shares AS (
    SELECT c.*, m.median_days, coalesce(p.surviving, 1) AS surviving,
        sqrt(p.spread * c.deff) / nullif(abs(ln(nullif(p.surviving, 0))), 0) AS error,
        coalesce(c.early, 0)::float8 / c.followed AS plain, c.followed / c.deff AS size,
        c.long_enough OR p.surviving = 0 AS known
    FROM (
        SELECT cells.*, coalesce(stored_effect, 1) AS deff
        FROM cells LEFT JOIN effect USING ({_CELL})
    ) c
    LEFT JOIN promised p USING ({_CELL}) LEFT JOIN middle m USING ({_CELL})
),
ends AS (
    SELECT *, 1 - surviving AS in_time,
        (plain + {_Z**2 / 2!r} / size) / (1 + {_Z**2!r} / size) AS centre,
        {_Z!r} * sqrt(plain * (1 - plain) / size + {_Z**2 / 4!r} / size ^ 2)
            / (1 + {_Z**2!r} / size) AS half
    FROM shares
),
told AS (
    SELECT {_CELL}, cases, still_open, median_days, CASE WHEN known THEN in_time END AS share,
        CASE WHEN NOT known THEN NULL
            WHEN surviving IN (0, 1) THEN least(greatest(centre - half, 0), in_time)
            ELSE 1 - surviving ^ exp(-{_Z!r} * error) END AS low,
        CASE WHEN NOT known THEN NULL
            WHEN surviving IN (0, 1) THEN greatest(least(centre + half, 1), in_time)
            ELSE 1 - surviving ^ exp({_Z!r} * error) END AS high
    FROM ends
)"""  # noqa: S608 - names and numbers of ours
