"""Checked notes on a place, at the periods of a trend ("new office opened")."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from dashboards.query import Query
from scorecards import periods as calendar
from scorecards.reading.annotations import notes_of


@dataclass(frozen=True)
class PlaceNote:
    """One note and the period of the trend in which its day lies."""

    at: int
    """Its place among the periods, from 0."""
    on: date
    text: str


def place_notes(code: str, query: Query, periods: Sequence[str]) -> tuple[PlaceNote, ...]:
    """Return notes on ``code`` and the places above it that are about this measure or about the
    day.

    Oldest first. The country ("") has none: every note is about a place.
    """
    if not code or not periods:
        return ()
    spans = [calendar.parse(period) for period in periods]
    notes = [
        PlaceNote(at, note.on, note.text)
        for note in notes_of(code, first=spans[0].first, last=spans[-1].last)
        if note.is_about(query.kind, query.indicator, query.service)
        for at, span in enumerate(spans)
        if span.first <= note.on <= span.last
    ]
    return tuple(sorted(notes, key=lambda note: (note.on, note.text)))


def version_of(notes: Sequence[PlaceNote]) -> str:
    """Return a text that changes whenever a note does."""
    return sha256(repr(tuple(notes)).encode()).hexdigest()[:16]
