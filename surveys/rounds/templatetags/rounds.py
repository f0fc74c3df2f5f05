"""Scores as readers write them: ``{% load rounds %}``."""

from django import template

from khmer.digits import to_khmer
from pages.languages import readers_language

register = template.Library()


@register.filter
def score(value: float | None, sign: str = "") -> str:
    """Return a score or a difference with one decimal at most: ``២,៥`` or ``2.5``.

    None becomes a dash.
    """
    if value is None:
        return "–"
    written = f"{value:+.1f}" if sign else f"{value:.1f}"
    written = written.removesuffix(".0")
    return to_khmer(written.replace(".", ",")) if readers_language() == "km" else written
