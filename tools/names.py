"""Check names: the words below must not be names in code, because each had many meanings.

Python, TypeScript, JavaScript, typst and templates are read; words in comments and texts are no
names.

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
    "surveys/templates/surveys/_import_state.html": {"told"},
    "surveys/tests/": {"told"},
    "scorecards/models/comparisons.py": {"whole"},
    "scorecards/pipeline/": {"whole"},
    "scorecards/reading/statistics.py": {"whole"},
    "dashboards/data/classed_cells.py": {"whole"},
}
"""Columns in the database keep their names, and so do the attributes that stand for them."""

GENERATED = {"node_modules", "dist", "tests"}
COPIES = {"tablet_engine_before.js"}
"""Files that others made: bundles, and a bundle of an earlier version kept for a comparison."""

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
"""A variable, a function or a parameter of TypeScript or JavaScript."""

_TYPESET = re.compile(rf"#?\blet\s+({'|'.join(INSTEAD)})\b|\.({'|'.join(INSTEAD)})\b")
"""A variable of a typst document, or a field of the data it is given."""

_TEMPLATE = re.compile(
    r"\{\{\s*(?:\w+\.)*("
    + "|".join(INSTEAD)
    + r")\b(?![=(])|\{%[^%\"']*[\s,](?:\w+\.)*("
    + "|".join(INSTEAD)
    + r")\b"
)
"""A variable that a template prints, or uses in a tag."""


def declared(pattern: re.Pattern[str], text: str) -> set[tuple[int, str]]:
    """Find line and name of every banned name that ``pattern`` sees in its groups."""
    return {
        (number, match[1] or match[2])
        for number, line in enumerate(text.split("\n"), start=1)
        for match in pattern.finditer(line)
    }


def script_names(text: str) -> set[tuple[int, str]]:
    """Find line and name of every banned name that a TypeScript module declares."""
    return declared(_DECLARED, text)


OTHER_KINDS = {
    "*.ts": _DECLARED,
    "*.tsx": _DECLARED,
    "*.js": _DECLARED,
    "*.typ": _TYPESET,
    "*.html": _TEMPLATE,
}
"""Files that are no Python, and what declares or uses a name there."""


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
    return [*results, *complaints_of_other_kinds()]


def complaints_of_other_kinds() -> list[str]:
    """List one line for every banned name in scripts, typst documents and templates."""
    results = []
    for kind, pattern in OTHER_KINDS.items():
        for file in (
            file for folder in (*FOLDERS, "frontend") for file in folder_files(folder, kind)
        ):
            path = file.relative_to(ROOT).as_posix()
            results += [
                f"{path}:{line}: {name}: write {INSTEAD[name]}."
                for line, name in sorted(declared(pattern, file.read_text()))
                if not is_stored(path, name)
            ]
    return results


def folder_files(folder: str, kind: str) -> list[Path]:
    """List the files of one kind that people write, in order."""
    files = sorted((ROOT / folder).rglob(kind))
    return [file for file in files if not GENERATED & set(file.parts) and file.name not in COPIES]


if __name__ == "__main__":
    wrong = complaints()
    print("\n".join(wrong) or "No name is on the list of names to avoid.")
    sys.exit(bool(wrong))
