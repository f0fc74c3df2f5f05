"""Notes that the public may read, for charts, explanations and paper."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from scorecards.models import Annotation

MOST_SHOWN = 50


@dataclass(frozen=True)
class Note:
    """One checked note; ``indicator`` is "" where it is about the day."""

    on: date
    place: str
    text: str
    provider_kind: str
    indicator: str
    service: str

    def is_about(self, provider_kind: str, indicator: str, service: str) -> bool:
        """Return whether the note is about this measure, or about the day in general."""
        if not self.indicator:
            return True
        own = (self.provider_kind, self.indicator)
        return own == (provider_kind, indicator) and self.service in ("", service)


def notes_of(place: str, *, first: date | None = None, last: date | None = None) -> list[Note]:
    """Return checked notes of a place and of the places above it, the newest first."""
    above = [place[:length] for length in (2, 4, 6) if length <= len(place)]
    rows = Annotation.objects.filter(place__in=above, state=Annotation.State.SHOWN)
    if first is not None:
        rows = rows.filter(on__gte=first)
    if last is not None:
        rows = rows.filter(on__lte=last)
    newest = rows.select_related("indicator", "service").order_by("-on", "-pk")[:MOST_SHOWN]
    return [_note(row) for row in newest]


def notes_by_place(within: str, *, first: date, last: date) -> dict[str, list[Note]]:
    """Return checked notes of every place of a province, by the place they are about."""
    rows = Annotation.objects.filter(
        Q(place__code__startswith=within), state=Annotation.State.SHOWN, on__range=(first, last)
    )
    notes: dict[str, list[Note]] = {}
    for row in rows.select_related("indicator", "service").order_by("-on", "-pk"):
        notes.setdefault(row.place_id, []).append(_note(row))
    return notes


def _note(row: Annotation) -> Note:
    return Note(
        on=row.on,
        place=row.place_id,
        text=row.text,
        provider_kind=row.provider_kind,
        indicator=row.indicator.code if row.indicator else "",
        service=row.service.code if row.service else "",
    )
