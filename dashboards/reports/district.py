"""A district on one sheet: which communes need attention and why, and a matrix of all."""

from pathlib import Path
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards.audiences.district.matrix import Commune, DistrictMatrix, district_matrix
from dashboards.reports.figures import READER
from dashboards.reports.frame import Asked, frame
from dashboards.text import formats
from dashboards.text.matrix_cell import MatrixCell
from scorecards.indicators import KINDS
from scorecards.plans import reading as plans
from standards.models import ProviderKind

TEMPLATE: Final = Path(__file__).with_name("district.typ")


def district_summary(asked: Asked) -> dict[str, Any]:
    """Return everything that the sheet shows, in the reader's words."""
    place = asked.place
    assert place is not None
    kind = KINDS[0]
    matrix = district_matrix(READER, place, asked.period, kind)
    totals = plans.totals_by_commune(place.code)
    made = frame(
        asked,
        title=place.full_name,
        subtitle=place.parent.full_name if place.parent else "",
        path=f"{reverse('dashboards:district', args=[place.code])}?period={asked.period}",
    )
    return made | {
        "headline": _("%(n)s of %(all)s communes need attention")
        % {"n": formats.count(len(matrix.attention)), "all": formats.count(len(matrix.communes))},
        "attention": [_reasons(commune) for commune in matrix.attention],
        "calm": _("No commune is clearly worse than others, and none has clearly fallen."),
        "looked_at": _(
            "%(n)s measures were looked at. A commune is named only where chance is unlikely "
            "(99.8%%)."
        )
        % {"n": formats.count(matrix.measures)},
        "kind": _("Every commune: %(kind)s") % {"kind": ProviderKind(kind).label},
        "headings": list(matrix.headings),
        "communes": [_line(commune, totals) for commune in matrix.communes],
        "silent": _silent(matrix),
        "words": {
            "commune": _("Commune"),
            "promised": _("promised"),
            "late": _("late"),
            "denied": _("denied by citizens"),
            "nothing": formats.nothing(),
            "more": _("More on the page that the code leads to."),
            "worse": formats.mark("worse").word,
            "better": formats.mark("better").word,
            "expected": formats.mark("as_expected").word,
            "few": formats.mark("few").word,
        },
    }


def _reasons(commune: Commune) -> dict[str, Any]:
    texts = []
    if commune.worse:
        texts.append(_("Worse than others: %(what)s") % {"what": "; ".join(commune.worse)})
    if commune.fallen:
        texts.append(
            _("Fallen since the period before: %(what)s") % {"what": "; ".join(commune.fallen)}
        )
    return {"name": commune.name, "reasons": texts}


def _line(commune: Commune, totals: dict[str, plans.Totals]) -> dict[str, Any]:
    own = totals.get(commune.code, plans.Totals())
    return {
        "name": commune.name,
        "cells": [_cell(cell) for cell in commune.cells],
        "counts": [formats.count(n) for n in (own.agreed, own.late, own.denied)],
        "late": own.late > 0 or own.denied > 0,
    }


def _cell(cell: MatrixCell) -> dict[str, str]:
    return {
        "share": cell.share,
        "sign": cell.mark.sign,
        "css": cell.mark.css,
        "arrow": cell.arrow,
    }


def _silent(matrix: DistrictMatrix) -> str:
    if not matrix.silent:
        return ""
    number = len(matrix.silent)
    return ngettext(
        "%(n)s commune has no figures: %(names)s",
        "%(n)s communes have no figures: %(names)s",
        number,
    ) % {"n": formats.count(number), "names": ", ".join(c.name for c in matrix.silent)}
