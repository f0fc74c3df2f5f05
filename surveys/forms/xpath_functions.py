"""The functions of ODK's XPath that forms use, on top of XPath 1.0.

Each takes the evaluation and its arguments already evaluated. What is not here is
outside the tablet's subset and named at publish; see ``expressions.unknown_functions``.
"""

import math
import random
import re
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from surveys.forms.xpath_values import PHNOM_PENH, day, moment, nodes, number, text, truth

if TYPE_CHECKING:
    from surveys.forms.expressions import Evaluation

Function = Callable[..., Any]
FUNCTIONS: dict[str, tuple[tuple[int, int | None], Function]] = {}
"""name: ((fewest, most arguments), what it does)."""


def _odk(name: str, fewest: int, most: int | None = -1) -> Callable[[Function], Function]:
    def keep(function: Function) -> Function:
        FUNCTIONS[name] = ((fewest, fewest if most == -1 else most), function)
        return function

    return keep


@_odk("today", 0)
def _today(at: "Evaluation") -> str:
    return at.now.date().isoformat()


@_odk("now", 0)
def _now(at: "Evaluation") -> str:
    return at.now.isoformat(timespec="milliseconds")


@_odk("once", 1)
def _once(at: "Evaluation", value: Any) -> str:
    already = text(at.item_value())
    return already or text(value)


@_odk("if", 3)
def _if(at: "Evaluation", test: Any, yes: Any, no: Any) -> Any:
    return yes if truth(test) else no


@_odk("coalesce", 2, None)
def _coalesce(at: "Evaluation", *values: Any) -> str:
    return next((text(v) for v in values if text(v)), "")


@_odk("selected", 2)
def _selected(at: "Evaluation", chosen: Any, name: Any) -> bool:
    return text(name).strip() in text(chosen).split()


@_odk("selected-at", 2)
def _selected_at(at: "Evaluation", chosen: Any, index: Any) -> str:
    names, where = text(chosen).split(), number(index)
    return names[int(where)] if 0 <= where < len(names) else ""


@_odk("count-selected", 1)
def _count_selected(at: "Evaluation", chosen: Any) -> float:
    return float(len(text(chosen).split()))


@_odk("count-non-empty", 1)
def _count_non_empty(at: "Evaluation", found: Any) -> float:
    return float(sum(1 for n in nodes(found) if text(n).strip()))


@_odk("regex", 2)
def _regex(at: "Evaluation", value: Any, pattern: Any) -> bool:
    return at.matches(text(pattern), text(value))


@_odk("int", 1)
def _int(at: "Evaluation", value: Any) -> float:
    found = number(value)
    return found if math.isnan(found) or math.isinf(found) else float(math.trunc(found))


@_odk("round", 1, 2)
def _round(at: "Evaluation", value: Any, digits: Any = 0.0) -> float:
    found, places = number(value), number(digits)
    if math.isnan(found) or math.isinf(found):
        return found
    scale = 10.0**places
    return float(math.floor(found * scale + 0.5) / scale)


@_odk("pow", 2)
def _pow(at: "Evaluation", base: Any, power: Any) -> float:
    try:
        return float(math.pow(number(base), number(power)))
    except (OverflowError, ValueError):
        return math.nan


def _of_number(name: str, function: Callable[[float], float]) -> None:
    def apply(at: "Evaluation", value: Any) -> float:
        try:
            return float(function(number(value)))
        except (OverflowError, ValueError):
            return math.nan

    FUNCTIONS[name] = ((1, 1), apply)


_MATHS: dict[str, Callable[[float], float]] = {
    "abs": abs,
    "sqrt": math.sqrt,
    "exp": math.exp,
    "exp10": lambda x: 10.0**x,
    "log": math.log,
    "log10": math.log10,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
}
for _name, _function in _MATHS.items():
    _of_number(_name, _function)


@_odk("pi", 0)
def _pi(at: "Evaluation") -> float:
    return math.pi


def _numbers(values: tuple[Any, ...]) -> list[float]:
    found = [m for v in values for m in (v if isinstance(v, list) else [v])]
    return [number(m) for m in found if text(m).strip()]


@_odk("min", 1, None)
def _min(at: "Evaluation", *values: Any) -> float:
    return min(_numbers(values), default=math.nan)


@_odk("max", 1, None)
def _max(at: "Evaluation", *values: Any) -> float:
    return max(_numbers(values), default=math.nan)


@_odk("date", 1)
def _date(at: "Evaluation", value: Any) -> str:
    found = text(value)
    if moment(found) is not None:
        return found[:10]
    days = number(value)
    return day(days) if math.isfinite(days) else ""


@_odk("date-time", 1)
def _date_time(at: "Evaluation", value: Any) -> str:
    found = text(value)
    if moment(found) is not None:
        return found
    days = number(value)
    return f"{day(days)}T00:00:00.000+07:00" if math.isfinite(days) else ""


@_odk("decimal-date-time", 1)
def _decimal_date_time(at: "Evaluation", value: Any) -> float:
    return number(value)


@_odk("decimal-time", 1)
def _decimal_time(at: "Evaluation", value: Any) -> float:
    match = re.match(r"^(?:.*T)?(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?", text(value))
    if not match:
        return math.nan
    return (int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3] or 0)) / 86400


def _format(value: Any, pattern: Any) -> str:
    found = text(value)
    if moment(found) is None:
        days = number(value)
        if not math.isfinite(days):
            return ""
        found = day(days)
    when = datetime.fromisoformat(found)
    when = when.astimezone(PHNOM_PENH) if when.tzinfo else when.replace(tzinfo=PHNOM_PENH)
    plain = {
        "%n": str(when.month),
        "%e": str(when.day),
        "%h": str(when.hour),
        "%3": f"{when.microsecond // 1000:03d}",
    }
    wanted = re.sub("%[neh3]", lambda m: plain[m[0]], text(pattern))
    return when.strftime(wanted)


@_odk("format-date", 2)
def _format_date(at: "Evaluation", value: Any, pattern: Any) -> str:
    return _format(value, pattern)


@_odk("format-date-time", 2)
def _format_date_time(at: "Evaluation", value: Any, pattern: Any) -> str:
    return _format(value, pattern)


@_odk("substr", 2, 3)
def _substr(at: "Evaluation", value: Any, start: Any, end: Any = None) -> str:
    found = text(value)
    return found[int(number(start)) : int(number(end)) if end is not None else None]


@_odk("ends-with", 2)
def _ends_with(at: "Evaluation", value: Any, ending: Any) -> bool:
    return text(value).endswith(text(ending))


@_odk("join", 1, None)
def _join(at: "Evaluation", glue: Any, *values: Any) -> str:
    members = [m for v in values for m in (v if isinstance(v, list) else [v])]
    return text(glue).join(text(m) for m in members)


@_odk("concat", 1, None)
def _concat(at: "Evaluation", *values: Any) -> str:
    return "".join(text(m) for v in values for m in (v if isinstance(v, list) else [v]))


@_odk("boolean-from-string", 1)
def _boolean_from_string(at: "Evaluation", value: Any) -> bool:
    return text(value) in {"1", "true"}


@_odk("uuid", 0, 1)
def _uuid(at: "Evaluation", length: Any = None) -> str:
    return str(uuid.uuid4())


@_odk("random", 0)
def _random(at: "Evaluation") -> float:
    return random.random()  # noqa: S311 - a form's own dice, nothing secret


@_odk("current", 0)
def _current(at: "Evaluation") -> Any:
    return [at.current] if at.current is not None else []


@_odk("instance", 1)
def _instance(at: "Evaluation", name: Any) -> Any:
    found = at.instance(text(name))
    return [found] if found is not None else []


@_odk("jr-choice-name", 2)
def _choice_name(at: "Evaluation", name: Any, path: Any) -> str:
    return at.choice_name(text(name), text(path))


@_odk("indexed-repeat", 3, None)
def _indexed_repeat(at: "Evaluation", wanted: Any, *turns: Any) -> Any:
    found = nodes(wanted)
    for turn_nodes, index in zip(turns[::2], turns[1::2], strict=False):
        turn = nodes(turn_nodes)
        where = int(number(index)) - 1
        if not 0 <= where < len(turn):
            return []
        inside = turn[where]
        found = [n for n in found if inside in _ancestors(n)]
    return found


def _ancestors(node: Any) -> list[Any]:
    found = []
    while node.parent is not None:
        node = node.parent
        found.append(node)
    return found


@_odk("checklist", 3, None)
def _checklist(at: "Evaluation", fewest: Any, most: Any, *values: Any) -> bool:
    count = sum(truth(m) for v in values for m in (v if isinstance(v, list) else [v]))
    low, high = number(fewest), number(most)
    return (low < 0 or count >= low) and (high < 0 or count <= high)


@_odk("version", 0)
def _version(at: "Evaluation") -> str:
    return at.version


def local_now() -> datetime:
    """Now, where the forms are filled."""
    return timezone.now().astimezone(PHNOM_PENH)
