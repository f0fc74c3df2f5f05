"""The server judges again what the tablet judged; what it finds becomes flags, never loss."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lxml import etree

from accounts.models import Programme
from surveys.forms.expressions import Evaluation, ExpressionError
from surveys.forms.lists import HOUSE_LISTS, house_list
from surveys.models import QualityFlag
from surveys.submissions.reading import Answers, Readable

_MOST = 50
"""Flags of one record; a form that is all wrong need not say it a thousand times."""


@dataclass(frozen=True)
class Raised:
    """One flag, before it is stored."""

    kind: str
    path: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


class _Instances(Mapping[str, etree._Element]):
    """Secondary instances of a form; house lists are built only when an expression asks."""

    def __init__(self, form: Readable, programme: Programme) -> None:
        self._form, self._programme = form, programme
        self._house: dict[str, etree._Element] = {}

    def __getitem__(self, name: str) -> etree._Element:
        if name in HOUSE_LISTS:
            if name not in self._house:
                self._house[name] = _as_instance(house_list(name, self._programme).rows)
            return self._house[name]
        return self._form.secondary[name]

    def __iter__(self) -> Iterator[str]:
        return iter([*self._form.secondary])

    def __len__(self) -> int:
        return len(self._form.secondary)


def _as_instance(rows: list[dict[str, Any]]) -> etree._Element:
    instance = etree.Element("instance")
    root = etree.SubElement(instance, "root")
    for row in rows:
        item = etree.SubElement(root, "item")
        for column, value in row.items():
            etree.SubElement(item, column).text = str(value)
    return instance


class Judge:
    """One record against the binds and choices of its form, at the moment it was filled."""

    def __init__(
        self, form: Readable, answers: Answers, programme: Programme, at: datetime
    ) -> None:
        self.form, self.answers = form, answers
        self.raised: list[Raised] = []
        self.binds = form.binds
        self.at = Evaluation(
            answers.root,
            instances=_Instances(form, programme),
            names=form.names,
            version=form.compiled["version"],
            now=at,
        )
        self._relevant: dict[etree._Element, bool] = {}
        self._by_path = {path.replace("orx:", ""): bind for path, bind in self.binds.items()}

    def run(self) -> list[Raised]:
        for path, bind in self.binds.items():
            for element in self.answers.at(path):
                if len(self.raised) < _MOST:
                    self.judge(path, bind, element)
        return self.raised

    def judge(self, path: str, bind: dict[str, Any], element: etree._Element) -> None:
        value = (element.text or "").strip()
        if not self.relevant(element, path.replace("orx:", "")):
            if value and not len(element) and "calculate" not in bind:
                self.say(QualityFlag.Kind.IRRELEVANT, path, value)
            return
        if not value:
            question = path in self.form.questions
            if question and "required" in bind and self.holds(bind["required"], element, False):
                self.say(QualityFlag.Kind.REQUIRED, path, "")
            return
        if "constraint" in bind and not self.holds(bind["constraint"], element, True):
            self.say(QualityFlag.Kind.CONSTRAINT, path, value)
        self.choices(path, value)

    def relevant(self, element: etree._Element, path: str) -> bool:
        """True when the element and everything above it should have been asked."""
        known = self._relevant.get(element)
        if known is not None:
            return known
        above = element.getparent()
        answer = above is None or self.relevant(above, path.rpartition("/")[0])
        rule = self._by_path.get(path, {}).get("relevant")
        if answer and rule:
            answer = self.holds(rule, element, True)
        self._relevant[element] = answer
        return answer

    def holds(self, expression: str, element: etree._Element, doubt: bool) -> bool:
        """What an expression says; ``doubt`` where it cannot be evaluated here."""
        try:
            return self.at.truth(expression, element)
        except ExpressionError:
            return doubt

    def choices(self, path: str, value: str) -> None:
        question = self.form.questions.get(path)
        chosen = question.get("items") if question else None
        known = self.form.compiled["lists"].get(chosen["list"]) if chosen else None
        if not question or known is None:
            return
        names = {choice["name"] for choice in known}
        given = value.split() if question["control"] == "select_multiple" else [value]
        if not set(given) <= names:
            self.say(QualityFlag.Kind.NOT_A_CHOICE, path, value)

    def say(self, kind: str, path: str, value: str) -> None:
        if not any(r.kind == kind and r.path == path for r in self.raised):
            self.raised.append(Raised(kind, path, {"value": value[:200]}))


def judge(form: Readable, answers: Answers, programme: Programme, at: datetime) -> list[Raised]:
    """Answers that the form does not allow, lacks, or should not have asked for."""
    return Judge(form, answers, programme, at).run()
