"""Convert the grid of the national scorecard tool (JSON) to rows of the official form.

Its rows are a tree: ក and ខ are the two parts, below ខ are groups by provider, below them the
activities. Everything in it is text typed by hand: months without days, offices divided by "/".
What cannot be read as a typed field is kept in "what the meeting said"; nothing is lost.
"""

import calendar
import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from khmer.dates import MONTHS_EN, MONTHS_KM
from khmer.digits import to_ascii
from khmer.text import fold
from parsing.errors import UnreadableValue
from scorecards.plans.models import Part, Plan
from scorecards.plans.official_form.columns import read_proposer
from scorecards.plans.official_form.rows import read_row
from standards.models import Provider, ProviderKind
from surveys.importing.errors import BadFile
from surveys.validation import Problems

MOST_BYTES: Final = 5 * 2**20
MOST_ROWS: Final = 2000
MOST_DEPTH: Final = 8
NAMES: Final = {
    "no": "number",
    "priority_activity": "activity",
    "proposer": "proposed_by",
    "target_response": "target",
    "location": "location",
    "result_quantity": "result_quantity",
    "result_unit": "result_unit",
    "start_date": "starts_on",
    "end_date": "due_on",
    "beneficiary_total": "beneficiaries",
    "beneficiary_female": "beneficiaries_women",
    "estimated_cost": "cost_riel",
    "implementer": "office",
}
_MONTHS = {fold(name): n for names in (MONTHS_KM, MONTHS_EN) for n, name in enumerate(names, 1)}
_MONTH = re.compile(r"(\D+?)[\s,/-]*([0-9]{4})")
_NUMBERED = re.compile(r"([0-9]{1,2})[/-]([0-9]{4})")
_KINDS = (
    ("សុខភាព", ProviderKind.HEALTH_CENTRE),
    ("សាលា", ProviderKind.PRIMARY_SCHOOL),
    ("health", ProviderKind.HEALTH_CENTRE),
    ("school", ProviderKind.PRIMARY_SCHOOL),
    ("ឃុំ", ProviderKind.COMMUNE),
    ("commune", ProviderKind.COMMUNE),
)


def rows_of_grid(data: bytes, plan: Plan) -> list[tuple[int, dict[str, Any], Problems]]:
    """Read the activities of a grid, numbered in their order. Raises BadFile."""
    if len(data) > MOST_BYTES:
        raise BadFile(_("The file is too large: at most 5 MB."))
    try:
        grid = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadFile(_("This is no JSON file of the national tool.")) from error
    leaves = list(_leaves(_rows(grid), part="", kind="", depth=0))
    if not leaves:
        raise BadFile(_("No activity stands in this file."))
    if len(leaves) > MOST_ROWS:
        raise BadFile(_("The file has more than %(most)s rows.") % {"most": MOST_ROWS})
    providers = _providers(plan)
    return [
        (number, *_read(row, part, providers.get(kind, ""), plan, number))
        for number, (row, part, kind) in enumerate(leaves, start=1)
    ]


def _rows(grid: Any) -> list[Any]:
    """Return the list of rows, wherever the tool's exports put it."""
    for name in ("jaap", "data", "rows"):
        if isinstance(grid, dict) and name in grid:
            return _rows(grid[name])
    if isinstance(grid, str):  # a column of JSON within JSON
        try:
            return _rows(json.loads(grid))
        except ValueError:
            return []
    return grid if isinstance(grid, list) else []


def _leaves(
    rows: list[Any], *, part: str, kind: str, depth: int
) -> Iterator[tuple[dict[str, Any], str, str]]:
    if depth > MOST_DEPTH:
        raise BadFile(_("The rows of this file are nested too deeply."))
    for row in rows:
        if not isinstance(row, dict):
            continue
        inside = row.get("_children")
        text = str(row.get("priority_activity") or "")
        if isinstance(inside, list) and inside:
            head = str(row.get("no") or "").strip()
            own = {"ក": Part.OUTSIDE, "ខ": Part.INTERNAL}.get(head, part)
            group = next((k for word, k in _KINDS if word in text.lower()), kind) if own else kind
            yield from _leaves(inside, part=own, kind=group, depth=depth + 1)
        elif text.strip():
            yield row, part or Part.INTERNAL, kind


def _providers(plan: Plan) -> dict[str, str]:
    """Map each kind of provider to the code of the one provider of that kind in the commune."""
    codes: dict[str, list[str]] = {}
    here = Provider.objects.filter(place__code__startswith=plan.commune_id)
    for kind, code in here.values_list("kind", "code"):
        codes.setdefault(kind, []).append(code)
    return {kind: providers[0] for kind, providers in codes.items() if len(providers) == 1}


def _read(
    row: dict[str, Any], part: str, provider: str, plan: Plan, number: int
) -> tuple[dict[str, Any], Problems]:
    cells = {ours: _cell(row.get(theirs)) for theirs, ours in NAMES.items()}
    cells["number"] = ""  # the tool numbers within each group; ours run through the plan
    cells |= {"part": part, "provider": provider}
    kept = _keep_unread(cells, plan)
    lead, _slash, others = cells["office"].partition("/")
    cells["office"], cells["helpers"] = lead.strip(), others.strip().replace("/", ", ")
    cells["heard"] = " · ".join(kept)
    return read_row(cells)


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None or isinstance(value, list | dict) else str(value)


def _keep_unread(cells: dict[str, str], plan: Plan) -> list[str]:
    """Read months and proposers; what is neither is kept as text."""
    kept = []
    if cells["proposed_by"].strip():
        try:
            read_proposer(cells["proposed_by"])
        except UnreadableValue:
            kept.append(_("Proposed by: %(who)s") % {"who": cells["proposed_by"].strip()})
            cells["proposed_by"] = ""
    cells["starts_on"] = _day(cells["starts_on"], plan.starts_on, last=False)
    cells["due_on"] = _day(cells["due_on"], plan.ends_on, last=True)
    return kept


def _day(text: str, otherwise: date, *, last: bool) -> str:
    """Return the first or last day of the month that a text names.

    An empty text gives the plan's own day (``otherwise``); any other text is returned as it is.
    """
    plain = to_ascii(text).strip()
    if not plain:
        return otherwise.isoformat()
    named, numbered = _MONTH.fullmatch(plain), _NUMBERED.fullmatch(plain)
    month = _MONTHS.get(fold(named[1])) if named else int(numbered[1]) if numbered else None
    if month is None or not 1 <= month <= 12:
        return plain
    year = int(plain[-4:])
    day = calendar.monthrange(year, month)[1] if last else 1
    return date(year, month, day).isoformat()
