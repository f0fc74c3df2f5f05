"""Many scorecards as one PDF: the same job with progress as many action plans."""

from itertools import groupby
from typing import Any, Final

from dashboards.reports.frame import Asked
from dashboards.reports.scorecard import TEMPLATE, reading, scorecard
from places.models import Place
from printing.typesetter import joined, typeset
from scorecards.plans import jobs

AT_ONCE: Final = 20
"""Sheets set together: larger sets are no faster, and progress is updated more rarely."""


def print_sheets(job_id: int) -> int:
    """Print the scorecards of a job; return how many. Safe to repeat."""
    return jobs.print_in_parts(job_id, _some, size=AT_ONCE)


def _some(job: Any, communes: list[str]) -> bytes:
    return scorecards_as_pdf(communes, job.period, job.base)


def scorecards_as_pdf(communes: list[str], period: str, base: str) -> bytes:
    """Return the scorecards of these communes, two pages each, in the reader's language."""
    places = Place.objects.select_related("parent__parent").in_bulk(communes)
    parts = []
    for province, codes in groupby(communes, key=lambda code: code[:2]):
        read = reading(province, period)
        sheets = [
            scorecard(Asked("scorecard", period, base, places[code]), read)
            for code in codes
            if code in places
        ]
        parts.append(typeset(TEMPLATE, {"sheets": sheets})[0])
    return parts[0] if len(parts) == 1 else joined(parts)
