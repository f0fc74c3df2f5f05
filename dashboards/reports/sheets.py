"""The sheets that can be printed: the place of each, and the function that makes it."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboards.reports import district, report, scorecard, wall_poster
from dashboards.reports.frame import Asked
from places.models import Level
from printing.typesetter import Form, typeset

KEPT_FOR: Final = 24 * 3600
SHARED: Final = settings.ROOT / "platform/printing/sheet.typ"


@dataclass(frozen=True)
class Sheet:
    """One kind of sheet."""

    kind: str
    label: str | Promise
    about: str | Promise
    level: str
    """The level of place it is about; "" is the whole country, "programme" a programme."""
    template: Path
    gather: Callable[[Asked], dict[str, Any]]
    ppi: float = 110
    """Resolution of its picture, in pixels per inch."""


SHEETS: Final = (
    Sheet(
        "scorecard",
        _("Scorecard, one sheet of A4"),
        _("What matters in front, all numbers on the back: print on both sides."),
        Level.COMMUNE,
        scorecard.TEMPLATE,
        scorecard.scorecard,
    ),
    Sheet(
        "wall",
        _("Wall poster, A2"),
        _("How services keep to the standard, and what was promised to citizens."),
        Level.COMMUNE,
        wall_poster.TEMPLATE,
        wall_poster.wall_poster,
        50,
    ),
    Sheet(
        "district",
        _("District summary, one sheet of A4"),
        _("Which communes need attention and why, and a line for each commune."),
        Level.DISTRICT,
        district.TEMPLATE,
        district.district_summary,
    ),
    Sheet(
        "nation",
        _("National report, A4"),
        _("Where there is data, how services keep to the standard, and what became of plans."),
        "",
        report.TEMPLATE,
        report.national_report,
    ),
)
OF_KIND: Final = {sheet.kind: sheet for sheet in SHEETS}


def of_level(level: str) -> list[Sheet]:
    """Return the sheets about a place of this level."""
    return [sheet for sheet in SHEETS if sheet.level == level]


def made(template: Path, gathered: dict[str, Any], form: Form = "pdf", ppi: float = 110) -> bytes:
    """Set one sheet as PDF, or its first page as "png"; cached for a day by its content."""
    fields = {"sheets": [gathered]}
    text = json.dumps([fields, form, ppi], sort_keys=True).encode()
    key = hashlib.sha256(text + template.read_bytes() + SHARED.read_bytes()).hexdigest()
    kept: bytes | None = cache.get(f"sheet:{key}")
    if kept is None:
        kept = typeset(template, fields, form, ppi)[0]
        cache.set(f"sheet:{key}", kept, KEPT_FOR)
    return kept
