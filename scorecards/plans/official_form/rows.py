"""Turn rows of text into facts of actions and store them in a plan.

One bad row never blocks others.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from parsing.errors import UnreadableValue
from scorecards.plans import services
from scorecards.plans.models import Action, Part, Plan
from scorecards.plans.official_form.columns import ACTIONS
from standards.models import Indicator, Provider, Service
from surveys.validation import Problems

_READERS = {column.name: column.read for column in ACTIONS}
NAMES = frozenset(_READERS) - {"id"}
"""Columns that become facts of an action."""
_REQUIRED = {column.name: column for column in ACTIONS if column.required}
_EMPTY: dict[str, Any] = {
    **dict.fromkeys(("activity", "proposed_by", "target", "location", "result_unit"), ""),
    **dict.fromkeys(("helpers", "money", "money_reference", "heard"), ""),
}


@dataclass
class Taken:
    """The result of the rows of one file."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: list[tuple[int, Problems]] = field(default_factory=list)


def read_row(cells: Mapping[str, str]) -> tuple[dict[str, Any], Problems]:
    """Read the cells of one row by the name of their column; empty ones become empty facts."""
    facts: dict[str, Any] = {}
    problems = Problems()
    for name, text in cells.items():
        read = _READERS.get(name)
        if read is None:
            continue
        if not text.strip():
            facts[name] = _EMPTY.get(name)
            continue
        try:
            facts[name] = read(text.strip())
        except UnreadableValue as error:
            problems.say(name, str(error))
    for name in _REQUIRED:
        if name not in problems and facts.get(name) in (None, ""):
            problems.say(name, _("This is needed."))
    return facts, problems


def resolve(facts: dict[str, Any], problems: Problems, plan: Plan, by: User) -> dict[str, Any]:
    """Replace codes and names by the records they mean; note what is not known."""
    values = {name: value for name, value in facts.items() if name != "id"}
    values["provider"] = _record_of(Provider, values, "provider", problems) or plan.provider
    for name, model in (("indicator", Indicator), ("service", Service)):
        if name in values:
            values[name] = _record_of(model, values, name, problems)
    if values.get("number") is None:
        values.pop("number", None)
    values["part"] = values.get("part") or Part.INTERNAL
    if not values.get("level"):
        values.pop("level", None)
    name = values.pop("office", None)
    if name and not problems:
        values["office"] = services.office_named(
            by=by, place=plan.commune, name=name, provider=values["provider"]
        )
    return values


def _record_of(model: Any, facts: dict[str, Any], name: str, problems: Problems) -> Any:
    code = facts.get(name)
    if not code:
        return None
    row = model.objects.filter(code=code).first()
    if row is None:
        problems.say(name, _("There is no “%(code)s”.") % {"code": code})
    return row


def take_row(
    *, by: User, plan: Plan, facts: dict[str, Any], problems: Problems, reason: str, taken: Taken
) -> None:
    """Add or change the action that one row means, and count it. Raises ValidationError."""
    action = None
    if facts.get("id"):
        action = _action_of(plan, str(facts["id"]), problems)
    values = resolve(facts, problems, plan, by)
    if problems:
        raise ValidationError(dict(problems))
    if action is None:
        services.add_action(by=by, plan=plan, **values)
        taken.added += 1
        return
    due = values.pop("due_on", action.due_on) if action.first_due_on else action.due_on
    before = _state_of(action)
    services.change_action(by=by, action=action, reason=reason, **values)
    if due != action.due_on:
        services.move_due(by=by, action=action, due_on=due, reason=reason)
    action.refresh_from_db()
    if _state_of(action) == before:
        taken.unchanged += 1
    else:
        taken.changed += 1


def _state_of(action: Action) -> dict[str, Any]:
    names = [f.attname for f in Action._meta.concrete_fields if f.name != "moderation"]
    return {name: getattr(action, name) for name in names}


def _action_of(plan: Plan, text: str, problems: Problems) -> Action | None:
    try:
        row = plan.actions.select_related("plan").filter(uuid=UUID(text)).first()
    except ValueError:
        row = None
    if row is None:
        problems.say("id", _("This plan has no such action. Leave the cell empty to add one."))
    return row


def take_rows(
    *,
    by: User,
    plan: Plan,
    rows: Iterable[tuple[int, dict[str, Any], Problems]],
    reason: str = "",
) -> Taken:
    """Store every good row in the plan; return bad ones with their sentences."""
    taken = Taken()
    for number, facts, problems in rows:
        try:
            with transaction.atomic():
                take_row(
                    by=by, plan=plan, facts=facts, problems=problems, reason=reason, taken=taken
                )
        except ValidationError as error:
            for name, text in by_field(error).items():
                if name not in problems:
                    problems[name] = text
            taken.rejected.append((number, problems))
    return taken


def by_field(error: ValidationError) -> dict[str, list[str]]:
    """Return the messages of a validation error by field; "row" holds those about the whole row."""
    if hasattr(error, "error_dict"):
        return {name: list(text) for name, text in error.message_dict.items()}
    return {"row": list(error.messages)}
