"""Send e-mail. Its Message-ID is the message's own id, so a second copy is known as the same."""

from datetime import datetime
from smtplib import SMTPException, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage

from scorecards.plans.channels.errors import ChannelError, RefusedError

TIMEOUT = 20


def is_configured() -> bool:
    """Return whether a mail server is named (``MAIL_HOST``)."""
    return bool(settings.EMAIL_HOST)


def message_id(key: str) -> str:
    """The Message-ID of the message with this id."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    return f"<{key}@{domain}>"


def send(address: str, key: str, subject: str, text: str) -> str:
    """Send one e-mail; returns its Message-ID. Raises ChannelError, RefusedError."""
    identifier = message_id(key)
    message = EmailMessage(subject, text, to=[address], headers={"Message-ID": identifier})
    try:
        message.send()
    except SMTPRecipientsRefused as refused:
        codes = [code for code, _said in refused.recipients.values()]
        if all(500 <= code < 600 for code in codes):
            raise RefusedError(f"refused with {codes}") from None
        raise ChannelError(f"refused for now with {codes}") from None
    except (SMTPException, OSError) as trouble:
        raise ChannelError(type(trouble).__name__) from None
    return identifier


def find(address: str, key: str, since: datetime) -> str | None:
    """A mail server cannot be asked what it took: a second copy carries the same Message-ID."""
    return None
