"""Posters of one office, to print and hang up: official prices, days and papers, A4 or A3.

They show the same standards as every channel, and state where nothing was published. Public, like
the prices.
"""

import hashlib
import json
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.cache import cache as kept
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from khmer.dates import format_date
from pages.links import first_url
from pages.templatetags.khmer import digits
from places.fields import PlaceField, render_picker
from places.models import Level, Place
from printing.typesetter import Form, code_to_scan, typeset
from standards.book import providers_of, standards_in_force
from standards.models import Provider, ProviderKind, Service, Standard
from standards.row_by_row import made_of_each
from standards.terms import Terms
from standards.wording import concession, days, documents_note, fee, option_name
from surveys import commitments, recordings
from surveys.views.choices import communes_of

COMMUNE: Final = 6
"""Digits of a commune's code, which a caller of the hotline enters."""
TEMPLATE: Final = Path(__file__).with_name("poster.typ")
SIZES: Final = ("a4", "a3")
KEPT_FOR: Final = 24 * 3600
MOST_PAGES: Final = 40
SCALES: Final = (1.5, 1.3, 1.15, 1.0)


MOST_OFFERED: Final = 12


def row(service: Service, standard: Standard | None, *, many: bool) -> dict[str, Any]:
    """Return one line of the poster, in the reader's language.

    Unknown is written as unknown, never zero.
    """
    checked = standard.checked_on if standard else None
    papers = [r.document.name for r in standard.required.all()] if standard else []
    note = documents_note(Terms.of(standard) if standard else None)
    lower = concession(standard) if standard else ""
    return {
        "service": service.name,
        "option": option_name(standard.option) if standard and many else "",
        "fee": fee(standard),
        "concession": _("With an Equity card (IDPoor): %(fee)s") % {"fee": lower} if lower else "",
        "days": days(standard),
        "papers": papers,
        "partial": note if papers else "",
        "nopapers": note,
        "checked": _("Last checked: %(day)s") % {"day": _day(checked)} if checked else "",
    }


def _day(day: date) -> str:
    return format_date(day, _language())


def _language() -> str:
    return "en" if (get_language() or "km").startswith("en") else "km"


def _rows(office: Provider, today: date) -> list[dict[str, Any]]:
    """Return an office's lines of a poster, each with the keys that lead to it on the telephone."""
    services = list(Service.objects.offered(today).filter(provider_kind=office.kind))
    keys = recordings.keys_to(service.code for service in services)
    rows = []
    for service in services:
        standards = standards_in_force(service, today, office)
        many = len(standards) > 1
        lines = made_of_each(standards, partial(row, service, many=many), channel="poster")
        pressed = " ".join(digits(keys.get(service.code, "")))
        press = (
            _("By telephone, after the language, press %(keys)s") % {"keys": pressed}
            if pressed
            else ""
        )
        rows += [line | {"keys": press} for line in lines or [row(service, None, many=False)]]
    return rows


def content_of(office: Provider, size: str, base: str) -> dict[str, Any]:
    """Return everything a poster shows; its code is the office's address under ``base``."""
    today = timezone.localdate()
    rows = _rows(office, today)
    address = base + reverse("standards:provider", kwargs={"code": office.code})
    number = recordings.telephone()
    hours = office.opening_hours and _("Opening hours: %(hours)s") % {"hours": office.opening_hours}
    phone = office.phone and _("Telephone: %(phone)s") % {"phone": digits(office.phone)}
    pages = [_("page %(n)s") % {"n": digits(n)} for n in range(1, MOST_PAGES + 1)]
    return {
        "size": size,
        "language": _language(),
        "app": _("Public services"),
        "title": office.name,
        "place": f"{office.get_kind_display()} · {office.place.path_name}",
        "hours": " · ".join(filter(None, [hours, phone])),
        "heading": _("Official prices, days and documents"),
        "columns": [
            _("Service"),
            _("Official fee"),
            _("It takes at most"),
            _("Documents to bring"),
        ],
        "rows": rows,
        "empty": _("No service of this office is known."),
        "hotline": _("Hear it by telephone: %(number)s") % {"number": digits(number)}
        if number
        else "",
        "commune": _("Code of this commune: %(code)s") % {"code": digits(office.place_id[:COMMUNE])}
        if len(office.place_id) >= COMMUNE
        else "",
        "commitments": commitments_sentence(office, number),
        "app_says": _("Scan the code: the prices of this office today, on your telephone."),
        "address": address,
        "printed": _("Printed on %(day)s. Independent; from published official sources.")
        % {"day": _day(today)},
        "pages": pages,
        "qr": code_to_scan(address),
    }


def commitments_sentence(office: Provider, number: str) -> str:
    """Return one line on the commune's commitments and how to answer, "" without any commitment."""
    made, confirmed = commitments.standing(office.place_id[:COMMUNE])
    if not made or len(office.place_id) < COMMUNE:
        return ""
    text = ngettext(
        "The commune made %(made)s commitment to you; citizens confirmed %(confirmed)s.",
        "The commune made %(made)s commitments to you; citizens confirmed %(confirmed)s.",
        made,
    ) % {"made": digits(made), "confirmed": digits(confirmed)}
    ask = _("Say whether they are kept: call %(number)s, then 8 and 4.") % {"number": number}
    return f"{text} {ask}" if number else text


def fitted(what: dict[str, Any]) -> dict[str, Any]:
    """Return the poster in the largest letters that still fit one page: it is read on a wall."""
    for scale in SCALES:
        larger = what | {"scale": scale}
        if scale == SCALES[-1] or len(drawn(larger, "svg")) == 1:
            return larger
    raise AssertionError("the last scale is always taken")


def drawn(what: dict[str, Any], form: Form = "pdf", ppi: float = 72) -> list[bytes]:
    """Return a poster as one PDF, or its pages one by one as "png" or "svg"."""
    return typeset(TEMPLATE, {"scale": 1.0} | what, form, ppi)


@require_safe
def poster(request: HttpRequest, code: str, size: str) -> HttpResponse:
    """Show the poster of one office as PDF; drawn once a day for each content."""
    office = get_object_or_404(Provider.objects.select_related("place__parent__parent"), code=code)
    base = settings.PUBLIC_URL.rstrip("/") or f"{request.scheme}://{request.get_host()}"
    what = content_of(office, size, base)
    key = hashlib.sha256(json.dumps(what).encode() + TEMPLATE.read_bytes()).hexdigest()
    pdf = kept.get(f"poster:{key}")
    if pdf is None:
        pdf = drawn(fitted(what))[0]
        kept.set(f"poster:{key}", pdf, KEPT_FOR)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{office.code}-{size}.pdf"'
    answer["Cache-Control"] = "no-cache"
    return answer


def _sheets(place: Place | None) -> str:
    """Return the address where the commune's other sheets are printed, or ""."""
    text = first_url(["dashboards:print"]) or ""
    return f"{text}?place={place.code}" if text and place else text


class CommuneForm(forms.Form):
    """The choice of a commune whose offices' posters are printed."""

    commune = PlaceField(level=Level.COMMUNE, required=False, label=_lazy("Commune"))


@require_safe
def posters(request: HttpRequest) -> HttpResponse:
    """Show the offices of a chosen commune, each with its posters.

    People who work in communes get those to choose from.
    """
    form = CommuneForm(request.GET)
    place: Place | None = form.cleaned_data["commune"] if form.is_valid() else None
    mine = list(communes_of(request.user)[:MOST_OFFERED])
    today = timezone.localdate()
    offices = [
        office
        for kind in ProviderKind
        if place is not None and kind != ProviderKind.MINISTRY
        for office in providers_of(place.code, kind, today)
    ]
    picker = render_picker(form["commune"], place)
    sizes = [(size, _("Poster %(size)s") % {"size": size.upper()}) for size in SIZES]
    context = {
        "place": place,
        "offices": offices,
        "picker": picker,
        "mine": mine,
        "sizes": sizes,
        "print_url": _sheets(place),
    }

    return render(request, "citizen/posters.html", context)
