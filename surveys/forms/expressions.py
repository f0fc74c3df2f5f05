"""XPath expressions of forms, evaluated by elementpath with ODK's functions.

This module is all that stands between us and elementpath; it raises ExpressionError
and leaks nothing of the library.
"""

import math
import re
from collections.abc import Mapping
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from elementpath import XPathContext, get_node_tree
from elementpath.exceptions import ElementPathError
from elementpath.xpath1 import XPath1Parser
from elementpath.xpath_nodes import ElementNode, XPathNode
from elementpath.xpath_tokens import XPathFunction
from lxml import etree

from surveys.forms.xpath_functions import FUNCTIONS, local_now
from surveys.forms.xpath_values import Value, compare, number, text, truth

_PREFIXED = {"jr:choice-name": "jr-choice-name", "jr:itext": "jr-itext"}
_XPATH_1 = frozenset(
    {
        *("last", "position", "count", "id", "name", "local-name", "namespace-uri", "string"),
        *("concat", "starts-with", "contains", "substring-before", "substring-after"),
        *("substring", "string-length", "normalize-space", "translate", "boolean", "not"),
        *("true", "false", "number", "sum", "floor", "ceiling"),
        *("node", "text", "comment", "processing-instruction"),
    }
)
_WORDS = frozenset({"and", "or", "div", "mod"})
_CALL = re.compile(r"([A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?)\s*\(")
_STRINGS = re.compile(r"'[^']*'|\"[^\"]*\"")


class ExpressionError(ValueError):
    """An expression that cannot be read or evaluated."""


def unknown_functions(expression: str) -> list[str]:
    """Names of functions in ``expression`` that neither client nor server need understand."""
    called = _CALL.findall(_STRINGS.sub("''", expression))
    known = _XPATH_1 | _WORDS | set(FUNCTIONS) | {"jr:choice-name"}
    return sorted({name for name in called if name not in known})


class OdkParser(XPath1Parser):
    """XPath 1.0 with ODK's functions and with dates that compare as days."""

    symbol_table = dict(XPath1Parser.symbol_table)
    tokenizer = None
    # functions that give nodes, from which a path may go on
    PATH_STEP_SYMBOLS = XPath1Parser.PATH_STEP_SYMBOLS | {"instance", "current", "indexed-repeat"}


_TROUBLE = (ElementPathError, ArithmeticError, TypeError, ValueError, RecursionError)
_now_at: ContextVar["Evaluation"] = ContextVar("evaluation")


def _members(token: Any, context: Any) -> Value:
    """What a token evaluates to: one atom, or a list of nodes and atoms."""
    found = list(token.select(copy(context)))
    return found[0] if len(found) == 1 and not isinstance(found[0], XPathNode) else found


def _inside(token: Any, context: Any) -> Any:
    """The context, or elementpath's own complaint: expressions are read before there is one."""
    if context is None:
        raise token.missing_context()
    return context


def _comparison(self: Any, context: Any = None) -> bool:
    context = _inside(self, context)
    return compare(self.symbol, _members(self[0], context), _members(self[1], context))


def _plus(self: Any, context: Any = None) -> float:
    context = _inside(self, context)
    first = number(_members(self[0], context))
    sign = 1 if self.symbol == "+" else -1
    return sign * first if len(self) == 1 else first + sign * number(_members(self[1], context))


def _divide(self: Any, context: Any = None) -> float:
    context = _inside(self, context)
    above, below = (number(_members(t, context)) for t in self)
    if math.isnan(above) or math.isnan(below) or (above == 0 and below == 0):
        return math.nan
    if below == 0:
        return math.nan if self.symbol == "mod" else math.copysign(math.inf, above)
    return above / below if self.symbol == "div" else math.fmod(above, below)


def _to_number(self: Any, context: Any = None) -> float:
    context = _inside(self, context)
    return number(_members(self[0], context) if len(self) else [context.item])


def _position(self: Any, context: Any = None) -> float:
    context = _inside(self, context)
    if not len(self):
        return float(context.position)
    found = next((i for i in self[0].select(copy(context)) if isinstance(i, ElementNode)), None)
    if found is None or found.parent is None:
        return 0.0
    twins = [c for c in found.parent.children if getattr(c, "name", None) == found.name]
    return float(twins.index(found) + 1)


def _redefine() -> None:
    """Give OdkParser its own operators and functions; XPath1Parser stays as it is."""
    changed: dict[str, Any] = dict.fromkeys(("=", "!=", "<", "<=", ">", ">="), _comparison)
    changed |= {"+": _plus, "-": _plus, "div": _divide, "mod": _divide, "number": _to_number}
    for symbol, evaluate in changed.items():
        original = XPath1Parser.symbol_table[symbol]
        OdkParser.symbol_table[symbol] = type(
            f"Odk{original.__name__}", (original,), {"evaluate": evaluate}
        )
    _register("position", (0, 1), _position)
    for name, (arity, function) in FUNCTIONS.items():
        _register(name, arity, _calling(function))


def _calling(function: Any) -> Any:
    def evaluate(self: Any, context: Any = None) -> Any:
        context = _inside(self, context)
        at = _now_at.get()
        return function(at, *(_members(argument, context) for argument in self))

    return evaluate


def _register(name: str, arity: tuple[int, int | None], evaluate: Any) -> None:
    OdkParser.symbol_table.pop(name, None)
    nargs: Any = arity[0] if arity[0] == arity[1] else arity
    token = OdkParser.function(name, nargs=nargs)
    token.evaluate = evaluate  # type: ignore[method-assign]
    token.select = XPathFunction.select  # type: ignore[method-assign]


_redefine()


@lru_cache(maxsize=4096)
def _parse(expression: str) -> Any:
    source = expression
    for prefixed, plain in _PREFIXED.items():
        source = source.replace(prefixed, plain)
    try:
        return OdkParser({"orx": "http://openrosa.org/xforms"}).parse(source.strip())
    except (ElementPathError, SyntaxError, TypeError, ValueError, RecursionError) as trouble:
        raise ExpressionError(f"{expression}: {trouble}") from trouble


def check_expression(expression: str) -> None:
    """Raises ExpressionError when ``expression`` cannot be read."""
    _parse(expression)


@lru_cache(maxsize=1024)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@dataclass
class Evaluation:
    """One record in which expressions are evaluated, with the lists and words of its form."""

    tree: etree._Element
    instances: Mapping[str, etree._Element] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    """(path of a select, name of a choice) to its label."""
    version: str = ""
    now: datetime = field(default_factory=local_now)
    current: Any = None

    def __post_init__(self) -> None:
        self._lists: dict[str, Any] = {}
        self._item: Any = None

    @cached_property
    def root(self) -> Any:
        """The record as elementpath sees it; made when the first expression asks."""
        return get_node_tree(self.tree.getroottree())

    @cached_property
    def nodes(self) -> dict[Any, ElementNode]:
        """elementpath's node of each element of the record."""
        found = (n for n in self.root.iter_descendants() if isinstance(n, ElementNode))
        return {node.value: node for node in found}

    def item_value(self) -> Value:
        """The text of the node the expression belongs to."""
        return self._item if self._item is not None else ""

    def instance(self, name: str) -> Any:
        """The root of a secondary instance; None for one that is not here."""
        if name not in self._lists:
            element = self.instances.get(name)
            self._lists[name] = get_node_tree(element) if element is not None else None
        return self._lists[name]

    def offer(self, name: str, instance: etree._Element) -> None:
        """Let ``instance(name)`` be this from now on."""
        self._lists[name] = get_node_tree(instance)

    def choice_name(self, name: str, path: str) -> str:
        return self.names.get((path.strip(), name), name)

    @staticmethod
    def matches(pattern: str, value: str) -> bool:
        """JavaRosa's regex(): the whole value; long values are not tried (no endless search)."""
        if len(value) > 1000:
            return False
        try:
            return _pattern(pattern).fullmatch(value) is not None
        except re.error:
            return False

    def evaluate(self, expression: str, element: etree._Element) -> Value:
        """The value of ``expression`` at ``element``. Raises ExpressionError."""
        token = _parse(expression)
        node = self.nodes.get(element)
        if node is None:
            raise ExpressionError(f"{expression}: not a node of this record")
        held, self._item, self.current = self._item, node, node
        token_at = _now_at.set(self)
        try:
            return _members(token, XPathContext(root=self.root, item=node))
        except (
            ElementPathError,
            ArithmeticError,
            TypeError,
            ValueError,
            RecursionError,
        ) as trouble:
            raise ExpressionError(f"{expression}: {trouble}") from trouble
        finally:
            _now_at.reset(token_at)
            self._item = held

    def text(self, expression: str, element: etree._Element) -> str:
        return text(self.evaluate(expression, element))

    def truth(self, expression: str, element: etree._Element) -> bool:
        return truth(self.evaluate(expression, element))
