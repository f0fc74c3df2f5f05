"""Compute a period of which nothing is stored yet for the whole nation, in a table of its own.

The partition is filled before it has indexes and before it is attached, provinces and nation summed
in it, then indexed and attached, all in one transaction: killed, it leaves nothing; a change of a
case of the period waits meanwhile in ``incremental.prepare`` and then finds scores to change. So no
lock of a commune is needed.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection, transaction
from django.utils import timezone

from scorecards import periods
from scorecards.indicators import FAMILIES, SCORED_ALONE
from scorecards.pipeline import comparison_queue, count_cells, store_scores
from scorecards.pipeline.scope import Scope
from scorecards.storage import partitions
from scorecards.storage.replace_rows import Stored
from standards.models import Provider


def periods_to_do(months: Iterable[str]) -> list[str]:
    """Return the periods that hold these months and have no partition yet, the longest first."""
    held = periods.holding(months)
    missing = set(
        partitions.missing({partitions.SCORES: [p.code for p in held]})[partitions.SCORES]
    )
    return [period.code for period in reversed(held) if period.code in missing]


@transaction.atomic
def compute(period: periods.Period) -> Stored | None:
    """Count, sum and store one period from its facts; None if it has a part already.

    The facts were made a moment ago. What changes them afterwards waits in the outbox.
    """
    with (
        connection.cursor() as cursor,
        partitions.filled_first(partitions.SCORES, period.code) as part,
    ):
        if part is None:
            return None
        cursor.execute("SET LOCAL jit = off")
        # This year's design effects are estimated afterwards, with the scores in place.
        effects = f"design effects {period.code[:4]}"
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtext(%s))", [effects])
        done, now = Stored(0, 0), timezone.now()
        for cells in _counted(period):
            done += store_scores.put_first(cells, period, now=now)
        # The new partition has no statistics yet: the planner would sort it all to sum it.
        cursor.execute("SET LOCAL enable_sort = off")
        for cells in count_cells.all_rolled_up(part, period):
            done += store_scores.put_first(cells, period, now=now)
        cursor.execute("SET LOCAL enable_sort = on")
    comparison_queue.note_period(period)
    return done


def _counted(period: periods.Period) -> list[count_cells.Sql]:
    """Build the statements that count every cell of a commune or provider, the largest first."""
    everything = count_cells.Sources()
    of_communes = count_cells.of_communes(everything, Scope(""), [period])
    alone: dict[str, list[int]] = defaultdict(list)
    for number, kind in Provider.objects.filter(kind__in=SCORED_ALONE).values_list("pk", "kind"):
        alone[kind].append(number)
    for family in FAMILIES:
        if theirs := [number for kind in family.kinds for number in alone.get(kind, ())]:
            of_communes.append(count_cells.providers_from_cases(family, theirs, [period]))
    providers = [number for numbers in alone.values() for number in numbers]
    observed = count_cells.Sources((), votes=True, checks=True)
    return of_communes + count_cells.of_providers(observed, providers, [period])
