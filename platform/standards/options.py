"""The names of the options of services, such as normal and fast."""

from django.core.cache import cache

from standards.models import ServiceOption

KNOWN = {
    "standard": ("ធម្មតា", "standard"),
    "normal": ("ធម្មតា", "normal"),
    "fast": ("លឿន", "fast"),
    "express": ("លឿនបំផុត", "express"),
}
"""Names where the table has none, such as in an emptied database."""

_KEY = "standards:option-names"
_SECONDS = 60


def option_names() -> dict[str, tuple[str, str]]:
    """Return the code of each option, in order, with its name in Khmer and English.

    The answer is cached for a minute.
    """
    kept: dict[str, tuple[str, str]] | None = cache.get(_KEY)
    if kept is None:
        rows = ServiceOption.objects.values_list("code", "name_km", "name_en")
        kept = KNOWN | {code: (khmer, english) for code, khmer, english in rows}
        cache.set(_KEY, kept, _SECONDS)
    return kept


def forget() -> None:
    """Read the names again at the next question."""
    cache.delete(_KEY)
