"""Changes of a case, with the values before and after in the reader's words."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Programme, User
from khmer.dates import format_date
from pages.languages import in_language, readers_language
from pages.templatetags.khmer import digits
from places.models import Place
from standards.models import Currency, Document, Provider, Service, Standard
from standards.wording import amount, days, fee, option_name
from surveys.models import Case, CaseRevision, Sex, Status

LABELS = {
    "commune_id": gettext_lazy("Commune"),
    "provider_id": gettext_lazy("Where"),
    "service_id": gettext_lazy("Service"),
    "option": gettext_lazy("Option"),
    "standard_id": gettext_lazy("Official standard"),
    "asked_on": gettext_lazy("Asked on"),
    "received_on": gettext_lazy("Received on"),
    "status": gettext_lazy("How it ended"),
    "fee_paid": gettext_lazy("Paid"),
    "currency": gettext_lazy("Currency"),
    "units": gettext_lazy("For how many"),
    "documents_asked": gettext_lazy("Documents asked for"),
    "visits": gettext_lazy("Visits"),
    "receipt": gettext_lazy("Receipt"),
    "staffed": gettext_lazy("Somebody there in opening hours"),
    "medicine_given": gettext_lazy("Medicine"),
    "lesson_days_lost": gettext_lazy("Days without a teacher last week"),
    "plan_shown": gettext_lazy("Plan and budget shown"),
    "sex": gettext_lazy("Sex"),
    "age": gettext_lazy("Age"),
    "poor_card": gettext_lazy("Equity card (IDPoor)"),
    "disability": gettext_lazy("disability"),
    "minority": gettext_lazy("ethnic minority"),
    "note": gettext_lazy("Note"),
    "facilitator_id": gettext_lazy("Facilitator"),
    "facilitator_name": gettext_lazy("Facilitator"),
    "programme_id": gettext_lazy("Programme"),
    "voided_at": gettext_lazy("Does not count since"),
}


@dataclass(frozen=True)
class Step:
    """One change of a case: the revision, and (label, before, after) of what it changed."""

    revision: CaseRevision
    changes: list[tuple[str, str, str]]


def history_of(case: Case) -> list[Step]:
    """Return every change, newest first; the case as it stands is what the newest change led to."""
    now = {name: _plain(getattr(case, name)) for name in LABELS}
    steps = []
    for revision in case.revisions.select_related("by").order_by("-at", "-pk"):
        before = now | {name: value for name, value in revision.before.items() if name in LABELS}
        changed = [
            (str(label), _words(name, before, case), _words(name, now, case))
            for name, label in LABELS.items()
            if before[name] != now[name]
        ]
        steps.append(Step(revision, changed))
        now = before
    return steps


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _words(name: str, values: dict[str, Any], case: Case) -> str:
    value = values[name]
    if value is None or value == "":
        return _("not known") if name not in {"standard_id", "note", "voided_at"} else "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "fee_paid":
        return amount(value, values["currency"])
    if name == "documents_asked":
        return _documents(value)
    if name == "option":
        return option_name(value)
    if name.endswith("_id"):
        return _linked(name, value)
    chosen = {"status": Status, "sex": Sex, "currency": Currency}.get(name)
    if chosen is not None:
        return str(dict(chosen.choices).get(value, value))
    if name in {"asked_on", "received_on", "voided_at"}:
        return format_date(date.fromisoformat(value[:10]), readers_language())
    return digits(value) if isinstance(value, int) else str(value)


def _documents(codes: list[str]) -> str:
    names = {d.code: d.name for d in Document.objects.filter(code__in=codes)}
    return "; ".join(names.get(code, code) for code in codes) or _("none")


def _linked(name: str, key: Any) -> str:
    """Return the name of the record that a column points to; its number where it is gone."""
    model = {
        "commune_id": Place,
        "provider_id": Provider,
        "service_id": Service,
        "standard_id": Standard,
        "facilitator_id": User,
        "programme_id": Programme,
    }[name]
    row = model._default_manager.filter(pk=key).first()
    if isinstance(row, Standard):
        return f"{fee(row)}, {days(row)}"
    if isinstance(row, Place):
        return in_language(row.name_km, row.name_latin)
    return str(row) if row is not None else str(key)
