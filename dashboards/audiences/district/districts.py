"""Find a district, and show which of its communes need attention."""

import csv
import io
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from dashboards.audiences.district.matrix import DistrictMatrix, district_matrix
from dashboards.data import sources
from dashboards.exports.files import BOM, written
from dashboards.exports.responses import csv_answer
from dashboards.kept_content import kept_content
from dashboards.query import Choices, Query, read_query
from dashboards.text import page_text
from khmer.digits import to_ascii
from pages.links import first_url
from places.models import Level, Place
from spreadsheets import escape

MENUS = ("kind", "period")
SHOWN = {"standards.Provider": "place_id ^@ %(code)s"}
"""Rows that the page of a district shows, besides the registers."""
LEADS_ON = (
    ("plans:district", gettext_lazy("Commitments that are due, late or denied")),
    ("rounds:rounds", gettext_lazy("Rounds in the district, late stages first")),
)
"""Pages of other apps about the district, or about all that the reader may see."""


def _ask(request: HttpRequest, code: str) -> tuple[Place, Choices, Query, tuple[str, ...]]:
    place = (Place.objects.filter(code=code, level=Level.DISTRICT).select_related("parent")).first()
    if place is None:
        raise Http404(_("There is no district with the code “%s”.") % code)
    choices = sources.choices(request.user)
    given = {name: request.GET.get(name, "") for name in MENUS}
    query, complaints = read_query(given, choices)
    return place, choices, query, complaints


def _links(code: str) -> list[tuple[str, str]]:
    """Return address and text of each page of ``LEADS_ON`` that exists."""
    addresses = (
        (first_url([name], code=code) or first_url([name]), str(text)) for name, text in LEADS_ON
    )
    return [(url, text) for url, text in addresses if url]


@require_safe
def picker(request: HttpRequest) -> HttpResponse:
    """Find a district by its province."""
    provinces = list(Place.objects.provinces())
    chosen = to_ascii(request.GET.get("province", "")).strip()
    province = next((p for p in provinces if p.code == chosen), None)
    districts = Place.objects.filter(parent=province, level=Level.DISTRICT) if province else []
    context = {"provinces": provinces, "province": province, "districts": districts}
    return render(request, "dashboards/districts.html", context)


@require_safe
@gzip_page
def page(request: HttpRequest, code: str) -> HttpResponse:
    """Show one district: what needs attention in words, then every commune in a matrix."""
    place, choices, query, complaints = _ask(request, code)
    signed_in = request.user.is_authenticated

    def context() -> dict[str, Any]:
        content: dict[str, Any] = {
            "place": place,
            "query": query,
            "choices": choices,
            "complaints": complaints,
            "signed_in": signed_in,
            "menus": [m for m in page_text.menus(choices, query) if m.name in MENUS],
            "period": choices.periods.get(query.period, ""),
            "kind": choices.kinds.get(query.kind, ""),
            "links": _links(code),
        }
        if not choices.is_empty:
            csv_url = reverse("dashboards:district_csv", args=[code])
            content |= {
                "matrix": district_matrix(request.user, place, query.period, query.kind),
                "csv_url": f"{csv_url}?{query.encoded()}",
                "compare": query.turned(province=code[:2]).encoded(),
            }
        return content

    content = kept_content(
        request.user,
        "dashboards/district_content.html",
        context,
        asked=(choices, query, complaints, signed_in),
        rows=SHOWN,
        code=code,
    )
    return render(request, "dashboards/district.html", {"place": place, "content": content})


@require_safe
def download(request: HttpRequest, code: str) -> HttpResponse:
    """Serve the matrix as a file: one row per commune, in the order of the page."""
    place, choices, query, _complaints = _ask(request, code)
    if choices.is_empty:
        raise Http404(_("There are no figures yet."))
    matrix = district_matrix(request.user, place, query.period, query.kind)
    return csv_answer(_as_csv(matrix), f"district-{code}-{query.period}-{query.kind}")


def _as_csv(matrix: DistrictMatrix) -> str:
    """Write code, name, and for each measure its share, class and change; then the reasons."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    measures = [
        f"{heading}: {part}"
        for heading in matrix.headings
        for part in (_("share"), _("class"), _("change"))
    ]
    writer.writerow([_("Code"), _("Commune"), *measures, _("Worse than others"), _("Fallen")])
    for commune in matrix.communes:
        cells = [
            part
            for cell in commune.cells
            for part in (written(cell.value, "{:.4f}"), cell.mark.word, cell.arrow)
        ]
        reasons = ["; ".join(commune.worse), "; ".join(commune.fallen)]
        writer.writerow([escape(x) for x in (commune.code, commune.name, *cells, *reasons)])
    return BOM + out.getvalue()
