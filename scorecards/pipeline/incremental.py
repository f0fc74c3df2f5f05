"""From a change to its new scores: one commune in milliseconds, a province in seconds.

A computation holds locks for its transaction, taken in one order (province, commune, provider), so
that two workers never count the same cells at once and never deadlock. A province as a whole
excludes its communes, communes do not exclude each other. Sums of provinces and the nation follow
in a transaction of their own (``roll_up_pending``), noted with the change so that they cannot be
forgotten.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from scorecards import periods
from scorecards.indicators import FAMILIES, RULE_OF, SCORED_ALONE, Family
from scorecards.models import Level, Score
from scorecards.pipeline import comparison_queue, count_cells, judge_cases, store_scores
from scorecards.pipeline.count_cells import Sql
from scorecards.pipeline.locks import lock, lock_providers
from scorecards.pipeline.scope import Scope
from scorecards.storage import partitions, prepared_statements
from scorecards.storage.replace_rows import Stored
from surveys import observations
from surveys.models import ObservationChange

AT_ONCE = 20_000
"""Changes claimed by one transaction."""

ALL_CASES = 12
"""The number of changed communes from which computing all of the province is quicker."""


MOVED = "moved"
"""A change that we write ourselves: cases of this commune belong to another one now."""

AGAIN = "again"
"""A change of the method: everything of this commune and month is judged and counted again."""


@dataclass
class Touched:
    """The cells to count again: providers by kind and number, and their services."""

    providers: set[tuple[str, int]] = field(default_factory=set)
    changed: set[judge_cases.Touched] = field(default_factory=set)

    @property
    def kinds(self) -> set[str]:
        """Kinds of provider of which a fact changed."""
        return {fact.kind for fact in self.changed}

    @property
    def scored_alone(self) -> set[int]:
        """Numbers of those providers that have scores of their own."""
        return {number for kind, number in self.providers if kind in SCORED_ALONE}

    @property
    def services(self) -> tuple[str, ...]:
        """Codes of the services of which a fact changed, in order."""
        return tuple(sorted({fact.service for fact in self.changed}))


@dataclass
class Work:
    """The work for one commune or province: months, and the observations that changed.

    ``every_cell`` computes every cell again, whether or not a fact changed; ``judged``
    says that the facts were made a moment ago. Of the cases those of ``cases`` are judged
    again, by their primary keys; None stands for all of the months.
    """

    months: set[str] = field(default_factory=set)
    votes: bool = False
    checks: bool = False
    every_cell: bool = False
    judged: bool = False
    cases: set[int] | None = None

    @classmethod
    def none(cls) -> "Work":
        """Return work without content, for changes to be added."""
        return cls(cases=set())

    def add(self, month: str, observation: str, case: int | None = None) -> None:
        """Add one change: "case", "vote" or "check"; "moved": facts left; else all of them.

        After ``AGAIN`` every cell is counted, whether or not a fact changed. ``case`` is the one
        case that changed; a change of cases without it is of them all.
        """
        if not periods.is_plausible(month):
            return  # a typing error from before days were checked: no figure is made of it
        self.months.add(month)
        if case is not None and self.cases is not None:
            self.cases.add(case)
        elif observation not in {"vote", "check"}:
            self.cases = None
        self.votes |= observation not in {"case", "check", MOVED}
        self.checks |= observation not in {"case", "vote", MOVED}
        self.every_cell |= observation in {MOVED, AGAIN}

    def __or__(self, other: "Work") -> "Work":
        return Work(
            self.months | other.months,
            self.votes or other.votes,
            self.checks or other.checks,
            self.every_cell or other.every_cell,
            self.judged and other.judged,
            None if self.cases is None or other.cases is None else self.cases | other.cases,
        )


def claim_and_recompute(only_province: str = "") -> int:
    """Claim the waiting changes and compute what they affect; return how many there were.

    With ``only_province`` those of that one.

    The changes are deleted in the transaction of the new scores: a worker killed half-way leaves
    everything as it was, and the next one begins again. Changes that another worker holds are left
    to it.
    """
    with transaction.atomic():
        changes = _claim(only_province)
        touched: dict[str, dict[str, Work]] = defaultdict(lambda: defaultdict(Work.none))
        for province, commune, month, observation, case in changes:
            touched[province][commune].add(periods.month_code(month), observation, case)
        work: dict[str, Work] = {}
        for province, communes in touched.items():
            if len(communes) < ALL_CASES:
                work |= communes
            else:
                work[province] = reduce(or_, communes.values())
        recompute(work)
    return len(changes)


def recompute(work: Mapping[str, Work]) -> Stored:
    """Judge and count these communes ("010203") or provinces ("01") again.

    Stores the cells of the communes and of the providers concerned for the months and
    for their quarters and years, and notes that the sums must follow. Runs inside a
    transaction and holds its locks until that ends.
    """
    today, done = timezone.localdate(), Stored(0, 0)
    prepare(month for some in work.values() for month in some.months)
    scopes = {Scope(code): work[code] for code in sorted(work) if work[code].months}
    lock(scopes)
    touched = {scope: _judge(scope, some, today) for scope, some in scopes.items()}
    _note_moved(touched, {scope: some.months for scope, some in scopes.items()})
    lock_providers(number for record in touched.values() for number in record.scored_alone)
    for scope, some in scopes.items():
        for held in _at_once(scope, some):
            done += _store(scope, some, touched[scope], held)
    if done.changed:
        _note_sums({(scope.code[:2], m) for scope, some in scopes.items() for m in some.months})
    return done


def _at_once(scope: Scope, work: Work) -> list[list[periods.Period]]:
    """Return the periods to store by one statement: of a commune a whole year's, else one by one.

    A commune's statements cost more to be read and planned than to be carried out.
    """
    held = periods.holding(work.months)
    if len(scope.code) < 6:
        return [[period] for period in held]
    years = sorted({period.code[:4] for period in held})
    return [[period for period in held if period.code.startswith(year)] for year in years]


def _note_sums(changed: set[tuple[str, str]]) -> None:
    """Have the sums of these provinces and months computed later."""
    provinces, months = zip(*sorted(changed), strict=True)
    with prepared_statements.cursor() as cursor:
        cursor.execute(
            "INSERT INTO scorecards_pendingrollup (province_code, month) "
            "SELECT * FROM unnest(%s::text[], %s::text[])",
            [list(provinces), list(months)],
        )


def judge(province: str, months: Iterable[str]) -> None:
    """Judge one province's cases, and leave counting them to a later ``recompute``."""
    wanted = sorted(set(periods.plausible(months)))
    partitions.ensure(partitions.FACTS, wanted)
    lock([Scope(province)])
    judge_cases.refresh(Scope(province), wanted, as_of=timezone.localdate())


def count(province: str, period: periods.Period) -> Stored:
    """Count one province's judged cases, votes and checks again, for one period alone.

    Runs inside a transaction, holds its locks until that ends, and notes no sums.
    """
    scope, work = Scope(province), Work(set(period.months), True, True, True, judged=True)
    prepare(period.months)
    lock([scope])
    touched = _judge(scope, work, timezone.localdate())
    lock_providers(touched.scored_alone)
    return _store(scope, work, touched, [period])


def sum_up(scope: Scope, period: periods.Period) -> Stored:
    """Sum one province's communes, or with ``Scope("")`` the nation's provinces, in one period."""
    parts, covers = (
        [count_cells.rolled_up(scope, period)],
        [store_scores.covering_place(scope.code)],
    )
    return store_scores.store(
        parts, [period], covers, now=timezone.now(), today=timezone.localdate()
    )


def roll_up_pending(province: str = "") -> int:
    """Sum what changed to its provinces and the nation; return how many notes were handled.

    With ``province`` the notes of that one, after a running computation of them has ended.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if province:
            # Its rows are locked before anything else, so that no deadlock can arise.
            cursor.execute(
                "DELETE FROM scorecards_pendingrollup WHERE province_code = %s "
                "RETURNING province_code, month",
                [province],
            )
        else:
            cursor.execute(
                "DELETE FROM scorecards_pendingrollup WHERE id IN (SELECT id FROM "
                "scorecards_pendingrollup ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED) "
                "RETURNING province_code, month",
                [AT_ONCE],
            )
        notes = cursor.fetchall()
        by_province: dict[str, set[str]] = defaultdict(set)
        for code, month in notes:
            by_province[code].add(month)
        for code in sorted(by_province):
            roll_up(Scope(code), by_province[code])
        if notes:
            months = set().union(*by_province.values())
            roll_up(Scope(""), months)
            comparison_queue.note(months)
    return len(notes)


def roll_up(scope: Scope, months: Iterable[str]) -> Stored:
    """Sum one province's communes, or with ``Scope("")`` the nation's provinces."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"sum of {scope.code}"])
    return sum((sum_up(scope, period) for period in periods.holding(months)), Stored(0, 0))


def prepare(months: Iterable[str]) -> None:
    """Have a part of each table ready for these months and the periods that hold them."""
    wanted = sorted(set(periods.plausible(months)))
    scored = [period.code for period in periods.holding(wanted)]
    missing = partitions.missing({partitions.FACTS: wanted, partitions.SCORES: scored})
    if any(missing.values()):
        with transaction.atomic():
            for table, codes in missing.items():
                partitions.ensure(table, codes)


def _judge(scope: Scope, work: Work, today: date) -> Touched:
    """Refresh the facts; return what is to be counted again."""
    months = sorted(work.months)
    touched = Touched(_providers(scope, months) if work.every_cell else set())
    if not work.judged and work.cases != set():
        touched.changed = judge_cases.refresh(scope, months, as_of=today, only=work.cases)
        touched.providers |= {(fact.kind, fact.provider) for fact in touched.changed}
    if work.every_cell:
        touched.providers |= _providers(scope, months)
    if work.votes or work.checks:
        touched.providers |= _observed(scope, months)
    return touched


def _note_moved(touched: Mapping[Scope, Touched], months: Mapping[Scope, set[str]]) -> None:
    """Have the communes counted again that facts were taken from by another's computation.

    A later computation of such a commune finds nothing that changed. This writes a row of the
    outbox, because taking the commune's lock here could deadlock.
    """
    left = {
        (fact.commune, month)
        for scope, cells in touched.items()
        for fact in cells.changed
        if not fact.commune.startswith(scope.code)
        for month in months[scope]
    }
    ObservationChange.objects.bulk_create(
        ObservationChange(
            province_code=commune[:2],
            commune_code=commune,
            month=periods.parse(month).first,
            observation=MOVED,
        )
        for commune, month in sorted(left)
    )


def _store(scope: Scope, work: Work, touched: Touched, held: Sequence[periods.Period]) -> Stored:
    now, today = timezone.now(), timezone.localdate()
    families = FAMILIES if work.every_cell else _only(touched.kinds)
    # Of a commune only the services that changed; of a province that is nearly all of them.
    one_by_one = len(scope.code) == 6 and not work.every_cell
    services = touched.services if one_by_one else None
    sources = count_cells.Sources(families, work.votes, work.checks, services)
    if not sources:
        return Stored(0, 0)
    condition, values = sources.sql()

    def covered(where: str, place: list[Any]) -> list[Sql]:
        return [(f"{where} AND {condition}", [*place, *values])]

    parts = count_cells.of_communes(sources, scope, held)
    covers = covered(*store_scores.covering_communes(scope.code))
    providers = sorted(touched.scored_alone)
    theirs = count_cells.of_providers(sources, providers, held) if providers else []
    of_theirs = covered(*store_scores.covering_providers(providers)) if theirs else []
    if len(held) > 1:
        return store_scores.store(
            [*parts, *theirs], held, [*covers, *of_theirs], now=now, today=today
        )
    done = store_scores.store(parts, held, covers, now=now, today=today)
    if theirs:
        done += store_scores.store(theirs, held, of_theirs, now=now, today=today)
    return done


def _only(kinds: set[str]) -> tuple[Family, ...]:
    """Return the families of these kinds, without the others of their kinds."""
    narrowed = (replace(f, kinds=tuple(k for k in f.kinds if k in kinds)) for f in FAMILIES)
    return tuple(family for family in narrowed if family.kinds)


def _claim(province: str) -> list[tuple[str, str, date, str, int | None]]:
    table = ObservationChange._meta.db_table
    where, place = ("WHERE province_code = %s", [province]) if province else ("", [])
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} {where} "  # noqa: S608
            "ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED) "
            "RETURNING province_code, commune_code, month, observation, case_number",
            [*place, AT_ONCE],
        )
        changes: list[tuple[str, str, date, str, int | None]] = cursor.fetchall()
    return changes


def _providers(scope: Scope, months: list[str]) -> set[tuple[str, int]]:
    """Return kinds and numbers of the providers that this scope's facts are about."""
    where, place = scope.sql("f")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT f.provider_kind, f.provider_id FROM {partitions.FACTS} f "  # noqa: S608
            f"WHERE f.month = ANY(%s) AND {where}",
            [months, *place],
        )
        return set(cursor.fetchall())


def _observed(scope: Scope, months: list[str]) -> set[tuple[str, int]]:
    """Return kinds and numbers of the providers that votes and checks of this scope are about.

    A provider whose only meeting was voided is found by its stored cells.
    """
    first, last = periods.parse(months[0]).first, periods.parse(months[-1]).last
    votes = observations.votes_to_count(
        meeting__held_on__range=(first, last), **scope.lookup("meeting__")
    )
    checks = observations.checks_to_count(seen_on__range=(first, last), **scope.lookup())
    observed = {(row["provider_kind"], row["provider_id"]) for row in votes.distinct()}
    observed |= {(row["provider_kind"], row["provider_id"]) for row in checks.distinct()}
    stored = Score.objects.filter(period__in=months, level=Level.PROVIDER)
    stored = stored.filter(place_code__startswith=scope.code).exclude(indicator__in=RULE_OF)
    return observed | set(stored.values_list("provider_kind", "provider_id").distinct())
