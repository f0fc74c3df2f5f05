"""Records as rows of OData: groups nested, repeats as links or expanded, and their ids."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from surveys.models import Submission
from surveys.openrosa.central import shapes
from surveys.openrosa.central.odata_names import Named, Path
from surveys.openrosa.central.odata_values import value
from surveys.submissions.exports.tables import Turn

Json = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """The position of a row: its record, and the way down to it through groups and repeats."""

    instance_id: str
    seed: str
    """what its id is made of, as Central makes it"""
    link: str
    """its address below the service root"""
    ids: tuple[str, ...] = ()
    """ids of the repeats on the way, the last is its own"""

    @classmethod
    def of_record(cls, instance_id: str) -> "Place":
        """Return the place of a record itself."""
        quoted = quote(instance_id.replace("'", "''"), safe="")
        return cls(instance_id, f"Submissions#{instance_id}", f"Submissions('{quoted}')")

    @property
    def row_id(self) -> str:
        """``__id``: the instance id of a record, else a hash that changes only with its place."""
        return self.ids[-1] if self.ids else self.instance_id

    def below(self, raw: Path, shown: Path, number: int) -> "Place":
        """Return the place of a repeat's turn, counted from 0."""
        groups = "".join(f"%%{name}#" for name in raw[:-1])
        seed = f"{self.seed}{groups}%%{raw[-1]}#{number}"
        row_id = hashlib.sha1(seed.encode(), usedforsecurity=False).hexdigest()
        link = f"{self.link}/{'/'.join(shown)}('{row_id}')"
        return Place(self.instance_id, seed, link, (*self.ids, row_id))


@dataclass(frozen=True)
class Writer:
    """The writer of rows: places as WKT or GeoJSON, repeats as links or inside."""

    wkt: bool = False
    expand: bool = False

    def body(self, named: Named, turn: Turn, place: Place) -> Json:
        """Return a row without ``__system``."""
        payload: Json = {"__id": place.row_id}
        for column, path, cell in zip(turn.table.columns, named.columns, turn.cells, strict=True):
            inside = _inside(payload, path)
            inside[path[-1]] = value(column.type, cell, wkt=self.wkt)
        for path, child in named.repeats:
            inside = _inside(payload, path)
            inside[f"{path[-1]}@odata.navigationLink"] = f"{place.link}/{'/'.join(path)}"
            if self.expand:
                inside[path[-1]] = [
                    self.body(child, one, where)
                    for one, where in turns_of(named, turn, place)
                    if one.table is child.table
                ]
        return payload


def _inside(payload: Json, path: Path) -> Json:
    for name in path[:-1]:
        payload = payload.setdefault(name, {})
    return payload


def turns_of(named: Named, turn: Turn, place: Place) -> Iterator[tuple[Turn, Place]]:
    """Yield the turns of every repeat directly below one row, in order, with their places."""
    for (raw, table), (shown, _child) in zip(
        turn.table.children.items(), named.repeats, strict=True
    ):
        here = [one for one in turn.turns if one.table is table]
        for number, one in enumerate(here):
            yield one, place.below(raw, shown, number)


def rows_below(
    named: Named, turn: Turn, place: Place, wanted: Named
) -> Iterator[tuple[Turn, Place]]:
    """Yield every turn of the repeat ``wanted`` in a record, at whatever depth, in order."""
    children = {id(child.table): child for _path, child in named.repeats}
    for one, where in turns_of(named, turn, place):
        child = children[id(one.table)]
        if child is wanted:
            yield one, where
        else:
            yield from rows_below(child, one, where, wanted)


def row_of_repeat(writer: Writer, wanted: Named, turn: Turn, place: Place) -> Json:
    """Return a row of a repeat, with the id of the row it belongs to."""
    parent = place.ids[-2] if len(place.ids) > 1 else place.instance_id
    properties = writer.body(wanted, turn, place)
    return {"__id": properties.pop("__id"), wanted.parent_id_name: parent, **properties}


def row_of_record(
    writer: Writer, named: Named, record: tuple[Submission, Turn], edits: int, present: int
) -> Json:
    """Return a row of the main table, with what the system knows of the record."""
    submission, turn = record
    place = Place.of_record(submission.instance_id)
    properties = writer.body(named, turn, place)
    return {
        "__id": properties.pop("__id"),
        "__system": _system(submission, edits, present),
        **properties,
    }


def _system(record: Submission, edits: int, present: int) -> Json:
    submitter = shapes.submitter(record)
    return {
        "submissionDate": shapes.moment(record.received_at),
        "updatedAt": shapes.moment(record.updated_at),
        "deletedAt": shapes.moment(record.deleted_at),
        "submitterId": str(submitter["id"]) if submitter else None,
        "submitterName": submitter["displayName"] if submitter else None,
        "attachmentsPresent": present,
        "attachmentsExpected": present + len(record.missing_media),
        "status": None if record.version.encrypted is False else "notDecrypted",
        "reviewState": shapes.review_state(record.state),
        "deviceId": record.device_id or None,
        "edits": edits,
        "formVersion": (record.current or record).version.version,
    }
