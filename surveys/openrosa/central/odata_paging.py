"""Order and pages of an OData feed: a page begins after the last row of the one before.

Rows counted from the start (``$skip``) shift when records arrive; the token of ``nextLink``
names the last row given and the values it was ordered by, so nothing is repeated or left out.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Case, CharField, ExpressionWrapper, F, Q, Value, When
from django.db.models.functions import Coalesce

from surveys.forms.tablets import APP_USERS_FROM
from surveys.models import ReviewState
from surveys.openrosa.problems import ApiError

_PREFIX = "01"
_LONGEST = 2000
_SUBMITTER = Coalesce(
    ExpressionWrapper(F("app_user_id") + APP_USERS_FROM, BigIntegerField()),
    F("submitter_id"),
    output_field=BigIntegerField(),
)
_STATE = Case(
    When(state=ReviewState.RECEIVED, then=Value(None)),
    When(state=ReviewState.RETURNED, then=Value(ReviewState.HAS_ISSUES.value)),
    default=F("state"),
    output_field=CharField(null=True),
)
_ORDERS: dict[str, Any] = {
    "__id": F("instance_id"),
    "__system/submissionDate": F("received_at"),
    "__system/createdAt": F("received_at"),
    "__system/updatedAt": F("updated_at"),
    "__system/deletedAt": F("deleted_at"),
    "__system/submitterId": _SUBMITTER,
    "__system/reviewState": _STATE,
}
_MOMENTS = {"submissionDate", "createdAt", "updatedAt", "deletedAt"}


@dataclass(frozen=True)
class Term:
    """One field of ``$orderby``."""

    name: str
    descending: bool

    @property
    def is_moment(self) -> bool:
        return self.name.rpartition("/")[2] in _MOMENTS


@dataclass(frozen=True)
class Mark:
    """The last row of a page: its record, the values that order it, and its place inside."""

    record: int
    values: tuple[Any, ...] = ()
    row_id: str = ""
    number: int = 0
    """how many rows of its record were given, where the rows are those of a repeat"""

    def token(self) -> str:
        """Return ``$skiptoken``."""
        texts = [v.isoformat() if isinstance(v, datetime) else v for v in self.values]
        fields = {"id": self.record, "values": texts, "row": self.row_id, "number": self.number}
        text = json.dumps(fields, separators=(",", ":"))
        return _PREFIX + base64.urlsafe_b64encode(text.encode()).decode()


def order_of(text: str) -> list[Term]:
    """Read ``$orderby``. Raises ApiError 501.5 for fields that cannot be ordered by."""
    terms = []
    for record in filter(None, (part.strip() for part in text.split(","))):
        name, *direction = record.split()
        name = name.removeprefix("$root/Submissions/")
        way = " ".join(direction).lower() or "asc"
        if name not in _ORDERS or way not in {"asc", "desc"}:
            raise ApiError(
                501.5,
                "The given OData orderby expression references fields not supported by this"
                f" server: {record}.",
                {"text": record},
            )
        terms.append(Term(name, way == "desc"))
    return terms


def ordered(records: Any, terms: list[Term]) -> Any:
    """Order records; the newest first where nothing was asked. Blanks are lowest, as in Central."""
    if not terms:
        return records.order_by("-id")
    keys = {f"order_{n}": _ORDERS[term.name] for n, term in enumerate(terms)}
    orders: list[Any] = [
        F(f"order_{n}").desc(nulls_last=True)
        if term.descending
        else F(f"order_{n}").asc(nulls_first=True)
        for n, term in enumerate(terms)
    ]
    orders.append("-id" if terms[0].descending else "id")
    return records.annotate(**keys).order_by(*orders)


def mark_of(record: Any, terms: list[Term], row_id: str = "", number: int = 0) -> Mark:
    """Return where a page that ends with this record (or a row inside it) ends."""
    values = tuple(getattr(record, f"order_{n}") for n in range(len(terms)))
    return Mark(record.pk, values, row_id, number)


def read_token(text: str, terms: list[Term]) -> Mark:
    """Read ``$skiptoken``. Raises ApiError 400.8."""
    try:
        if not text.startswith(_PREFIX) or len(text) > _LONGEST:
            raise ValueError("no token of ours")
        payload = json.loads(base64.urlsafe_b64decode(text[len(_PREFIX) :].encode("ascii")))
        values = tuple(
            datetime.fromisoformat(v) if term.is_moment and v is not None else v
            for v, term in zip(payload["values"], terms, strict=True)
        )
        mark = Mark(payload["id"], values, str(payload["row"]), payload["number"])
        if not (_is_id(mark.record) and _is_id(mark.number)):
            raise ValueError("no numbers")
        for one, term in zip(values, terms, strict=True):
            _check_value(one, term)
    except (ValueError, TypeError, KeyError, binascii.Error, RecursionError) as trouble:
        raise ApiError(
            400.8,
            f"Unexpected $skiptoken value {text[:80]}; it is not a token of this feed and order.",
            {"field": "$skiptoken", "value": text[:80]},
        ) from trouble
    return mark


def _is_id(number: object) -> bool:
    return type(number) is int and 0 <= number < 2**63


def _check_value(value: Any, term: Term) -> None:
    number = term.name.endswith("submitterId")
    fits = value is None or isinstance(
        value, datetime if term.is_moment else int if number else str
    )
    if not fits or (isinstance(value, datetime) and value.tzinfo is None):
        raise ValueError("not a value of this field")
    if isinstance(value, str) and "\0" in value:
        raise ValueError("not text")
    if number and value is not None and not _is_id(value):
        raise ValueError("not a number")


def after(mark: Mark, terms: list[Term], *, with_itself: bool = False) -> Q:
    """Return the records after a mark; ``with_itself``: and the record of the mark."""
    same = Q()
    condition = Q(pk__in=[])
    for n, (term, value) in enumerate(zip(terms, mark.values, strict=True)):
        name = f"order_{n}"
        if behind := _behind(name, term, value):
            condition |= same & behind
        same &= Q(**{f"{name}__isnull": True}) if value is None else Q(**{name: value})
    falling = terms[0].descending if terms else True
    condition |= same & Q(**{"pk__lt" if falling else "pk__gt": mark.record})
    return condition | Q(pk=mark.record) if with_itself else condition


def _behind(name: str, term: Term, value: Any) -> Q | None:
    """Return what comes after ``value``; None where nothing does."""
    if value is None:
        return None if term.descending else Q(**{f"{name}__isnull": False})
    if term.descending:
        return Q(**{f"{name}__lt": value}) | Q(**{f"{name}__isnull": True})
    return Q(**{f"{name}__gt": value})
