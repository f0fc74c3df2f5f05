"""Keep free text of citizens out of the history, which nobody can erase.

The history records that a note was written or changed, and its length; the words are in the record
alone, where they can be erased.
"""

from typing import Any

from django.utils.crypto import salted_hmac

FREE_TEXT = frozenset({"note", "comment", "topic"})
"""Names of fields whose words may name somebody."""


def without_words(facts: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the facts, with a mark in place of each free text.

    The same words have the same mark.
    """
    if facts is None:
        return None
    return {name: _mark(text) if name in FREE_TEXT else text for name, text in facts.items()}


def _mark(text: Any) -> Any:
    if not isinstance(text, str) or not text:
        return text
    mark = salted_hmac("audit.notes", text, algorithm="sha256").hexdigest()[:4]
    return f"({len(text)} characters, {mark})"
