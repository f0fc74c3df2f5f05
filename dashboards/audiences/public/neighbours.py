"""A commune compared with five like it, and its commitments: for its citizens."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dashboards.charts import html_rows
from dashboards.data import sources
from dashboards.data.comparison import is_shown, peers_of
from dashboards.query import Choices, Query
from dashboards.text import formats, page_text
from places.models import Place
from scorecards.plans.reading import Commitment, Totals, commitments, totals
from scorecards.reading import statistics
from scorecards.reading.clear_differences import is_clearly_better

MOST_PROMISES = 3


@dataclass(frozen=True)
class Neighbours:
    """The commune and five like it on one measure, and what was promised to its citizens."""

    measure: str
    sentence: str
    drawn: SafeString
    address: str
    """The page that compares, on the same measure."""
    place_address: str
    """Trend, services and groups of the commune."""
    promises: Totals
    promised: str
    next: tuple[Commitment, ...]


def neighbours(user: object, place: Place, choices: Choices, period: str) -> Neighbours | None:
    """Compare a commune with five like it for ``user``; None where nothing was scored."""
    if choices.is_empty:
        return None
    query = _question(user, place, choices, period)
    places = sources.compare_places(user, query)
    six = peers_of(places.table, place.code)
    asked = query.encoded(without=["province", "level"])
    made = totals(place.code)
    return Neighbours(
        measure=page_text.title(query, choices),
        sentence=_sentence(six),
        drawn=html_rows.of_drawing(page_text.rows(six, places.national, place.code)),
        address=f"{reverse('dashboards:compare')}?{asked}",
        place_address=f"{reverse('dashboards:place')}?"
        + urlencode({"place": place.code, **query.params(without=["commune", "province"])}),
        promises=made,
        promised=_promised(made),
        next=tuple(one for one in commitments(place.code) if one.confirmed_on is None)[
            :MOST_PROMISES
        ],
    )


def _question(user: object, place: Place, choices: Choices, period: str) -> Query:
    """Return the first measure, in the usual order, on which the commune has a figure."""
    kind = next(iter(choices.kinds))
    rows = statistics.comparisons(user, period, place=place.code)
    measured_here = set(rows[rows["provider_kind"] == kind]["indicator"])
    measured = choices.indicators[kind]
    indicator = next((code for code in measured if code in measured_here), next(iter(measured)))
    return Query(period=period, kind=kind, indicator=indicator, commune=place.code)


def _sentence(six: Any) -> str:
    """Write how many of the six communes clearly differ from this one; never a rank."""
    if not len(six) or not is_shown(six)[0]:
        return _("Too few answers here to compare with others.")
    own = six.row(0)
    others = [six.row(at) for at in range(1, len(six))]
    above = sum(is_clearly_better(row, own) for row in others)
    below = sum(is_clearly_better(own, row) for row in others)
    if not others:
        return _("No commune like this one has enough answers yet.")
    if not above and not below:
        return _("No clear difference from five communes like this one.")
    return _(
        "Of %(all)s communes like this one, clearly better: %(above)s, clearly worse: %(below)s."
    ) % {
        "all": formats.count(len(others)),
        "above": formats.count(above),
        "below": formats.count(below),
    }


def _promised(made: Totals) -> str:
    """Summarise the agreed actions of the commune in one sentence."""
    if not made.agreed:
        return _("No action plan has been agreed here yet.")
    return _(
        "Actions agreed: %(agreed)s. Confirmed by citizens: %(confirmed)s, reported done: "
        "%(reported)s, late: %(late)s."
    ) % {
        "agreed": formats.count(made.agreed),
        "confirmed": formats.count(made.confirmed),
        "reported": formats.count(made.said_done),
        "late": formats.count(made.late),
    }
