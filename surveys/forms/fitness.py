"""Is a form fit for the tablet? Every expression is parsed; the cell of each fault is named."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from surveys.forms import limits
from surveys.forms.cells import Sheets
from surveys.forms.expressions import ExpressionError, check_expression, unknown_functions
from surveys.forms.limits import refuse
from surveys.forms.problems import FormProblems, Problem, outside_problem

Json = dict[str, Any]


@dataclass(frozen=True)
class Expression:
    """One expression of a form: the question it belongs to, its column, and its language."""

    path: str
    column: str
    text: str
    language: str = ""


def expressions(compiled: Json) -> Iterator[Expression]:
    """Every expression of a compiled form."""
    for path, bind in compiled["binds"].items():
        for column in ("required", "relevant", "constraint", "calculate", "readonly"):
            if column in bind:
                yield Expression(path, column, bind[column])
        for column, key in (
            ("constraint_message", "constraintMsg"),
            ("required_message", "requiredMsg"),
        ):
            yield from _outputs(path, column, bind.get(key, {}))
    for action in compiled["actions"]:
        if action["value"]:
            column = "calculate" if action["trigger"] else "default"
            yield Expression(action["path"], column, action["value"])
    yield from _of_items(compiled["body"])


def _of_items(items: list[Json]) -> Iterator[Expression]:
    for item in items:
        path = item["path"] or ""
        for column, key in (("label", "label"), ("hint", "hint"), ("guidance_hint", "guidance")):
            yield from _outputs(path, column, item.get(key) or {})
        if item["kind"] == "repeat" and item["count"]:
            yield Expression(path, "repeat_count", item["count"])
        chosen = item.get("items")
        if chosen and chosen["filter"]:
            yield Expression(path, "choice_filter", chosen["filter"])
        yield from _of_items(item.get("children", []))


def _outputs(path: str, column: str, words: dict[str, list[Any]]) -> Iterator[Expression]:
    for language, parts in words.items():
        for part in parts:
            if isinstance(part, dict):
                yield Expression(path, column, part["value"], language)


def check(compiled: Json, sheets: Sheets | None) -> list[Problem]:
    """Why the tablet cannot run the form; empty when it can.

    Raises FormProblems for what no client can run: an expression that cannot be parsed.
    """
    found = list(expressions(compiled))
    if len(found) > limits.MAX_EXPRESSIONS:
        sentence = _("The form has too many expressions: at most %(most)s.")
        raise refuse(sentence % {"most": f"{limits.MAX_EXPRESSIONS:,}"})
    wrong: list[Problem] = []
    outside: list[Problem] = []
    for one in found:
        sheet, cell = place(one, sheets)
        if limits.too_long(one.text):
            sentence = _("The expression is too long or has too many brackets inside each other.")
            wrong.append(Problem(sheet, cell, sentence))
            continue
        try:
            check_expression(one.text)
        except ExpressionError:
            names = unknown_functions(one.text)
            for name in names:
                about = {"column": one.column, "name": name}
                outside.append(
                    outside_problem({"path": one.path, "why": "function", "about": about}, sheets)
                )
            if not names:
                wrong.append(Problem(sheet, cell, _unreadable(one.text)))
    if wrong:
        raise FormProblems(wrong)
    return outside


def _unreadable(text: str) -> str:
    opened, closed = text.count("("), text.count(")")
    if opened != closed:
        return _("The expression has %(opened)s “(” and %(closed)s “)”.") % {
            "opened": opened,
            "closed": closed,
        }
    return _("The expression cannot be read: %(text)s") % {"text": text[:200]}


def place(one: Expression, sheets: Sheets | None) -> tuple[str, str]:
    """Sheet and cell of an expression; its path in a form that came as an XForm."""
    return sheets.place(one.path, one.column, one.language) if sheets else ("", one.path)
