"""The OData feed of a form, for Excel, Power BI, pyodk and ruODK."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from accounts.models import User
from surveys.models import Form, Submission
from surveys.openrosa import answers
from surveys.openrosa.central import odata_query, query_options
from surveys.openrosa.central.access import REVIEW, all_submissions, endpoint, form, submissions
from surveys.openrosa.central.odata_filter import condition, speaks_of_deleted
from surveys.openrosa.central.odata_metadata import metadata as metadata_of
from surveys.openrosa.central.odata_names import Named, named
from surveys.openrosa.central.odata_paging import Mark, after, mark_of, ordered
from surveys.openrosa.central.odata_query import Query, selected
from surveys.openrosa.central.odata_rows import Place, row_of_record, row_of_repeat, rows_below
from surveys.openrosa.problems import not_found
from surveys.submissions.exports import csv_lines
from surveys.submissions.exports.csv_lines import Layout
from surveys.submissions.exports.formats import counts
from surveys.submissions.exports.tables import Turn

Json = dict[str, Any]
Record = tuple[Submission, Turn]
_CHUNK = 250
_STEP = re.compile(r"([^/('\"]+)(?:\('((?:[^']|'')*)'\))?(?:/|\Z)")


def _url(request: HttpRequest, of: Form, draft: bool) -> str:
    form_id = quote(of.xml_form_id, safe="") + ("/draft" if draft else "")
    return f"{answers.base_url(request)}/v1/projects/{of.programme_id}/forms/{form_id}.svc"


def _headed(response: HttpResponseBase) -> HttpResponseBase:
    response["OData-Version"] = "4.0"
    return response


def _tables(of: Form, draft: bool) -> tuple[Layout, Named]:
    """Return the tables of a form or of its draft. Raises ApiError 404 where there is none."""
    if draft:
        if of.draft is None:
            raise not_found()
        place = csv_lines.layout_of([of.draft])
    elif of.current is None:
        raise not_found()
    else:
        place = csv_lines.layout(of.pk)
    return place, named(place.main)


def _service(
    request: HttpRequest, person: User, project_id: int, form_id: str, draft: bool = False
) -> HttpResponseBase:
    of = form(person, project_id, form_id, REVIEW)
    query_options.only(request, "$format")
    names = [one.name for one in _tables(of, draft)[1].all()]
    document = {
        "@odata.context": f"{_url(request, of, draft)}/$metadata",
        "value": [{"name": n, "kind": "EntitySet", "url": n} for n in names],
    }
    return _headed(JsonResponse(document, json_dumps_params={"ensure_ascii": False}))


def _metadata(
    request: HttpRequest, person: User, project_id: int, form_id: str, draft: bool = False
) -> HttpResponseBase:
    of = form(person, project_id, form_id, REVIEW)
    query_options.only(request, "$format")
    text = metadata_of(of.xml_form_id, _tables(of, draft)[1])
    return _headed(HttpResponse(text, content_type="text/xml; charset=utf-8"))


service = endpoint(GET=_service)
metadata = endpoint(GET=_metadata)

# -- which rows --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Target:
    """The target of an address below the service root: a table, or rows of one record."""

    table: Named
    instance_id: str | None = None
    ids: tuple[str, ...] = ()
    """ids of repeats in the address, one for each step that names one"""
    depth: int = 0
    """how many repeats deep the last id is"""


def _target(main: Named, rest: str) -> Target:
    """Read ``Submissions``, ``Submissions.house.child`` or ``Submissions('id')/house/child``."""
    by_name = {one.name: one for one in main.all()}
    if rest in by_name:
        return Target(by_name[rest])
    steps = [(m[1], m[2]) for m in _STEP.finditer(rest)]
    if not steps or steps[0][0] != "Submissions" or steps[0][1] is None:
        raise not_found()
    if "".join(m[0] for m in _STEP.finditer(rest)) != rest:
        raise not_found()
    instance_id = steps[0][1].replace("''", "'")
    table, depth = main, 0
    path: tuple[str, ...] = ()
    ids: list[tuple[int, str]] = []
    for name, row_id in steps[1:]:
        path = (*path, name)
        child = dict(table.repeats).get(path)
        if child is not None:
            table, path, depth = child, (), depth + 1
            if row_id is not None:
                ids.append((depth, row_id))
        elif row_id is not None:
            raise not_found()
    if path:
        raise not_found()
    last = ids[-1] if ids else (0, "")
    return Target(table, instance_id, (last[1],) if ids else (), last[0])


def _rows(
    request: HttpRequest,
    person: User,
    project_id: int,
    form_id: str,
    *,
    rest: str,
    draft: bool = False,
) -> HttpResponseBase:
    of = form(person, project_id, form_id, REVIEW)
    place, main = _tables(of, draft)
    target = _target(main, rest)
    query = odata_query.read(request, target.table)
    records = submissions(person, of)
    if query.filter:
        if speaks_of_deleted(query.filter):
            records = all_submissions(person, of)
        records = records.filter(condition(query.filter))
    if draft:
        records = records.none()  # test records of drafts are not kept
    if target.instance_id is not None:
        records = records.filter(instance_id=target.instance_id)
        if not records.exists():
            raise not_found()
    feed = Feed(place, main, target, query)
    about = {"@odata.context": f"{_url(request, of, draft)}/$metadata#{target.table.name}"}
    here = f"{_url(request, of, draft)}/{quote(rest, safe='/')}"
    response = StreamingHttpResponse(
        _written(feed, records, about, here, request), content_type="application/json"
    )
    return _headed(response)


table = endpoint(GET=_rows)


def _written(
    feed: "Feed", records: Any, about: Json, here: str, request: HttpRequest
) -> Iterator[str]:
    """Yield the feed as text, written while it is read, so that its length never matters."""
    total = feed.total(records) if feed.query.count else None
    yield '{"value":['
    glue = ""
    for row in feed.rows(records):
        properties = selected(row, feed.query.select)
        yield glue + json.dumps(properties, ensure_ascii=False, default=str)
        glue = ","
    if feed.next is not None:
        asked = {k: v for k, v in request.GET.items() if k not in {"$skip", "$skiptoken"}}
        asked["$skiptoken"] = feed.next.token()
        about["@odata.nextLink"] = f"{here}?{urlencode(asked)}"
    if total is not None:
        about["@odata.count"] = total
    yield "]," + json.dumps(about, ensure_ascii=False)[1:]


class Feed:
    """The rows that one request asks for.

    ``next`` is afterwards the mark where the next page begins.
    """

    def __init__(self, place: Layout, main: Named, target: Target, query: Query) -> None:
        self.place, self.main, self.target, self.query = place, main, target, query
        self.next: Mark | None = None
        self._of_repeat = target.table is not main

    def total(self, records: Any) -> int:
        """Count the rows on all pages."""
        if not self._of_repeat:
            return int(records.count())
        return sum(1 for record in self._read(self._turning(records)) for _row in self._in(record))

    def rows(self, records: Any) -> Iterator[Json]:
        """Return the rows of this page, one by one."""
        in_order = ordered(records, self.query.order)
        return self._repeat_rows(in_order) if self._of_repeat else self._record_rows(in_order)

    def _turning(self, records: Any) -> Any:
        return records.exclude(self.place.without_turns)

    def _read(self, records: Any) -> Iterator[Record]:
        """Yield records and their answers.

        XML is read only where a line does not hold everything.
        """
        line, xml = self.place.line_or_xml(self.place.tells_all)
        for record in records.annotate(line_text=line, raw=xml).iterator(chunk_size=_CHUNK):
            reported = record.line_text
            turn = (
                self.place.turn_of_line(reported)
                if reported
                else self.place.turn_of_xml(record.raw)
            )
            yield record, turn

    # -- records ---------------------------------------------------------------------------------

    def _record_rows(self, records: Any) -> Iterator[Json]:
        query = self.query
        if query.mark is not None:
            records = records.filter(after(query.mark, query.order))
        begin, top = query.skip, query.top
        page = records[begin:] if top is None else records[begin : begin + top + 1]
        rows = self._read(page)
        given, last = 0, None
        while chunk := list(islice(rows, _CHUNK)):
            ids = [record.pk for record, _turn in chunk]
            edits, files = counts(min(ids), max(ids))
            for record in chunk:
                if top is not None and given >= top:
                    if last is not None:
                        self.next = mark_of(last, query.order)
                    return
                pk, last = record[0].pk, record[0]
                given += 1
                yield row_of_record(
                    query.writer, self.main, record, edits.get(pk, 0), files.get(pk, 0)
                )

    # -- turns of a repeat -----------------------------------------------------------------------

    def _repeat_rows(self, records: Any) -> Iterator[Json]:
        query, mark = self.query, self.query.mark
        if mark is not None:
            records = records.filter(after(mark, query.order, with_itself=True))
        skip, given = query.skip, 0
        last: tuple[Submission, str, int] | None = None
        for record in self._read(self._turning(records)):
            rows = list(self._in(record))
            begin = 0
            if mark is not None and record[0].pk == mark.record:
                begin = _behind(rows, mark)
            for number, (turn, where) in enumerate(rows[begin:], start=begin + 1):
                if skip:
                    skip -= 1
                    continue
                if query.top is not None and given >= query.top:
                    if last is not None:
                        self.next = mark_of(last[0], query.order, last[1], last[2])
                    return
                last = record[0], where.row_id, number
                given += 1
                yield row_of_repeat(query.writer, self.target.table, turn, where)

    def _in(self, record: Record) -> Iterator[tuple[Turn, Place]]:
        """Yield the turns of the wanted repeat in one record."""
        submission, turn = record
        place = Place.of_record(submission.instance_id)
        for one, where in rows_below(self.main, turn, place, self.target.table):
            if not self.target.ids or where.ids[self.target.depth - 1] == self.target.ids[0]:
                yield one, where


def _behind(rows: list[tuple[Turn, Place]], mark: Mark) -> int:
    """Count the rows of its record up to the mark; by its row where that still exists."""
    for number, (_turn, where) in enumerate(rows, start=1):
        if where.row_id == mark.row_id:
            return number
    return mark.number
