"""Count rounds, actions and people by commune, each kind in one query."""

from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
from django.conf import settings
from django.db.models import Count, F, Q

from scorecards.method.disclosure.record_keys import Kind, record_keys
from scorecards.models import Release, ReleasedCell
from scorecards.plans.measures.definitions import OF_LEVELS, OF_PEOPLE
from scorecards.plans.models import Action, State
from surveys.rounds.models import InformationSession, Round, RoundMeeting, Stage

COLUMNS: Final = ("measure", "split", "commune", "met", "total")
CYCLES: Final = 3
FULL: Final = (Stage.MET, Stage.AGREED, Stage.FOLLOWED_UP)
"""Stages of a round that was completed."""

Row = tuple[str, str, str, int, int]


def by_commune(today: date, within: str = "") -> pd.DataFrame:
    """Return everything that is counted exactly: one row per measure, split and commune of
    ``within``.

    Columns ``measure``, ``split`` (the level of the actions, "" for all), ``commune``, ``met`` and
    ``total``. People are not in it (``people_by_commune``).
    """
    rows = [
        *_actions(today, within),
        *_rounds(today, within),
        *_cycles(within),
        *_self_higher(within),
    ]
    return pd.DataFrame(rows, columns=[*COLUMNS])


def _actions(today: date, within: str) -> list[Row]:
    passed = Q(first_due_on__lt=today)
    in_time = Q(state=State.CONFIRMED, said_done_on__lte=F("first_due_on"))
    claimed = Q(claim__gt=0)
    actions = (
        Action.objects.agreed()
        .filter(commune__code__startswith=within)
        .exclude(state=State.DROPPED)
        .order_by()
        .values("commune_id", "level")
        .annotate(
            n=Count("pk"),
            passed=Count("pk", filter=passed),
            in_time=Count("pk", filter=passed & in_time),
            claimed=Count("pk", filter=claimed),
            sure=Count("pk", filter=Q(state=State.CONFIRMED)),
            denied=Count("pk", filter=claimed & Q(denials__gt=0)),
            moved=Count("pk", filter=Q(moves__gt=0)),
        )
    )
    rows: list[Row] = []
    for one in actions:
        sides = {
            "on_time": (one["in_time"], one["passed"]),
            "said_done": (one["claimed"], one["n"]),
            "confirmed": (one["sure"], one["n"]),
            "denied": (one["denied"], one["claimed"]),
            "moved": (one["moved"], one["n"]),
        }
        for measure, (met, total) in sides.items():
            splits = ("", one["level"]) if measure in OF_LEVELS else ("",)
            rows += [(measure, split, one["commune_id"], met, total) for split in splits]
    return rows


def _rounds(today: date, within: str) -> list[Row]:
    met = Q(stages__name=Stage.MET)
    rounds = (
        Round.objects.standing()
        .filter(commune__code__startswith=within)
        .order_by()
        .values("commune_id")
        .annotate(
            due=Count("pk", filter=met & Q(stages__planned_on__lte=today), distinct=True),
            held=Count(
                "pk",
                filter=met & Q(stages__planned_on__lte=today, stages__done_on__isnull=False),
                distinct=True,
            ),
            all_held=Count("pk", filter=met & Q(stages__done_on__isnull=False), distinct=True),
        )
    )
    agreed = dict(
        Round.objects.standing()
        .filter(stages__name=Stage.MET, stages__done_on__isnull=False)
        .filter(pk__in=_with_stage(Stage.AGREED))
        .order_by()
        .values_list("commune_id")
        .annotate(n=Count("pk", distinct=True))
    )
    rows: list[Row] = []
    for one in rounds:
        commune = one["commune_id"]
        rows.append(("rounds_held", "", commune, one["held"], one["due"]))
        rows.append(("plans_agreed", "", commune, agreed.get(commune, 0), one["all_held"]))
    return rows


def _with_stage(name: str) -> Any:
    """Return primary keys of the rounds of which this stage is done."""
    done = Round.objects.filter(stages__name=name, stages__done_on__isnull=False)
    return done.values("pk")


def _cycles(within: str) -> list[Row]:
    """Return whether each commune had three cycles, each with meeting, plan and follow-up."""
    rounds = Round.objects.standing().filter(commune__code__startswith=within).order_by()
    full = rounds
    for stage in FULL:
        full = full.filter(pk__in=_with_stage(stage))
    periods: dict[str, set[tuple[int, int | None]]] = {}
    for commune, year, half in full.values_list("commune_id", "year", "half"):
        periods.setdefault(commune, set()).add((year, half))
    return [
        ("three_cycles", "", commune, int(len(periods.get(commune, ())) >= CYCLES), 1)
        for commune in rounds.values_list("commune_id", flat=True).distinct()
    ]


def _self_higher(within: str) -> list[Row]:
    """Return released figures of communes that both sides scored, from printed numbers alone."""
    release = Release.objects.filter(is_current=True).order_by("-period").first()
    if release is None:
        return []
    cells = (
        ReleasedCell.objects.filter(
            release=release, period=release.period, level="commune", service="", share__isnull=False
        )
        .filter(place_code__startswith=within)
        .values_list("indicator", "provider_kind", "place_code", "self_assessment", "share")
    )
    sides: dict[tuple[str, str, str], dict[bool, float]] = {}
    for indicator, kind, place, own, share in cells:
        sides.setdefault((indicator, kind, place), {})[own] = share or 0.0
    return [
        ("self_higher", "", place, int(share[True] > share[False]), 1)
        for (_indicator, _kind, place), share in sides.items()
        if len(share) == len((True, False))
    ]


def people_by_commune() -> pd.DataFrame:
    """Count the people of sessions and meetings by commune, with the keys that round the numbers.

    Columns ``measure``, ``commune``, ``met``, ``not_met``, ``met_key``, ``not_met_key`` (uint64).
    Private: nothing of it is shown before ``release`` rounded it.
    """
    sessions = InformationSession.objects.standing().order_by()
    meetings = RoundMeeting.objects.filter(round__cancelled_at=None).order_by()
    frames = [
        _keyed(Kind.SESSION, sessions.values_list("pk", "commune_id", "people", *OF_PEOPLE)),
        _keyed(Kind.MEETING, meetings.values_list("pk", "round__commune", "people", *OF_PEOPLE)),
    ]
    every = pd.concat(frames, ignore_index=True)
    parts = [_of_group(every, group) for group in OF_PEOPLE]
    return pd.concat(parts, ignore_index=True)


def _keyed(kind: Kind, rows: Any) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["pk", "commune", "people", *OF_PEOPLE])
    numbers = frame["pk"].to_numpy(dtype=np.int64)
    frame["key"] = record_keys(kind, numbers, settings.ROUNDING_SECRET)
    return frame


def _of_group(every: pd.DataFrame, group: str) -> pd.DataFrame:
    """Return one group's two sides by commune.

    A gathering's key counts on each side it has people on.
    """
    met = every[group].to_numpy(dtype=np.int64)
    other = every["people"].to_numpy(dtype=np.int64) - met
    key = every["key"].to_numpy(dtype=np.uint64)
    none = np.uint64(0)
    table = pd.DataFrame(
        {
            "measure": group,
            "commune": every["commune"],
            "met": met,
            "not_met": other,
            "met_key": np.where(met > 0, key, none),
            "not_met_key": np.where(other > 0, key, none),
        }
    )
    return table.groupby(["measure", "commune"], as_index=False).sum()
