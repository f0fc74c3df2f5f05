"""Rules that cases, votes and checks share: the commune, the provider, the people."""

from collections.abc import Container, Iterable
from datetime import date
from typing import Protocol

from django.utils.translation import gettext as _

from accounts.models import Programme, User
from parsing.days import DayRange
from parsing.errors import UnreadableValue
from places.models import Place
from standards.book import provider_open
from standards.models import Provider, ProviderKind
from surveys.models import Channel
from surveys.reference_data import Register
from surveys.validation.problems import Problems, day


class Words(Container[str], Iterable[str], Protocol):
    """A fixed list of words; a tuple or a dictionary by its keys."""


FACILITATOR_LIMIT = 150
NAME_LIMIT = 80

# What other programs call our channels.
_CHANNELS = {c.value: c.value for c in Channel} | {
    "openrosa": Channel.ODK.value,
    "odk collect": Channel.ODK.value,
    "app": Channel.CITIZEN.value,
    "phone": Channel.HOTLINE.value,
    "ivr": Channel.HOTLINE.value,
    "web": Channel.PAGE.value,
    "spreadsheet": Channel.IMPORT.value,
}


def channel_of(text: str) -> str | None:
    """Return our name of a channel, or None for an unknown one."""
    return _CHANNELS.get(text.strip().lower())


def check_name(field: str, name: str, problems: Problems) -> None:
    """Check the id of one observation among all others: present, and not too long.

    It is part of an address of the REST API, before the step ``void`` of that address; clients
    leave steps of dots out of an address before they send it.
    """
    if not name:
        problems.say(field, _("Give every row a name of its own: no other row has it."))
    elif len(name) > NAME_LIMIT:
        problems.say(field, _("Longer than %(limit)s characters.") % {"limit": NAME_LIMIT})
    elif not name.isprintable():
        problems.say(field, _("It holds characters that cannot be seen."))
    elif not name.strip(".") or name.rpartition("/")[2] == "void":
        problems.say(field, _("No address can hold this name. Choose another."))


def find_commune(
    code: str, on: date | None, register: Register, problems: Problems
) -> Place | None:
    """Return the commune with this code, if it existed on that day."""
    if not code:
        problems.say("commune", _("Say which commune: its official code of six digits."))
        return None
    commune = register.commune(code)
    if commune is None:
        problems.say("commune", _("No commune has the official code “%(code)s”.") % {"code": code})
        return None
    if on is None or commune.is_valid(on):
        return commune
    if commune.valid_to is not None and commune.valid_to < on:
        text = _("Commune %(code)s was retired on %(day)s.") % {
            "code": code,
            "day": day(commune.valid_to),
        }
    else:
        text = _("Commune %(code)s did not exist yet on %(day)s.") % {"code": code, "day": day(on)}
    problems.say("commune", text)
    return None


def check_day(field: str, on: date | None, days: DayRange, problems: Problems) -> None:
    """Refuse a day outside the plausible ``days``: too long ago, or still to come."""
    if on is None:
        return
    if on > days.last:
        problems.say(field, _("%(day)s is in the future.") % {"day": day(on)})
        return
    try:
        days.check(on)
    except UnreadableValue as error:
        problems.say(field, str(error))


def find_provider(
    code: str,
    commune: Place,
    kind: str,
    on: date,
    *,
    register: Register,
    problems: Problems,
) -> Provider | None:
    """Return the provider with this code, or the commune's own of the kind where none was named."""
    if code:
        return _named_provider(code, kind, on, register, problems)
    providers = register.providers_of(commune.code, kind, on)
    if len(providers) == 1:
        return providers[0]
    if not providers:
        problems.say(
            "provider",
            _("No provider of the kind “%(kind)s” is known for commune %(code)s.")
            % {"kind": str(ProviderKind(kind).label), "code": commune.code},
        )
    else:
        problems.say(
            "provider",
            _("Several of the kind “%(kind)s” serve commune %(code)s; say which: %(codes)s.")
            % {
                "kind": str(ProviderKind(kind).label),
                "code": commune.code,
                "codes": ", ".join(p.code for p in providers[:6]),
            },
        )
    return None


def _named_provider(
    code: str, kind: str, on: date, register: Register, problems: Problems
) -> Provider | None:
    provider = register.provider(code)
    if provider is None:
        problems.say("provider", _("No provider has the code “%(code)s”.") % {"code": code})
        return None
    if provider.kind != kind:
        problems.say(
            "provider",
            _("“%(provider)s” is a provider of the kind “%(kind)s”, which does not give this.")
            % {"provider": code, "kind": str(ProviderKind(provider.kind).label)},
        )
        return None
    if not provider_open(provider, on):
        problems.say(
            "provider",
            _("Provider “%(code)s” was not open on %(day)s.") % {"code": code, "day": day(on)},
        )
        return None
    return provider


def find_facilitator(text: str, register: Register, problems: Problems) -> tuple[User | None, str]:
    """Return the account of a facilitator, or the name as it was written where there is none.

    Many facilitators are volunteers of a commune and have no account; their name or
    code still shows which cases were gathered by one person on one day.
    """
    if not text:
        return None, ""
    person = register.person(text)
    if person is not None:
        return person, ""
    if len(text) > FACILITATOR_LIMIT:
        problems.say(
            "facilitator", _("Longer than %(limit)s characters.") % {"limit": FACILITATOR_LIMIT}
        )
    return None, text[:FACILITATOR_LIMIT]


def find_programme(code: str, register: Register, problems: Problems) -> Programme | None:
    """Return the programme with this code."""
    if not code:
        return None
    programme = register.programme(code)
    if programme is None:
        problems.say("programme", _("No programme has the code “%(code)s”.") % {"code": code})
    return programme


def choose(
    field: str,
    text: str,
    choices: Words,
    problems: Problems,
    *,
    required: bool = False,
) -> str:
    """Return ``text`` if it is one of a fixed list; else report a sentence that lists them."""
    if not text and not required:
        return ""
    if text in choices:
        return text
    words = ", ".join(choices)
    if text:
        problems.say(field, _("“%(text)s” is none of: %(words)s.") % {"text": text, "words": words})
    else:
        problems.say(field, _("Fill this in with one of: %(words)s.") % {"words": words})
    return ""


def check_range(field: str, number: int | None, least: int, most: int, problems: Problems) -> None:
    """Check that a whole number is inside its limits; None (not known) is permitted."""
    if number is not None and not least <= number <= most:
        problems.say(
            field,
            _("%(number)s is not between %(least)s and %(most)s.")
            % {"number": number, "least": least, "most": most},
        )
