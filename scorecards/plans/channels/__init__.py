"""Ways to write to an office: a package for each, always with the same files.

``address.py``   ``read(text) -> str``: an address in one writing; raises ValidationError
``transport.py`` ``is_configured() -> bool``; ``send(letter, hand_over) -> reference``, which calls
                 ``hand_over()`` just before the channel can take the message, and raises
                 UnclearError where it cannot know whether the channel took it;
                 ``find(address, key, since) -> reference | None``: what a message was sent as,
                 None where it was not sent; raises CannotTellError where nobody can be asked
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Protocol, cast

from scorecards.plans.models.vocabulary import ContactChannel

_PACKAGES = {
    ContactChannel.EMAIL: "email",
    ContactChannel.SMS: "sms",
    ContactChannel.TELEGRAM: "telegram",
}


@dataclass(frozen=True)
class Letter:
    """One message to one address; ``key`` is its own id, the same at each try."""

    address: str
    key: str
    subject: str
    text: str


class Transport(Protocol):
    """The functions that every channel's ``transport.py`` offers."""

    def is_configured(self) -> bool: ...
    def send(self, letter: Letter, hand_over: Callable[[], None]) -> str: ...
    def find(self, address: str, key: str, since: datetime) -> str | None: ...


def transport_of(channel: str) -> Transport:
    """Return the transport of a channel that writes messages."""
    package = _PACKAGES[ContactChannel(channel)]
    return cast("Transport", import_module(f"scorecards.plans.channels.{package}.transport"))


def writes(channel: str) -> bool:
    """Return whether the channel carries messages that a program writes."""
    return channel in _PACKAGES


def address_of(channel: str, text: str) -> str:
    """Read an address of this channel. Raises ValidationError."""
    package = _PACKAGES.get(ContactChannel(channel), "sms")  # a telephone number as a text message
    module = import_module(f"scorecards.plans.channels.{package}.address")
    return str(module.read(text))
