"""Conversion between Khmer digits ០១២៣៤៥៦៧៨៩ and ASCII digits."""

_KHMER = "០១២៣៤៥៦៧៨៩"
_ASCII = "0123456789"
_TO_ASCII = str.maketrans(_KHMER, _ASCII)
_TO_KHMER = str.maketrans(_ASCII, _KHMER)


def to_ascii(text: str) -> str:
    """Return ``text`` with every Khmer digit written 0-9; everything else is left alone."""
    return text.translate(_TO_ASCII)


def to_khmer(text: str) -> str:
    """Return ``text`` with every digit 0-9 written ០-៩; everything else is left alone."""
    return text.translate(_TO_KHMER)
