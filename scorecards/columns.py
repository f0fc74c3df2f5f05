"""The columns of a score, defined once: name, kind of value, and meaning.

Counting, storing, verification, releases, reading, the API and the files for download take their
lists of columns from here; ``tests/test_score_columns.py`` compares them with the tables and
with the API. The method of ``scorecards.method`` calls ``numerator`` and ``denominator`` "met" and
"judged": they are renamed where its functions are called.
"""

from typing import NamedTuple


class Column(NamedTuple):
    """One column: its name everywhere, its kind in JSON Table Schema, its meaning."""

    name: str
    kind: str
    about: str


KEY = (
    Column("period", "string", "Month (2026-07), quarter (2026-Q3) or year (2026)"),
    Column("indicator", "string", "Code of the indicator; see the resource indicators"),
    Column("service", "string", "Code of the service; empty for all services"),
    Column("provider_kind", "string", "Kind of provider"),
    Column("place_code", "string", "Official code of the place; empty for the nation"),
    Column("provider_id", "integer", "Number of a single provider; 0 for all of the kind"),
    Column("self_assessment", "boolean", "Votes of the providers about themselves"),
)
"""The key of a cell."""

PLACEMENT = (
    Column("level", "string", "provider, commune, province or nation"),
    Column("province_code", "string", "Official code of the province"),
)
"""Columns that follow from the key."""

COUNTS = (
    Column(
        "numerator",
        "integer",
        "Cases in which the standard was met; votes of 4 or 5; see rounded",
    ),
    Column("denominator", "integer", "Cases judged; votes given; see rounded"),
)

LEFT_OUT = (
    Column("no_standard", "integer", "Cases without a published standard"),
    Column("unknown_answer", "integer", "Cases in which the answer is not known"),
    Column("does_not_apply", "integer", "Cases to which the indicator does not apply"),
    Column("still_open", "integer", "Requests still open, too early to judge"),
)
"""Cases that were not judged, by reason; of working figures only."""

PAIRS = (
    Column("cluster_pairs", "integer", "Ordered pairs of judged cases of one cluster"),
    Column("register_pairs", "integer", "Ordered pairs of judged rows of an office's register"),
)

ESTIMATES = (
    Column("share", "number", "numerator / denominator, 0 to 1"),
    Column("low", "number", "Lower end of the 95% interval, which allows for the rounding"),
    Column("high", "number", "Upper end of the 95% interval"),
    Column(
        "deff",
        "number",
        "Design effect the interval allows for; released ones to one decimal",
    ),
)

DETAILS = (
    Column("median", "number", "Riel beyond the fee, days, or score of the votes"),
    Column("distribution", "array", "How many voted 1, 2, 3, 4, 5"),
)
"""Further numbers of working figures."""

STATUS = Column(
    "status",
    "string",
    "full or pale (30 or more, or fewer); withdrawn: being corrected, no number; of working "
    "figures also too_few, no_data, not_yet_known",
)

ORIGIN = (
    Column("method_version", "string", "Version of the method"),
    Column("standards_version", "integer", "The newest standard any of its cases was judged by"),
    Column("newest_observation", "datetime", "The newest observation it was computed from"),
    Column("computed_at", "datetime", "When it was computed"),
    Column("revised", "boolean", "Changed after it was first published or its period was closed"),
)

READ = (
    Column("place_km", "string", "Name of the place in Khmer"),
    Column("place_en", "string", "Name of the place in Latin letters"),
    Column("provider_km", "string", "Name of the provider in Khmer"),
    Column("provider_en", "string", "Name of the provider in Latin letters"),
    Column("why", "string", "Why nothing was judged"),
    Column("working", "boolean", "Computed from working figures, not from a release"),
    Column(
        "rounded",
        "boolean",
        "numerator and denominator are rounded at random to multiples of three; parts may not "
        "add up. A released figure that is not was published under earlier rules",
    ),
)
"""Columns that are added when a score is read."""

STORED = (*KEY, *PLACEMENT, *COUNTS, *LEFT_OUT, *ESTIMATES, *PAIRS, *DETAILS, STATUS, *ORIGIN)
"""The columns of the table of scores (``scorecards.models.Score``)."""

BY_NAME = {column.name: column for column in (*STORED, *READ)}


def names(*columns: Column) -> tuple[str, ...]:
    """Return the names of columns, in their order."""
    return tuple(column.name for column in columns)
