"""Write text into spreadsheets so that no program takes it for a formula, and read it back.

A cell that begins with one of these signs is run as a formula by Excel and LibreOffice, also in a
CSV file; a citizen's answer or an office's name must not be able to do that (CWE-1236).
"""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def escape(cell: str) -> str:
    """Return the cell with an apostrophe before it where it would be taken for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def escape_text(cell: str) -> str:
    """Return the cell escaped unless it is a plain number, such as -12.5."""
    if cell.startswith(FORMULA_STARTS):
        try:
            float(cell)
        except ValueError:
            return f"'{cell}"
    return cell


def unescape(cell: str) -> str:
    """Return the cell without the apostrophe that ``escape`` puts before it."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA_STARTS) else cell
