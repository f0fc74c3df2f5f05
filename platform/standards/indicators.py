"""The catalogue of indicators, for pages: names that never fail, read once per question."""

from standards.models import Indicator


def indicators(*, kind: str | None = None, provider_kind: str | None = None) -> list[Indicator]:
    """Return indicators in order, of one ``kind`` and for one kind of provider where given."""
    rows = Indicator.objects.all()
    if kind is not None:
        rows = rows.filter(kind=kind)
    if provider_kind is not None:
        rows = rows.filter(provider_kinds__contains=[provider_kind])
    return list(rows)


def by_code() -> dict[str, Indicator]:
    """Return every indicator by its code, in order: one query for a whole page."""
    return {i.code: i for i in Indicator.objects.all()}


def name_of(code: str, existing: dict[str, Indicator] | None = None) -> str:
    """Return the indicator's name in the reader's language.

    An unknown indicator is named by its code.
    """
    entry = (existing if existing is not None else by_code()).get(code)
    return entry.name if entry is not None else code
