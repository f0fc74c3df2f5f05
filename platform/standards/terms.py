"""The terms of a standard: the official price, time and documents of one service.

``Terms`` are plain values, read once from a standard: the citizens' app gets them as JSON, the
hotline and the posters speak and print from them. Words for them are in ``standards.wording``;
which standard applies on a day is decided in ``standards.book`` only.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from standards.models import Standard


@dataclass(frozen=True)
class Terms:
    """The terms of one service and option; the field names are those of ``Standard``.

    ``fee`` and ``fee_concession`` are whole riel or dollars; ``None`` in these and in
    ``days_max`` means that nothing was ever published, never zero. ``documents`` are
    (code, Khmer, English); texts of two languages are (Khmer, English).
    """

    service: str
    option: str
    fee: int | None
    fee_concession: int | None
    currency: str
    fee_unit: str
    days_max: int | None
    day_kind: str
    valid_years: int | None
    documents: tuple[tuple[str, str, str], ...]
    documents_known: bool
    legal_basis: tuple[str, str]
    completeness: tuple[str, str]
    checked_on: date | None

    @classmethod
    def of(cls, row: Standard) -> Self:
        """Read the terms of a standard; without queries if service and documents were fetched."""
        return cls(
            service=row.service.code,
            option=row.option,
            fee=row.fee,
            fee_concession=row.fee_concession,
            currency=row.currency,
            fee_unit=row.fee_unit,
            days_max=row.days_max,
            day_kind=row.day_kind,
            valid_years=row.valid_years,
            documents=tuple(
                (r.document.code, r.document.name_km, r.document.name_en)
                for r in row.required.all()
            ),
            documents_known=row.documents_known,
            legal_basis=(row.legal_basis_km, row.legal_basis_en or row.legal_basis_km),
            completeness=(row.completeness_km, row.completeness_en or row.completeness_km),
            checked_on=row.checked_on,
        )

    def as_json(self) -> dict[str, Any]:
        """Return the terms as the citizens' app and the tablet get them, with their words.

        Words are made only here and both apps show them unchanged, so that a phone without a
        network shows the same as the office's poster and the hotline.
        """
        from standards import wording

        return {
            "option": self.option,
            "fee": self.fee,
            "concession": self.fee_concession,
            "currency": self.currency,
            "unit": self.fee_unit,
            "days": self.days_max,
            "dayKind": self.day_kind,
            "years": self.valid_years,
            "papersKnown": self.documents_known,
            "papers": [list(document) for document in self.documents],
            "basis": list(self.legal_basis),
            "missing": list(self.completeness),
            "checked": self.checked_on.isoformat() if self.checked_on else None,
            "words": {
                "fee": wording.in_both_languages(lambda: wording.fee(self)),
                "concession": wording.in_both_languages(lambda: wording.concession(self)),
                "days": wording.in_both_languages(lambda: wording.days(self)),
                "documents": wording.in_both_languages(lambda: wording.documents_note(self)),
            },
        }
