"""Places as lines of a page: one of the drawing, one of the table, made in one go each.

A page has fifty of them and more with a dozen fields each: too many for a template loop, and for
``format_html`` one by one.
"""

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from dashboards.text import formats
from dashboards.text.page_text import Row, Unplaced


def of_drawing(rows: list[Row]) -> SafeString:
    """Return the items of the list of dots: name, track, share."""
    return _joined(_drawn(row) for row in rows)


def of_table(rows: list[Row]) -> SafeString:
    """Return the rows of the table: name and code, share, counts, interval, standing."""
    few = _("few answers")
    pale = f' <span class="quiet small">{escape(few)}</span>'
    rules = _("published under earlier rules")
    earlier = f' <span class="quiet small">{escape(rules)}</span>'
    return _joined(
        _tabled(row, pale if row.is_pale else "", earlier if row.is_earlier else "") for row in rows
    )


def of_unplaced(places: list[Unplaced]) -> SafeString:
    """Return the items of the list of places without a shape on the map: sign, name, standing."""
    return _joined(
        f'<li><a href="{escape(address)}"><span class="sign {mark.css}" aria-hidden="true">'
        f'{mark.sign}</span> {escape(name)}<span class="visually-hidden">: {escape(mark.word)}'
        "</span></a></li>"
        for name, address, mark in places
    )


def _drawn(row: Row) -> str:
    silent = f'<span class="quiet">{escape(row.mark.word)}</span>'
    return (
        f'<li{_chosen(row)}><span class="dots__name">{escape(row.name)}</span>'
        f'<span class="dots__track">{row.track if row.share else silent}</span>'
        f'<span class="dots__share">{escape(row.share)}</span></li>\n'
    )


def _tabled(row: Row, pale: str, earlier: str) -> str:
    return (
        f'<tr{_chosen(row)}><th scope="row"><a href="{escape(row.address)}">{escape(row.name)}</a>'
        f' <span class="quiet small">{formats.digits(row.code)}</span></th>'
        f'<td>{escape(row.share)}</td><td class="number">{escape(row.counts)}{earlier}</td>'
        f"<td>{escape(row.interval)}{pale}</td>"
        f'<td><span class="sign {row.mark.css}" aria-hidden="true">{row.mark.sign}</span>'
        f" {escape(row.mark.word)}</td></tr>\n"
    )


def _chosen(row: Row) -> str:
    return ' class="chosen"' if row.is_chosen else ""


def _joined(lines: Iterable[str]) -> SafeString:
    # Every text in them is escaped: names, addresses, and words in case a language needs it.
    return mark_safe("".join(lines))  # noqa: S308
