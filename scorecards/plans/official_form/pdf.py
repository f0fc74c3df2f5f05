"""Plans as PDF for signature: the official head, its two parts as a tree, and its columns."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from khmer.dates import format_date
from khmer.riel import format_number
from pages.languages import readers_language
from pages.templatetags.khmer import digits
from printing.typesetter import typeset
from scorecards.plans.models import Action, Part, Plan
from standards.models import ProviderKind

TEMPLATE: Final = Path(__file__).with_name("plan.typ")
PARTS: Final = (("ក", Part.OUTSIDE), ("ខ", Part.INTERNAL))


def plans_as_pdf(plans: Sequence[Plan]) -> bytes:
    """Return one PDF with each plan on pages of its own, in the reader's language."""
    inputs = {
        "language": readers_language(),
        "words": _words(),
        "plans": [printed(plan) for plan in plans],
    }
    return typeset(TEMPLATE, inputs)[0]


def _words() -> dict[str, Any]:
    return {
        "app": _("Keep its word"),
        "title": _("Joint accountability action plan"),
        "groups": [_("Expected result"), _("Time"), _("Beneficiaries")],
        "heads": [
            _("No."),
            _("Agreed priority activity"),
            _("Proposed by"),
            _("Target it answers"),
            _("Place"),
            _("Quantity"),
            _("Unit"),
            _("Start"),
            _("End"),
            _("In all"),
            _("Women"),
            _("Estimated cost (riel)"),
            _("Who leads and who helps"),
        ],
    }


def printed(plan: Plan) -> dict[str, Any]:
    """Return everything that the form of one plan shows, in the reader's words."""
    commune, language = plan.commune, readers_language()
    district = commune.parent
    province = district.parent if district else None
    signed = format_date(plan.agreed_on, language) if plan.agreed_on else "……/……/…………"
    place = commune.full_name
    return {
        "kingdom": _("Kingdom of Cambodia"),
        "motto": _("Nation Religion King"),
        "office": [
            province.full_name if province else "",
            district.full_name if district else "",
            _("Administration of %(place)s") % {"place": place},
            _("Number: %(number)s") % {"number": "……………"},
        ],
        "title": _("Joint accountability action plan"),
        "subtitle": _("%(place)s, year %(year)s")
        % {"place": plan.provider.name if plan.provider else place, "year": digits(plan.year)},
        "lines": list(_lines(plan)),
        "empty": _("No action is planned."),
        "sides": [
            _side(signed, _("For the community"), plan.community_side),
            _side(signed, _("For the providers"), plan.provider_side),
        ],
        "footer": _("Printed on %(day)s · %(id)s")
        % {"day": format_date(timezone.localdate(), language), "id": str(plan.uuid)[:8]},
    }


def _side(signed: str, role: str, who: str) -> dict[str, str]:
    return {
        "date": _("Date: %(day)s") % {"day": signed},
        "role": role,
        "who": who,
        "sign": _("Signature or thumbprint"),
    }


def _lines(plan: Plan) -> Iterator[dict[str, Any]]:
    """Yield the tree of the form: a head for each part, below ខ one for each kind of provider."""
    rows = list(plan.actions.select_related("office", "provider"))
    for letter, part in PARTS:
        inside = [action for action in rows if action.part == part]
        yield {"head": True, "number": letter, "text": _part_name(part)}
        if part == Part.OUTSIDE:
            yield from ({"head": False, "cells": _cells(a, n)} for n, a in enumerate(inside, 1))
            continue
        for place, (name, group) in enumerate(_groups(inside), 1):
            yield {"head": True, "number": f"{letter}.{digits(place)}", "text": name}
            yield from ({"head": False, "cells": _cells(a, n)} for n, a in enumerate(group, 1))


def _part_name(part: str) -> str:
    if part == Part.OUTSIDE:
        return _(
            "Actions that need resources from outside (to enter the Commune Investment Programme)"
        )
    return _("Internal priorities (carried out by providers and the community themselves)")


def _groups(actions: list[Action]) -> list[tuple[str, list[Action]]]:
    """Return internal priorities by kind of provider, in the order of the form."""
    order = [ProviderKind.COMMUNE, ProviderKind.HEALTH_CENTRE, ProviderKind.PRIMARY_SCHOOL]
    groups: dict[str, list[Action]] = {}
    for action in actions:
        kind = action.provider.kind if action.provider else ProviderKind.COMMUNE
        groups.setdefault(kind, []).append(action)
    kinds = [*(k for k in order if k in groups), *(k for k in groups if k not in order)]
    return [
        (
            _("Carried out by: %(kind)s and the community") % {"kind": ProviderKind(kind).label},
            groups[kind],
        )
        for kind in kinds
    ]


def _cells(action: Action, number: int) -> list[str]:
    language = readers_language()
    lead = action.office.name if action.office else ""
    quantity = action.result_quantity
    return [
        digits(number),
        action.activity,
        action.get_proposed_by_display() if action.proposed_by else "",
        action.target,
        action.location,
        digits(f"{quantity.normalize():f}") if quantity is not None else "",
        action.result_unit,
        format_date(action.starts_on, language),
        format_date(action.due_on, language),
        _number(action.beneficiaries),
        _number(action.beneficiaries_women),
        _number(action.cost_riel),
        f"{lead} · {action.helpers}" if action.helpers else lead,
    ]


def _number(value: int | None) -> str:
    return "" if value is None else format_number(value, readers_language())
