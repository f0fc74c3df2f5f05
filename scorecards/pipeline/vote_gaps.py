"""Gaps between groups of voters in the working figures: means, exact, interval by meeting.

The sums of each meeting are made in SQL, the arithmetic is ``method.estimates.votes``. Released
gaps are made from rounded numbers: ``scorecards.releases.figures``.
"""

from typing import Any

import pandas as pd
from django.db import connection

from scorecards.indicators import KINDS
from scorecards.method.estimates.votes import TOTALS, gaps_of_meetings
from scorecards.method.vocabulary import Status
from scorecards.models import VoteGap
from scorecards.periods import Period
from surveys import observations

CUBE = ["indicator", "provider_kind", "among"]
LEVELS = {"commune": 6, "province": 2, "nation": 0}
NUMBERS = ["voters", "others", "mean", "others_mean", "gap", "low", "high"]
_KEYS = [*CUBE, "place_code"]

IS_MEMBER: dict[str, str] = {
    VoteGap.Among.WOMEN: "CASE q.sex WHEN 'female' THEN true WHEN '' THEN NULL ELSE false END",
    VoteGap.Among.YOUTH: "q.youth",
    VoteGap.Among.POOR_CARD: "q.poor_card",
    VoteGap.Among.DISABILITY: "q.disability",
    VoteGap.Among.MINORITY: "q.minority",
}
"""SQL of whether a voter belongs to a group: yes, no, or null for not known."""


def of_period(period: Period) -> pd.DataFrame:
    """Return every group in every commune, province and the nation, however few: never to be shown.

    Columns: indicator, provider_kind, among, place_code, level, NUMBERS, status, meetings.
    """
    meetings = _meetings(period)
    if meetings.empty:
        return pd.DataFrame()
    tables = [
        gaps_of_meetings(
            meetings.assign(place_code=meetings["place_code"].str[:length]), _KEYS
        ).assign(level=level)
        for level, length in LEVELS.items()
    ]
    return pd.concat(tables, ignore_index=True)


def working(nodes: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of ``VoteGap`` for people who see working figures."""
    if nodes.empty:
        return nodes
    shown = nodes[nodes["status"] == Status.SHOWN]
    return shown.assign(status=str(Status.SHOWN))[[*_KEYS, "level", "status", *NUMBERS]]


def _meetings(period: Period) -> pd.DataFrame:
    """Return the sums of each meeting: one row an indicator, group and meeting, in order."""
    votes, values = observations.groups_to_count(
        meeting__held_on__range=(period.first, period.last), meeting__provider__kind__in=KINDS
    ).query.sql_with_params()
    groups = ", ".join(f"('{among}', {member})" for among, member in IS_MEMBER.items())
    names = ["indicator", "provider_kind", "among", "place_code", "meeting", *TOTALS]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT q.indicator_code, q.provider_kind, g.among, q.commune_id, q.meeting_id,
                coalesce(sum(q.score) FILTER (WHERE g.is_in), 0),
                count(*) FILTER (WHERE g.is_in),
                coalesce(sum(q.score) FILTER (WHERE NOT g.is_in), 0),
                count(*) FILTER (WHERE NOT g.is_in)
            FROM ({votes}) q CROSS JOIN LATERAL (VALUES {groups}) g (among, is_in)
            GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 5""",  # noqa: S608 - ours
            list(values),
        )
        rows: list[Any] = cursor.fetchall()
    return pd.DataFrame(rows, columns=pd.Index(names)).astype(dict.fromkeys(TOTALS, "int64"))
