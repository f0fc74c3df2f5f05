"""Problems of a reported observation, by field, in sentences of the reader's language."""

from datetime import date

from django.utils.translation import get_language

from khmer.dates import format_date


class Problems(dict[str, list[str]]):
    """Field name to sentences; empty where nothing is wrong."""

    def say(self, field: str, sentence: str) -> None:
        """Add one sentence about one field."""
        self.setdefault(field, []).append(sentence)

    def sentences(self) -> list[str]:
        """Return all sentences, each beginning with the field it is about."""
        return [f"{field}: {s}" for field, text in self.items() for s in text]


def day(on: date) -> str:
    """Return a date as the reader writes it."""
    return format_date(on, "km" if (get_language() or "km").startswith("km") else "en")
