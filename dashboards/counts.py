"""Counts of communes and measures that need attention, for the home page."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permissions import scopes
from accounts.worklist import Count, count
from dashboards.audiences.district.matrix import Commune, district_matrix
from dashboards.data import sources
from dashboards.query import Choices, read_query
from places.models import Level, Place

MOST_PLACES = 3
"""A person of more districts or communes than this reads them on their own pages."""


def counts(user: User) -> Iterator[Count]:
    """Yield communes of my district, and measures of my commune, that are clearly worse or have
    fallen.

    Only for people who are bound to districts or communes; others compare places themselves.
    """
    codes = sorted({scope.place for scope in scopes(user, "scores.released")})
    districts = [code for code in codes if len(code) == 4][:MOST_PLACES]
    communes = [code for code in codes if len(code) == 6][:MOST_PLACES]
    if not districts and not communes:
        return
    choices = sources.choices(user)
    if choices.is_empty:
        return
    for code in districts:
        compared = _communes(user, code, choices)
        n = sum(one.needs_attention for one in compared)
        sentence = ngettext("%(n)s commune needs attention", "%(n)s communes need attention", n)
        url = reverse("dashboards:district", args=[code])
        yield count("dashboards:districts", n, sentence, url)
    for code in communes:
        mine = [one for one in _communes(user, code[:4], choices) if one.code == code]
        n = sum(len(one.worse) + len(one.fallen) for one in mine)
        sentence = ngettext(
            "%(n)s measure is worse than elsewhere or has fallen",
            "%(n)s measures are worse than elsewhere or have fallen",
            n,
        )
        url = reverse("dashboards:commune", args=[code])
        yield count("dashboards:communes", n, sentence, url)


def _communes(user: User, code: str, choices: Choices) -> tuple[Commune, ...]:
    place = Place.objects.filter(code=code, level=Level.DISTRICT).first()
    if place is None:
        return ()
    query, _complaints = read_query({}, choices)
    return district_matrix(user, place, query.period, query.kind).communes
