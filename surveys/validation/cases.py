"""The rules of a case."""

from datetime import date
from hashlib import blake2b
from typing import Any

from django.utils.translation import gettext as _

from parsing.days import DayRange, observed, observed_anonymously
from places.models import Place
from standards.models import Currency, Provider, Service, Standard
from surveys.models import Sex, Status
from surveys.reference_data import Register
from surveys.reported import ReportedCase
from surveys.validation import shared
from surveys.validation.problems import Problems, day

MOST_RIEL = 10**12
MOST_PAPERS = 40
PAPER_LIMIT = 120
NOTE_LIMIT = 2000
CHANNEL_NOTE_LIMIT = 40

AS_REPORTED = (
    "case_id",
    "asked_on",
    "received_on",
    "days_known",
    "fee_paid",
    "visits",
    "receipt",
    "staffed",
    "medicine_given",
    "lesson_days_lost",
    "plan_shown",
    "age",
    "poor_card",
    "disability",
    "minority",
    "note",
)
"""Columns of a case that hold the reported value itself."""

# The columns by which two reports are compared. The recording person, the channel and the programme
# are not part of a report's content; the standard follows from the rest.
CONTENT = (
    "commune_id",
    "provider_id",
    "service_id",
    "option",
    "asked_on",
    "received_on",
    "status",
    "fee_paid",
    "currency",
    "units",
    "documents_asked",
    "visits",
    "receipt",
    "staffed",
    "medicine_given",
    "lesson_days_lost",
    "plan_shown",
    "facilitator_id",
    "facilitator_name",
    "sex",
    "age",
    "poor_card",
    "disability",
    "minority",
    "note",
)


# listed once: asking an enumeration for its values 200,000 times takes seconds
_STATUSES = tuple(Status.values)
_CURRENCIES = tuple(Currency.values)
_SEXES = tuple(Sex.values)


def fingerprint(facts: dict[str, Any], content: tuple[str, ...] = CONTENT) -> str:
    """Hash the content of a report: 32 hex digits, equal for equal content."""
    text = repr([facts[name] for name in content])
    return blake2b(text.encode(), digest_size=16).hexdigest()


def case_facts(
    reported: ReportedCase, register: Register, *, today: date, anonymous: bool = False
) -> tuple[dict[str, Any], Problems]:
    """Validate a reported case: (columns with the standard in force, problems by field).

    The facts are complete only where there are no problems. ``anonymous`` senders have a
    shorter range of plausible days.
    """
    problems = Problems()
    status = _check_values(reported, today, problems, anonymous=anonymous)
    commune = shared.find_commune(reported.commune, reported.asked_on, register, problems)
    service = _find_service(reported.service, reported.asked_on, register, problems)
    option = _find_option(reported.option, service, register, problems) if service else ""
    provider = _find_provider(reported, commune, service, register, problems)
    standard = _standard_of(service, option, provider, reported.asked_on, register)
    currency = shared.choose("currency", reported.currency, _CURRENCIES, problems)
    person, person_name = shared.find_facilitator(reported.facilitator, register, problems)
    programme = shared.find_programme(reported.programme, register, problems)
    channel = shared.channel_of(reported.channel)
    facts = {
        **{name: getattr(reported, name) for name in AS_REPORTED},
        "province_code": commune.code[:2] if commune else "",
        "commune_id": commune.code if commune else "",
        "provider_id": provider.id if provider else None,
        "service_id": service.id if service else None,
        "option": option,
        "standard_id": standard.id if standard else None,
        "programme_id": programme.pk if programme else None,
        "status": status,
        "currency": currency or (standard.currency if standard else "KHR"),
        "units": 1 if reported.units is None else reported.units,
        "documents_asked": _papers(reported.documents_asked, standard, register, problems),
        "channel": channel or "import",
        "channel_note": "" if channel else reported.channel[:CHANNEL_NOTE_LIMIT],
        "facilitator_id": person.pk if person else None,
        "facilitator_name": person_name,
        "sex": shared.choose("sex", reported.sex, _SEXES, problems),
    }
    facts["content_hash"] = fingerprint(facts)
    return facts, problems


def _check_values(
    reported: ReportedCase, today: date, problems: Problems, *, anonymous: bool
) -> str:
    """Check the values that need no register: name, status, days, numbers; return the status."""
    shared.check_name("case_id", reported.case_id, problems)
    status = shared.choose("status", reported.status, _STATUSES, problems, required=True)
    days = observed_anonymously(today) if anonymous else observed(today)
    _check_dates(reported, status, days, problems)
    _check_numbers(reported, problems)
    return status


def _check_dates(reported: ReportedCase, status: str, days: DayRange, problems: Problems) -> None:
    if reported.asked_on is None:
        problems.say("asked_on", _("Say on which day it was asked."))
    shared.check_day("asked_on", reported.asked_on, days, problems)
    shared.check_day("received_on", reported.received_on, days, problems)
    if reported.received_on is not None:
        if reported.asked_on is not None and reported.received_on < reported.asked_on:
            problems.say(
                "received_on",
                _("Received on %(received)s, before it was asked on %(asked)s.")
                % {"received": day(reported.received_on), "asked": day(reported.asked_on)},
            )
        if status and status != "received":
            problems.say(
                "received_on",
                _("A day of receiving does not go with the status “%(status)s”.")
                % {"status": status},
            )
    elif status == "received":
        problems.say("received_on", _("It was received: say on which day."))


def _check_numbers(reported: ReportedCase, problems: Problems) -> None:
    if reported.fee_paid is not None and not 0 <= reported.fee_paid < MOST_RIEL:
        problems.say("fee_paid", _("This is no amount that anybody pays."))
    shared.check_range("age", reported.age, 0, 120, problems)
    shared.check_range("visits", reported.visits, 0, 99, problems)
    shared.check_range("units", reported.units, 1, 999, problems)
    shared.check_range("lesson_days_lost", reported.lesson_days_lost, 0, 7, problems)
    if len(reported.note) > NOTE_LIMIT:
        problems.say("note", _("Longer than %(limit)s characters.") % {"limit": NOTE_LIMIT})


def _find_service(
    code: str, on: date | None, register: Register, problems: Problems
) -> Service | None:
    if not code:
        problems.say("service", _("Say which service was asked for."))
        return None
    service = register.service(code)
    if service is None:
        problems.say("service", _("No service has the code “%(code)s”.") % {"code": code})
        return None
    if service.retired_on is not None and on is not None and service.retired_on <= on:
        problems.say(
            "service",
            _("Service “%(code)s” was retired on %(day)s.")
            % {"code": code, "day": day(service.retired_on)},
        )
        return None
    return service


def _find_provider(
    reported: ReportedCase,
    commune: Place | None,
    service: Service | None,
    register: Register,
    problems: Problems,
) -> Provider | None:
    """Find the provider of the service in the commune on the day; None where one is unknown."""
    if commune is None or service is None or reported.asked_on is None:
        return None
    return shared.find_provider(
        reported.provider,
        commune,
        service.provider_kind,
        reported.asked_on,
        register=register,
        problems=problems,
    )


def _standard_of(
    service: Service | None,
    option: str,
    provider: Provider | None,
    asked_on: date | None,
    register: Register,
) -> Standard | None:
    """Find the standard in force for the provider on the day; None where none was published."""
    if service is None or provider is None or asked_on is None:
        return None
    return register.standard(service, option, provider, asked_on)


def _find_option(text: str, service: Service, register: Register, problems: Problems) -> str:
    """Return the reported option, or the only one there is; "" with a problem noted."""
    options = register.options(service) or ["standard"]
    if text in options:
        return text
    if not text and ("standard" in options or len(options) == 1):
        return "standard" if "standard" in options else options[0]
    sentence = ", ".join(options)
    if text:
        problems.say(
            "option",
            _("“%(service)s” has no option “%(text)s”; it has: %(options)s.")
            % {"service": service.code, "text": text, "options": sentence},
        )
    else:
        problems.say(
            "option", _("Say which option was asked for: %(options)s.") % {"options": sentence}
        )
    return ""


def _papers(
    texts: list[str] | None, standard: Standard | None, register: Register, problems: Problems
) -> list[str] | None:
    """Return papers by the code of the official list where they are on it, each once, in order."""
    if texts is None:
        return None
    if len(texts) > MOST_PAPERS or any(len(paper) > PAPER_LIMIT for paper in texts):
        problems.say(
            "documents_asked",
            _("At most %(papers)s documents, each of at most %(limit)s characters.")
            % {"papers": MOST_PAPERS, "limit": PAPER_LIMIT},
        )
        return None
    return list(dict.fromkeys(register.document(paper, standard) for paper in texts))
