"""Changes of places: splits, renames, dates; each change writes an audit entry."""

from typing import Any

from django.db import transaction

from audit import trail
from places import gazetteer
from places.models import Place

KEPT = ("name_km", "name_latin", "kind", "parent_id", "valid_from", "valid_to", "predecessor_id")


@transaction.atomic
def save_place(*, place: Place, by: trail.Actor | None, reason: str = "") -> Place:
    """Write a new or edited place; its names become findable, loaders leave it alone after.

    Raises ValidationError where code, level, kind and parent do not fit each other.
    """
    old = Place.objects.filter(pk=place.code).first()
    spellings = [r["spelling"] for r in gazetteer.read_fixture("spellings.csv")
                 if r["code"] == place.code]  # fmt: skip
    place.search = gazetteer.search_text(place.name_km, place.name_latin, spellings)
    place.full_clean(validate_unique=old is None)
    place.save(force_insert=old is None)
    before = _values(old) if old is not None else None
    after = _values(place)
    if before != after:
        trail.record(
            by=by,
            verb="place.added" if old is None else "place.edited",
            subject=place,
            place_code=place.code,
            before=before,
            after=after,
            reason=reason,
        )
    return place


def _values(place: Place) -> dict[str, Any]:
    values = {name: getattr(place, name) for name in KEPT}
    for name in ("valid_from", "valid_to"):
        values[name] = values[name].isoformat() if values[name] else None
    return values
