"""Write the history of actions."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import models
from django.utils import timezone

from accounts.models import User
from scorecards.plans.models import Action, ActionEvent

CITIZENS: Final = "citizens"
"""The actor where citizens' answers changed something: neither the channel nor the moment."""


def note(
    action: Action,
    *,
    by: User | None,
    kind: str,
    before: str = "",
    after: str = "",
    due_before: date | None = None,
    due_after: date | None = None,
    reason: str = "",
    job: str = "",
) -> ActionEvent:
    """Add one step to an action's history.

    What citizens' answers did carries the day alone: the moment, beside the times of calls, would
    name who denied.
    """
    now = timezone.localtime()
    at = now.replace(hour=0, minute=0, second=0, microsecond=0) if job == CITIZENS else now
    return ActionEvent.objects.create(
        action=action,
        at=at,
        by=by,
        job=job if by is None else "",
        kind=kind,
        state_before=before,
        state_after=after,
        due_before=due_before,
        due_after=due_after,
        reason=reason[:500],
    )


def plain(record: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """Read fields of a record as JSON keeps them; foreign keys by primary key."""
    columns = {field.name: field.attname for field in record._meta.concrete_fields}
    return {name: _plain(getattr(record, columns[name])) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value.normalize())
    return str(value) if isinstance(value, UUID) else value
