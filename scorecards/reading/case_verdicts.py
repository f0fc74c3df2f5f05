"""The judgement of one case, rule by rule, in words for the people who may read it.

Judged by the functions of ``scorecards.method`` that the scores are tested against; the sentences
only state their results.
"""

from datetime import date

import numpy as np
import pandas as pd
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khmer.dates import format_date
from pages.languages import readers_language
from pages.templatetags.khmer import digits
from scorecards.indicators import FAMILIES
from scorecards.method.judging.cases import MOST_VISITS, extra_documents, judge
from scorecards.method.judging.elapsed_days import days_elapsed
from scorecards.method.judging.payments import amount_owed_range
from scorecards.method.vocabulary import Outcome
from standards import wording
from standards.calendar import holidays, promised_day
from standards.models import DayKind, Document
from surveys.case_verdicts import Verdict
from surveys.models import Case

_STATUS = {"received": "delivered", "open": "open", "refused": "refused", "abandoned": "withdrawn"}


def verdicts(case: Case) -> list[Verdict]:
    """Judge a case today by each rule of its kind of provider."""
    table, today = one_row(case), timezone.localdate()
    kinds = (family for family in FAMILIES if case.provider.kind in family.kinds)
    verdicts_given = []
    for rule in next((tuple(family.rules.values()) for family in kinds), ()):
        code = judge(table, rule, as_of=pd.Timestamp(today), holidays=holidays()).iloc[0]
        verdict = Outcome(int(code))
        label, text = _WORDS[rule](case, table, verdict)
        word = {Outcome.MET: "met", Outcome.NOT_MET: "not_met"}.get(verdict, "not_judged")
        verdicts_given.append(Verdict(label, word, text))
    return verdicts_given


def one_row(case: Case) -> pd.DataFrame:
    """Return the case with its standard, as ``scorecards.method`` reads it (one row)."""
    standard = case.standard
    is_known = standard is not None and standard.documents_known
    listed = [r.document.code for r in standard.required.all()] if standard else []
    staffed, medicine = _number(case.staffed), _number(case.medicine_given)
    return pd.DataFrame(
        {
            "status": [_STATUS[case.status]],
            "asked_on": [pd.Timestamp(case.asked_on)],
            "received_on": [pd.Timestamp(case.received_on) if case.received_on else pd.NaT],
            "fee_paid": [_number(case.fee_paid)],
            "units": [_number(case.units)],
            "entitled": [_number(case.poor_card)],
            "paid_currency": [case.currency],
            "fee_official": [_number(standard.fee if standard else None)],
            "fee_concession": [_number(standard.fee_concession if standard else None)],
            "fee_currency": [standard.currency if standard else None],
            "days_max": [_number(standard.days_max if standard else None)],
            "day_kind": [(standard.day_kind or None) if standard else None],
            "documents_asked": [case.documents_asked],
            "documents_official": [listed if is_known else None],
            "visits": [_number(case.visits)],
            "receipt_given": [_number(case.receipt)],
            "in_posted_hours": [np.nan if np.isnan(staffed) else 1.0],
            "officer_present": [staffed],
            "holds_card": [_number(case.poor_card)],
            "informal_fee": [_number(case.fee_paid)],
            "medicine_prescribed": [np.nan if np.isnan(medicine) else 1.0],
            "medicine_given": [medicine],
            "lesson_days_lost": [_number(case.lesson_days_lost)],
            "plan_seen": [_number(case.plan_shown)],
        }
    )


def _number(value: float | bool | None) -> float:
    return np.nan if value is None else float(value)


def _money(amount: float, currency: str) -> str:
    return wording.amount(round(amount), currency)


def _paid(case: Case) -> str:
    if case.fee_paid == 0:
        return _("nothing")
    return wording.amount(case.fee_paid, case.currency)


def _fee(case: Case, table: pd.DataFrame, outcome: Outcome) -> tuple[str, str]:
    label = _("Fee")
    standard = case.standard
    if outcome == Outcome.DOES_NOT_APPLY:
        return label, _("The request was abandoned, so the fee is not judged.")
    if outcome == Outcome.NO_STANDARD or standard is None:
        return label, _("No price was published for that day, so the fee is not judged.")
    owed = amount_owed_range(table)
    least, most = float(owed.least[0]), float(owed.most[0])
    official = _money(most, standard.currency)
    if least != most:
        low = _money(least, standard.currency)
        official = _("%(low)s or %(high)s") % {"low": low, "high": official}
    if case.units > 1:
        official += " " + _("(for %(n)s)") % {"n": digits(case.units)}
    fields = {"paid": _paid(case) if case.fee_paid is not None else "", "official": official}
    if outcome == Outcome.NOT_MET:
        fields["over"] = _money((case.fee_paid or 0) - most, standard.currency)
        return label, _("Paid %(paid)s, official %(official)s: overpaid by %(over)s.") % fields
    if outcome == Outcome.MET:
        return label, _("Paid %(paid)s, official %(official)s: not more than official.") % fields
    if outcome == Outcome.STILL_OPEN:
        return label, _("The request is still open; the fee is judged when it has ended.")
    if case.fee_paid is None:
        return label, _("It is not known how much was paid, so the fee is not judged.")
    if case.currency != standard.currency:
        return label, _("It was paid in another currency, so the fee is not judged.")
    return label, _(
        "Paid %(paid)s, official %(official)s. It is not known whether the person has an equity "
        "card (IDPoor), so the fee is not judged."
    ) % fields


def _time(case: Case, table: pd.DataFrame, outcome: Outcome) -> tuple[str, str]:
    label = _("Time")
    if outcome == Outcome.DOES_NOT_APPLY:
        return label, _("It was not received, so the time is not judged.")
    if outcome == Outcome.NO_STANDARD or case.standard is None:
        return label, _("No time was published for that day, so the time is not judged.")
    if outcome == Outcome.UNKNOWN_ANSWER:
        return label, _("The days are not known, so the time is not judged.")
    if not case.days_known:
        in_time = outcome == Outcome.MET
        return label, _("Received in time.") if in_time else _("Received late.")
    promised, today = promised_day(case.asked_on, case.standard), timezone.localdate()
    fields = {
        "promised": _day(promised) if promised else "",
        "received": _day(case.received_on) if case.received_on else "",
    }
    if outcome == Outcome.STILL_OPEN:
        return label, _("Promised by %(promised)s. It is still open; there is time left.") % fields
    if outcome == Outcome.MET:
        return label, _("Promised by %(promised)s, received on %(received)s: in time.") % fields
    as_of = pd.Timestamp(today)
    taken = float(days_elapsed(table, as_of=as_of, holidays=holidays())[0])
    late = round(taken) - (case.standard.days_max or 0)
    fields["late"] = _late(late, case.standard.day_kind)
    if case.received_on is None:
        return label, _("Promised by %(promised)s, still open today: %(late)s.") % fields
    return label, _("Promised by %(promised)s, received on %(received)s: %(late)s.") % fields


def _late(days: int, kind: str) -> str:
    if kind == DayKind.CALENDAR:
        words = ngettext("%(n)s calendar day late", "%(n)s calendar days late", days)
    else:
        words = ngettext("%(n)s working day late", "%(n)s working days late", days)
    return words % {"n": digits(days)}


def _day(day: date) -> str:
    return format_date(day, readers_language())


def _documents(case: Case, table: pd.DataFrame, outcome: Outcome) -> tuple[str, str]:
    label = _("Documents")
    if outcome == Outcome.NOT_MET:
        extra = extra_documents(table).iloc[0]
        names = {d.code: d.name for d in Document.objects.filter(code__in=list(extra))}
        listed = "; ".join(names.get(code, code) for code in extra)
        return label, _("Asked for beyond the official list: %(names)s.") % {"names": listed}
    if outcome == Outcome.MET:
        return label, _("Nothing beyond the official list was asked for.")
    if outcome == Outcome.NO_STANDARD:
        return label, _("No complete list was published for that day, so it is not judged.")
    return label, _("It is not known which documents were asked for, so it is not judged.")


def _visits(case: Case, table: pd.DataFrame, outcome: Outcome) -> tuple[str, str]:
    label = _("Visits")
    n = case.visits or 0
    fields = {"n": digits(n), "most": digits(MOST_VISITS)}
    if outcome == Outcome.NOT_MET:
        return label, ngettext(
            "%(n)s visit: more than %(most)s.", "%(n)s visits: more than %(most)s.", n
        ) % fields
    if outcome == Outcome.MET:
        return label, ngettext(
            "%(n)s visit: not more than %(most)s.", "%(n)s visits: not more than %(most)s.", n
        ) % fields
    if outcome == Outcome.STILL_OPEN:
        return label, _("The request is still open; visits are judged when it has ended.")
    if outcome == Outcome.DOES_NOT_APPLY:
        return label, _("The request was abandoned, so the visits are not judged.")
    return label, _("It is not known how many visits it took, so it is not judged.")


def _receipt(case: Case, table: pd.DataFrame, outcome: Outcome) -> tuple[str, str]:
    label = _("Receipt")
    if outcome == Outcome.MET:
        return label, _("A receipt was given.")
    if outcome == Outcome.NOT_MET:
        return label, _("Paid, but no receipt was given.")
    if outcome == Outcome.DOES_NOT_APPLY:
        return label, _("Nothing was paid, so no receipt was needed.")
    return label, _("It is not known what was paid or whether a receipt was given: not judged.")


def _presence(case: Case, table: pd.DataFrame, outcome: Outcome) -> tuple[str, str]:
    label = _("Somebody there in opening hours")
    if outcome == Outcome.MET:
        return label, _("Somebody was there who could serve.")
    if outcome == Outcome.NOT_MET:
        return label, _("Nobody was there who could serve.")
    return label, _("It is not known, so it is not judged.")


def _card_holder_free(case: Case, table: pd.DataFrame, outcome: Outcome) -> tuple[str, str]:
    label = _("Free with an equity card")
    if outcome == Outcome.MET:
        return label, _("The person has an equity card (IDPoor) and paid nothing.")
    if outcome == Outcome.NOT_MET:
        paid = {"paid": _paid(case)}
        return label, _("The person has an equity card (IDPoor) and paid %(paid)s.") % paid
    if outcome == Outcome.DOES_NOT_APPLY:
        return label, _("The person has no equity card (IDPoor), so it is not judged.")
    if outcome == Outcome.STILL_OPEN:
        return label, _("The request is still open; the fee is judged when it has ended.")
    return label, _("It is not known, so it is not judged.")


def _medicine(case: Case, table: pd.DataFrame, outcome: Outcome) -> tuple[str, str]:
    label = _("Medicine")
    if outcome == Outcome.MET:
        return label, _("All prescribed medicine was given.")
    if outcome == Outcome.NOT_MET:
        return label, _("Not all prescribed medicine was given.")
    return label, _("It is not known, or nothing was prescribed: not judged.")


def _no_informal_fee(case: Case, table: pd.DataFrame, outcome: Outcome) -> tuple[str, str]:
    label = _("No informal fee")
    if outcome == Outcome.MET:
        return label, _("Nothing was asked for.")
    if outcome == Outcome.NOT_MET:
        return label, _("Paid %(paid)s; school is free.") % {"paid": _paid(case)}
    return label, _("It is not known, so it is not judged.")


def _teacher_present(case: Case, table: pd.DataFrame, outcome: Outcome) -> tuple[str, str]:
    label = _("Lessons held")
    if outcome == Outcome.MET:
        return label, _("No day without a teacher last week.")
    if outcome == Outcome.NOT_MET:
        n = case.lesson_days_lost or 0
        words = ngettext(
            "%(n)s day without a teacher last week.", "%(n)s days without a teacher last week.", n
        )
        return label, words % {"n": digits(n)}
    return label, _("It is not known, so it is not judged.")


def _plan_seen(case: Case, table: pd.DataFrame, outcome: Outcome) -> tuple[str, str]:
    label = _("Plan and budget shown")
    if outcome == Outcome.MET:
        return label, _("The plan and the budget were shown.")
    if outcome == Outcome.NOT_MET:
        return label, _("The plan and the budget were not shown.")
    return label, _("It is not known, so it is not judged.")


_WORDS = {
    "fee": _fee,
    "time": _time,
    "documents": _documents,
    "visits": _visits,
    "receipt": _receipt,
    "presence": _presence,
    "card_holder_free": _card_holder_free,
    "medicine": _medicine,
    "no_informal_fee": _no_informal_fee,
    "teacher_present": _teacher_present,
    "plan_seen": _plan_seen,
}
