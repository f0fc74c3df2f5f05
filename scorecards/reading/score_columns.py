"""Columns of scores as readers get them, and the SQL that reads them.

Working figures and released ones are two tables; both are read under the same names, which
``scorecards.columns`` defines.
"""

from scorecards import columns
from scorecards.storage import packed_columns

COUNTS = columns.names(*columns.LEFT_OUT)


NUMBERS = ("numerator", "denominator", "share", "low", "high", *COUNTS, "deff", "median")


COLUMNS = (
    "period",
    "level",
    "place_code",
    "place_km",
    "place_en",
    "province_code",
    "provider_kind",
    "provider_id",
    "provider_km",
    "provider_en",
    "service",
    "indicator",
    "self_assessment",
    *NUMBERS,
    "distribution",
    "status",
    "why",
    "revised",
    "computed_at",
    "newest_observation",
    "method_version",
    "standards_version",
    "working",
    "rounded",
)


LEVELS = ("provider", "commune", "province", "nation")


# The main reason why nothing was judged, the first of several alike; "" where something was.
_MOST = f"greatest({', '.join(f's.{name}' for name in COUNTS)})"


_REASONS = " ".join(f"WHEN s.{name} = {_MOST} THEN '{name}'" for name in COUNTS)


_WHY = f"CASE WHEN s.denominator <> 0 OR {_MOST} = 0 THEN '' {_REASONS} END"


NAMES = ("place_km", "place_en", "provider_km", "provider_en")


NAMED = """
LEFT JOIN places_place p ON p.code = s.place_code
LEFT JOIN standards_provider o ON s.provider_id > 0 AND o.id = s.provider_id
"""


WORKING_AS = {
    **{name: f"s.{name}" for name in COLUMNS},
    "place_km": "coalesce(p.name_km, '')",
    "place_en": "coalesce(p.name_latin, '')",
    "provider_km": "coalesce(o.name_km, '')",
    "provider_en": "coalesce(o.name_en, '')",
    "why": _WHY,
    # Microseconds as a float, exact for centuries; a numeric would cost as much as the row.
    "computed_at": "(date_part('epoch', s.computed_at) * 1000000)::bigint",
    "newest_observation": "(date_part('epoch', s.newest_observation) * 1000000)::bigint",
    "working": "true",
    "rounded": "false",
}
"""The SQL of each column of a working figure."""


RELEASED_AS = {
    **WORKING_AS,
    **dict.fromkeys(COUNTS, "NULL::int"),
    "median": "NULL::float8",
    "distribution": "NULL::int[]",
    "why": "s.why",
    "standards_version": "NULL::bigint",
    "working": "false",
    "rounded": "s.rounded",
}
"""The SQL of each column of a released one."""


RELEASED_CELLS = """(
    SELECT c.*, 0::bigint AS provider_id, r.published_at AS computed_at,
        date_trunc('month', r.data_until, 'Asia/Phnom_Penh') AS newest_observation,
        r.method_version, r.rules = 'rounded' AS rounded,
        r.previous_id IS NOT NULL AND EXISTS (
            SELECT FROM scorecards_release e
            LEFT JOIN scorecards_releasedcell o ON o.release_id = e.id AND o.period = c.period
                AND o.indicator = c.indicator AND o.service = c.service
                AND o.provider_kind = c.provider_kind AND o.place_code = c.place_code
                AND o.self_assessment = c.self_assessment
            WHERE e.period = c.period AND e.id < r.id AND e.state = 'published'
                AND e.rules = r.rules
                AND (o.status, o.numerator, o.denominator, o.low, o.high)
                    IS DISTINCT FROM (c.status, c.numerator, c.denominator, c.low, c.high)
        ) AS revised
    FROM scorecards_releasedcell c
    JOIN scorecards_release r ON r.id = c.release_id AND r.is_current
    WHERE c.share IS NOT NULL AND c.status IN ('full', 'pale') OR c.status = 'withdrawn'
)"""


# Releases under earlier rules also hold rows without a figure: nobody is given them.
SUMMED = """
SELECT count(*), max(s.computed_at), sum(s.numerator), sum(s.denominator)
FROM scorecards_score s
"""


COMPARED = """
SELECT max(s.computed_at), count(*) FROM (
    SELECT computed_at, release_id, place_code, indicator, '' AS service, provider_kind, period
    FROM scorecards_comparison UNION ALL
    SELECT computed_at, release_id, place_code, indicator, service, provider_kind, period
    FROM scorecards_placeclass
) s
"""


RELEASES = "SELECT max(id) FROM scorecards_release WHERE is_current AND period = %s"


PACKING = {
    **dict.fromkeys(NUMBERS, packed_columns.NUMBER),
    **dict.fromkeys(("computed_at", "newest_observation"), packed_columns.MOMENT),
    **dict.fromkeys(("self_assessment", "revised", "working", "rounded"), packed_columns.FLAG),
    "distribution": packed_columns.NESTED,
}
