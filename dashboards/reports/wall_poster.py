"""The wall poster of a commune, A2: how its services keep to the standard, and its commitments."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards.audiences.council.summary import highlights
from dashboards.data.classed_cells import standing_of
from dashboards.reports.cells import cell
from dashboards.reports.figures import RULES, Row, rule_of
from dashboards.reports.frame import Asked, frame
from dashboards.reports.scorecard import Reading, commitment_line, in_need, reading, rest_line
from dashboards.text import formats, indicators
from scorecards.plans import reading as plans
from standards.models import ProviderKind

TEMPLATE: Final = Path(__file__).with_name("wall_poster.typ")
MOST_FIGURES: Final = 8
MOST_COMMITMENTS: Final = 12
MOST_TEXT: Final = 220
WIDE: Final = 300
"""Units of a drawing, so that its marks stay small next to large letters."""
_NEED: Final = {"worse": 0, "better": 1}


def wall_poster(asked: Asked, given: Reading | None = None) -> dict[str, Any]:
    """Collect everything that the poster shows, in the reader's language."""
    place = asked.place
    assert place is not None
    read = given or reading(place.code[:2], asked.period)
    rows = [row for row in read.figures.of(place.code) if row["indicator"] in read.indicators]
    promised = in_need(plans.commitments(place.code))
    shown = promised[:MOST_COMMITMENTS]
    totals = plans.totals(place.code)
    rest = len(promised) - len(shown)
    text = highlights(rows, read.names)
    made = frame(
        asked,
        title=place.full_name,
        subtitle=place.parent.path_name if place.parent else "",
        path=reverse("plans:commitments", args=[place.code]),
    )
    return made | {
        "figures": _figures(place.code, rows, read),
        "highlights": [{"heading": one.heading, "text": one.text} for one in text],
        "totals": [
            {"n": formats.count(n), "word": word, "css": css}
            for n, word, css in (
                (totals.agreed, _("promised"), ""),
                (totals.confirmed, _("confirmed by citizens"), "better"),
                (totals.late, _("late"), "worse"),
                (totals.denied, _("denied by citizens"), "worse"),
            )
        ],
        "commitments": [commitment_line(one, MOST_TEXT) for one in shown],
        "rest": rest_line(rest) if rest > 0 else "",
        "words": _words(),
    }


def _words() -> dict[str, str]:
    """Return the fixed texts of the poster."""
    return {
        "figures": _("Do services keep to the standard?"),
        "commitments": _("What was promised to you"),
        "none": _("No joint action plan is agreed here yet."),
        "nothing": formats.nothing(),
        "scan": _("Scan the code: say whether a promise was kept. Your answer has no name."),
        "rounded": _("Numbers are rounded to protect privacy."),
        "more": rest_line(1),
    }


def _figures(commune: str, rows: Sequence[Row], read: Reading) -> list[dict[str, Any]]:
    """Return the measures of whole offices in words.

    Those clearly worse come first, then the commune hall's.
    """
    order = {rule: number for number, rule in enumerate(RULES)}
    overall_rows = [row for row in rows if row["service"] == "" and rule_of(row)]
    overall_rows.sort(
        key=lambda row: (
            _NEED.get(standing_of(row), 2),
            row["provider_kind"] != "commune",
            order.get(rule_of(row), 9),
        )
    )
    figures_shown = []
    for row in overall_rows[:MOST_FIGURES]:
        indicator = read.indicators[row["indicator"]]
        figure = indicators.figure_of(row, indicator)
        made = cell(read.figures, commune, row, indicator, width=WIDE)
        kind = str(ProviderKind(row["provider_kind"]).label)
        figures_shown.append(made | {"kind": kind, "sentence": indicators.counts(figure)})
    return figures_shown
