"""Test whether a form can run on the tablet: the engine opens it and runs every expression.

An expression that no client can read, or a cycle, is refused; what only the tablet cannot run is
named by its cell, and the form is then for ODK Collect alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from surveys.forms import limits
from surveys.forms.cells import Sheets
from surveys.forms.engine import EngineError, EngineUnavailableError, TooCostlyError, engine
from surveys.forms.limits import refuse
from surveys.forms.lists import TABLET_LISTS
from surveys.forms.problems import FormProblems, Problem

Json = dict[str, Any]
SECONDS = 60.0
"""Seconds to open a form and run all its expressions; a large one takes one second."""


class NotTestedError(Exception):
    """The engine gave no answer, which says nothing about the form."""


@dataclass(frozen=True)
class Expression:
    """One expression of a form: the question it belongs to, its column, and its language."""

    path: str
    column: str
    text: str
    language: str = ""


def expressions(compiled: Json) -> Iterator[Expression]:
    """Yield every expression of a compiled form."""
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
    """List the reasons why the tablet cannot run the form; empty when it can.

    Raises FormProblems for what no client can run: an expression that cannot be parsed, a cycle;
    NotTestedError where the engine cannot be started.
    """
    _check_sizes(compiled, sheets)
    # readers of the XForm's own paths find the row; languages are named by their code
    names = {language["code"]: language["name"] for language in compiled["languages"]}
    lists: dict[str, list[Any]] = {name: [] for name in TABLET_LISTS}
    try:
        call = engine().call("check", seconds=SECONDS, compiled=compiled, lists=lists)
    except TooCostlyError as trouble:
        raise refuse(_("Reading this form takes too much time or memory. Make it smaller.")) from (
            trouble
        )
    except (EngineError, EngineUnavailableError) as trouble:
        sentence = _("The form could not be tried out: %(why)s") % {"why": trouble}
        raise NotTestedError(sentence) from trouble
    wrong: list[Problem] = []
    outside: list[Problem] = []
    for fault in call:
        problem = _problem(fault, sheets, names)
        (wrong if fault["why"] in {"syntax", "cycle"} else outside).append(problem)
    if wrong:
        raise FormProblems(list(dict.fromkeys(wrong)))
    return list(dict.fromkeys(outside))


def _check_sizes(compiled: Json, sheets: Sheets | None) -> None:
    written = list(expressions(compiled))
    if len(written) > limits.MAX_EXPRESSIONS:
        sentence = _("The form has too many expressions: at most %(most)s.")
        raise refuse(sentence % {"most": f"{limits.MAX_EXPRESSIONS:,}"})
    sentence = _("The expression is too long or has too many brackets inside each other.")
    wrong = [
        Problem(*_place(one.path, one.column, one.language, sheets), sentence)
        for one in written
        if limits.too_long(one.text)
    ]
    if wrong:
        raise FormProblems(wrong)


_COLUMNS = {"trigger": "calculate", "setvalue": "default"}
"""The engine's name of what is faulty, where the column of the sheet has another name."""


def _problem(fault: Json, sheets: Sheets | None, names: dict[str, str]) -> Problem:
    what = str(_COLUMNS.get(fault["what"], fault["what"]))
    language = str(names.get(str(fault.get("language") or ""), ""))
    sheet, cell = _place(fault["path"], what, language, sheets)
    return Problem(sheet, cell, _sentence(fault))


def _sentence(fault: Json) -> str:
    if fault["why"] == "cycle":
        return _("The rules of this question depend on themselves, directly or through others.")
    if fault["why"] == "function":
        return _("The tablet does not know the function %(name)s().") % {"name": fault["name"]}
    text = fault["expression"]
    opened, closed = text.count("("), text.count(")")
    if fault["why"] == "syntax" and opened != closed:
        return _("The expression has %(opened)s “(” and %(closed)s “)”.") % {
            "opened": opened,
            "closed": closed,
        }
    about = {"text": text[:200], "why": fault["message"]}
    if fault["why"] == "syntax":
        return _("The expression cannot be read: %(text)s (%(why)s)") % about
    return _("The tablet cannot compute “%(text)s”: %(why)s") % about


def _place(path: str, column: str, language: str, sheets: Sheets | None) -> tuple[str, str]:
    """Sheet and cell of an expression; its path in a form that came as an XForm."""
    return sheets.place(path, column, language) if sheets else ("", path)
