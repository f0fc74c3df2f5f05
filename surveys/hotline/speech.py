"""From facts to clip names: how a fee, a time, a list of papers or a date is said."""

from datetime import date
from typing import TYPE_CHECKING, Any

from surveys.hotline import numbers
from surveys.hotline.facts import Facts, Option

if TYPE_CHECKING:
    from surveys.hotline.menu import State

PAPERS_AT_ONCE = 2
"""Three of the longest names and what follows take more than 25 seconds in Khmer."""
INSTEAD = {"sms.sent": "sms.impossible", "callback.promised": "callback.impossible"}
"""What is said in place of a promise that cannot be kept."""
_UNITS = {"KHR": "unit.riel", "USD": "unit.dollar"}
PER = {"sheet", "document", "room"}
"""Units that are said with a price; a request pays for only one of any other unit."""
_DAYS = {"working": "unit.working-day", "calendar": "unit.day"}


def money(amount: int, currency: str, unit: str = "") -> tuple[str, ...]:
    """Return the clips of an amount in whole riel or dollars.

    Nothing to pay is said as "free of charge".
    ``unit`` is what the amount is for ("per sheet"), said where one buys several at once.
    """
    if amount == 0:
        return ("fee.free",)
    per = (f"unit.per-{unit}",) if unit in PER else ()
    return (*numbers.fragments(amount), _UNITS[currency], *per)


def fee(option: Option) -> tuple[str, ...]:
    """Return clips of the official fee, and of what poor-card holders pay where that differs."""
    if option.fee is None:
        return ("fee.unknown",)
    clips = ("fee.official", *money(option.fee, option.currency, option.fee_unit))
    if option.fee_concession is not None and option.fee_concession != option.fee:
        lower = money(option.fee_concession, option.currency)
        clips = (*clips, "fee.concession", *lower)
    return clips


def units_reported(state: "State") -> int:
    """Return the number of sheets or copies the caller paid for; 1 where not stated."""
    value = state.answers.get("units", "")
    return int(value) if value.isdecimal() else 1


def total(option: Option, state: "State") -> tuple[str, ...]:
    """Return the official fee of as many sheets as the caller entered, otherwise the fee of one."""
    if not (option.several and option.fee and state.answers.get("units", "").isdecimal()):
        return fee(option)
    return ("fee.total", *money(option.fee * units_reported(state), option.currency))


def days(option: Option) -> tuple[str, ...]:
    """Return clips of the official maximum time in its own kind of day."""
    if option.days_max is None:
        return ("days.unknown",)
    return ("days.official", *numbers.fragments(option.days_max), _DAYS[option.day_kind])


def papers(option: Option) -> tuple[str, ...]:
    """Return the papers to bring; that a list is incomplete, or that none was ever published."""
    if option.papers is None:
        return ("papers.unknown",)
    if not option.papers:
        return ("papers.none",)
    partly = () if option.papers_complete else ("papers.partial",)
    return ("papers.intro", *(f"document.{code}" for code in option.papers), *partly)


def papers_of(option: Option, page: int) -> tuple[str, ...]:
    """Return the clips of a few papers, and that there are more.

    Nobody remembers a long list heard once.
    """
    if option.papers is None or len(option.papers) <= PAPERS_AT_ONCE:
        return papers(option)
    few = option.papers[page * PAPERS_AT_ONCE :][:PAPERS_AT_ONCE]
    partly = ("papers.partial",) if not option.papers_complete and page == pages(option) - 1 else ()
    return ("papers.intro", *(f"document.{code}" for code in few), *partly, "press.9.more")


def checked(option: Option, page: int = 0) -> tuple[str, ...]:
    """Return clips of the month in which fee and papers were last compared with their source.

    They are said after the last page of the papers only.
    """
    if option.checked is None or page != pages(option) - 1:
        return ()
    when = option.checked
    return ("checked.on", f"month.{when.month}", "date.year", *numbers.fragments(when.year))


def pages(option: Option) -> int:
    """Return the number of pages over which the papers of an option are read."""
    return max(1, -(-len(option.papers or ()) // PAPERS_AT_ONCE))


def day(when: date, *, year: bool) -> tuple[str, ...]:
    """Return clips of a date as day and month, and its year where it is not a near one."""
    clips = ("date.day", *numbers.fragments(when.day), f"month.{when.month}")
    return (*clips, "date.year", *numbers.fragments(when.year)) if year else clips


def digits(entered: str) -> tuple[str, ...]:
    """Return clips of digits one by one."""
    return tuple(numbers.clip(int(d)) for d in entered)


def place(code: str) -> tuple[str, ...]:
    """Return clips of a commune with its district and province, in this order as Khmer says it.

    Where the commune's name is not recorded, the digits of its code are said (``content.spoken``).
    """
    return tuple(f"place.{code[:length]}" for length in (6, 4, 2))


def request(values: dict[str, Any] | None) -> tuple[str, ...]:
    """Return the clips about a request: its service, its promised day, whether that has passed."""
    if values is None:
        return ("request.unknown",)
    name = f"service.{values['service']}"
    if values["promised"] is None:
        return (name, "request.nodate")
    # that a day a year ago has passed needs no mention
    late = ("request.late",) if values["overdue"] and not values["far"] else ()
    promised = date.fromisoformat(values["promised"])
    return (name, "request.promised", *day(promised, year=values["far"]), *late)


def action(values: dict[str, Any]) -> tuple[str, ...]:
    """Return clips of a commitment.

    They say its number in the plan, its words if recorded, its promised month.

    The commune is not said again, nor the year: with both the step takes 40 seconds, which
    nobody remembers.
    """
    return (
        "action.number",
        *numbers.fragments(values["number"]),
        f"commitment.{values['code']}",
        "action.promised",
        f"month.{values['month']}",
    )


def priced(state: "State", facts: Facts) -> dict[str, Any]:
    """Return the official fee and currency that sums are compared with.

    They are of the request that is being closed, otherwise of the service of the report.
    """
    if state.request is not None or state.service not in facts.by_code:
        return state.request or {}
    option = facts.by_code[state.service].option(state.option)
    official = option.fee * units_reported(state) if option.fee is not None else None
    return {"fee": official, "currency": option.currency}


def say(
    node: dict[str, Any], state: "State", facts: Facts, offered: tuple[list[str], bool]
) -> tuple[str, ...]:
    """Return every clip of one node in one state, in order."""
    clips: list[str] = []
    if "digits" in node and state.digits:
        return ("digits.heard", *digits(state.digits), "digits.continue")
    for name in node["say"]:
        clips += _spoken(name, state, facts) if name.startswith("@") else [name]
    codes, more = offered
    kind = {"languages": "language", "services": "service", "options": "option", "kinds": "kind"}
    for position, code in enumerate(codes, start=1):
        if node["list"] == "amounts":
            clips += money(int(code), priced(state, facts).get("currency") or "KHR")
        else:
            clips.append(_only_service(code, facts) or f"{kind[node['list']]}.{code}")
        clips.append(f"press.{position}")
    return (*clips, *(["press.9.more"] if more else []), *node.get("closing", []))


def _only_service(kind: str, facts: Facts) -> str:
    """Return the clip of the one service that offices of a kind give.

    Return "" where they give several.
    """
    codes = [s.code for s in facts.services if s.kind == kind and kind]
    return f"service.{codes[0]}" if len(codes) == 1 else ""


def _spoken(name: str, state: "State", facts: Facts) -> tuple[str, ...]:
    if name == "@request":
        return request(state.request)
    if name == "@fee_of_request":
        reported = state.request or {}
        return (
            "fee.official",
            *money(reported["fee"], reported["currency"], reported.get("unit", "")),
        )
    codes = {"@request_code": state.request_code, "@action_code": state.action_code}
    if name in codes:
        return digits(codes[name])
    if name == "@action":
        return action(state.actions[0])
    if name in {"@place", "@remembered"}:
        return place(state.place_code if name == "@place" else facts.commune)
    service = facts.by_code[state.service]
    option = service.option(state.option)
    if name == "@service":
        return (f"service.{service.code}",)
    if name == "@papers":
        return papers_of(option, state.page)
    if name == "@checked":
        return checked(option, state.page)
    if name == "@total":
        return total(option, state)
    return {"@fee": fee, "@days": days}[name](option)
