"""Read what JavaRosa stores: expressions (.tsv, beside their instance) and forms (.json)."""

import csv
import io
import json
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "surveys/forms/tests/oracle"
ERROR = "ERROR"
_MOMENT = re.compile(r"^(\d{4}-\d\d-\d\d)(?:T00:00(?::00(?:\.0+)?)?(?:[+-]\d\d:?\d\d|Z)?)?$")
_POINTS = re.compile(r"^-?[\d.]+(?:[ ;]+-?[\d.E-]+)+;?$")


@dataclass(frozen=True)
class ExpressionCase:
    """One calculated node: its expression, the form it stands in, what JavaRosa stores there."""

    id: str
    expression: str
    xform: str
    stores: str
    doubtful: bool
    file: Path


@dataclass(frozen=True)
class FormCase:
    """An XLSForm filled in step by step, and every leaf at the end."""

    name: str
    survey: list[dict[str, str]]
    choices: list[dict[str, str]]
    settings: dict[str, str]
    steps: list[dict[str, str]]
    looks: list[list[str]] = field(default_factory=list)
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    doubtful: tuple[str, ...] = ()

    @property
    def xlsform(self) -> bytes:
        """The form as an XLSForm in CSV."""
        out = io.StringIO()
        sheets = {"survey": self.survey, "choices": self.choices, "settings": [self.settings]}
        for name, rows in sheets.items():
            columns = list(dict.fromkeys(column for row in rows for column in row))
            table = [
                [name],
                ["", *columns],
                *(["", *(r.get(c, "") for c in columns)] for r in rows),
            ]
            csv.writer(out).writerows(table if rows else [])
        return out.getvalue().encode()


def read_expressions(path: Path) -> list[ExpressionCase]:
    """Return the rows of one file; a form is made of the instance that each row names."""
    rows = csv.DictReader(
        io.StringIO(path.read_text("utf-8")), delimiter="\t", quoting=csv.QUOTE_NONE
    )
    forms: dict[str, str] = {}
    results = []
    for row in rows:
        name = row["instance"] or "instance.xml"
        if name not in forms:
            forms[name] = (path.parent / name).read_text("utf-8")
        results.append(
            ExpressionCase(
                id=row["id"],
                expression=row["expression"],
                xform=forms[name].replace("%s", quoteattr(row["expression"])),
                stores=row["javarosa_stores"] or "",
                doubtful="doubtful" in (row["note"] or ""),
                file=path,
            )
        )
    return results


def read_form(path: Path) -> FormCase:
    """Return one scenario."""
    read = json.loads(path.read_text("utf-8"))
    expected = read.get("expected", {})
    return FormCase(
        name=read["name"],
        survey=read["survey"],
        choices=read.get("choices", []),
        settings=read["settings"],
        steps=read["steps"],
        looks=expected.get("looks", []),
        nodes=expected.get("nodes", {}),
        doubtful=tuple(read.get("doubtful", [])),
    )


def find(files: list[str]) -> tuple[list[ExpressionCase], list[FormCase]]:
    """Return the cases of some files or folders; without any, those of the project."""
    paths: list[Path] = []
    for given in files or [str(DATA)]:
        path = Path(given)
        paths += sorted([*path.rglob("*.tsv"), *path.rglob("*.json")]) if path.is_dir() else [path]
    expressions = [case for p in paths if p.suffix == ".tsv" for case in read_expressions(p)]
    forms = [read_form(p) for p in paths if p.suffix == ".json"]
    return expressions, forms


def same(expected: str, message: str) -> bool:
    """Are two stored texts equal: text, numbers within 1e-9, a date and its midnight, points?"""
    if expected == message:
        return True
    days = _MOMENT.match(expected), _MOMENT.match(message)
    if days[0] and days[1]:
        return days[0][1] == days[1][1]
    if _POINTS.match(expected) and _POINTS.match(message):
        numbers = [
            [float(n) for n in re.split(r"[ ;]+", text) if n] for text in (expected, message)
        ]
        if len(numbers[0]) == len(numbers[1]):
            return all(abs(a - b) < 1e-9 for a, b in zip(*numbers, strict=True))
    a, b = _number(expected), _number(message)
    if a is None or b is None:
        return False
    return a == b or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)


def _number(text: str) -> float | None:
    if not re.fullmatch(r"-?(?:\d+\.?\d*(?:E-?\d+)?|Infinity)", text):
        return None
    return float(text)
