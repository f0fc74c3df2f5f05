"""Ways to write to an office: a package for each, always with the same files.

``address.py``   ``read(text) -> str``: an address in one writing; raises ValidationError
``transport.py`` ``is_configured() -> bool``; ``send(address, key, subject, text) -> reference``;
                 ``find(address, key, since) -> reference | None``: what a message was sent as,
                 None where it was not sent or the channel cannot say

``key`` is the message's own id: a second try after a crash carries the same.
"""

from datetime import datetime
from importlib import import_module
from typing import Protocol, cast

from scorecards.plans.models.vocabulary import ContactChannel

_PACKAGES = {
    ContactChannel.EMAIL: "email",
    ContactChannel.SMS: "sms",
    ContactChannel.TELEGRAM: "telegram",
}


class Transport(Protocol):
    """The functions that every channel's ``transport.py`` offers."""

    def is_configured(self) -> bool: ...
    def send(self, address: str, key: str, subject: str, text: str) -> str: ...
    def find(self, address: str, key: str, since: datetime) -> str | None: ...


def transport_of(channel: str) -> Transport:
    """The transport of a channel that writes messages."""
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
