"""The OData feed of a form, for Excel, Power BI, pyodk and ruODK."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from accounts.models import User
from surveys.models import Form, Submission
from surveys.openrosa import answers
from surveys.openrosa.central import shapes
from surveys.openrosa.central.access import REVIEW, endpoint, form, submissions
from surveys.openrosa.central.odata_filter import condition
from surveys.openrosa.problems import ApiError, not_found
from surveys.submissions import lines
from surveys.submissions.exporting import counts
from surveys.submissions.lines import Layout
from surveys.submissions.tables import Column, Table, Turn, tables

Json = dict[str, Any]
_EVERYTHING = 10**12
"""Without ``$top`` the whole table is given, as Central gives it."""
_CHUNK = 250
_EDM = {
    "int": "Edm.Int64",
    "integer": "Edm.Int64",
    "decimal": "Edm.Decimal",
    "date": "Edm.Date",
    "dateTime": "Edm.DateTimeOffset",
    "geopoint": "Edm.GeographyPoint",
}


def _url(request: HttpRequest, of: Form) -> str:
    place = f"/v1/projects/{of.programme_id}/forms/{quote(of.xml_form_id)}.svc"
    return answers.base_url(request) + place


def _headed(body: Json) -> JsonResponse:
    response = JsonResponse(body, json_dumps_params={"ensure_ascii": False})
    response["OData-Version"] = "4.0"
    return response


def _service(request: HttpRequest, person: User, project_id: int, form_id: str) -> HttpResponseBase:
    of = form(person, project_id, form_id, REVIEW)
    names = [t.name for t in tables(of).all()]
    return _headed(
        {
            "@odata.context": f"{_url(request, of)}/$metadata",
            "value": [{"name": n, "kind": "EntitySet", "url": n} for n in names],
        }
    )


service = endpoint(GET=_service)

# -- rows -----------------------------------------------------------------------------------------


def _value(column: Column, cell: str, *, wkt: bool) -> Any:
    if cell == "":
        return None
    try:
        if column.type in {"int", "integer"}:
            return int(cell)
        if column.type == "decimal":
            return float(cell)
        if column.type == "geopoint":
            return _point(cell, wkt=wkt)
    except ValueError:
        return cell
    return cell


def _point(cell: str, *, wkt: bool) -> Any:
    parts = [float(p) for p in cell.split()]
    latitude, longitude = parts[:2]
    height = parts[2] if len(parts) > 2 else None
    if wkt:
        tail = "" if height is None else f" {height:g}"
        return f"POINT ({longitude:g} {latitude:g}{tail})"
    point: Json = {
        "type": "Point",
        "coordinates": [longitude, latitude, *([height] if height is not None else [])],
    }
    if len(parts) > 3:
        point["properties"] = {"accuracy": parts[3]}
    return point


class Row:
    """Writes one turn as OData: groups nested, repeats as links or expanded."""

    def __init__(self, *, wkt: bool, expand: bool, record: str) -> None:
        self.wkt, self.expand, self.record = wkt, expand, record

    def body(self, turn: Turn, row_id: str) -> Json:
        found: Json = {"__id": row_id}
        for column, cell in zip(turn.table.columns, turn.cells, strict=True):
            inside = self._inside(found, column.path)
            inside[column.path[-1]] = _value(column, cell, wkt=self.wkt)
        for path, table in turn.table.children.items():
            inside = self._inside(found, path)
            link = f"{turn.table.name}('{quote(row_id)}')/{'/'.join(path)}"
            inside[f"{path[-1]}@odata.navigationLink"] = link
            if self.expand:
                inside[path[-1]] = [self.body(t, i) for t, i in turns_of(turn, table, row_id)]
        return found

    @staticmethod
    def _inside(found: Json, path: tuple[str, ...]) -> Json:
        for name in path[:-1]:
            found = found.setdefault(name, {})
        return found


def turns_of(turn: Turn, table: Table, row_id: str) -> Iterator[tuple[Turn, str]]:
    """The turns of one repeat, each with an id that stays the same as long as its place does."""
    here = [t for t in turn.turns if t.table is table]
    for number, one in enumerate(here):
        seed = f"{row_id}:{table.name}:{number}".encode()
        yield one, hashlib.sha1(seed, usedforsecurity=False).hexdigest()


def _system(record: Submission, edits: int, present: int) -> Json:
    submitter = shapes.submitter(record)
    return {
        "submissionDate": shapes.moment(record.received_at),
        "updatedAt": shapes.moment(record.updated_at),
        "submitterId": str(submitter["id"]) if submitter else None,
        "submitterName": submitter["displayName"] if submitter else None,
        "attachmentsPresent": present,
        "attachmentsExpected": present + len(record.missing_media),
        "status": None if record.version.encrypted is False else "notDecrypted",
        "reviewState": shapes.review_state(record.state),
        "deviceId": record.device_id or None,
        "edits": edits,
        "formVersion": (record.current or record).version.version,
        "deletedAt": None,
    }


def _whole(request: HttpRequest, name: str, default: int) -> int:
    said = request.GET.get(name, "")
    if not said:
        return default
    if not said.isdigit() or len(said) > 12:
        raise ApiError(400.8, f"Unexpected {name} value {said}.")
    return int(said)


def _table(
    request: HttpRequest, person: User, project_id: int, form_id: str, table: str
) -> HttpResponseBase:
    of = form(person, project_id, form_id, REVIEW)
    place = lines.layout(of.pk)
    main = place.main
    chosen = next((t for t in main.all() if t.name == table), None)
    if chosen is None:
        raise not_found()
    expand = request.GET.get("$expand", "")
    if expand not in {"", "*"}:
        raise ApiError(501.1, "Only $expand=* is supported.")
    records = submissions(person, of).order_by("-id")
    if text := request.GET.get("$filter", ""):
        records = records.filter(condition(text))
    window = Window(_whole(request, "$skip", 0), _whole(request, "$top", _EVERYTHING))
    writer = {"wkt": request.GET.get("$wkt", "").lower() == "true", "expand": expand == "*"}
    if chosen is main:
        window.total = records.count()
        rows = _main_rows(records, place, window, **writer)
    else:
        turning = records.exclude(place.without_turns)
        rows = _sub_rows_within(turning, place, chosen, window, writer)
    response = StreamingHttpResponse(
        _feed(request, of, chosen, rows, window), content_type="application/json"
    )
    response["OData-Version"] = "4.0"
    return response


@dataclass
class Window:
    """Which rows of a feed are wanted, and how many there are and were given."""

    skip: int
    top: int
    total: int = 0
    given: int = 0


def _read(records: Any, place: Layout) -> Iterator[tuple[Submission, Turn]]:
    """Records and their answers; XML is read only where a line does not tell everything."""
    line, xml = place.line_or_xml(place.tells_all)
    for record in records.annotate(told=line, raw=xml).iterator(chunk_size=_CHUNK):
        told = record.told
        yield record, place.turn_of_line(told) if told else place.turn_of_xml(record.raw)


def _main_rows(
    records: Any, place: Layout, window: Window, *, wkt: bool, expand: bool
) -> Iterator[Json]:
    rows = _read(records[window.skip : window.skip + window.top], place)
    while chunk := list(islice(rows, _CHUNK)):
        edits, files = counts(chunk[-1][0].pk, chunk[0][0].pk)
        for record, turn in chunk:
            row = Row(wkt=wkt, expand=expand, record=record.instance_id)
            body = row.body(turn, record.instance_id)
            system = _system(record, edits.get(record.pk, 0), files.get(record.pk, 0))
            yield {"__id": body.pop("__id"), "__system": system, **body}


def _sub_rows_within(
    records: Any, place: Layout, table: Table, window: Window, writer: dict[str, bool]
) -> Iterator[Json]:
    """The rows of a repeat that are wanted; the others are only counted.

    The place of a turn in the whole feed is known only by walking to it.
    """
    for record in _read(records, place):
        here = _turns_in(record[1], table)
        begins, window.total = window.total, window.total + here
        if window.total <= window.skip or begins >= window.skip + window.top:
            continue
        for number, row in enumerate(_sub_rows(record, table, writer), start=begins):
            if window.skip <= number < window.skip + window.top:
                yield row


def _turns_in(turn: Turn, table: Table) -> int:
    """How many turns of a repeat a record holds, at whatever depth."""
    return sum((one.table is table) + _turns_in(one, table) for one in turn.turns)


def _sub_rows(
    record: tuple[Submission, Turn], table: Table, writer: dict[str, bool]
) -> Iterator[Json]:
    submission, turn = record
    row = Row(record=submission.instance_id, wkt=writer["wkt"], expand=writer["expand"])

    def walk(parent: Turn, parent_id: str) -> Iterator[Json]:
        for child in parent.table.children.values():
            for one, row_id in turns_of(parent, child, parent_id):
                if child is table:
                    body = row.body(one, row_id)
                    link = "__" + parent.table.name.replace(".", "-") + "-id"
                    yield {"__id": body.pop("__id"), link: parent_id, **body}
                else:
                    yield from walk(one, row_id)

    return walk(turn, submission.instance_id)


def _feed(
    request: HttpRequest, of: Form, table: Table, rows: Iterator[Json], window: Window
) -> Iterator[str]:
    """The feed as text, written while it is read: how long it is never matters."""
    selected = request.GET.get("$select", "")
    yield '{"value":['
    glue = ""
    for row in rows:
        window.given += 1
        body = _selected(row, selected.split(",")) if selected else row
        yield glue + json.dumps(body, ensure_ascii=False, default=str)
        glue = ","
    about: Json = {"@odata.context": f"{_url(request, of)}/$metadata#{table.name}"}
    if window.given and window.skip + window.given < window.total:
        query = request.GET.copy()
        query["$skip"] = str(window.skip + window.given)
        about["@odata.nextLink"] = f"{_url(request, of)}/{table.name}?{query.urlencode()}"
    if request.GET.get("$count", "").lower() == "true":
        about["@odata.count"] = window.total
    yield "]," + json.dumps(about, ensure_ascii=False)[1:]


def _selected(row: Json, wanted: list[str]) -> Json:
    found: Json = {}
    for path in wanted:
        source, target = row, found
        names = path.strip().split("/")
        for name in names[:-1]:
            inner = source.get(name)
            if not isinstance(inner, dict):
                break
            source, target = inner, target.setdefault(name, {})
        else:
            if names[-1] in source:
                target[names[-1]] = source[names[-1]]
    return found


table = endpoint(GET=_table)

# -- metadata ------------------------------------------------------------------------------


def _metadata(
    request: HttpRequest, person: User, project_id: int, form_id: str
) -> HttpResponseBase:
    of = form(person, project_id, form_id, REVIEW)
    space = f"org.opendatakit.user.{of.xml_form_id}"
    types, sets = [], []
    for one in tables(of).all():
        types.append(_entity(one, space))
        sets.append(
            f"<EntitySet Name={quoteattr(one.name)} EntityType={quoteattr(f'{space}.{one.name}')}/>"
        )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0">'
        "<edmx:DataServices>"
        f'<Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace={quoteattr(space)}>'
        f"{''.join(types)}"
        f"<EntityContainer Name={quoteattr(of.xml_form_id)}>{''.join(sets)}</EntityContainer>"
        "</Schema></edmx:DataServices></edmx:Edmx>"
    )
    response = HttpResponse(text, content_type="text/xml; charset=utf-8")
    response["OData-Version"] = "4.0"
    return response


def _entity(one: Table, space: str) -> str:
    """The entity type of a table, and a complex type for each of its groups."""
    groups: dict[tuple[str, ...], list[str]] = {(): []}
    for column in one.columns:
        for depth in range(1, len(column.path)):
            inner = column.path[:depth]
            if inner not in groups:
                groups[inner] = []
                kind = f"{space}.{one.name}.{'.'.join(inner)}"
                groups[inner[:-1]].append(_property(inner[-1], kind))
        kind = _EDM.get(column.type, "Edm.String")
        groups[column.path[:-1]].append(_property(column.path[-1], kind))
    complex_types = "".join(_complex(one, g, p) for g, p in groups.items() if g)
    key = '<Key><PropertyRef Name="__id"/></Key><Property Name="__id" Type="Edm.String"/>'
    return (
        f"{complex_types}<EntityType Name={quoteattr(one.name)}>{key}"
        f"{''.join(groups[()])}</EntityType>"
    )


def _complex(one: Table, group: tuple[str, ...], properties: list[str]) -> str:
    name = quoteattr(".".join((one.name, *group)))
    return f"<ComplexType Name={name}>{''.join(properties)}</ComplexType>"


def _property(name: str, kind: str) -> str:
    return f"<Property Name={quoteattr(name)} Type={quoteattr(kind)}/>"


metadata = endpoint(GET=_metadata)
