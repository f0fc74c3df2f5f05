"""The server judges again what the tablet judged; what it finds becomes flags, never loss."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lxml import etree

from surveys.forms.expressions import Evaluation, ExpressionError
from surveys.forms.lists import HOUSE_LISTS
from surveys.models import QualityFlag
from surveys.submissions.around import House, Row, as_instance
from surveys.submissions.reading import Answers, Readable

_ASKED = "choice-asked-about"
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

    def __init__(self, form: Readable, house: House) -> None:
        self._form, self._house = form, house

    def __getitem__(self, name: str) -> etree._Element:
        if name in HOUSE_LISTS:
            return self._house.instance(name)
        return self._form.secondary[name]

    def __iter__(self) -> Iterator[str]:
        return iter([*self._form.secondary])

    def __len__(self) -> int:
        return len(self._form.secondary)


class Judge:
    """One record against the binds and choices of its form, at the moment it was filled."""

    def __init__(self, form: Readable, answers: Answers, house: House, at: datetime) -> None:
        self.form, self.answers, self.house = form, answers, house
        self.raised: list[Raised] = []
        self.binds = form.binds
        self.at = Evaluation(
            answers.root,
            instances=_Instances(form, house),
            names=form.names,
            version=form.compiled["version"],
            now=at,
        )
        self._relevant: dict[etree._Element, bool] = {}
        self._by_path = form.binds_plainly

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
        self.choices(path, value, element)

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

    def choices(self, path: str, value: str, element: etree._Element) -> None:
        """Each answer must be among the choices that this record's other answers leave."""
        question = self.form.questions.get(path)
        chosen = question.get("items") if question else None
        if not question or not chosen:
            return
        given = value.split() if question["control"] == "select_multiple" else [value]
        for name in given:
            row = self.row(chosen["list"], name)
            if row is not None and (not row or self.offered(chosen, row, element)):
                continue
            self.say(QualityFlag.Kind.NOT_A_CHOICE, path, value)

    def row(self, listed: str, name: str) -> Row | None:
        """A choice with its columns; None when the list has none of that name.

        An empty row is a list that is not known here, whose choices nobody can judge.
        """
        known = self.form.choices.get(listed)
        if known is not None:
            return known.get(name)
        return self.house.row(listed, name) if listed in HOUSE_LISTS else {}

    def offered(self, chosen: Row, row: Row, element: etree._Element) -> bool:
        """Does the choice_filter leave this choice? In doubt it does."""
        if chosen["filterOn"]:
            return all(self._fits(test, row, element) for test in chosen["filterOn"])
        if not chosen["filter"]:
            return True
        # the filter of an itemset is a predicate on its choices: judged on a list of one
        self.at.offer(_ASKED, as_instance([row]))
        return self.holds(
            f"boolean(instance('{_ASKED}')/root/item[{chosen['filter']}])", element, True
        )

    def _fits(self, test: Row, row: Row, element: etree._Element) -> bool:
        try:
            wanted = self.at.text(test["value"], element)
        except ExpressionError:
            return True
        here = str(row.get(test["column"]) or "")
        return wanted in here.split() if test["test"] == "selected" else here == wanted

    def say(self, kind: str, path: str, value: str) -> None:
        if not any(r.kind == kind and r.path == path for r in self.raised):
            self.raised.append(Raised(kind, path, {"value": value[:200]}))


def judge(form: Readable, answers: Answers, house: House, at: datetime) -> list[Raised]:
    """Answers that the form does not allow, lacks, or should not have asked for."""
    return Judge(form, answers, house, at).run()
