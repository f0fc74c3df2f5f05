"""Comparisons of a period: ranks, funnel, peers, change, overall; computed together, stored.

``of_figures`` and ``overall_of`` use one table of figures and nothing else: the working figures of
a period, or the printed cells of a release, so that ranks and peers of a release reveal nothing
that its figures do not. ``work_off`` is the job: it takes the months that wait and computes their
periods. Repeating it writes nothing.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from django.db import OperationalError, connection, transaction

from places.models import Level, Place
from scorecards import periods
from scorecards.indicators import family_of
from scorecards.method.arrays import Floats
from scorecards.method.comparison import changes, funnel, peers, shrink, trends
from scorecards.method.disclosure.rounding import effect
from scorecards.method.estimates.overall import overall
from scorecards.periods import Period
from scorecards.pipeline import cell_classes, comparison_queue, on_time_open_requests, vote_gaps
from scorecards.standard_changes import Breaks
from scorecards.storage import partitions, replace_rows
from scorecards.storage.copy_out import copied
from scorecards.storage.replace_rows import Stored
from scorecards.weights import in_use

logger = logging.getLogger(__name__)

LEAST_PEERS = 5
"""The number of others with cases below which their share is not stored."""

AT_ONCE = 2
FIGURES = ["indicator", "provider_kind", "place_code", "numerator", "denominator", "deff"]
_COUNTS = ["numerator", "denominator", "deff"]
_PEERS = ("share", "gap", "low", "high")


def weights() -> "pd.Series[float]":
    """Return each indicator's weight in the overall score: set on its page, or else published."""
    return pd.Series({code: float(weight) for code, weight in in_use().items()})


def _kinds_of_places() -> pd.DataFrame:
    """Return communes by code: their province, and khum or sangkat ("like")."""
    rows = Place.objects.filter(level=Level.COMMUNE).values_list("code", "kind")
    table = pd.DataFrame(rows, columns=pd.Index(["place_code", "like"]))
    return table.assign(province=table["place_code"].str[:2]).set_index("place_code")


@dataclass(frozen=True)
class Figures:
    """Figures of all services together: ``now`` at every level, ``before`` oldest first.

    Tables of FIGURES with "level"; ``before`` are the communes of earlier periods of the
    same length, each with its period. What else comparisons depend on is read with them, so
    that threads compute from them and ask the database nothing.
    """

    period: Period
    now: pd.DataFrame
    before: list[tuple[Period, pd.DataFrame]]
    data_until: Any
    cells: pd.DataFrame | None = None
    """Cells that are classed and not ranked (``cell_classes.COLUMNS``); None where none are."""
    cells_before: pd.DataFrame | None = None
    breaks: Breaks = field(default_factory=Breaks)
    kinds: pd.DataFrame = field(default_factory=_kinds_of_places)
    weight: "pd.Series[float]" = field(default_factory=weights)


def of_figures(figures: Figures) -> pd.DataFrame:
    """Return the columns of ``Comparison`` for every commune with a figure.

    One cube after the other.
    """
    communes = figures.now[(figures.now["level"] == "commune") & (figures.now["denominator"] > 0)]
    cubes = list(communes.groupby(["indicator", "provider_kind"], sort=True))
    nation = figures.now[(figures.now["level"] == "nation") & (figures.now["denominator"] > 0)]
    lines = nation.set_index(["indicator", "provider_kind"])
    line_of = (lines["numerator"] / lines["denominator"]).to_dict()
    history = [
        (period, table.set_index(["indicator", "provider_kind", "place_code"]).sort_index())
        for period, table in figures.before
    ]

    def one(cube: tuple[Any, pd.DataFrame]) -> pd.DataFrame:
        (indicator, kind), rows = cube
        earlier = [(period, _series(table, indicator, kind)) for period, table in history]
        broken = figures.breaks.between(
            kind, "", indicator, [*(p for p, _ in earlier), figures.period]
        )
        line = float(line_of.get((indicator, kind), np.nan))
        return _cube(
            rows.join(figures.kinds, on="place_code"), [t for _, t in earlier], broken, line
        )

    with ThreadPoolExecutor(AT_ONCE) as pool:  # numpy releases the interpreter lock
        tables = list(pool.map(one, cubes))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _series(table: pd.DataFrame, indicator: str, kind: str) -> pd.DataFrame:
    if (indicator, kind) not in table.index:
        return pd.DataFrame({name: [] for name in _COUNTS}, dtype=np.float64)
    return table.loc[(indicator, kind), _COUNTS]


def _cube(
    rows: pd.DataFrame, earlier: list[pd.DataFrame], broken: list[bool], line: float
) -> pd.DataFrame:
    """Return one indicator of one kind of provider, every commune that has a figure.

    ``line`` is the share of the nation's own cell, whichever communes are here; where that
    is not known (NaN) nobody is classed.
    """
    rows = rows.sort_values("place_code", ignore_index=True)
    met, judged = (rows[name].to_numpy(dtype=np.float64) for name in ("numerator", "denominator"))
    deff = rows["deff"].fillna(1.0).to_numpy(dtype=np.float64)
    ranked = shrink(met / deff, judged / deff)
    classes = funnel(met, judged, deff=deff, centre=line)
    table = rows[["indicator", "provider_kind", "place_code", "numerator", "denominator"]].assign(
        deff=deff,
        places=len(rows),
        mean=ranked["mean"],
        rank_low=ranked["rank_low"],
        rank_high=ranked["rank_high"],
        whole=classes["centre"],
        spread=classes["spread"],
        funnel=classes["place"].astype(str),
        outlier=classes["outlier"],
    )
    beside = peers(rows.assign(met=met, judged=judged), ["province", "like"], deff=deff)
    for kind in ("province", "like"):
        few = beside[f"{kind}_places"].fillna(0) < LEAST_PEERS
        table[f"{kind}_places"] = beside[f"{kind}_places"].fillna(0)
        table[f"{kind}_alarm"] = beside[f"{kind}_alarm"] & ~few
        for name in _PEERS:
            table[f"{kind}_{name}"] = beside[f"{kind}_{name}"].mask(few)
    return table.assign(
        **_changed(rows["place_code"], met, judged, earlier=earlier, broken=broken, deff=deff)
    )


def _changed(
    places: "pd.Series[str]",
    met: Floats,
    judged: Floats,
    *,
    earlier: list[pd.DataFrame],
    broken: list[bool],
    deff: Floats,
) -> dict[str, Any]:
    """Compute change since the period before and trend, where standards stayed the same."""
    past = [table.reindex(places).to_numpy(dtype=np.float64) for table in earlier]
    nothing = np.full((len(places), 3), np.nan)
    last = past[-1] if past else nothing
    new_standard = bool(broken[-2]) if len(broken) > 1 else False
    change = changes(
        last[:, 0],
        last[:, 1],
        met,
        judged,
        new_standard=np.full(len(met), new_standard),
        deff=deff,
        deff_before=np.nan_to_num(last[:, 2], nan=1.0),
    )
    every = np.stack([*past, np.column_stack([met, judged, deff])], axis=1)
    since = len(broken) - broken[::-1].index(True) if True in broken else 0
    same = np.broadcast_to(np.arange(len(broken)) >= since, every.shape[:2])
    effects = np.nan_to_num(every[:, :, 2], nan=1.0)
    trend = trends(every[:, :, 0], every[:, :, 1], same, deff=effects)
    return {
        "change": change["change"],
        "change_low": change["low"],
        "change_high": change["high"],
        "arrow": change["arrow"].astype(str),
        "change_alarm": change["alarm"],
        "trend": trend["trend"].astype(str),
        "trend_periods": trend["periods"],
        "trend_alarm": trend["alarm"],
    }


def overall_of(figures: Figures) -> pd.DataFrame:
    """Return the columns of ``Overall`` for every place with a figure that has a weight."""
    weight = figures.weight
    counted = figures.now[figures.now["indicator"].isin(weight.index)]
    tables = []
    for key, rows in counted.groupby(["provider_kind", "level"], sort=True):
        kind, level = (str(name) for name in key)
        mine = weight[[code for code in weight.index if code in family_of(kind).rules]]
        parts = rows.rename(
            columns={"place_code": "place", "numerator": "met", "denominator": "judged"}
        )
        table = overall(parts[["place", "indicator", "met", "judged", "deff"]], mine).reset_index()
        table = table.rename(columns={"place": "place_code"}).drop(columns="status")
        tables.append(table.assign(provider_kind=kind, level=level))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def work_off() -> Stored:
    """Compute the comparisons of everything that waits, a transaction per period.

    The notes of a period are deleted with its new comparisons, so that a killed worker leaves the
    others to the next one. A period that fails keeps its notes and does not stop the others; the
    errors are raised together at the end. Only one worker at a time does it; another one returns at
    once.
    """
    done = Stored(0, 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('comparisons'))")
        if cursor.fetchone() != (True,):
            return done
    failed: dict[str, Exception] = {}
    try:
        while noted := {c: n for c, n in comparison_queue.noted().items() if c not in failed}:
            for code, notes in noted.items():
                try:
                    with transaction.atomic():
                        if periods.is_plausible(code) and code in _with_scores():
                            done += compute(periods.parse(code))
                        comparison_queue.done(notes)
                except OperationalError:
                    raise  # the database does not answer: nothing else can be computed either
                except Exception as error:
                    logger.exception("comparisons of %s failed; the others go on", code)
                    failed[code] = error
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('comparisons'))")
    if failed:
        raise ExceptionGroup(f"comparisons failed: {', '.join(failed)}", list(failed.values()))
    return done


def _with_scores() -> list[str]:
    """Return codes of the periods that have scores."""
    return partitions.parts(partitions.SCORES)


def compute(period: Period) -> Stored:
    """Compute and store one period's comparisons of the working figures.

    One worker at a time; only what changed is written. Runs in a transaction.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        partitions.ensure(partitions.COMPARISONS, [period.code])
        partitions.ensure(partitions.OVERALL, [period.code])
        partitions.ensure(partitions.ON_TIME, [period.code])
        partitions.ensure(partitions.GAPS, [period.code])
        partitions.ensure(partitions.CLASSES, [period.code])
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"beside {period.code}"])
        figures = _working(period)
        done = store(figures, release=0)
        for table, rows in (
            (partitions.ON_TIME, on_time_open_requests.on_time_of(period)),
            (partitions.GAPS, vote_gaps.working(vote_gaps.of_period(period))),
        ):
            given = {"period": period.code, "release": 0, "data_until": figures.data_until}
            done += replace_rows.put(table, rows, **given)
        return done


def store(figures: Figures, *, release: int, meanwhile: Callable[[], None] | None = None) -> Stored:
    """Compute everything from ``figures`` and store it; ``meanwhile`` is done while it is computed.

    Of working figures (``release`` 0) only what changed is written; a release has no rows yet.
    """
    write = replace_rows.add if release else replace_rows.put
    given = {"period": figures.period.code, "release": release, "data_until": figures.data_until}
    with ThreadPoolExecutor(len(_COMPUTED)) as pool:
        jobs = {table: pool.submit(compute, figures) for table, compute in _COMPUTED.items()}
        if meanwhile:
            meanwhile()
        done = Stored(0, 0)
        for table, job in jobs.items():
            if (rows := job.result()) is not None:
                done += write(table, rows, **given)
    return done


def _classes_of(figures: Figures) -> pd.DataFrame | None:
    """Return the columns of ``PlaceClass``; None where cells of the period are not classed."""
    if figures.cells is None or figures.cells_before is None:
        return None
    return cell_classes.of_cells(
        figures.period, figures.cells, figures.cells_before, figures.breaks
    )


_COMPUTED: dict[str, Callable[[Figures], pd.DataFrame | None]] = {
    partitions.COMPARISONS: of_figures,
    partitions.CLASSES: _classes_of,
    partitions.OVERALL: overall_of,
}
"""The tables that are made from figures, in the order in which they are written."""


def _working(period: Period) -> Figures:
    where = (
        "period = %s AND service = '' AND level <> 'provider' AND NOT self_assessment"
        " AND denominator > 0"
    )
    now = _read(
        f"SELECT {', '.join(FIGURES)}, level FROM scorecards_score WHERE {where}",  # noqa: S608
        [period.code],
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT max(newest_observation) FROM scorecards_score WHERE {where}",  # noqa: S608
            [period.code],
        )
        (until,) = cursor.fetchone()
    before = []
    for earlier in earlier_than(period, set(partitions.parts(partitions.SCORES))):
        table = _read(
            "SELECT indicator, provider_kind, place_code, numerator, denominator, deff"
            " FROM scorecards_score WHERE period = %s AND service = '' AND level = 'commune'"
            " AND NOT self_assessment AND denominator > 0",
            [earlier.code],
        )
        before.append((earlier, table))
    if not cell_classes.is_classed(period):
        return Figures(period, now, before, until)
    cells = (cell_classes.working(period), cell_classes.working(period.previous))
    return Figures(period, now, before, until, *cells)


def released(period: Period, cells: pd.DataFrame, data_until: Any) -> Figures:
    """Return the figures of a release in preparation: its printed cells, and those printed before.

    Their "deff" also allows for the rounding (``disclosure.effect``), so that funnel, ranks
    and changes use M / e and S / e.
    """
    shown = cells[cells["share"].notna() & (cells["service"] == "") & ~cells["self_assessment"]]
    before = []
    for earlier in earlier_than(period, set(partitions.parts(partitions.RELEASED))):
        table = _read(
            "SELECT c.indicator, c.provider_kind, c.place_code, c.numerator, c.denominator,"
            " c.deff, r.rules = 'rounded' AS rounded"
            " FROM scorecards_releasedcell c JOIN scorecards_release r"
            " ON r.id = c.release_id AND r.is_current WHERE c.period = %s AND c.service = ''"
            " AND c.level = 'commune' AND NOT c.self_assessment AND c.share IS NOT NULL",
            [earlier.code],
        )
        table["deff"] = table["deff"].where(table["rounded"] != 1, _effect(table))
        before.append((earlier, table[FIGURES]))
    now = shown[[*FIGURES, "level"]].astype({"numerator": float, "denominator": float})
    now = now.assign(deff=_effect(now))
    printed = cells[cells["share"].notna() & ~cells["self_assessment"]]
    chosen = cell_classes.chosen(printed)
    classed = (chosen.assign(deff=_effect(chosen)), _released_before(period))
    return Figures(period, now, before, data_until, *classed)


def _released_before(period: Period) -> pd.DataFrame:
    """Return the cells that are classed and not ranked, of the current release of the period
    before.
    """
    table = _read(
        "SELECT s.indicator, s.provider_kind, s.service, s.level, s.place_code, s.numerator,"  # noqa: S608
        " s.denominator, s.deff, r.rules = 'rounded' AS rounded"
        " FROM scorecards_releasedcell s JOIN scorecards_release r"
        " ON r.id = s.release_id AND r.is_current WHERE s.period = %s AND s.share IS NOT NULL"
        f" AND {cell_classes.WHERE}",
        [period.previous.code],
    )
    table["deff"] = table["deff"].where(table["rounded"] != 1, _effect(table))
    return cell_classes.plain(table.drop(columns="rounded"))


def _effect(rows: pd.DataFrame) -> Floats:
    return effect(rows["numerator"], rows["denominator"], rows["deff"])


def earlier_than(period: Period, periods_stored: set[str]) -> list[Period]:
    """Return the periods of the same length before it that have figures, oldest first.

    A gap ends the row: a change is from one period to the next.
    """
    earlier: list[Period] = []
    while len(earlier) < comparison_queue.BACK - 1:
        period = period.previous
        if period.code not in periods_stored:
            break
        earlier.insert(0, period)
    return earlier


def _read(sql: str, values: list[Any]) -> pd.DataFrame:
    table = copied(sql, values)
    plain_types = {str(n): object for n, kind in table.dtypes.items() if kind == "category"}
    return table.astype(
        {**plain_types, **dict.fromkeys(("numerator", "denominator", "deff"), float)}
    )
