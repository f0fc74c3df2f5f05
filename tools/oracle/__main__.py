"""Run expressions and scenario forms through both evaluators and compare with JavaRosa.

    make oracle                         the project's own cases
    make oracle FILES="a.tsv b.json"    others, of the same format (surveys/forms/tests/oracle)

Prints every difference and, last, one line of JSON. Rows marked doubtful are not counted.
"""

import importlib.util
import json
import os
import sys
from typing import Any

from tools.oracle.cases import ERROR, ExpressionCase, FormCase, find, same


def compare_expressions(cases: list[ExpressionCase], stored: list[str], engine: str) -> int:
    """Count the expressions that agree with JavaRosa and print the others."""
    agree = 0
    for case, result in zip(cases, stored, strict=True):
        right = (
            result == ERROR
            if case.stores == ERROR
            else result != ERROR and same(case.stores, result)
        )
        agree += right
        if not right:
            print(
                f"{engine} {case.id}  {case.expression}  JavaRosa {case.stores!r}, here {result!r}"
            )
    return agree


def differences(case: FormCase, ran: dict[str, Any]) -> list[str]:
    """List the differences of one filled form from JavaRosa's."""
    if ran["thrown"]:
        return [ran["thrown"]]
    results = [] if ran["looks"] == case.looks else [f"choices {case.looks}, here {ran['looks']}"]
    nodes = {n["path"]: n for n in ran["nodes"] if "/meta/" not in n["path"]}
    for path in {**case.nodes, **nodes}:
        if path in case.doubtful:
            continue
        wanted, node = case.nodes.get(path), nodes.get(path)
        if wanted is None or node is None:
            results.append(f"{path} {'is too much' if wanted is None else 'is missing'}")
            continue
        pairs = [
            ("relevant", wanted["relevant"], node["relevant"]),
            ("required", wanted["required"], node["required"]),
            ("constraint holds", wanted["constraint_holds"], node["constraintHolds"]),
        ]
        results += [f"{path} {what}: {a}, here {b}" for what, a, b in pairs if a != b]
        if wanted["relevant"] and not same(wanted["value"], node["value"]):
            results.append(f"{path}: {wanted['value']!r}, here {node['value']!r}")
    return results


def compare_forms(cases: list[FormCase], ran: list[dict[str, Any]], engine: str) -> int:
    """Count the forms that agree with JavaRosa and print the others."""
    agree = 0
    for case, result in zip(cases, ran, strict=True):
        wrong = differences(case, result)
        agree += not wrong
        if wrong:
            print(f"{engine} {case.name}  {'; '.join(wrong[:5] + result['errors'][:2])}")
    return agree


def main() -> int:
    """Compare, print, and end with one line of JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from tools.oracle import tablet

    expressions, forms = find(" ".join(sys.argv[1:]).split())
    sure = [case for case in expressions if not case.doubtful]
    stored, thrown = tablet.expressions(sure) if sure else ([], [])
    ran = tablet.forms(forms) if forms else []
    for line in thrown:
        print(f"tablet {line}")
    total: dict[str, Any] = {
        "expressions": len(sure),
        "same_tablet": compare_expressions(sure, stored, "tablet"),
        "same_server": None,
        "forms": len(forms),
        "same_forms_tablet": compare_forms(forms, ran, "tablet"),
        "uncaught": len(thrown) + sum(bool(r["thrown"]) for r in ran),
    }
    if importlib.util.find_spec("tools.oracle.server"):
        server = importlib.import_module("tools.oracle.server")
        total["same_server"] = compare_expressions(sure, server.expressions(sure), "server")
        if hasattr(server, "forms"):
            total["same_forms_server"] = compare_forms(forms, server.forms(forms), "server")
    print(json.dumps(total))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
