"""Traces of every write: the outbox row, the wake-up message, and plain values to store."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from jobs import messages
from surveys.models import ObservationChange

RECOMPUTE = "scorecards.tasks.recompute_changed"


def tell_scorecards(
    observation: str, where: Iterable[tuple[str, date]], *, case: int | None = None
) -> None:
    """Record changes of these communes in the months of these days; wake scorecards on commit.

    ``case`` is the one case that changed, by its primary key; without it every case of the communes
    and months is judged again.

    Must run in the transaction of the change. Where the broker cannot be reached the rows wait for
    the next wake-up, and the write itself has succeeded.
    """
    months = {(commune, on.replace(day=1)) for commune, on in where}
    ObservationChange.objects.bulk_create(
        ObservationChange(
            province_code=commune[:2],
            commune_code=commune,
            month=month,
            observation=observation,
            case_number=case,
        )
        for commune, month in sorted(months)
    )
    wake_scorecards()


def wake_scorecards() -> None:
    """Ask the scorecards to read the outbox once the transaction is committed."""
    messages.send_after_commit(RECOMPUTE)


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """Return values as JSON keeps them: dates in ISO form, everything else as it is."""
    return {
        name: value.isoformat() if isinstance(value, date | datetime) else value
        for name, value in values.items()
    }
