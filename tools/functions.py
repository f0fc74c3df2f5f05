"""Check docstrings and functions: the first word of a docstring, the length of a function.

``python -m tools.functions`` prints every place and what to write instead; `make check` runs it.
Tests are left out: their names are sentences.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("platform", "surveys", "scorecards", "dashboards", "interchange", "benchmarks", "tools")
FILES = ("manage.py", "conftest.py")

QUESTION = re.compile(
    r"(What|Whatever|Who|Whoever|Whom|Whose|Whether|Which|Where|When|Why|How|The ones?)\b"
)
"""Words that begin a riddle: a docstring names its thing, or the action of its function."""

MOST_LINES = 40
"""Lines of a function, with its signature and docstring."""

FORMULA = "one formula: its docstring gives units, edge cases and the published source"
STATEMENT = "one SQL statement or one query, read from top to bottom"
ARGUMENTS = "a short body under many named arguments and the errors it raises"
STEPS = "a fixed sequence of steps that read and write the same few values"
LONG = {
    "scorecards/method/comparison/change.py": {"changes": FORMULA},
    "scorecards/method/comparison/funnel.py": {"funnel": FORMULA},
    "scorecards/method/comparison/ranking.py": {"fit_prior": FORMULA},
    "scorecards/method/disclosure/rounding.py": {"release": FORMULA, "_decide": FORMULA},
    "scorecards/method/estimates/overall.py": {"overall": FORMULA},
    "scorecards/method/estimates/timeliness.py": {"on_time_cells": FORMULA},
    "scorecards/pipeline/count_cells.py": {"_from_facts": STATEMENT},
    "scorecards/verification/rounding_in_columns.py": {"decide": STEPS},
    "scorecards/verification/statistics_in_sql/funnel.py": {"funnelled": STATEMENT},
    "surveys/observations.py": {"cases_to_judge": STATEMENT},
    "platform/standards/posted_fees.py": {"post_fee": ARGUMENTS},
    "platform/standards/revisions.py": {"succeed_standard": ARGUMENTS},
    "scorecards/plans/services/stories.py": {"record_story": ARGUMENTS},
    "surveys/requests.py": {"open_request": ARGUMENTS, "close_request": ARGUMENTS},
    "surveys/rounds/services/inputs.py": {"record_inputs": ARGUMENTS},
}
"""Functions that stay longer, and why splitting them would not help a reader."""

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def documented(tree: ast.Module) -> Iterator[tuple[str, Documented]]:
    """Yield the name and the node of a module, its classes and its functions."""
    yield "the module", tree
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node


def docstring_complaints(text: str) -> Iterator[str]:
    """Yield one line for every docstring that begins with a question word."""
    for name, node in documented(ast.parse(text)):
        first = (ast.get_docstring(node) or "").split("\n")[0]
        if (match := QUESTION.match(first)) and not first.startswith("The one write path"):
            line = getattr(node, "lineno", 1)
            instead = "a verb and its object" if hasattr(node, "args") else "a noun"
            yield f"{line}: {name}: the docstring begins with {match[1]!r}; begin with {instead}."


def length_complaints(path: str, text: str) -> Iterator[str]:
    """Yield one line for every function over ``MOST_LINES``, and for an exception too many."""
    excused = set(LONG.get(path, {}))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MOST_LINES and node.name not in excused:
                yield f"{node.lineno}: {node.name} has {lines} lines: split it by its steps."
            if lines > MOST_LINES:
                excused.discard(node.name)
    for name in sorted(excused):
        yield f"1: {name} is short enough now: take it out of LONG in tools/functions.py."


def sources() -> Iterator[tuple[str, str]]:
    """Yield path and text of every module of the program, without tests and migrations."""
    files = [ROOT / name for name in FILES]
    files += [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]
    for file in files:
        path = file.relative_to(ROOT)
        if not {"migrations", "node_modules", "tests"} & set(path.parts):
            yield path.as_posix(), file.read_text()


def complaints() -> list[str]:
    """List every complaint as ``path:line: …``."""
    return [
        f"{path}:{one}"
        for path, text in sources()
        for one in (*docstring_complaints(text), *length_complaints(path, text))
    ]


if __name__ == "__main__":
    wrong = complaints()
    print("\n".join(wrong) or "Docstrings and functions follow the rules.")
    sys.exit(bool(wrong))
