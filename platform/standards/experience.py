"""Citizens' experience with a service, shown with its standard.

Scores are in a layer above this one: ``settings.SERVICE_EXPERIENCE`` names the function, from a
service's code and its kind of provider to released figures by rule.
"""

from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from khmer.dates import format_period
from khmer.digits import to_khmer
from khmer.riel import format_number
from pages.languages import readers_language
from standards.models import Service


@dataclass(frozen=True)
class Experienced:
    """One promise and how often it was kept, in words; ``share`` is for a bar of 0 to 100."""

    question: str
    answer: str
    likely: str
    share: int


def experienced(service: Service) -> tuple[list[Experienced], str]:
    """Return how often a service's promises were kept in a year, and the quarters counted."""
    path = getattr(settings, "SERVICE_EXPERIENCE", "")
    rows = import_string(path)(service.code, str(service.provider_kind)) if path else []
    questions = {
        "time": _("Received within the promised days"),
        "fee": _("Paid no more than the official price"),
        "documents": _("Asked for no document beyond the list"),
        "visits": _("Finished in two visits"),
    }
    language = readers_language()
    kept = [
        Experienced(
            question=questions[row["rule"]],
            answer=_("about %(met)s of %(judged)s people, rounded to protect privacy")
            % {
                "met": format_number(row["met"], language),
                "judged": format_number(row["judged"], language),
            },
            likely=_("%(share)s, likely between %(low)s and %(high)s")
            % {name: _percent(row[name]) for name in ("share", "low", "high")},
            share=round(100 * row["share"]),
        )
        for row in rows
    ]
    if not rows:
        return [], ""
    first, last = min(row["first"] for row in rows), max(row["last"] for row in rows)
    ends = [format_period(code, language) for code in dict.fromkeys((first, last))]
    return kept, " – ".join(ends)


def _percent(share: float) -> str:
    text = f"{share * 100:.0f}%"
    return to_khmer(text) if readers_language() == "km" else text
