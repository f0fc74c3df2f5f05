"""Make cases of experiences reported by keys, where the answers allow a judgement.

The caller heard the official fee and time and answered: in time or late, that price or less or
about how much more, and in which of the last three months it was handed in. So the verdicts are
known and the exact days are not: stored are days that give these verdicts, and nothing else follows
from them. A report that cannot be stored so is no case, and stays on the calls page; the reasons
are in docs/decisions/0023-experiences-by-telephone.md.
"""

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import override

from standards.book import own_provider, standard_for
from standards.calendar import promised_day
from standards.models import FeeUnit, Service, Standard
from surveys.hotline.models import Told
from surveys.models import Status
from surveys.services import Outcome, ReportedCase, record_case

CHANNEL: Final = "hotline"
_MONTHS_AGO: Final = {"this_month": 0, "last_month": 1, "two_months_ago": 2}
_SEVERAL: Final = {FeeUnit.SHEET, FeeUnit.DOCUMENT}
"""Units that are bought several at once: more than the price of one is not too much."""


@dataclass(frozen=True)
class Days:
    """The stored days of a reported experience, with the status they follow from."""

    status: str
    asked_on: date
    received_on: date | None = None


def month(when: str, today: date) -> tuple[date, date] | None:
    """Return the first and last day of the month reported, not after today.

    Return None where it was earlier.
    """
    if when not in _MONTHS_AGO:
        return None
    first = today.replace(day=1)
    last = today
    for _month in range(_MONTHS_AGO[when]):
        last = first - timedelta(days=1)
        first = last.replace(day=1)
    return first, last


def days(got: str, first: date, last: date, standard: Standard, today: date) -> Days | None:
    """Return the days to store for a request handed in between ``first`` and ``last``.

    In time: received on the promised day of the month's first day, or today. Late: the day after
    it. Still waiting: only where even the last day's promise has passed, because no later message
    will tell that it came. None where the answer cannot be true of that month, or is not precise
    enough.
    """
    if got == "refused":
        return Days(Status.REFUSED, first)
    due = promised_day(first, standard)
    if due is None:
        return None
    if got == "in_time":
        return Days(Status.RECEIVED, first, min(due, today))
    if got == "late" and due < today:
        return Days(Status.RECEIVED, first, due + timedelta(days=1))
    latest = promised_day(last, standard)
    if got == "open" and latest is not None and latest < today:
        return Days(Status.OPEN, last)
    return None


def as_case(reported: Told, amount: str, today: date) -> ReportedCase | None:
    """Make a case of a report; None where the answers are too few for one.

    ``amount`` is the sum that was chosen among those read out, "" where none was.
    """
    month_days = month(reported.answers.get("when", ""), today)
    if month_days is None or reported.standard_id is None or not reported.commune_code:
        return None
    heard = Standard.objects.get(pk=reported.standard_id)
    when = days(reported.answers.get("got", ""), *month_days, heard, today)
    if when is None or not _heard_what_bound_them(reported, heard, month_days):
        return None
    with override("km"):
        note = _("Reported by telephone with single keys: the month is known, not the day.")
    return ReportedCase(
        case_id=f"told-{secrets.token_hex(10)}",
        commune=reported.commune_code,
        service=reported.service_code,
        option=reported.option,
        asked_on=when.asked_on,
        received_on=when.received_on,
        days_known=False,
        status=when.status,
        fee_paid=_paid(reported, amount, heard),
        units=_units(reported, heard),
        currency=heard.currency,
        channel=CHANNEL,
        note=note,
    )


def _several(reported: Told, heard: Standard) -> str:
    """Return the number of sheets or copies as digits; "" where not asked or not known."""
    units = reported.answers.get("units", "")
    return units if heard.fee_unit in _SEVERAL and units.isdecimal() else ""


def _units(reported: Told, heard: Standard) -> int:
    return int(_several(reported, heard) or 1)


def _paid(reported: Told, amount: str, heard: Standard) -> int | None:
    answer = reported.answers.get("paid", "")
    if answer == "at_most" and heard.fee is not None:
        return heard.fee * _units(reported, heard)
    if answer != "more" or not amount:
        return None
    # of an unknown number of sheets more than the price of one is not too much
    counted = heard.fee_unit not in _SEVERAL or _several(reported, heard)
    return int(amount) if counted else None


def _heard_what_bound_them(reported: Told, heard: Standard, month_days: tuple[date, date]) -> bool:
    """Return whether the promise read out was in force at the office during the whole month."""
    service = Service.objects.get(pk=heard.service_id)
    promise = (heard.fee, heard.currency, heard.days_max, heard.day_kind)
    for on in month_days:
        provider = own_provider(reported.commune_code, service.provider_kind, on)
        row = standard_for(service, heard.option, provider, on) if provider else None
        if row is None or (row.fee, row.currency, row.days_max, row.day_kind) != promise:
            return False
    return True


def keep(reported: Told, amount: str, today: date) -> bool:
    """Record a report's case; False where it makes none, or this caller reported it before.

    One caller reports one case of a service, commune and month, so nobody can inflate the count.
    """
    if not (reported.counts and reported.complete and reported.caller_key):
        return False
    case = as_case(reported, amount, today)
    if case is None or case.asked_on is None:
        return False
    of = case.asked_on.replace(day=1)
    same = Told.objects.filter(
        caller_key=reported.caller_key,
        service_code=reported.service_code,
        option=reported.option,
        commune_code=reported.commune_code,
        case_month=of,
    )
    if same.exists():
        return False
    try:
        recorded = record_case(by=None, job=CHANNEL, reported=case, today=today)
    except ValidationError:
        # such as a commune with several offices of the kind: we cannot say which
        return False
    if recorded.outcome is not Outcome.ADDED:
        return False
    reported.case_month = of
    reported.save(update_fields=["case_month"])
    return True
