"""The donor's page: seven questions, each with its answer in one sentence and its figures.

Figures of services are released ones for every reader, so that everybody sees the same page; people
and programmes are those whose totals the reader may read.
"""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts.access import require
from dashboards.audiences.donor import compliance, coverage, outputs, programmes
from dashboards.audiences.donor.released import Released, released
from dashboards.kept_content import kept_content
from dashboards.text import formats
from dashboards.text.page_text import Menu
from khmer.digits import to_ascii
from pages.content_policy import inline_styles_allowed
from scorecards.indicators import KINDS
from scorecards.plans.reading import progress
from scorecards.reading import programme_results, scores
from standards.indicators import by_code
from standards.models import IndicatorKind, ProviderKind
from surveys.rounds import totals


def chosen(params: Mapping[str, str], figures: Released) -> tuple[str, int, tuple[str, ...]]:
    """Return the kind of provider and year asked for, and a sentence for what is unknown."""
    complaints = []
    kind = to_ascii(str(params.get("kind") or "")).strip()[:30] or KINDS[0]
    if kind not in KINDS:
        complaints.append(_("There is no kind of provider “%s”.") % kind)
        kind = KINDS[0]
    given = to_ascii(str(params.get("year") or "")).strip()[:10]
    year = figures.years[0]
    if given and given in map(str, figures.years):
        year = int(given)
    elif given:
        complaints.append(_("No figures for the period “%s”.") % given)
    return kind, year, tuple(complaints)


@inline_styles_allowed
@require_safe
@gzip_page
@require("scores.released", "scores.working")
def page(request: HttpRequest) -> HttpResponse:
    """Show the page."""
    figures = released()
    context: dict[str, Any] = {"figures": figures, **_outputs(request.user, figures)}
    if figures is None:
        context["coming"] = scores.release_is_coming()
    else:
        context |= _chosen(request.GET, figures)
    return render(request, "dashboards/donor.html", context)


def _menus(kind: str, year: int, figures: Released) -> list[Menu]:
    """Return the menus of kinds of provider and years, with the chosen ones."""
    kinds = tuple((code, str(ProviderKind(code).label)) for code in KINDS)
    years = tuple((str(one), formats.period_name(str(one))) for one in figures.years)
    return [
        Menu("kind", _("Kind of provider"), kind, (("", kinds),)),
        Menu("year", _("Year"), str(year), (("", years),)),
    ]


def _chosen(params: Mapping[str, str], figures: Released) -> dict[str, Any]:
    """Read what was chosen and make the parts about it, which are the same for every reader."""
    kind, year, complaints = chosen(params, figures)

    def part(template: str) -> SafeString:
        asked = (figures.key, kind, year)
        return kept_content(None, template, lambda: _services(kind, year, figures), asked=asked)

    return {
        "complaints": complaints,
        "menus": _menus(kind, year, figures),
        "kind": str(ProviderKind(kind).label),
        "year": formats.period_name(str(year)),
        "services": part("dashboards/donor_services.html"),
        "by_province": part("dashboards/donor_provinces.html"),
    }


def _services(kind: str, year: int, figures: Released) -> dict[str, Any]:
    """Gather coverage, compliance and groups of voters of one kind of provider and year."""
    indicators = list(by_code().values())
    promises = compliance.of_kind(indicators, kind, IndicatorKind.COMPLIANCE)
    votes = compliance.of_kind(indicators, kind, IndicatorKind.PERCEPTION)
    covered = coverage.coverage(
        figures.cells, figures.communes, figures.sizes, figures.quarter, kind
    )
    rows = figures.yearly
    rows = rows[(rows["provider_kind"] == kind) & (rows["year"] == year)]
    measures = compliance.of_nation(rows, promises)
    gaps = compliance.group_gaps(figures.gaps[figures.gaps["provider_kind"] == kind], votes)
    names = {one.code: one.name for one in covered}
    return {
        "kind": str(ProviderKind(kind).label),
        "kind_code": kind,
        "year": formats.period_name(str(year)),
        "quarters": " · ".join(
            formats.period_name(q) for q in figures.quarters if q.startswith(str(year))
        ),
        "quarter": formats.period_name(figures.quarter),
        "quarter_code": figures.quarter,
        "covered": covered,
        "coverage_legend": [(coverage.SIGNS[c], coverage.word(c)) for c in coverage.CLASSES],
        "coverage_answer": coverage.answer(covered),
        "measures": measures,
        "compliance_answer": compliance.answer(measures, year),
        "lines": compliance.by_province(rows, promises, names),
        "promises": promises,
        "gaps": gaps,
        "votes": votes,
        "groups_answer": compliance.groups_answer(gaps),
    }


def _outputs(user: object, figures: Released | None) -> dict[str, Any]:
    """Gather people, actions, the World Bank's results and programmes."""
    people = totals.by_group(user)
    done = progress()
    offices = figures.offices if figures is not None else programme_results.NOTHING
    outcomes = programmes.outcomes(user, figures)
    return {
        "people": [
            (one.label, outputs.people(one.informed), outputs.people(one.took_part))
            for one in people.groups
        ],
        "people_answer": outputs.people_answer(people),
        "sessions": people.sessions,
        "meetings": people.meetings,
        "actions": outputs.actions(done),
        "actions_answer": outputs.actions_answer(done),
        "world_bank": outputs.world_bank(offices, done, programme_results.cycles()),
        "programmes": outcomes,
        "programmes_answer": programmes.answer(outcomes),
    }
