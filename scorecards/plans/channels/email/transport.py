"""Send e-mail. Its Message-ID is the message's own id.

A mail server takes a message at the end of DATA, and cannot be asked later what it took. So
``hand_over`` is called right before DATA: what breaks earlier can be tried again, what breaks
later may have arrived.
"""

import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from scorecards.plans.channels import Letter
from scorecards.plans.channels.errors import (
    CannotTellError,
    ChannelError,
    RefusedError,
    UnclearError,
)

TIMEOUT = 20


def is_configured() -> bool:
    """Return whether a mail server is named (``MAIL_HOST``)."""
    return bool(settings.EMAIL_HOST)


def message_id(key: str) -> str:
    """Return the Message-ID of the message with this id."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    return f"<{key}@{domain}>"


def send(letter: Letter, hand_over: Callable[[], None]) -> str:
    """Send one e-mail; return its Message-ID. Raises ChannelError, RefusedError, UnclearError."""
    identifier = message_id(letter.key)
    handed = False

    def handing() -> None:
        nonlocal handed
        hand_over()
        handed = True

    try:
        with _connection(handing) as connection:
            message = EmailMessage(
                letter.subject,
                letter.text,
                to=[letter.address],
                headers={"Message-ID": identifier},
                connection=connection,
            )
            message.send()
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _said in refused.recipients.values()]
        if all(500 <= code < 600 for code in codes):
            raise RefusedError(f"refused with {codes}") from None
        raise ChannelError(f"refused for now with {codes}") from None
    except smtplib.SMTPResponseException as answered:
        raise ChannelError(f"refused for now with {answered.smtp_code}") from None
    except (smtplib.SMTPException, OSError) as trouble:
        kind = UnclearError if handed else ChannelError
        raise kind(type(trouble).__name__) from None
    return identifier


@contextmanager
def _connection(handing: Callable[[], None]) -> Iterator[Any]:
    """Open a connection to the mail server that calls ``handing`` before each DATA."""
    connection = get_connection()
    connection.open()
    server = getattr(connection, "connection", None)
    if isinstance(server, smtplib.SMTP):
        send_data = server.data

        def data(message: Any) -> Any:
            handing()
            return send_data(message)

        setattr(server, "data", data)  # noqa: B010  one connection's method, not the class's
    else:
        handing()
    try:
        yield connection
    finally:
        # an error at QUIT changes nothing about what was accepted
        with suppress(smtplib.SMTPException, OSError):
            connection.close()


def find(address: str, key: str, since: datetime) -> str | None:
    """Raise CannotTellError: a mail server cannot be asked what it took."""
    raise CannotTellError
