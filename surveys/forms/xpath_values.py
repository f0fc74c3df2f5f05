"""Values of OpenRosa's XPath: how text, numbers, dates and node sets become each other."""

import math
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from elementpath.xpath_nodes import XPathNode

PHNOM_PENH = ZoneInfo("Asia/Phnom_Penh")
_EPOCH = date(1970, 1, 1)
Value = Any
"""str, float, bool, or a list of nodes and atoms."""


def text(value: Value) -> str:
    """XPath's string(): the first node's text; numbers without a needless ".0"."""
    if isinstance(value, list):
        return text(value[0]) if value else ""
    if isinstance(value, XPathNode):
        return str(value.string_value)
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _spelled(float(value))


def _spelled(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return str(int(value)) if value == int(value) else repr(value)


def moment(value: str) -> float | None:
    """Days since 1970 of an ISO date or date and time (as JavaRosa counts them); None otherwise."""
    if len(value) < 10 or value[4:5] != "-" or value[7:8] != "-":
        return None
    try:
        if len(value) == 10:
            return float((date.fromisoformat(value) - _EPOCH).days)
        when = datetime.fromisoformat(value)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=PHNOM_PENH)
    # JavaRosa counts local days: midnight of a date and of a date-time must agree
    local = when.astimezone(PHNOM_PENH).replace(tzinfo=UTC)
    return (local - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() / 86400


def number(value: Value) -> float:
    """XPath's number(), where a date counts as days since 1970."""
    if isinstance(value, list):
        return number(value[0]) if value else math.nan
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    if isinstance(value, XPathNode):
        return number(str(value.string_value))
    if isinstance(value, str):
        value = value.strip()
        try:
            return float(value) if value else math.nan
        except ValueError:
            days = moment(value)
            return math.nan if days is None else days
    return math.nan if value is None else float(value)


def truth(value: Value) -> bool:
    """XPath's boolean(): a node set is true when it is not empty."""
    if isinstance(value, list):
        if len(value) == 1 and not isinstance(value[0], XPathNode):
            return truth(value[0])
        return bool(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value != ""
    if isinstance(value, XPathNode):
        return True
    return value is not None and not math.isnan(float(value)) and float(value) != 0


def day(days: float) -> str:
    """The ISO date of so many days since 1970."""
    return (_EPOCH + timedelta(days=math.floor(days))).isoformat()


def nodes(value: Value) -> list[XPathNode]:
    """The nodes of a value; atoms are left out."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, XPathNode)]


def _atoms(value: Value) -> list[Any]:
    items = value if isinstance(value, list) else [value]
    return [str(i.string_value) if isinstance(i, XPathNode) else i for i in items]


def _pair(left: Any, right: Any, *, ordered: bool) -> tuple[Any, Any]:
    """Two atoms, brought to one kind by the rules of XPath 1.0 (and dates to days)."""
    if not ordered:
        if isinstance(left, bool) or isinstance(right, bool):
            return truth(left), truth(right)
        if isinstance(left, str) and isinstance(right, str):
            return left, right
    return number(left), number(right)


def compare(symbol: str, left: Value, right: Value) -> bool:
    """``left symbol right``: true when any pair of members fulfils it."""
    tests = {
        "=": lambda a, b: a == b,
        "!=": lambda a, b: a != b,
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
    }
    ordered = symbol not in {"=", "!="}
    for a in _atoms(left):
        for b in _atoms(right):
            x, y = _pair(a, b, ordered=ordered)
            if tests[symbol](x, y):
                return True
    return False
