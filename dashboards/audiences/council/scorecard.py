"""A commune's scorecard: each service with its standard, from what the reader may see."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pandas as pd
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dashboards.audiences.council.summary import (
    Names,
    Summary,
    anchor_of,
    past,
    summary,
)
from dashboards.charts import svg
from dashboards.data.classed_cells import standing_of, with_classes
from dashboards.text import comparisons, formats, indicators, votes
from places.models import Place
from scorecards import periods
from scorecards.indicators import KINDS
from scorecards.plans import reading as plans
from scorecards.reading import explanation, scores
from scorecards.reading.annotations import Note, notes_of
from standards import wording
from standards.book import applicable, providers_of
from standards.models import Indicator, ProviderKind, Service, Standard
from standards.terms import Terms

ON_TIME = "CA-C2"


@dataclass(frozen=True)
class Result:
    """One indicator of one service: its name, its texts and its drawing."""

    name: str
    wording: str
    share: str
    certainty: str
    nation: str
    """Comparison with the national line, by the stored class."""
    change: str
    arrow: str
    is_shown: bool
    is_pale: bool
    printed: str
    """The note at a released figure: about so many of so many, rounded; or under earlier rules."""
    track: SafeString | str
    explained: tuple[tuple[str, str], ...]
    beside: tuple[str, ...] = ()
    address: str = ""
    trend: str = ""
    """The question of its trend compared with places like it, as the part of an address after "?".
    """
    anchor: str = ""
    """The anchor of its explanation on the page; the summary links to it."""
    reached: float = float("nan")
    """The share 0..1; NaN where it may not be shown."""
    reply: plans.PublicReply | None = None
    """The office's reply to the figure, or that it still may reply."""


@dataclass(frozen=True)
class Promise:
    """One standard in force, as facts: (heading, text) pairs, and its papers."""

    option: str
    facts: tuple[tuple[str, str], ...]
    documents: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Section:
    """One service of one kind of provider: its standard, and what people experienced."""

    code: str
    name: str
    promises: tuple[Promise, ...]
    results: tuple[Result, ...]

    @property
    def shown(self) -> tuple[Result, ...]:
        """Results with a figure."""
        return tuple(result for result in self.results if result.is_shown)

    @property
    def unshown(self) -> tuple[Result, ...]:
        """Results without a figure: the page says why there is none."""
        return tuple(result for result in self.results if not result.is_shown)

    @property
    def furthest(self) -> Result | None:
        """The figure furthest from the standard, which a closed section shows."""
        return min(self.shown, key=lambda result: result.reached, default=None)

    @property
    def promised(self) -> str:
        """Fee and days in one line, where one standard holds for everybody."""
        if len(self.promises) != 1:
            return ""
        return " · ".join(text for _heading, text in self.promises[0].facts[:2])


@dataclass(frozen=True)
class Office:
    """One kind of provider of the commune: all its services together, then each one."""

    kind: str
    name: str
    sections: tuple[Section, ...]
    overall: str = ""

    @property
    def all_services(self) -> Section | None:
        """All services together."""
        return next((section for section in self.sections if not section.code), None)

    @property
    def with_figures(self) -> tuple[Section, ...]:
        """Single services with figures."""
        return tuple(s for s in self.sections if s.code and s.shown)

    @property
    def without_figures(self) -> tuple[Section, ...]:
        """Single services of which only the standard is known."""
        return tuple(s for s in self.sections if s.code and not s.shown)


@dataclass(frozen=True)
class Scorecard:
    """Everything the page says about one commune in one period."""

    summary: Summary
    offices: tuple[Office, ...]
    computed_at: Any
    method_version: str
    is_working: bool
    shown: int
    answered: int
    notes: tuple[Note, ...]
    """What happened in the period and the year before it."""
    is_told: bool
    """False where the period was not released: a missing figure does not mean that nobody answered.
    """

    @property
    def is_empty(self) -> bool:
        return not self.answered


def scorecard(user: object, place: Place, period: str) -> Scorecard:
    """Return the scorecard of a commune, as this reader may see it."""
    everything = scores.commune(user, place.code, period)
    mine = (everything["provider_id"] == 0) & ~everything["self_assessment"].astype(bool)
    now = everything[mine]
    rows = with_classes(now, comparisons.classes_of(user, place.code, period))
    names = {indicator.code: indicator for indicator in Indicator.objects.all()}
    services = {s.code: s for s in Service.objects.offered(periods.parse(period).first)}
    notes = notes_of(place.code, last=periods.parse(period).last)
    voted = votes.of_place(user, place.code, period, everything)
    offices = _offices(user, place, period, rows, names=names, services=services, voted=voted)
    return Scorecard(
        summary=summary(
            rows,
            Names(names, services),
            past(user, place.code, period),
            notes=notes,
        ),
        offices=tuple(offices),
        computed_at=None if now.empty else pd.Timestamp(now["computed_at"].max()).to_pydatetime(),
        method_version="" if now.empty else str(now["method_version"].iloc[0]),
        is_working=bool(now["working"].any()),
        shown=int(rows["share"].notna().sum()),
        answered=len(rows),
        notes=tuple(note for note in notes if note.on >= _year_before(period)),
        is_told=place.code.startswith(scores.readable_places(user, period)),
    )


def _offices(
    user: object,
    place: Place,
    period: str,
    rows: pd.DataFrame,
    *,
    names: dict[str, Indicator],
    services: dict[str, Service],
    voted: Any,
) -> Iterator[Office]:
    """Yield the section of each kind of provider that has figures."""
    overalls = comparisons.overalls(user, place.code, period)
    beside = comparisons.of_commune(user, place.code, period)
    waiting = comparisons.waiting(user, place.code, period)
    replies = plans.replies_beside(place.code, period)
    promises = _promises(place, periods.parse(period).last)
    for kind in KINDS:
        sections = _sections(
            rows[rows["provider_kind"] == kind],
            names,
            services,
            promises,
            kind=kind,
            beside=beside,
            waiting=waiting,
            voted=voted,
            replies=replies,
        )
        if sections:
            yield Office(kind, str(ProviderKind(kind).label), sections, overalls.get(kind, ""))


def _year_before(period: str) -> date:
    """Return the first day of the year before a period: notes since then are listed."""
    first = periods.parse(period).first
    return first.replace(year=first.year - 1, day=1)


def _sections(
    rows: pd.DataFrame,
    names: dict[str, Indicator],
    services: dict[str, Service],
    promises: dict[str, list[Promise]],
    *,
    kind: str,
    beside: dict[tuple[str, str], comparisons.Row],
    waiting: dict[tuple[str, str], str],
    voted: dict[tuple[str, str], tuple[str, ...]],
    replies: dict[tuple[str, str, str], plans.PublicReply],
) -> tuple[Section, ...]:
    """Return all services together first, then each that has answers or a standard."""
    results: dict[str, list[Result]] = defaultdict(list)
    order = {code: number for number, code in enumerate(names)}
    for row in sorted(rows.to_dict("records"), key=lambda r: order.get(r["indicator"], 999)):
        if indicator := names.get(row["indicator"]):
            value = beside.get((kind, indicator.code)) if row["service"] == "" else None
            late = waiting.get((kind, row["service"]), "") if indicator.code == ON_TIME else ""
            text = voted.get((kind, indicator.code), ()) if row["service"] == "" else ()
            more = (late, *text) if late else text
            result = _result(row, indicator, value, more)
            reply = replies.get((kind, row["service"], indicator.code))
            results[row["service"]].append(replace(result, reply=reply))
    entries = []
    if results[""]:
        sentence = _("All services together")
        entries.append(Section("", sentence, (), tuple(results[""])))
    for code, service in services.items():
        own = service.provider_kind == kind
        if results[code] or (own and promises.get(code)):
            promised = tuple(promises.get(code, ())) if own else ()
            entries.append(Section(code, service.name, promised, tuple(results[code])))
    return tuple(entries)


def _result(
    row: dict[Any, Any],
    indicator: Indicator,
    comparison: comparisons.Row | None,
    more: tuple[str, ...],
) -> Result:
    figure = indicators.figure_of(row, indicator)
    mark = standing_of(row)
    nation = comparisons.of_nation(row) if figure.is_shown and row["funnel"] else ""
    track: SafeString | str = ""
    if figure.is_shown:
        track = svg.track(
            figure.share, figure.low, figure.high, standing=mark, national=row["whole"]
        )
    return Result(
        name=indicator.name,
        wording=indicators.counts(figure),
        share=formats.percent(figure.share) if figure.is_shown else "",
        certainty=indicators.certainty(figure),
        nation=nation,
        change=indicators.change(figure),
        arrow=indicators.arrow(figure),
        is_shown=figure.is_shown,
        is_pale=figure.status == "pale",
        printed=explanation.printed(row),
        track=track,
        explained=explanation.in_short(row, indicator.measured_as, comparison),
        beside=(
            *more,
            *(comparisons.sentences(comparison) if comparison and figure.is_shown else ()),
        ),
        address=explanation.address(row),
        trend=_trend(row) if figure.is_shown else "",
        anchor=anchor_of(row["provider_kind"], row["service"], row["indicator"]),
        reached=figure.share if figure.is_shown else float("nan"),
    )


def _trend(row: dict[Any, Any]) -> str:
    """Return the question that ``/compare/place/`` and its figure answer with this cell's trend."""
    asked = {name: row[name] for name in ("period", "service", "indicator") if row[name]}
    return urlencode({"place": row["place_code"], "kind": row["provider_kind"], **asked})


def _promises(place: Place, last: date) -> dict[str, list[Promise]]:
    """Return the standards in force at the end of the period (today, while it lasts), by service.

    A fee that the commune's own health centre posted goes before the national one.
    """
    on = min(last, timezone.localdate())
    own = providers_of(place.code, ProviderKind.HEALTH_CENTRE, on)
    promises: dict[str, list[Promise]] = defaultdict(list)
    for row in applicable(on, providers=own):
        promises[row.service.code].append(_promise(row))
    return promises


def _promise(standard: Standard) -> Promise:
    papers = [required.document.name for required in standard.required.all()]
    facts = [
        (_("Official fee"), wording.fee(standard)),
        (_("With an Equity card (IDPoor)"), wording.concession(standard)),
        (_("Time"), wording.days(standard)),
        (_("Documents to bring"), wording.documents_in_short(Terms.of(standard))),
    ]
    facts = [(name, text) for name, text in facts if text]
    if standard.valid_from:
        facts.append((_("In force from"), formats.day(standard.valid_from)))
    if standard.legal_basis:
        facts.append((_("Legal basis"), standard.legal_basis))
    return Promise(
        option="" if standard.option == "standard" else wording.option_name(standard.option),
        facts=tuple(facts),
        documents=tuple(papers),
        source=standard.source,
    )
