"""Reserved names: the groups that turn a submission into observations (see docs/forms.md)."""

from dataclasses import dataclass
from typing import Any

from standards.models import Indicator, IndicatorKind
from surveys.forms.cells import Sheets
from surveys.forms.problems import RESERVED, Problem
from surveys.forms.safe_xml import local
from surveys.forms.xform import XForm

YES_NO = frozenset({"yes", "no"})
SCORES = frozenset({"1", "2", "3", "4", "5"})
PERSONAL = frozenset(
    {
        *("name", "full_name", "first_name", "last_name", "family_name", "respondent"),
        *("respondent_name", "citizen_name", "phone", "phone_number", "telephone", "mobile"),
        *("respondent_phone", "email", "id_number", "national_id", "family_book_number"),
        "address",
    }
)


@dataclass(frozen=True)
class Question:
    """The rule for a reserved name: its types, and the choices it allows or must have."""

    types: frozenset[str]
    only: frozenset[str] = frozenset()
    with_: frozenset[str] = frozenset()
    needed: bool = False


def _any_of(*types: str, **more: Any) -> Question:
    return Question(frozenset(types), **more)


_CODE = _any_of("select_one", "text")
_NEEDED_CODE = _any_of("select_one", "text", needed=True)
_NEEDED_DATE = _any_of("date", needed=True)
_YES_NO = _any_of("select_one", with_=YES_NO)
_COUNT = _any_of("integer")
_SEX = _any_of("select_one", only=frozenset({"female", "male", "other", "dont_know"}))
_STATUS = frozenset({"received", "open", "refused", "abandoned"})
_PEOPLE = {
    "sex": _SEX,
    "age": _COUNT,
    "poor_card": _YES_NO,
    "disability": _YES_NO,
    "minority": _YES_NO,
}

CASE = {
    "commune": _NEEDED_CODE,
    "service": _NEEDED_CODE,
    "asked_on": _NEEDED_DATE,
    "status": _any_of("select_one", only=_STATUS, needed=True),
    "provider": _CODE,
    "option": _CODE,
    "received_on": _any_of("date"),
    "fee_paid": _COUNT,
    "currency": _any_of("select_one", only=frozenset({"KHR", "USD"})),
    "units": _COUNT,
    "visits": _COUNT,
    "documents_known": _YES_NO,
    "documents_asked": _any_of("select_multiple", "text"),
    "documents_other": _any_of("text"),
    "receipt": _YES_NO,
    "staffed": _YES_NO,
    "medicine_given": _YES_NO,
    "plan_shown": _YES_NO,
    "lesson_days_lost": _COUNT,
    "note": _any_of("text"),
    **_PEOPLE,
}
VOTER = {"youth": _YES_NO, **_PEOPLE}
MEETING = {
    "provider": _NEEDED_CODE,
    "commune": _CODE,
    "held_on": _NEEDED_DATE,
    "kind": _any_of("select_one", only=frozenset({"community", "self_assessment"})),
}
CHECK = {"provider": _NEEDED_CODE, "commune": _CODE, "seen_on": _NEEDED_DATE}
GROUPS = {"case": CASE, "meeting": MEETING, "check": CHECK}


def indicator_code(name: str) -> str:
    """Return ``CA-P1`` for a question named ``CA-P1``, ``ca_p1`` or the like."""
    return name.upper().replace("_", "-")


def reserved_groups(form: XForm) -> dict[str, str | None]:
    """Return the path of the first group of each reserved name outside repeats.

    The path is None where there is none.
    """
    groups: dict[str, str | None] = dict.fromkeys(GROUPS)
    repeats = set(form.templates) | _repeats(form)
    for element in form.instance.iter():
        name = local(element)
        if name in GROUPS and len(element) and groups[name] is None:
            path = form.path(element)
            if not any(path.startswith(r + "/") for r in repeats):
                groups[name] = path
    return groups


def _repeats(form: XForm) -> set[str]:
    return {(r.get("nodeset") or "").strip() for r in form.body.iter("{*}repeat")}


class Check:
    """One check of a form against the reserved names."""

    def __init__(self, form: XForm, compiled: dict[str, Any], sheets: Sheets | None) -> None:
        self.form, self.sheets = form, sheets
        self.lists = compiled["lists"]
        self.questions: dict[str, dict[str, Any]] = {}
        self._gather(compiled["body"])
        self.repeats = _repeats(form)
        self.problems: list[Problem] = []

    def _gather(self, items: list[dict[str, Any]]) -> None:
        for item in items:
            if item["kind"] == "question":
                self.questions[item["path"]] = item
            else:
                self._gather(item["children"])

    def say(self, why: str, path: str, column: str = "name", **about: str) -> None:
        sheet, cell = self.sheets.place(path, column) if self.sheets else ("", path)
        self.problems.append(Problem(sheet, cell, str(RESERVED[why]) % about))

    def run(self) -> list[Problem]:
        seen: dict[str, str] = {}
        for element in self.form.instance.iter():
            name = local(element)
            if name not in GROUPS or not len(element):
                continue
            path = self.form.path(element)
            if path in seen.values():
                continue
            if any(path.startswith(r + "/") for r in self.repeats):
                self.say("inside_repeat", path, name=name)
            elif name in seen:
                self.say("twice", path, name=name)
            seen.setdefault(name, path)
        for name, path in seen.items():
            self.group(name, path)
        return self.problems

    def group(self, name: str, path: str) -> None:
        self.names(GROUPS[name], path, name)
        leaves = [p for p in self.form.leaves if p.startswith(path + "/")]
        for leaf in leaves:
            if leaf.rpartition("/")[2].lower() in PERSONAL:
                self.say("personal", leaf, name=leaf.rpartition("/")[2])
        if name == "check":
            self.indicators(name, leaves, IndicatorKind.INPUT, _YES_NO, GROUPS[name])
        if name == "meeting":
            voter = f"{path}/voter"
            if voter not in self.repeats:
                self.say("repeat", voter, name="voter")
                return
            self.names(VOTER, voter, "voter")
            inside = [p for p in leaves if p.startswith(voter + "/")]
            scores = _any_of("faces", "select_one", "integer", only=SCORES)
            self.indicators("voter", inside, IndicatorKind.PERCEPTION, scores, VOTER)

    def names(self, wanted: dict[str, Question], path: str, group: str) -> None:
        # nested groups are only layout: `case/when/asked_on` is `asked_on` of the case
        inside = [p for p in self.form.leaves if p.startswith(path + "/")]
        if group == "meeting":
            inside = [p for p in inside if not p.startswith(f"{path}/voter/")]
        by_name = {p.rpartition("/")[2]: p for p in inside}
        for name, question in wanted.items():
            if name in by_name:
                self.question(by_name[name], name, question)
            elif question.needed:
                self.say("needed", path, group=group, name=name)

    def question(self, path: str, name: str, wanted: Question) -> None:
        asked = self.questions.get(path)
        if asked is None:
            return  # a calculation or a hidden value: judged when it arrives
        if asked["control"] not in wanted.types:
            self.say("type", path, "type", name=name, wanted=", ".join(sorted(wanted.types)))
            return
        if "items" not in asked or asked["items"]["list"] not in self.lists:
            return
        choices = {c["name"] for c in self.lists[asked["items"]["list"]]}
        if wanted.only and not choices <= wanted.only:
            self.say("choices", path, "type", name=name, wanted=", ".join(sorted(wanted.only)))
        elif wanted.with_ and not wanted.with_ <= choices:
            self.say("choices", path, "type", name=name, wanted=", ".join(sorted(wanted.with_)))

    def indicators(
        self, group: str, leaves: list[str], kind: str, wanted: Question, own: dict[str, Question]
    ) -> None:
        codes = set(Indicator.objects.filter(kind=kind).values_list("code", flat=True))
        count = 0
        for path in leaves:
            name = path.rpartition("/")[2]
            asked = self.questions.get(path)
            if name in own or asked is None or asked["control"] == "note":
                continue
            code = indicator_code(name)
            if code in codes:
                count += 1
                self.question(path, name, wanted)
            elif code[:3] in {"CA-", "HC-", "PS-"}:
                self.say("indicator", path, name=code)
        if not count:
            self.say("no_indicator", leaves[0] if leaves else "", group=group)


def reserved_problems(
    form: XForm, compiled: dict[str, Any], sheets: Sheets | None = None
) -> list[Problem]:
    """List the faults of a form's reserved names; empty when it may be published."""
    return Check(form, compiled, sheets).run()
