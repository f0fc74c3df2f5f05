"""The score of the criterion that an action answers: when it was agreed, and since.

Nothing here says that the action made the difference: other things change too, and the page says
"since", never "because". Only released figures, as everybody sees them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
from django.contrib.auth.models import AnonymousUser

from scorecards import periods as calendar
from scorecards.plans.models import Action
from scorecards.reading import scores

QUARTERS = 40
"""Quarters looked back over: ten years of plans."""


@dataclass(frozen=True)
class Figure:
    """One released share with its 95% interval."""

    period: str
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Since:
    """The score when the action was agreed and the newest one since; None where none is shown."""

    then: Figure | None
    now: Figure | None


def scores_since(commune: str, actions: Sequence[Action]) -> dict[int, Since]:
    """Return by primary key the scores of actions that name a criterion with a released figure.

    The actions are those of ``commune``. "Then" is the last quarter that ended before the plan was
    agreed, or the one the action names; "now" is the newest quarter that began after that day.
    """
    named = [one for one in actions if one.indicator_id and one.plan.agreed_on]
    if not named:
        return {}
    visitor = AnonymousUser()
    quarters = [p for p in scores.periods(visitor) if p.length == "quarter"]
    if not quarters:
        return {}
    newest = max(quarters, key=lambda period: period.first)
    cells = scores.history(visitor, commune, until=newest.code, last=QUARTERS)
    cells = cells[cells["share"].notna()]
    since_of = {}
    for action in named:
        own = _cells_of(action, cells)
        agreed_on = action.plan.agreed_on
        assert agreed_on is not None
        since = Since(_then(action, own, agreed_on), _now(own, agreed_on))
        if since.then or since.now:
            since_of[action.pk] = since
    return since_of


def _cells_of(action: Action, cells: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of the action's criterion, service and kind of provider.

    No cells where the kind of provider is open.
    """
    assert action.indicator is not None
    service = action.service.code if action.service else ""
    own = cells[(cells["indicator"] == action.indicator.code) & (cells["service"] == service)]
    if action.provider is not None:
        return own[own["provider_kind"] == action.provider.kind]
    return own if own["provider_kind"].nunique() == 1 else own.iloc[:0]


def _then(action: Action, own: pd.DataFrame, agreed_on: date) -> Figure | None:
    named = own[own["period"] == action.score_period]
    if not named.empty:
        return _figure(named)
    return _figure(own[[calendar.parse(code).last < agreed_on for code in own["period"]]])


def _now(own: pd.DataFrame, agreed_on: date) -> Figure | None:
    return _figure(own[[calendar.parse(code).first > agreed_on for code in own["period"]]])


def _figure(rows: pd.DataFrame) -> Figure | None:
    """Return the newest of the rows."""
    if rows.empty:
        return None
    row = rows.sort_values("period").iloc[-1]
    return Figure(str(row["period"]), float(row["share"]), float(row["low"]), float(row["high"]))
