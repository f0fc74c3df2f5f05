"""Check names: the words below are no names in Python code, as each stood for many things.

``python -m tools.names`` prints every place and what to write instead; `make check` runs it.
"""

import io
import re
import sys
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = (
    "platform",
    "surveys",
    "scorecards",
    "dashboards",
    "interchange",
    "benchmarks",
    "tools",
    "tests",
)
INSTEAD = {
    "told": "what a channel sent is `reported` (ReportedCase, …), a sentence is a message",
    "said": "an answer, a text, a sentence, a response, or the output of a program",
    "found": "the noun of what was looked for (`place`, `match`, `rows`), or `result`",
    "known": "a noun (`known_codes`, `existing`), or `is_known` for a yes or no",
    "whole": "`national`, `total`, `complete` or `whole_number`",
}
"""A banned name and what to write instead."""

STORED = {
    "surveys/hotline/": {"told", "said"},
    "surveys/importing/run.py": {"told"},
    "surveys/models/imports.py": {"told"},
    "surveys/tests/": {"told"},
    "scorecards/models/comparisons.py": {"whole"},
    "scorecards/pipeline/": {"whole"},
    "scorecards/reading/statistics.py": {"whole"},
    "dashboards/data/classed_cells.py": {"whole"},
}
"""Columns in the database keep their names, and so do the attributes that stand for them."""

_FORMER = """
    putting beside tidy waiting gaps packing copying recount second comparing telling sayings
    standing voices drawings hot coming around owed aloud trying doors later
"""
MODULES = set(_FORMER.split())
"""Former names of modules, which did not say what the module does."""


_DECLARED = re.compile(
    rf"\b(?:const|let|function)\s+(?:\[\s*)?({'|'.join(INSTEAD)})\b"
    rf"|[(,]\s*({'|'.join(INSTEAD)})\s*(?:\?\s*)?:\s"
)
"""A variable, a function or a parameter of TypeScript; keys of texts such as ``found`` are none."""


def script_names(text: str) -> set[tuple[int, str]]:
    """Find line and name of every banned name that a TypeScript module declares."""
    return {
        (number, match[1] or match[2])
        for number, line in enumerate(text.split("\n"), start=1)
        for match in _DECLARED.finditer(line)
    }


def names(text: str) -> set[tuple[int, str]]:
    """Find line and name of every banned name in a module's code, not in comments and strings."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {
        (token.start[0], token.string)
        for token in tokens
        if token.type == tokenize.NAME
        and (token.string in INSTEAD or (token.string.endswith("Told") and token.string != "Told"))
    }


def is_stored(path: str, name: str) -> bool:
    """Return whether ``name`` is a stored column that the module at ``path`` uses."""
    return any(path.startswith(place) and name in columns for place, columns in STORED.items())


def complaints() -> list[str]:
    """List one line for every banned name."""
    results = []
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).rglob("*.py")):
            if {"migrations", "node_modules"} & set(file.parts):
                continue
            path = file.relative_to(ROOT).as_posix()
            if file.stem in MODULES:
                results.append(f"{path}: name the module by a noun of the field.")
            results += [
                f"{path}:{line}: {name}: write {INSTEAD.get(name, INSTEAD['told'])}."
                for line, name in sorted(names(file.read_text()))
                if not is_stored(path, name)
            ]
    for folder in (*FOLDERS, "frontend"):
        for file in sorted((ROOT / folder).rglob("*.ts*")):
            if not {"node_modules", "dist", "tests"} & set(file.parts):
                path = file.relative_to(ROOT).as_posix()
                results += [
                    f"{path}:{line}: {name}: write {INSTEAD[name]}."
                    for line, name in sorted(script_names(file.read_text()))
                ]
    return results


if __name__ == "__main__":
    wrong = complaints()
    print("\n".join(wrong) or "No name is on the list of names to avoid.")
    sys.exit(bool(wrong))
