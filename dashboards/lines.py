"""Places as lines of a page: one of the drawing, one of the table, made in one go each.

Fifty of them stand on a page with a dozen fields each: too many for a template to walk through.
"""

from collections.abc import Iterable

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from dashboards import wording
from dashboards.telling import Row

CHOSEN = mark_safe(' class="chosen"')


def of_drawing(rows: list[Row]) -> SafeString:
    """The items of the list of dots: name, track, share."""
    return _joined(_drawn(row) for row in rows)


def of_table(rows: list[Row]) -> SafeString:
    """The rows of the table: name and code, share, counts, interval, standing."""
    pale = format_html(' <span class="quiet small">{}</span>', _("few answers"))
    return _joined(_tabled(row, pale if row.is_pale else "") for row in rows)


def _drawn(row: Row) -> SafeString:
    return format_html(
        '<li{}><span class="dots__name">{}</span><span class="dots__track">{}</span>'
        '<span class="dots__share">{}</span></li>\n',
        CHOSEN if row.is_chosen else "",
        row.name,
        row.track if row.share else format_html('<span class="quiet">{}</span>', row.mark.word),
        row.share,
    )


def _tabled(row: Row, pale: str) -> SafeString:
    return format_html(
        '<tr{}><th scope="row"><a href="{}">{}</a> <span class="quiet small">{}</span></th>'
        '<td>{}</td><td class="number">{}</td><td>{}{}</td>'
        '<td><span class="sign {}" aria-hidden="true">{}</span> {}</td></tr>\n',
        CHOSEN if row.is_chosen else "",
        row.address,
        row.name,
        wording.digits(row.code),
        row.share,
        row.counts,
        row.interval,
        pale,
        row.mark.css,
        row.mark.sign,
        row.mark.word,
    )


def _joined(lines: Iterable[SafeString]) -> SafeString:
    return mark_safe("".join(lines))  # noqa: S308  # each of them is safe
