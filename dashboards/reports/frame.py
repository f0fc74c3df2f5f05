"""The frame of every sheet: place, period, release, method, day, QR code, hotline."""

from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboards.text import formats
from pages.languages import readers_language
from places.models import Level, Place
from printing.typesetter import code_to_scan
from scorecards.reading.releases import PublishedRelease, current
from surveys import recordings

COLOURS: Final = {
    "blue": formats.BLUE,
    "orange": formats.ORANGE,
    "grey": formats.GREY,
    "line": formats.PALE,
    "better": formats.BLUE,
    "worse": formats.ORANGE,
}


@dataclass(frozen=True)
class Asked:
    """One requested sheet. ``base`` is our address, to which codes to scan lead."""

    kind: str
    period: str
    base: str
    place: Place | None = None
    programme: int | None = None


def base_address(request_address: str = "") -> str:
    """Return our own address without a slash at its end; ``PUBLIC_URL`` where it is set."""
    return settings.PUBLIC_URL.rstrip("/") or request_address.rstrip("/")


def frame(asked: Asked, *, title: str, subtitle: str, path: str) -> dict[str, Any]:
    """Return the head and foot of a sheet; ``path`` is the page that the code to scan leads to."""
    release, today = current(asked.period), timezone.localdate()
    address = asked.base + path
    return {
        "language": readers_language(),
        "app": _("Keep its word"),
        "colours": COLOURS,
        "title": title,
        "subtitle": subtitle,
        "period": formats.period_name(asked.period),
        "release": release_line(release),
        "filters": _("Filters: %(place)s; %(period)s; all services; released figures only.")
        % {
            "place": asked.place.full_name if asked.place else _("The whole country"),
            "period": formats.period_name(asked.period),
        },
        "method": method_lines(release),
        "address": address,
        "qr": code_to_scan(address),
        "hotline": hotline_lines(asked.place),
        "footer": _("Printed on %(day)s.") % {"day": formats.day(today)},
        "side": [
            _("page %(n)s of %(all)s") % {"n": formats.digits(n), "all": formats.digits(2)}
            for n in (1, 2)
        ],
    }


def release_line(release: PublishedRelease | None) -> str:
    """State the day and the method of the release, and whether it corrects an earlier one."""
    if release is None:
        return _("Nothing is released of this quarter.")
    sentence = _("Released on %(day)s, method %(version)s.") % {
        "day": formats.day(release.published_on),
        "version": formats.digits(release.method_version),
    }
    corrects = _("This release corrects an earlier one.")
    return f"{sentence} {corrects}" if release.is_correction else sentence


def method_lines(release: PublishedRelease | None) -> list[str]:
    """Return the method in three lines."""
    return [
        _("Each person's experience was compared with the official standard of that day."),
        _(
            "Numbers are rounded to protect privacy; below ten nothing is shown. The line is where "
            "the true share likely lies (95%)."
        ),
        _("Better, worse and changed are named only where chance is unlikely (99.8%)."),
    ]


def hotline_lines(place: Place | None) -> list[str]:
    """State the hotline's number and the commune's code; empty while no telephone line is open."""
    lines = []
    if number := recordings.telephone():
        lines.append(_("Hotline: %(number)s") % {"number": formats.digits(number)})
    if place is not None and place.level == Level.COMMUNE:
        lines.append(_("Code of this commune: %(code)s") % {"code": formats.digits(place.code)})
    return lines
