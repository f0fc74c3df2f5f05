"""Raise and resolve alarms where two computations of one number disagree."""

import pandas as pd
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from scorecards.models import ScoreAlarm, ScoringRun

KEY = (
    "about",
    "period",
    "indicator",
    "service",
    "provider_kind",
    "place_code",
    "provider_id",
    "self_assessment",
)


def settle(compared: QuerySet[ScoreAlarm], differing: pd.DataFrame, run: ScoringRun | None) -> None:
    """Raise an alarm per cell that differs; those of ``compared`` that agree again are resolved.

    ``differing`` has KEY, field, stored and recomputed, a row a cell.
    """
    with transaction.atomic():
        standing = compared.select_for_update().filter(resolved_at=None)
        open_alarms = {tuple(getattr(a, name) for name in KEY): a for a in standing}
        for row in differing.to_dict("records"):
            key = tuple(row[name] for name in KEY)
            if (alarm := open_alarms.pop(key, None)) is None:
                alarm = ScoreAlarm(**dict(zip(KEY, key, strict=True)))
            for name in ("field", "stored", "recomputed"):
                setattr(alarm, name, row[name])
            alarm.run = run
            alarm.save()
        for alarm in open_alarms.values():
            alarm.resolved_at = timezone.now()
            alarm.resolution = "agreed again"
            alarm.save(update_fields=["resolved_at", "resolution"])
