"""One released figure at an address of its own, in every form, for other sites to embed.

``/released/<language>/<quarter>/<kind>/<indicator>/<service>/<level>/<province>`` is a page that
fits into a frame; with ``.csv .hxl.csv .xlsx .json .metadata.json .png .svg`` at its end, the same
address gives exactly the rows and the drawing of that page. "all" is all services, or the whole
country.
"""

import io
import json
import re
from dataclasses import dataclass
from typing import Any, Final

import xlsxwriter
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from accounts.demo import is_demo
from dashboards.audiences.public.compare import listed, picture_of
from dashboards.charts import html_rows, standalone
from dashboards.data import sources
from dashboards.data.comparison import ordered
from dashboards.data.sources import Comparison
from dashboards.data.table import Table
from dashboards.exports.files import comparison_csv
from dashboards.exports.hxl import hxl_csv
from dashboards.query import LEVELS, Choices, Query
from dashboards.text import formats, page_text
from places.attribution import attribution
from scorecards.reading import released_totals
from standards.indicators import by_code

ALL: Final = "all"
LANGUAGES: Final = ("km", "en")
FORMS: Final = {
    "csv": "text/csv; charset=utf-8",
    "hxl.csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "metadata.json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
}
COLUMNS: Final = ("code", "name_km", "name_latin", "met", "judged", "share", "low", "high")
"""The columns of JSON and XLSX for a place; "standing" and "arrow" are added to them."""


@dataclass(frozen=True)
class Shown:
    """One released figure: its question, its rows, and its texts."""

    language: str
    query: Query
    choices: Choices
    comparison: Comparison
    rows: Table

    @property
    def title(self) -> str:
        levels = page_text.levels()
        where = self.choices.provinces.get(self.query.province, "") or _("The whole country")
        return f"{page_text.title(self.query, self.choices)} · {levels[self.query.level]} · {where}"

    @property
    def sentence(self) -> str:
        takeaway = page_text.takeaway(self.comparison, self.query, self.choices)
        return takeaway or _("Too few answers to show, or none.")

    @property
    def note(self) -> str:
        return _(
            "Both numbers, met and not met, are rounded at random to a multiple of three, so that "
            "nobody can be picked out. The range allows for the rounding."
        )


def address_of(query: Query, language: str, suffix: str = "") -> str:
    """Return the address of the released figure of a question."""
    parts = [
        language, query.period, query.kind, query.indicator, query.service or ALL, query.level,
        query.province or ALL,
    ]  # fmt: skip
    path = reverse("dashboards:released", args=parts)
    return f"{path}.{suffix}" if suffix else path


def _shown(language: str, query: Query) -> Shown:
    """Read what everybody may see; 404 for what is not released or cannot be asked."""
    nobody = AnonymousUser()
    choices = sources.choices(nobody)
    is_known = (
        language in LANGUAGES
        and query.period in choices.periods
        and query.indicator in choices.indicators.get(query.kind, {})
        and (not query.service or query.service in choices.services.get(query.kind, {}))
        and query.level in LEVELS
        and (not query.province or query.province in choices.provinces)
    )
    if not is_known:
        raise Http404(_("There is no such released figure. Choose one on the page that compares."))
    comparison = sources.compare_places(nobody, query)
    rows = ordered(listed(comparison.table, query), query)
    return Shown(language, query, choices, comparison, rows)


@require_safe
@xframe_options_exempt
def figure(request: HttpRequest, language: str, **asked: str) -> HttpResponse:
    """Show the page of a released figure, or the file that its suffix names."""
    place, _dot, suffix = asked["place"].partition(".")
    query = Query(
        period=asked["period"],
        kind=asked["kind"],
        indicator=asked["indicator"],
        service="" if asked["service"] == ALL else asked["service"],
        level=asked["level"],
        province="" if place == ALL else place,
    )
    if suffix and suffix not in FORMS:
        raise Http404(_("There is no such file."))
    with override(language if language in LANGUAGES else "km"):
        shown = _shown(language, query)
        if not suffix:
            return _page(request, shown)
        made = _made(suffix, shown, request)
    answer = HttpResponse(made, content_type=FORMS[suffix])
    if suffix in ("csv", "hxl.csv", "xlsx"):
        name = "-".join(part for part in {**asked, "place": place}.values() if part != ALL)
        answer["Content-Disposition"] = f'attachment; filename="{_safe(name)}.{suffix}"'
    return answer


def _made(suffix: str, shown: Shown, request: HttpRequest) -> bytes:
    """Return the file of one form."""
    if suffix == "csv":
        return _csv(shown)
    if suffix == "hxl.csv":
        return hxl_csv(shown.query.level, _asked(shown), _records(shown)).encode()
    if suffix == "xlsx":
        return _xlsx(shown)
    if suffix == "json":
        return _json(shown)
    if suffix == "metadata.json":
        return _metadata(shown, request)
    drawing = _drawing(shown, request)
    return drawing.png if suffix == "png" else drawing.svg.encode()


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", name)


def _page(request: HttpRequest, shown: Shown) -> HttpResponse:
    """Show a page without our frame: drawing, table, forms, how to embed and to cite it."""
    own = request.build_absolute_uri(address_of(shown.query, shown.language))
    rows = page_text.rows(shown.rows, shown.comparison.national)
    context = {
        "shown": shown,
        "language": shown.language,
        "svg": _drawing(shown, request).svg,
        "tabled": html_rows.of_table(rows),
        "headings": [heading.label for heading in page_text.headings(shown.query)],
        "forms": [(f".{form}", address_of(shown.query, shown.language, form)) for form in FORMS],
        "own": own,
        "citation": citation(shown, own),
        "feed": reverse("dashboards:releases_feed", args=[shown.language]),
        "compare": f"{reverse('dashboards:compare')}?{shown.query.encoded()}",
        "demo": is_demo(),
    }
    answer = render(request, "dashboards/released.html", context)
    answer["Content-Security-Policy"] = (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "frame-ancestors *; base-uri 'none'; form-action 'none'"
    )
    return answer


def citation(shown: Shown, own: str) -> str:
    """Write how to cite the figure, in one line."""
    at = shown.comparison.computed_at
    released = formats.day(at.date()) if at is not None else ""
    return _("Keep its word (%(year)s): %(title)s. Released %(day)s. %(address)s") % {
        "year": formats.digits(shown.query.period[:4]),
        "title": shown.title,
        "day": released,
        "address": own,
    }


def _drawing(shown: Shown, request: HttpRequest) -> standalone.Drawing:
    picture = picture_of(shown.query)
    own = request.build_absolute_uri(address_of(shown.query, shown.language))
    source = _("Source: Keep its word, %(address)s") % {"address": own}
    if len(shown.rows) > standalone.MOST_ROWS:
        source = " · ".join(filter(None, (source, attribution(), picture.credit)))
    statement = standalone.Captions(shown.title, shown.sentence, source, shown.note)
    return standalone.figure(statement, shown.rows, shown.comparison.national, picture)


def _csv(shown: Shown) -> bytes:
    rows = shown.rows.frame()
    return comparison_csv(shown.comparison, rows, shown.query, shown.choices).encode()


def _records(shown: Shown) -> list[dict[str, Any]]:
    """Return the rows as plain values.

    Counts are whole, shares have four decimals, and withdrawn values are null.
    """
    records = []
    for row in shown.rows.frame().to_dict("records"):
        values: dict[str, Any] = {name: row[name] for name in COLUMNS[:3]}
        for name in ("met", "judged"):
            values[name] = None if row[name] != row[name] else int(row[name])
        for name in ("share", "low", "high"):
            values[name] = None if row[name] != row[name] else round(float(row[name]), 4)
        records.append({**values, "standing": row["standing"], "arrow": row["arrow"]})
    return records


def _asked(shown: Shown) -> dict[str, str]:
    """Return the codes of what the figure is about."""
    query = shown.query
    return {
        "period": query.period,
        "provider_kind": query.kind,
        "indicator": query.indicator,
        "service": query.service,
    }


def _json(shown: Shown) -> bytes:
    national = shown.comparison.national
    fields = {
        "title": shown.title,
        "sentence": shown.sentence,
        **_asked(shown),
        "level": shown.query.level,
        "province": shown.query.province,
        "whole_country": round(national.share, 4) if national.is_known else None,
        "rows": _records(shown),
    }
    return json.dumps(fields, ensure_ascii=False, allow_nan=False).encode()


def _xlsx(shown: Shown) -> bytes:
    """Return the rows as XLSX; the second sheet is the metadata."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    if shown.comparison.computed_at is not None:
        # the same bytes at every time and place
        book.set_properties({"created": shown.comparison.computed_at.replace(tzinfo=None)})
    sheet = book.add_worksheet("data")
    names = [*COLUMNS, "standing", "arrow"]
    sheet.write_row(0, 0, names, book.add_format({"bold": True}))
    for at, record in enumerate(_records(shown), start=1):
        sheet.write_row(at, 0, [record[name] for name in names])
    about = book.add_worksheet("about")
    for at, line in enumerate((shown.title, shown.sentence, shown.note)):
        about.write_string(at, 0, line)
    book.close()
    return out.getvalue()


def _metadata(shown: Shown, request: HttpRequest) -> bytes:
    """Describe the figure, each of its columns and its citation, as JSON."""
    own = request.build_absolute_uri(address_of(shown.query, shown.language))
    indicator = by_code()[shown.query.indicator]
    at = shown.comparison.computed_at
    fields = {
        "title": shown.title,
        "definition": indicator.measured_as,
        "released_at": at.isoformat() if at is not None else None,
        "method_version": shown.comparison.method_version,
        "rounding": shown.note,
        "places_compared": shown.comparison.places,
        "citation": citation(shown, own),
        "address": own,
        "forms": {form: f"{own}.{form}" for form in FORMS},
        "columns": {
            "code": _("Official code of the place"),
            "name_km": _("Name in Khmer"),
            "name_latin": _("Name in Latin letters"),
            "met": _("Cases in which the standard was met; votes of 4 or 5; rounded"),
            "judged": _("Cases judged; votes given; rounded"),
            "share": _("met / judged, 0 to 1"),
            "low": _("Where the true share likely begins (95 in 100)"),
            "high": _("Where the true share likely ends (95 in 100)"),
            "standing": _("Compared with the others: better, as_expected, worse, few, waiting"),
            "arrow": _("Change since the period before: up, down, no_clear_change, new_standard"),
        },
    }
    return json.dumps(fields, ensure_ascii=False, indent=1).encode()


@require_safe
def feed(request: HttpRequest, language: str) -> HttpResponse:
    """Serve every release as RSS, the newest first."""
    if language not in LANGUAGES:
        raise Http404(_("There is no such file."))
    with override(language):
        link = request.build_absolute_uri(reverse("dashboards:compare"))
        out = Rss201rev2Feed(
            title=_("Keep its word: releases"),
            link=link,
            description=_("New and corrected figures of public services, quarter by quarter."),
            language=language,
            feed_url=request.build_absolute_uri(),
        )
        for period, published_at, corrects in released_totals.published():
            name = formats.period_name(period)
            title = _("Corrected figures: %(period)s") if corrects else _("New figures: %(period)s")
            out.add_item(
                title=title % {"period": name},
                link=f"{link}?period={period}",
                description=title % {"period": name},
                unique_id=f"{period}-{published_at.isoformat()}",
                unique_id_is_permalink=False,
                pubdate=published_at,
            )
    return HttpResponse(out.writeString("utf-8"), content_type="application/rss+xml; charset=utf-8")
