"""Load fixtures into tables, any number of times, without undoing what people did.

The rule for every table: a row that is not there is added; a row that differs is updated; a row
that a person has ever edited (the audit trail knows) is left alone; a second run changes nothing
and reports so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from audit.models import Entry
from places import gazetteer
from places.gazetteer import Gazetteer
from places.models import Place


@dataclass
class Tally:
    """The numbers of rows of one table that were read, added, changed and kept."""

    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: int = 0  # edited by a person, so left alone
    refused: list[str] = field(default_factory=list)  # sentences about rows left as they were

    @property
    def wrote(self) -> bool:
        """True where the table is not as it was."""
        return bool(self.added or self.changed)


def edited_by_people(model: type[Model]) -> set[str]:
    """Return primary keys of the rows of ``model`` that a person has edited, as the trail keeps
    them.
    """
    return set(
        Entry.objects.filter(
            subject_type=model._meta.label_lower, actor_id__isnull=False
        ).values_list("subject_id", flat=True)
    )


def store(
    model: type[Model], key: str, rows: Sequence[Mapping[str, Any]], batch: int = 5000
) -> Tally:
    """Bring the table of ``model`` in line with ``rows``, by the unique column ``key``."""
    tally = Tally(read=len(rows))
    there = {getattr(row, key): row for row in model._default_manager.all()}
    edited = edited_by_people(model)
    new, changed, fields = [], [], set()
    for values in rows:
        row = there.get(values[key])
        if row is None:
            new.append(model(**values))
            continue
        differing = [name for name, value in values.items() if getattr(row, name) != value]
        if not differing:
            tally.unchanged += 1
        elif str(row.pk) in edited:
            tally.kept += 1
        else:
            for name in differing:
                setattr(row, name, values[name])
            fields |= set(differing)
            changed.append(row)
    model._default_manager.bulk_create(new, batch_size=batch)
    if changed:
        # An upsert by primary key: bulk_update writes one CASE per row and field, which takes
        # a minute where the whole gazetteer has changed.
        model._default_manager.bulk_create(
            changed,
            batch_size=batch,
            update_conflicts=True,
            update_fields=sorted(fields),
            unique_fields=[model._meta.pk.name],
        )
    tally.added, tally.changed = len(new), len(changed)
    return tally


@transaction.atomic
def load_places(source: Gazetteer | None = None) -> tuple[Tally, Gazetteer]:
    """Load the gazetteer into the table of places.

    Return the tally and the gazetteer, which lists its defects.
    """
    places = gazetteer.read() if source is None else source
    rows = []
    for place in places.places:
        values = asdict(place)
        values["parent_id"] = values.pop("parent")
        rows.append(values)
    tally = store(Place, "code", rows)
    if tally.wrote:
        with connection.cursor() as cursor:
            # Without fresh statistics the planner reads the whole table instead of the index, and
            # with a long list of pending entries the index is read completely instead of searched.
            # (An index without such a list takes five times as long to load.)
            cursor.execute(f"ANALYZE {connection.ops.quote_name(Place._meta.db_table)}")
            cursor.execute("SELECT gin_clean_pending_list('place_search_trgm'::regclass)")
    return tally, places
