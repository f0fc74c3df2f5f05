"""From the answers of a record to reported cases, meetings and checks (docs/forms.md)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from lxml import etree

from parsing import values
from parsing.errors import UnreadableValue
from standards.models import Provider
from surveys.forms.reserved import indicator_code
from surveys.forms.safe_xml import local
from surveys.reported import ReportedCase, ReportedCheck, ReportedMeeting, ReportedVote
from surveys.submissions.processing.answers import Answers, Readable

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT", re.ASCII)
MOST_NUMBER = 10**15 - 1
"""The largest number that a question can have as its answer."""
T = TypeVar("T")
_INDICATOR = re.compile(r"^[A-Z]{2}-[A-Z]\d+$")
Reported = ReportedCase | ReportedMeeting | list[ReportedCheck]


@dataclass(frozen=True)
class Context:
    """The facts common to all observations of one record."""

    programme: str
    channel: str
    facilitator: str


@dataclass
class Reading:
    """One observation as it was read, with what could not be read, by field."""

    kind: str
    place: int
    commune: str
    reported: Reported
    wrong: dict[str, str] = field(default_factory=dict)


class Group:
    """The answers inside one reserved group, by name, with those of layout groups inside it."""

    def __init__(self, element: etree._Element, skip: str = "") -> None:
        self.values: dict[str, str] = {}
        self.wrong: dict[str, str] = {}
        self._gather(element, skip)

    def _gather(self, element: etree._Element, skip: str) -> None:
        for child in element:
            if local(child) == skip:
                continue
            if len(child):
                self._gather(child, skip)
            else:
                self.values.setdefault(local(child), (child.text or "").strip())

    def text(self, name: str) -> str:
        return self.values.get(name, "")

    def yes_no(self, name: str) -> bool | None:
        return {"yes": True, "no": False}.get(self.text(name).lower())

    def number(self, name: str) -> int | None:
        return self._read(name, lambda text: values.read_whole_number(text, most=MOST_NUMBER))

    def day(self, name: str) -> date | None:
        return self._read(name, _day)

    def _read(self, name: str, read: Callable[[str], T]) -> T | None:
        """Return a value as every channel reads it; what cannot be read is named in ``wrong``."""
        text = self.text(name)
        if not text:
            return None
        try:
            return read(text)
        except UnreadableValue:
            self.wrong[name] = text
            return None

    def indicators(self) -> Iterator[tuple[str, str]]:
        """Yield answers to questions named by an indicator's code."""
        for name, value in self.values.items():
            code = indicator_code(name)
            if _INDICATOR.match(code):
                yield code, value


def _day(text: str) -> date:
    """Return a day; of a moment in ISO form, as questions of that kind are stored, its day."""
    return values.read_day(text[:10] if _MOMENT.match(text) else text)


def readings(form: Readable, answers: Answers, context: Context) -> list[Reading]:
    """Return every observation that a record reports, in order; numbered from 1 within its kind."""
    observes = form.compiled.get("observes") or {}
    makers: dict[str, Any] = {"case": _case, "meeting": _meeting, "check": _checks}
    readings_made = []
    for kind, make in makers.items():
        path = observes.get(kind)
        for place, element in enumerate(answers.at(path) if path else [], start=1):
            if "".join(element.itertext()).strip():
                readings_made.append(make(element, place, context))
    return readings_made


def _case(element: etree._Element, place: int, context: Context) -> Reading:
    group = Group(element)
    reported = ReportedCase(
        commune=group.text("commune"),
        provider=group.text("provider"),
        service=group.text("service"),
        option=group.text("option"),
        asked_on=group.day("asked_on"),
        received_on=group.day("received_on"),
        status=group.text("status"),
        fee_paid=group.number("fee_paid"),
        currency=group.text("currency"),
        units=group.number("units"),
        documents_asked=_documents(group),
        visits=group.number("visits"),
        receipt=group.yes_no("receipt"),
        staffed=group.yes_no("staffed"),
        medicine_given=group.yes_no("medicine_given"),
        lesson_days_lost=group.number("lesson_days_lost"),
        plan_shown=group.yes_no("plan_shown"),
        channel=context.channel,
        facilitator=context.facilitator,
        sex=_sex(group),
        age=group.number("age"),
        poor_card=group.yes_no("poor_card"),
        disability=group.yes_no("disability"),
        minority=group.yes_no("minority"),
        note=group.text("note"),
        programme=context.programme,
    )
    return Reading("case", place, reported.commune, reported, group.wrong)


def _sex(group: Group) -> str:
    text = group.text("sex")
    return text if text in {"female", "male", "other"} else ""


def _documents(group: Group) -> list[str] | None:
    """Return papers that were asked for; None when nobody asked about them or remembers."""
    asked = "documents_asked" in group.values or "documents_other" in group.values
    is_listed = group.values.get("documents_known", "yes")
    if not asked or is_listed != "yes":
        return None
    other = [d.strip() for d in group.text("documents_other").split(";") if d.strip()]
    return [*group.text("documents_asked").split(), *other]


def _commune(group: Group) -> str:
    """Return the commune that was named, or the provider's."""
    text = group.text("commune")
    if text:
        return text
    provider = Provider.objects.filter(code=group.text("provider")).first()
    return provider.place_id if provider and len(provider.place_id) == 6 else ""


def _meeting(element: etree._Element, place: int, context: Context) -> Reading:
    group = Group(element, skip="voter")
    reported = ReportedMeeting(
        commune=_commune(group),
        provider=group.text("provider"),
        kind=group.text("kind") or "community",
        held_on=group.day("held_on"),
        channel=context.channel,
        facilitator=context.facilitator,
        programme=context.programme,
    )
    voters = [e for e in element.iter() if local(e) == "voter" and len(e)]
    for number, voter in enumerate(voters, start=1):
        text = Group(voter)
        age = text.number("age")
        youth = text.yes_no("youth")
        if youth is None and age is not None:
            youth = 15 <= age <= 30
        for code, score in text.indicators():
            if not score:
                continue
            try:
                point = values.read_whole_number(score)
            except UnreadableValue:
                group.wrong[code] = score
                continue
            reported.votes.append(
                ReportedVote(
                    vote_id=f"{number}.{code}",
                    indicator=code,
                    score=point,
                    sex=_sex(text),
                    youth=youth,
                    poor_card=text.yes_no("poor_card"),
                    disability=text.yes_no("disability"),
                    minority=text.yes_no("minority"),
                )
            )
    return Reading("meeting", place, reported.commune, reported, group.wrong)


def _checks(element: etree._Element, place: int, context: Context) -> Reading:
    group = Group(element)
    commune = _commune(group)
    seen_on = group.day("seen_on")
    checks = [
        ReportedCheck(
            commune=commune,
            provider=group.text("provider"),
            indicator=code,
            seen_on=seen_on,
            present={"yes": True, "no": False}.get(value),
            channel=context.channel,
            facilitator=context.facilitator,
            programme=context.programme,
        )
        for code, value in group.indicators()
        if value
    ]
    return Reading("check", place, commune, checks, group.wrong)
