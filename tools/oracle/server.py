"""The same cases on the server: the engine in V8, as it checks forms and judges records."""

import re
from typing import Any

from lxml import etree

from surveys.forms.engine import EngineError, engine
from tools.oracle.cases import ERROR, ExpressionCase, FormCase
from tools.oracle.convert import compiled, xform_of
from tools.oracle.tablet import NOW

Ran = dict[str, Any]
_STEP = re.compile(r"^(?:[\w-]+:)?([^\[\]]+?)(?:\[(\d+)\])?$")


def expressions(cases: list[ExpressionCase]) -> list[str]:
    """Return the value each expression stores, or ERROR."""
    stored = []
    for case in cases:
        ran = engine().call("fill", compiled=compiled(case.xform), steps=[], now=NOW)
        node = next((n for n in ran["leaves"] if n["path"] == "/data/x"), None)
        stored.append(ERROR if ran["errors"] or node is None else str(node["value"]))
    return stored


def forms(cases: list[FormCase]) -> list[Ran]:
    """Judge each record as JavaRosa stored it, with hidden answers blank.

    A record is judged as it arrives, so its choices were looked at before: they are not compared.
    """
    return [_judged(case) for case in cases]


def _judged(case: FormCase) -> Ran:
    form = compiled(xform_of(case))
    record = _record(case, form)
    try:
        ran = engine().call("weigh", compiled=form, xml=record, now=NOW)
    except EngineError as trouble:
        return {"thrown": str(trouble), "looks": [], "nodes": [], "errors": []}
    errors = [f"{e['path']} {e['what']}: {e['message']}" for e in ran["errors"]]
    return {"thrown": "", "looks": case.looks, "nodes": ran["leaves"], "errors": errors}


def _record(case: FormCase, form: dict[str, Any]) -> str:
    """Return the XML that is sent for a filled form."""
    root = etree.fromstring(form["instance"])
    sent = etree.Element(root.tag, dict(root.attrib))
    for path, node in case.nodes.items():
        element = sent
        for step in path.split("/")[2:]:
            match = _STEP.match(step)
            assert match is not None
            name, turn = match[1], int(match[2] or 1)
            same = [child for child in element if child.tag == name]
            while len(same) < turn:
                same.append(etree.SubElement(element, name))
            element = same[turn - 1]
        element.text = node["value"] if node["relevant"] else ""
    return str(etree.tostring(sent, encoding="unicode"))
