"""Judge again on the server what the tablet judged; faults become flags, no record is refused.

The rules are run by the tablet's own engine (``surveys.forms.engine``), so that both give the same
result for the same data.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from lxml import etree

from surveys.forms.engine import EngineError, EngineUnavailableError, TooCostlyError, engine
from surveys.forms.times import PHNOM_PENH
from surveys.models import QualityFlag
from surveys.submissions.processing.answers import Answers, Readable
from surveys.submissions.processing.batch_context import House

SECONDS = 5.0
"""Seconds that the rules of one record may take; those of a call may take twice as long.

One record takes milliseconds on an idle machine.
"""
_AT_ONCE = 50
"""Records in one call: fewer cost more, more would share the time of one that never ends."""
_KINDS = {
    "irrelevant": QualityFlag.Kind.IRRELEVANT,
    "required": QualityFlag.Kind.REQUIRED,
    "constraint": QualityFlag.Kind.CONSTRAINT,
    "not_a_choice": QualityFlag.Kind.NOT_A_CHOICE,
    "not_judged": QualityFlag.Kind.NOT_JUDGED,
}
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Raised:
    """One flag, before it is stored."""

    kind: str
    path: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Filled:
    """A record to be judged: its form, its answers, the lists of its programme, and when it was."""

    form: Readable
    answers: Answers
    house: House
    at: datetime
    """when it was filled: the today() of its rules"""


def judge_all(records: Sequence[Filled]) -> list[list[Raised]]:
    """Return for each record the answers that are not allowed, missing, or should not be asked.

    Records of one form are judged in one call. A record whose rules take too long is flagged, so
    that a person looks at it, and the others are judged.
    """
    flags: list[list[Raised]] = [[] for _record in records]
    by_form: dict[tuple[int, int], list[int]] = {}
    for index, record in enumerate(records):
        by_form.setdefault((record.form.pk, id(record.house)), []).append(index)
    for indexes in by_form.values():
        for start in range(0, len(indexes), _AT_ONCE):
            some = indexes[start : start + _AT_ONCE]
            judged = _judge_some([records[i] for i in some])
            for index, raised in zip(some, judged, strict=True):
                flags[index] = raised
    return flags


def _judge_some(records: list[Filled]) -> list[list[Raised]]:
    try:
        answers = _ask(records)
    except (TooCostlyError, EngineError, EngineUnavailableError) as trouble:
        if len(records) > 1:
            # one of them fails: each by itself, so that the others are judged
            return [raised for record in records for raised in _judge_some([record])]
        _log.warning("A record of form version %s is not judged: %s", records[0].form.pk, trouble)
        return [[_not_judged(str(trouble))]]
    return [
        [_not_judged(answer["error"])] if "error" in answer else _flags(answer["findings"])
        for answer in answers
    ]


def _not_judged(why: str) -> Raised:
    return Raised(QualityFlag.Kind.NOT_JUDGED, "", {"value": why[:200]})


def _flags(findings: list[dict[str, str]]) -> list[Raised]:
    return [Raised(_KINDS[f["kind"]], f["path"], {"value": f["value"]}) for f in findings]


def _ask(records: list[Filled]) -> list[dict[str, Any]]:
    """Ask the engine, in one call, to judge records of one form and one programme."""
    form, house = records[0].form, records[0].house
    name = f"form {form.pk}"
    lists = {listed: house.kept_as(listed) for listed in form.compiled["houseLists"]}
    contents: dict[str, Callable[[], Any]] = {name: lambda: form.compiled}
    for listed, kept in lists.items():
        contents[kept] = partial(house.rows, listed)
    answers: list[dict[str, Any]] = engine().call_with(
        contents,
        "judge",
        seconds=SECONDS if len(records) == 1 else 2 * SECONDS,
        form=name,
        house=lists,
        records=[
            {
                "xml": etree.tostring(record.answers.root, encoding="unicode"),
                "now": record.at.astimezone(PHNOM_PENH).isoformat(timespec="milliseconds"),
            }
            for record in records
        ],
    )
    return answers
