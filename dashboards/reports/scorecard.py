"""A commune's scorecard on one sheet: the main results in front, all numbers on the back."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards.audiences.council.summary import Highlight, Names, highlights
from dashboards.charts import svg
from dashboards.charts.paper import track_on_paper
from dashboards.data.classed_cells import standing_of
from dashboards.reports.cells import EMPTY, cell
from dashboards.reports.figures import (
    RULES,
    ProvinceFigures,
    Row,
    province_figures,
    rule_of,
)
from dashboards.reports.frame import Asked, frame
from dashboards.reports.promises import Promises
from dashboards.text import formats
from places.models import Place
from scorecards import periods
from scorecards.indicators import KINDS
from scorecards.plans import reading as plans
from scorecards.reading.annotations import Note, notes_by_place
from standards.models import Indicator, ProviderKind

TEMPLATE: Final = Path(__file__).with_name("scorecard.typ")
MATRIX_KINDS: Final = ("commune", "police", "owso")
"""Kinds of provider whose services are judged by fee, days, documents and visits."""
MOST_LINES: Final = 6
MOST_NOTES: Final = 3
MOST_TEXT: Final = 160
"""Characters of a commitment on the front."""
MOST_FULL: Final = 500
"""Characters of one on the back; the whole text is on the page that the code leads to."""


@dataclass(frozen=True)
class Reading:
    """The data common to the scorecards of one province, read once."""

    province: str
    period: str
    figures: ProvinceFigures

    @cached_property
    def promises(self) -> Promises:
        """The standards at the end of the quarter, or today while it lasts."""
        return Promises(min(periods.parse(self.period).last, timezone.localdate()))

    @cached_property
    def notes(self) -> dict[str, list[Note]]:
        """Checked notes on the quarter and the one before it, by place."""
        asked = periods.parse(self.period)
        return notes_by_place(self.province, first=asked.previous.first, last=asked.last)

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        """Every indicator by its code, in order."""
        return {indicator.code: indicator for indicator in Indicator.objects.all()}

    @cached_property
    def names(self) -> Names:
        """The names of measures."""
        return Names(self.indicators, self.promises.services)

    @cached_property
    def places(self) -> dict[str, Place]:
        """Communes of the province, for the names of peers."""
        codes = list(self.figures.kinds)
        return Place.objects.select_related("parent__parent").in_bulk(codes)


def reading(province: str, period: str) -> Reading:
    """Read a province's figures once for all its scorecards."""
    return Reading(province, period, province_figures(province, period))


def scorecard(asked: Asked, given: Reading | None = None) -> dict[str, Any]:
    """Return everything that one commune's sheet shows, in the reader's words."""
    place = asked.place
    assert place is not None
    read = given or reading(place.code[:2], asked.period)
    rows = [row for row in read.figures.of(place.code) if row["indicator"] in read.indicators]
    path = f"{reverse('dashboards:commune', args=[place.code])}?period={asked.period}"
    promised = plans.commitments(place.code)
    text = highlights(rows, read.names)
    return frame(
        asked,
        title=place.full_name,
        subtitle=_subtitle(place),
        path=path,
    ) | {
        "answered": _answered(rows),
        "highlights": _as_values(text),
        "headings": _headings(),
        "groups": _groups(place.code, rows, read),
        "others": _others(place.code, rows, read),
        "peers": _peers(place.code, read),
        "plan": _plan(place.code, promised),
        "commitments": [commitment_line(one, MOST_FULL) for one in in_need(promised)],
        "replies": _replies(place.code, asked.period),
        "notes": _notes(place, read),
        "next": _next_step(text, promised, rows),
        "words": _words(place),
    }


def _words(place: Place) -> dict[str, str]:
    return {
        "service": _("Service"),
        "all": _("All services together"),
        "others": _("Other measures"),
        "peers": _("Five communes like this one, commune hall"),
        "plan": _("What was promised"),
        "reply": _("The council's reply"),
        "next": _("Next step"),
        "nothing": formats.nothing(),
        "numbers": _("All numbers"),
        "numbers_about": _(
            "Share (where the true share likely lies), met / judged, share of the quarter before. "
            "Numbers are rounded to protect privacy."
        ),
        "before": _("before"),
        "promise": _("promised:"),
        "more": _("More on the back."),
        "more_online": _("More on the page that the code leads to."),
        "legend_ours": _("here, with its range"),
        "legend_promise": _("the promise (100%)"),
        "legend_national": _("the whole country"),
        "legend_before": _("the quarter before"),
        "legend_peers": _("middle of its kind in the province"),
        "worse": formats.mark("worse").word,
        "better": formats.mark("better").word,
        "expected": formats.mark("as_expected").word,
        "few": formats.mark("few").word,
        "up": _("better than before"),
        "down": _("worse than before"),
        "pale": _("few answers: read with care"),
        "sign_reply": _("Space for the council: what do you say to these figures?"),
        "notes": _("What happened here"),
    }


def _subtitle(place: Place) -> str:
    above = place.parent
    parts = [formats.digits(place.code)]
    if above is not None:
        parts = [above.path_name, *parts]
    return " · ".join(parts)


def _answered(rows: Sequence[Row]) -> str:
    """State the number of experiences judged, by kind of provider; printed numbers only."""
    texts = []
    for kind in KINDS:
        judged = [
            row["denominator"]
            for row in rows
            if row["provider_kind"] == kind and row["service"] == "" and rule_of(row)
        ]
        if judged:
            texts.append(f"{ProviderKind(kind).label} {formats.count(max(judged))}")
    if not texts:
        return formats.nothing()
    return _("Experiences judged, about: %(numbers)s.") % {"numbers": ", ".join(texts)}


def _as_values(shown: Sequence[Highlight]) -> list[dict[str, str]]:
    return [{"heading": one.heading, "text": one.text} for one in shown]


def _headings() -> list[str]:
    return [_("Fee"), _("Days"), _("Documents"), _("Visits")]


def _groups(commune: str, rows: Sequence[Row], read: Reading) -> list[dict[str, Any]]:
    """Return the matrix.

    It has kinds of provider, their services, and a cell for each of the four measures.
    """
    groups = []
    for kind in MATRIX_KINDS:
        own = {
            (row["service"], rule_of(row)): row
            for row in rows
            if row["provider_kind"] == kind and rule_of(row) in RULES
        }
        services = [s for s in ("", *read.promises.services) if any(k[0] == s for k in own)]
        if not services:
            continue
        lines = [
            {
                "name": read.promises.services[s].name if s else _("All services together"),
                "is_total": not s,
                "cells": [_cell(commune, own.get((s, rule)), s, rule, read) for rule in RULES],
            }
            for s in services
        ]
        groups.append({"name": str(ProviderKind(kind).label), "lines": lines})
    return groups


def _cell(commune: str, row: Row | None, service: str, rule: str, read: Reading) -> dict[str, Any]:
    promise = read.promises.words(service, rule)
    if row is None:
        return EMPTY | {"promise": promise}
    made: dict[str, Any] = cell(read.figures, commune, row, read.indicators[row["indicator"]])
    return made | {"promise": promise}


_NEED: Final = {"worse": 0, "better": 1}


def _others(commune: str, rows: Sequence[Row], read: Reading) -> list[dict[str, Any]]:
    """Return measures of other kinds: receipts, presence, votes, inputs, health and school.

    Those that are clearly worse come first, then those clearly better.
    """
    matrix = {(k, r) for k in MATRIX_KINDS for r in RULES}
    left = [
        row
        for row in rows
        if row["service"] == "" and (row["provider_kind"], rule_of(row)) not in matrix
    ]
    order = {code: number for number, code in enumerate(read.indicators)}
    left.sort(key=lambda row: (_NEED.get(standing_of(row), 2), order[row["indicator"]]))
    return [
        {
            "kind": str(ProviderKind(row["provider_kind"]).label),
            "name": read.indicators[row["indicator"]].name,
        }
        | cell(read.figures, commune, row, read.indicators[row["indicator"]])
        for row in left
    ]


def _notes(place: Place, read: Reading) -> list[str]:
    """List the notes of the place, its district and its province in the quarters compared."""
    own = [note for length in (6, 4, 2) for note in read.notes.get(place.code[:length], [])]
    return [f"{formats.day(note.on)}: {note.text}" for note in own[:MOST_NOTES]]


def _peers(commune: str, read: Reading) -> list[dict[str, Any]]:
    """Return this commune and five like it: the four measures of the commune hall, side by side."""
    lines = []
    for code in (commune, *read.figures.peers(commune)):
        by_rule = {
            rule_of(row): row
            for row in read.figures.of(code)
            if row["provider_kind"] == "commune" and row["service"] == ""
        }
        place = read.places.get(code)
        lines.append(
            {
                "name": place.full_name if place else formats.digits(code),
                "mine": code == commune,
                "tracks": [_small(by_rule.get(rule)) for rule in RULES],
            }
        )
    return lines


def _small(row: Row | None) -> dict[str, str]:
    if row is None:
        return {"share": "–", "track": ""}
    drawn = svg.track(row["share"], row["low"], row["high"], standing=standing_of(row))
    return {"share": formats.percent(row["share"]), "track": track_on_paper(drawn, 70)}


def _plan(commune: str, promised: Sequence[plans.Commitment]) -> dict[str, Any]:
    totals = plans.totals(commune)
    counts = [
        (totals.agreed, _("promised")),
        (totals.said_done, _("reported done")),
        (totals.confirmed, _("confirmed by citizens")),
        (totals.late, _("late")),
        (totals.denied, _("denied by citizens")),
    ]
    lines = [commitment_line(one) for one in in_need(promised)[:MOST_LINES]]
    rest = len(promised) - len(lines)
    return {
        "totals": [{"n": formats.count(n), "word": word} for n, word in counts],
        "lines": lines,
        "rest": rest_line(rest) if rest > 0 else "",
        "empty": _("No joint action plan is agreed here yet."),
    }


def rest_line(rest: int) -> str:
    """State how many commitments did not fit on the sheet."""
    return ngettext(
        "and %(n)s more on the page that the code leads to",
        "and %(n)s more on the page that the code leads to",
        rest,
    ) % {"n": formats.count(rest)}


def in_need(promised: Sequence[plans.Commitment]) -> list[plans.Commitment]:
    """Sort denied ones first, then those most days late, then those open, then those done."""
    done = {"said_done": 1, "confirmed": 2, "dropped": 3}
    return sorted(
        promised,
        key=lambda c: (c.denials == 0, -c.late_days, done.get(c.state, 0), c.due_on, c.number),
    )


def commitment_line(one: plans.Commitment, most: int = MOST_TEXT) -> dict[str, Any]:
    """Return one commitment for the front: what, who, until when, and its state."""
    text = one.text if len(one.text) <= most else shortened(one.text, most)
    late = ""
    if one.late_days:
        late = ngettext("%(n)s working day late", "%(n)s working days late", one.late_days) % {
            "n": formats.count(one.late_days)
        }
    return {
        "text": text,
        "office": one.office,
        "due": _("until %(day)s") % {"day": formats.day(one.due_on)},
        "state": one.state_label,
        "late": late,
        "denied": _("citizens said: not done") if one.denials else "",
        "bad": bool(one.late_days or one.denials),
        "good": one.state == "confirmed",
    }


def shortened(text: str, most: int) -> str:
    """Return at most ``most`` characters and "…", cut where a Khmer cluster or a word ends."""
    end = most
    while end > most // 2 and not _may_end(text, end):
        end -= 1
    return text[:end].rstrip() + "…"


def _may_end(text: str, end: int) -> bool:
    """Return whether a text may be cut before ``end``: never within a syllable or a word."""
    after, before = text[end], text[end - 1]
    if "\u1780" <= after <= "\u17ff":
        dependent = "\u17b4" <= after <= "\u17d3" or after == "\u17dd"
        return not dependent and before != "\u17d2"
    return after.isspace() or before.isspace()


def _replies(commune: str, period: str) -> list[dict[str, str]]:
    replies = []
    for one in plans.replies_to(commune, period):
        if one.under_review:
            sentence = _("under review: the office can still answer")
        elif one.agrees:
            sentence = _("agrees")
        else:
            sentence = _("does not agree")
        text = shortened(one.text, MOST_TEXT) if len(one.text) > MOST_TEXT else one.text
        measure = f"{one.indicator}, {one.service}" if one.service else one.indicator
        replies.append({"measure": measure, "answer": sentence, "text": text})
    return replies[:3]


def _next_step(
    text: Sequence[Highlight], promised: Sequence[plans.Commitment], rows: Sequence[Row]
) -> str:
    """Return one thing to do next, from what is late, worst or missing."""
    urgent = next((c for c in in_need(promised) if c.late_days or c.denials), None)
    if urgent is not None:
        who = urgent.office or _("the office that leads it")
        return _("Ask %(office)s at the next meeting: what stops “%(action)s”, and a new day?") % {
            "office": who,
            "action": shortened(urgent.text, 60) if len(urgent.text) > 60 else urgent.text,
        }
    if text and text[0].anchor:
        return _(
            "Agree one action, one owner and one day for what is worst, at the next interface "
            "meeting."
        )
    if not rows:
        return _("Ask facilitators for more experiences: from ten on, figures are shown.")
    return _("Read the figures out at the next meeting, and choose one measure to improve.")
