"""A standard in the reader's words: ``{% load standards %}``. Unknown is never zero."""

from typing import NamedTuple
from urllib.parse import urlsplit

from django import template

from standards import wording
from standards.models import Standard
from standards.terms import Terms

register = template.Library()


class Source(NamedTuple):
    """The source of a fact: a link with the name of its site, or plain words."""

    text: str
    url: str


for words in (wording.fee, wording.concession, wording.days, wording.years, wording.option_name):
    register.filter(words.__name__, words)


@register.filter
def documents_note(standard: Standard | None) -> str:
    """Return the note beside the documents of a standard; see ``wording``."""
    return wording.documents_note(Terms.of(standard) if standard else None)


@register.filter
def sources(text: str) -> list[Source]:
    """Return sources named in a text, split at ";", addresses as links with their site's name."""
    sources_named = []
    for part in (p.strip() for p in text.split(" ; ")):
        if part.startswith(("https://", "http://")):
            sources_named.append(Source(urlsplit(part).netloc.removeprefix("www."), part))
        elif part:
            sources_named.append(Source(part, ""))
    return sources_named
