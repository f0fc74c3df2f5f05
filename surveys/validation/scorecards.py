"""The rules of votes, of the meetings they are given in, and of checks."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from parsing.days import observed
from places.models import Place
from standards.models import Indicator, IndicatorKind, Provider, ProviderKind
from surveys.models import Channel, Meeting, Sex
from surveys.reference_data import Register
from surveys.reported import ReportedCheck, ReportedMeeting, ReportedVote
from surveys.validation import shared
from surveys.validation.cases import fingerprint
from surveys.validation.problems import Problems

_SEXES = tuple(Sex.values)

MEETING_CONTENT = (
    "commune_id",
    "provider_id",
    "kind",
    "held_on",
    "facilitator_id",
    "facilitator_name",
)
CHECK_CONTENT = (
    "commune_id",
    "provider_id",
    "indicator_code",
    "seen_on",
    "present",
    "facilitator_id",
    "facilitator_name",
)


def check_facts(
    reported: ReportedCheck, register: Register, *, today: date
) -> tuple[dict[str, Any], Problems]:
    """Return the columns of a check, or what is wrong with it."""
    problems = Problems()
    shared.check_name("check_id", reported.check_id, problems)
    indicator = _find_indicator(reported.indicator, IndicatorKind.INPUT, register, problems)
    kinds = indicator.provider_kinds if indicator else []
    facts = _place_facts(
        reported,
        reported.seen_on,
        day_field="seen_on",
        kinds=kinds,
        register=register,
        today=today,
        problems=problems,
    )
    facts |= {
        "check_id": reported.check_id,
        "indicator_code": reported.indicator,
        "seen_on": reported.seen_on,
        "present": reported.present,
    }
    facts["content_hash"] = fingerprint(facts, CHECK_CONTENT)
    return facts, problems


def meeting_facts(
    reported: ReportedMeeting, register: Register, *, today: date
) -> tuple[dict[str, Any], Problems]:
    """Return the columns of a meeting (without its votes), or what is wrong with it."""
    problems = Problems()
    shared.check_name("meeting_id", reported.meeting_id, problems)
    kind = shared.choose("kind", reported.kind, Meeting.Kind.values, problems, required=True)
    kinds = _kinds_voted_on([vote.indicator for vote in reported.votes], register)
    facts = _place_facts(
        reported,
        reported.held_on,
        day_field="held_on",
        kinds=kinds,
        register=register,
        today=today,
        problems=problems,
    )
    facts |= {"meeting_id": reported.meeting_id, "kind": kind, "held_on": reported.held_on}
    facts["content_hash"] = fingerprint(facts, MEETING_CONTENT)
    return facts, problems


def vote_facts(
    reported: ReportedVote, register: Register, *, provider_kind: str
) -> tuple[dict[str, Any], Problems]:
    """Return the columns of a vote on a provider of this kind, or what is wrong with it."""
    problems = Problems()
    shared.check_name("vote_id", reported.vote_id, problems)
    indicator = _find_indicator(reported.indicator, IndicatorKind.PERCEPTION, register, problems)
    if indicator is not None and provider_kind and provider_kind not in indicator.provider_kinds:
        problems.say(
            "indicator",
            _("“%(code)s” is not asked about a provider of the kind “%(kind)s”.")
            % {"code": reported.indicator, "kind": str(ProviderKind(provider_kind).label)},
        )
    if reported.score is None:
        problems.say("score", _("Give a score from 1 to 5."))
    shared.check_range("score", reported.score, 1, 5, problems)
    return {
        "vote_id": reported.vote_id,
        "indicator_code": reported.indicator,
        "score": reported.score,
        "sex": shared.choose("sex", reported.sex, _SEXES, problems),
        "youth": reported.youth,
        "poor_card": reported.poor_card,
        "disability": reported.disability,
        "minority": reported.minority,
    }, problems


def _place_facts(
    reported: ReportedCheck | ReportedMeeting,
    on: date | None,
    *,
    day_field: str,
    kinds: list[str],
    register: Register,
    today: date,
    problems: Problems,
) -> dict[str, Any]:
    """Validate the place, provider and day that checks and meetings have in common."""
    if on is None:
        problems.say(day_field, _("Say on which day it was."))
    shared.check_day(day_field, on, observed(today), problems)
    commune = shared.find_commune(reported.commune, on, register, problems)
    provider = None
    if commune is not None and on is not None:
        provider = _find_provider(
            reported, commune, on, kinds=kinds, register=register, problems=problems
        )
    facilitator, facilitator_name = shared.find_facilitator(
        reported.facilitator, register, problems
    )
    programme = shared.find_programme(reported.programme, register, problems)
    return {
        "province_code": commune.code[:2] if commune else "",
        "commune_id": commune.code if commune else "",
        "provider_id": provider.pk if provider else None,
        "programme_id": programme.pk if programme else None,
        "channel": shared.channel_of(reported.channel) or Channel.IMPORT.value,
        "facilitator_id": facilitator.pk if facilitator else None,
        "facilitator_name": facilitator_name,
    }


def _find_provider(
    reported: ReportedCheck | ReportedMeeting,
    commune: Place,
    on: date,
    *,
    kinds: list[str],
    register: Register,
    problems: Problems,
) -> Provider | None:
    """Return the provider named, or the commune's own of the given (else first fitting) kind."""
    kind = reported.provider_kind
    if kind and kind not in ProviderKind.values:
        shared.choose("provider_kind", kind, ProviderKind.values, problems)
        return None
    if reported.provider:
        provider = register.provider(reported.provider)
        kind = kind or (provider.kind if provider else ProviderKind.COMMUNE.value)
    elif not kind and kinds:
        kind = kinds[0]
    if not kind:
        problems.say("provider", _("Say which provider it was, or of which kind."))
        return None
    if kinds and kind not in kinds:
        problems.say(
            "indicator",
            _("It is not asked about a provider of the kind “%(kind)s”.")
            % {"kind": str(ProviderKind(kind).label)},
        )
        return None
    return shared.find_provider(
        reported.provider, commune, kind, on, register=register, problems=problems
    )


def _find_indicator(
    code: str, kind: IndicatorKind, register: Register, problems: Problems
) -> Indicator | None:
    if not code:
        problems.say("indicator", _("Say which indicator it is about."))
        return None
    indicator = register.indicator(code)
    if indicator is None:
        problems.say("indicator", _("No indicator has the code “%(code)s”.") % {"code": code})
        return None
    if indicator.kind != kind:
        problems.say(
            "indicator",
            _("“%(code)s” is an indicator of another kind.") % {"code": code},
        )
        return None
    return indicator


def _kinds_voted_on(codes: list[str], register: Register) -> list[str]:
    """Return the kinds of provider about which the first known indicator of the votes is asked."""
    for code in codes:
        indicator = register.indicator(code)
        if indicator is not None:
            return list(indicator.provider_kinds)
    return []
