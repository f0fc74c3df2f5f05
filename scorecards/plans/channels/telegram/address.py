"""Chats of Telegram."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from khmer.digits import to_ascii

_CHAT = re.compile(r"-?[0-9]{4,16}|@[A-Za-z][A-Za-z0-9_]{4,31}")


def read(text: str) -> str:
    """Read the number of a chat, or a channel's @name. Raises ValidationError."""
    plain = to_ascii(text).strip()
    if not _CHAT.fullmatch(plain):
        raise ValidationError(_("This is not a Telegram chat: its number, or @name."))
    return plain
