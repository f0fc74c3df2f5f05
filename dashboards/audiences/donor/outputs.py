"""Participation, action plans and the World Bank's results, in figures and one sentence each."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from dashboards.text import formats
from scorecards.plans.reading import Progress
from scorecards.reading.programme_results import Cycles, Part
from surveys.rounds.totals import People

LEAST = 10
"""The smallest number of which a share is given."""


@dataclass(frozen=True)
class Fact:
    """One measure: its name, its value in words, and its definition or interval."""

    name: str
    value: str
    note: str = ""
    share: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    numerator: int | None = None
    denominator: int | None = None


def people(number: int | None) -> str:
    """Return a rounded number of people in words."""
    return _("fewer than 10") if number is None else formats.count(number)


def people_answer(reached: People) -> str:
    """Summarise in one sentence how many people were reached."""
    everybody, women = reached.of("people"), reached.of("women")
    if not reached.sessions and not reached.meetings:
        return _("No session and no meeting is recorded yet.")
    return _(
        "About %(informed)s people were informed (%(women)s women) and about %(part)s took part "
        "in meetings."
    ) % {
        "informed": people(everybody.informed),
        "women": people(women.informed),
        "part": people(everybody.took_part),
    }


def actions(progress: Progress) -> list[Fact]:
    """Return measures of agreed actions with their 95% intervals."""
    named = (
        ("confirmed", "agreed", _("confirmed by citizens")),
        ("said_done", "agreed", _("reported done")),
        ("denied", "agreed", _("denied by citizens")),
        ("in_time", "passed", _("done by the first promised day")),
        ("late", "agreed", _("late today")),
    )
    return [
        share_fact(
            name, getattr(progress, part), getattr(progress, total), progress.share(part, total)
        )
        for part, total, name in named
    ]


def share_fact(name: str, part: int, number: int, share: tuple[float, float, float]) -> Fact:
    """Return a share of public things: "8 of 64 (12%)", with its interval.

    Below ten it is numbers alone.
    """
    value = _("%(part)s of %(total)s") % {
        "part": formats.count(part),
        "total": formats.count(number),
    }
    if number < LEAST:
        return Fact(name, value, "", numerator=part, denominator=number)
    low, high = share[1:]
    return Fact(
        name,
        f"{formats.percent(share[0])} ({value})",
        _("likely between %(low)s and %(high)s")
        % {"low": formats.percent(low), "high": formats.percent(high)},
        *share,
        part,
        number,
    )


def actions_answer(progress: Progress) -> str:
    """Summarise in one sentence how many agreed actions are confirmed and late."""
    if not progress.agreed:
        return _("No action is agreed yet.")
    return _(
        "Of %(agreed)s agreed actions %(confirmed)s are confirmed by citizens, %(late)s are late."
    ) % {
        "agreed": formats.count(progress.agreed),
        "confirmed": formats.count(progress.confirmed),
        "late": formats.count(progress.late),
    }


def world_bank(offices: Part, progress: Progress, cycles: Cycles) -> list[Fact]:
    """Return the four results of the World Bank, each with its definition."""
    return [
        _part(
            _("Offices that clearly meet the national standards"),
            offices,
            _("released overall score with its whole interval above 80 of 100"),
        ),
        _part(
            _("Agreed actions completed or under way"),
            Part(progress.moving, progress.agreed),
            _("in progress, half done, reported done or confirmed"),
        ),
        _part(
            _("Communes with three full yearly cycles"),
            cycles.three,
            _("three years with a round that was closed, of communes that had a round"),
        ),
        _part(
            _("Of these, facilitators still at work"),
            cycles.carrying_on,
            _("a session held or a stage done in the last twelve months"),
        ),
    ]


def _part(name: str, part: Part, note: str) -> Fact:
    if not part.total:
        return Fact(name, _("not yet known"), note, numerator=0, denominator=0)
    value = _("%(part)s of %(total)s") % {
        "part": formats.count(part.part),
        "total": formats.count(part.total),
    }
    if part.total < LEAST:
        return Fact(name, value, note, numerator=part.part, denominator=part.total)
    text = f"{formats.percent(part.share)} ({value})"
    return Fact(name, text, note, part.share, numerator=part.part, denominator=part.total)
