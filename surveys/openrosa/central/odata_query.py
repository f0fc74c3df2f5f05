"""The query options of an OData feed, read strictly."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from surveys.openrosa.central import query_options
from surveys.openrosa.central.odata_metadata import SYSTEM
from surveys.openrosa.central.odata_names import Named, Path
from surveys.openrosa.central.odata_paging import Mark, Term, order_of, read_token
from surveys.openrosa.central.odata_rows import Writer
from surveys.openrosa.problems import ApiError

Json = dict[str, Any]
_KNOWN = (
    *("$top", "$skip", "$skiptoken", "$count", "$filter", "$orderby", "$select", "$expand"),
    *("$wkt", "$format"),
)
_FORMATS = {"json", "application/json", "application/json;odata.metadata=minimal"}


@dataclass(frozen=True)
class Query:
    """The query of a feed: its rows, their order, their properties."""

    top: int | None = None
    skip: int = 0
    mark: Mark | None = None
    count: bool = False
    filter: str = ""
    order: list[Term] = field(default_factory=list)
    select: list[Path] | None = None
    """None is everything"""
    writer: Writer = field(default_factory=Writer)


def read(request: HttpRequest, of: Named) -> Query:
    """Read the options of a request for rows of one table. Raises ApiError 400 or 501."""
    query_options.only(request, *_KNOWN)
    asked = request.GET
    asked_format = asked.get("$format", "json").replace(" ", "").lower()
    if asked_format not in _FORMATS:
        raise ApiError(406.1, "Requested format not acceptable; this resource allows: json.")
    expand = asked.get("$expand", "")
    if expand not in {"", "*"}:
        raise ApiError(
            501.6,
            f'The given OData expand expression is not supported by this server: "{expand[:80]}".'
            ' Currently, only "$expand=*" is supported.',
        )
    order = order_of(asked.get("$orderby", ""))
    token = asked.get("$skiptoken", "")
    return Query(
        top=query_options.whole_number(request, "$top"),
        # the token says where the page begins
        skip=0 if token else query_options.whole_number(request, "$skip") or 0,
        mark=read_token(token, order) if token else None,
        count=query_options.flag(request, "$count", default=False) or False,
        filter=asked.get("$filter", ""),
        order=order,
        select=_selection(asked.get("$select", ""), of),
        writer=Writer(
            wkt=query_options.flag(request, "$wkt", default=False) or False, expand=expand == "*"
        ),
    )


def _selection(text: str, of: Named) -> list[Path] | None:
    """Read ``$select``. Raises ApiError 400.23 for what the table does not have."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names or "*" in names:
        return None
    selectable = _selectable(of)
    paths = []
    for name in names:
        path = tuple(name.split("/"))
        if path not in selectable:
            raise ApiError(
                400.23,
                f"Could not find a property named '{name[:80]}'",
                {"property": name[:80]},
            )
        paths.append(path)
    return paths


def _selectable(of: Named) -> set[Path]:
    own: Iterable[Path] = [("__id",), (of.parent_id_name,)]
    if not of.path:
        own = [("__id",), ("__system",), *(("__system", name) for name in SYSTEM)]
    return {*own, *of.columns, *of.groups(), *(path for path, _child in of.repeats)}


def selected(row: Json, wanted: list[Path] | None) -> Json:
    """Return the properties that were asked for; a repeat with its link and its rows."""
    if wanted is None:
        return row
    payload: Json = {}
    for path in wanted:
        source, target = row, payload
        for name in path[:-1]:
            inner = source.get(name)
            if not isinstance(inner, dict):
                break
            source, target = inner, target.setdefault(name, {})
        else:
            last = path[-1]
            for name in (last, f"{last}@odata.navigationLink"):
                if name in source:
                    target[name] = source[name]
    return payload
