"""``$filter`` of OData, the part that Central takes, as a condition of the database.

Grammar: ``or``, ``and``, ``not``, parentheses, ``lt le eq ne ge gt`` between a field of
``__system`` (or year(), month(), day(), hour(), minute(), second() of one) and a value.
"""

import re
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from khmer.errors import UnreadableText
from khmer.numbers import parse_whole_number
from surveys.models import ReviewState
from surveys.openrosa.central.shapes import app_user_of
from surveys.openrosa.problems import ApiError

_TOKEN = re.compile(r"\s*(\(|\)|,|'(?:[^']|'')*'|[^\s(),']+)")
_FIELDS = {
    "submissionDate": "received_at",
    "createdAt": "received_at",
    "updatedAt": "updated_at",
    "deletedAt": "deleted_at",
    "submitterId": "submitter",
    "reviewState": "state",
}
_OPERATORS = {"eq": "exact", "lt": "lt", "le": "lte", "gt": "gt", "ge": "gte"}
_PARTS = frozenset({"year", "month", "day", "hour", "minute", "second"})
_DEEPEST = 20
_ID = re.compile(r"[0-9]{1,18}")
_MOMENTS = frozenset({"received_at", "updated_at", "deleted_at"})
_LARGEST_PART = 9999
"""The largest part of a date or a time: a year."""


def _bad(text: str) -> ApiError:
    return ApiError(
        400.18, f"The given OData filter expression could not be parsed: {text}.", {"text": text}
    )


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [m[1] for m in _TOKEN.finditer(text)]
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.peek()
        if not token or (wanted and token != wanted):
            raise _bad(self.text)
        self.at += 1
        return token

    def either(self, depth: int = 0) -> Q:
        records = self.both(depth)
        while self.peek() == "or":
            self.take()
            records |= self.both(depth)
        return records

    def both(self, depth: int) -> Q:
        entry = self.one(depth)
        while self.peek() == "and":
            self.take()
            entry &= self.one(depth)
        return entry

    def one(self, depth: int) -> Q:
        if depth > _DEEPEST:
            raise _bad(self.text)
        if self.peek() == "not":
            self.take()
            return ~self.one(depth + 1)
        if self.peek() == "(":
            self.take()
            records = self.either(depth + 1)
            self.take(")")
            return records
        return self.comparison()

    def comparison(self) -> Q:
        field, part = self.field()
        operator = self.take()
        value = self.value()
        if operator not in {*_OPERATORS, "ne", "neq"}:
            raise _bad(self.text)
        lookup = _OPERATORS.get(operator, "exact")
        condition = self.condition(field, part, lookup, value)
        return ~condition if operator in {"ne", "neq"} else condition

    def field(self) -> tuple[str, str]:
        token = self.take()
        part = ""
        if token in _PARTS:
            part = token
            self.take("(")
            token = self.take()
            self.take(")")
        name = token.removeprefix("$root/Submissions/").removeprefix("__system/")
        if name not in _FIELDS:
            raise ApiError(
                501.5,
                f"The given OData filter expression references fields not supported: {token}.",
            )
        return _FIELDS[name], part

    def value(self) -> Any:
        word = self.take()
        if word == "now":
            self.take("(")
            self.take(")")
            return timezone.now()
        if word == "null":
            return None
        if word.startswith("'"):
            return word[1:-1].replace("''", "'")
        if word.isdecimal():
            try:
                return parse_whole_number(word)
            except UnreadableText as trouble:
                raise _bad(self.text) from trouble
        return self.moment(word)

    def condition(self, field: str, part: str, lookup: str, value: Any) -> Q:
        if part:
            if field not in _MOMENTS or type(value) is not int or value > _LARGEST_PART:
                raise _bad(self.text)
            return Q(**{f"{field}__{part}__{lookup}": value})
        if field in _MOMENTS:
            return self.of_moment(field, lookup, value)
        if lookup != "exact":
            raise _bad(self.text)
        return self.of_state(value) if field == "state" else self.of_submitter(value)

    def of_moment(self, field: str, lookup: str, value: Any) -> Q:
        if value is None and lookup == "exact":
            return Q(**{f"{field}__isnull": True})
        if isinstance(value, str):
            value = self.moment(value)
        if not isinstance(value, datetime):
            raise _bad(self.text)
        return Q(**{f"{field}__{lookup}": value})

    def moment(self, text: str) -> datetime:
        try:
            aware = datetime.fromisoformat(text)
            aware = aware if aware.tzinfo else timezone.make_aware(aware)
            aware.astimezone(UTC)  # the first and the last day of the calendar have no such
        except (ValueError, OverflowError) as trouble:
            raise _bad(self.text) from trouble
        return aware

    def of_submitter(self, value: Any) -> Q:
        if value is None:
            return Q(app_user=None, submitter=None)
        if isinstance(value, str) and _ID.fullmatch(value):
            value = int(value)
        if type(value) is not int:
            raise _bad(self.text)
        tablet = app_user_of(value)
        return Q(app_user=tablet) if tablet is not None else Q(submitter=value)

    def of_state(self, value: Any) -> Q:
        if value is None:
            return Q(state=ReviewState.RECEIVED)
        if value == ReviewState.HAS_ISSUES:
            return Q(state__in=[ReviewState.HAS_ISSUES, ReviewState.RETURNED])
        if value not in {ReviewState.EDITED, ReviewState.APPROVED, ReviewState.REJECTED}:
            raise _bad(self.text)
        return Q(state=value)


def speaks_of_deleted(text: str) -> bool:
    """Return whether deleted records are asked for or about; otherwise they are left out."""
    unquoted = re.sub(r"'(?:[^']|'')*'", "", text)
    return "__system/deletedAt" in unquoted


def condition(text: str) -> Q:
    """Return the records that ``text`` means. Raises ApiError 400.18 or 501."""
    if len(text) > 2000:
        raise _bad(text[:80])
    reader = _Reader(text)
    records = reader.either()
    if reader.peek():
        raise _bad(text)
    return records
