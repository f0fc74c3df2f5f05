"""A standard's values before and after a change, in the reader's words."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import Entry
from khmer.dates import format_date
from pages.languages import readers_language
from pages.templatetags.khmer import digits
from standards.models import DayKind, Document, FeeUnit
from standards.revision_steps import EDITABLE
from standards.wording import amount, years

Change = tuple[str, str, str]
"""What changed, how it was, and how it is now."""

LABELS = {
    "fee": gettext_lazy("Official fee"),
    "fee_concession": gettext_lazy("Reduced fee"),
    "fee_unit": gettext_lazy("The fee is per"),
    "days": gettext_lazy("Most days it may take"),
    "documents": gettext_lazy("Documents to bring"),
    "documents_known": gettext_lazy("This list is complete"),
    "valid_years": gettext_lazy("The document issued is valid for (years)"),
    "valid_from": gettext_lazy("In force from"),
    "valid_to": gettext_lazy("In force to"),
    "source": gettext_lazy("Source"),
    "checked_on": gettext_lazy("Last checked on"),
    "legal_basis_km": gettext_lazy("Legal basis in Khmer"),
    "legal_basis_en": gettext_lazy("Legal basis in English"),
    "completeness_km": gettext_lazy("Remark in Khmer"),
    "completeness_en": gettext_lazy("Remark in English"),
    "withdrawn_from": gettext_lazy("No standard from"),
    "withdrawn_to": gettext_lazy("No standard until"),
}

VERBS = {
    "standard.added": gettext_lazy("Added"),
    "standard.replaced": gettext_lazy("Changed"),
    "standard.withdrawn": gettext_lazy("Withdrawn"),
    "standard.taken_back": gettext_lazy("Taken back"),
    "service.added": gettext_lazy("Added"),
    "service.edited": gettext_lazy("Changed"),
    "service.retired": gettext_lazy("No longer offered"),
}


def changes_between(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[Change]:
    """List in words the differences between two descriptions of a standard."""
    names = _document_names([before or {}, after or {}])
    old, new = _in_words(before, names), _in_words(after, names)
    changes = []
    for key, label in LABELS.items():
        if old.get(key, "–") != new.get(key, "–"):
            changes.append((str(label), old.get(key, "–"), new.get(key, "–")))
    return changes


def entries_in_words(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return entries of the audit trail for a page.

    Each says who, when and why, and what was before and after.
    """
    return [
        {
            "entry": entry,
            "verb": VERBS.get(entry.verb, entry.verb),
            "changes": changes_between(entry.before, entry.after)
            if entry.subject_type == "standards.standard"
            else [(name, _plainly(was), _plainly(now)) for name, was, now in entry.changes],
        }
        for entry in entries
    ]


def _document_names(values: Iterable[dict[str, Any]]) -> dict[str, str]:
    codes = {code for each in values for code in each.get("documents") or ()}
    return {d.code: d.name for d in Document.objects.filter(code__in=codes)} if codes else {}


def _in_words(values: dict[str, Any] | None, names: dict[str, str]) -> dict[str, str]:
    if not values:
        return {}
    fields = {name: _plainly(values[name]) for name in EDITABLE if name in values}
    fields |= {n: _plainly(values[n]) for n in ("withdrawn_from", "withdrawn_to") if n in values}
    if "fee" not in values:
        return fields
    currency = values.get("currency", "KHR")
    for name in ("fee", "fee_concession"):
        fields[name] = amount(values[name], currency) or _("not published")
    units = {str(unit.value): str(unit.label) for unit in FeeUnit}
    fields["fee_unit"] = units.get(values["fee_unit"], "–")
    fields["days"] = _("not published")
    if values["days_max"] is not None:
        kinds = {str(kind.value): str(kind.label) for kind in DayKind}
        fields["days"] = f"{digits(values['days_max'])} {kinds.get(values['day_kind'], '')}"
    if values["valid_years"] is not None:
        fields["valid_years"] = years(values["valid_years"])
    listed = [names.get(code, code) for code in values["documents"]]
    fields["documents"] = "; ".join(listed) or "–"
    return fields


def _plainly(value: Any) -> str:
    """Return a value of the trail for a reader: days as they are written, yes and no as words."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return str(value)
    if isinstance(value, date):
        return format_date(value, readers_language())
    return str(value)
