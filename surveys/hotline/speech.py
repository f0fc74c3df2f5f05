"""From facts to clip names: what a fee, a time, a list of papers or a date sounds like."""

from datetime import date
from typing import TYPE_CHECKING, Any

from surveys.hotline import numbers
from surveys.hotline.facts import Facts, Option

if TYPE_CHECKING:
    from surveys.hotline.flow import State

PAPERS_AT_ONCE = 3
"""Four of the longest names take more than 25 seconds, after which nobody listens."""
_UNITS = {"KHR": "unit.riel", "USD": "unit.dollar"}
_DAYS = {"working": "unit.working-day", "calendar": "unit.day"}


def money(amount: int, currency: str) -> tuple[str, ...]:
    """An amount in whole riel or dollars; nothing to pay is said as "free of charge"."""
    if amount == 0:
        return ("fee.free",)
    return (*numbers.fragments(amount), _UNITS[currency])


def fee(option: Option) -> tuple[str, ...]:
    """The official fee, and what holders of the poor card pay where that differs."""
    if option.fee is None:
        return ("fee.unknown",)
    said = ("fee.official", *money(option.fee, option.currency))
    if option.concession is not None and option.concession != option.fee:
        said = (*said, "fee.concession", *money(option.concession, option.currency))
    return said


def days(option: Option) -> tuple[str, ...]:
    """The official maximum time in its own kind of day."""
    if option.days is None:
        return ("days.unknown",)
    return ("days.official", *numbers.fragments(option.days), _DAYS[option.day_kind])


def papers(option: Option) -> tuple[str, ...]:
    """The papers to bring; "no published list" where none was ever published."""
    if option.papers is None:
        return ("papers.unknown",)
    return ("papers.intro", *(f"document.{code}" for code in option.papers))


def papers_of(option: Option, page: int) -> tuple[str, ...]:
    """A few papers at once, and that there are more: nobody remembers a long list, once heard."""
    if option.papers is None or len(option.papers) <= PAPERS_AT_ONCE:
        return papers(option)
    few = option.papers[page * PAPERS_AT_ONCE :][:PAPERS_AT_ONCE]
    return ("papers.intro", *(f"document.{code}" for code in few), "press.9.more")


def checked(option: Option) -> tuple[str, ...]:
    """When the fee and the papers were last compared with their source."""
    return ("checked.on", *day(option.checked)) if option.checked else ()


def day(when: date) -> tuple[str, ...]:
    """A date as day, month and year."""
    return (
        "date.day",
        *numbers.fragments(when.day),
        f"month.{when.month}",
        "date.year",
        *numbers.fragments(when.year),
    )


def digits(entered: str) -> tuple[str, ...]:
    """Digits one by one."""
    return tuple(numbers.clip(int(d)) for d in entered)


def request(told: dict[str, Any] | None) -> tuple[str, ...]:
    """What is known of a request: its service, its promised day, and whether that has passed."""
    if told is None:
        return ("request.unknown",)
    name = f"service.{told['service']}"
    if told["promised"] is None:
        return (name, "request.nodate")
    late = ("request.late",) if told["overdue"] else ()
    return (name, "request.promised", *day(date.fromisoformat(told["promised"])), *late)


def say(
    node: dict[str, Any], state: "State", facts: Facts, offered: tuple[list[str], bool]
) -> tuple[str, ...]:
    """Every clip of one node in one state, in order."""
    said: list[str] = []
    if "digits" in node and state.digits:
        return ("digits.heard", *digits(state.digits), "digits.continue")
    for name in node["say"]:
        said += _spoken(name, state, facts) if name.startswith("@") else [name]
    codes, more = offered
    kind = {"languages": "language", "services": "service", "options": "option"}
    for position, code in enumerate(codes, start=1):
        if node["list"] == "amounts":
            said += money(int(code), (state.request or {}).get("currency") or "KHR")
        else:
            said.append(f"{kind[node['list']]}.{code}")
        said.append(f"press.{position}")
    return (*said, "press.9.more") if more else tuple(said)


def _spoken(name: str, state: "State", facts: Facts) -> tuple[str, ...]:
    if name == "@request":
        return request(state.request)
    if name == "@fee_of_request":
        told = state.request or {}
        return ("fee.official", *money(told["fee"], told["currency"]))
    if name == "@request_code":
        return digits(state.request_code)
    service = facts.by_code[state.service]
    option = service.option(state.option)
    if name == "@service":
        return (f"service.{service.code}",)
    if name == "@papers":
        return papers_of(option, state.page)
    return {"@fee": fee, "@days": days, "@checked": checked}[name](option)
