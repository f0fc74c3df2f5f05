"""The two things that go wrong with a spreadsheet: the file, or a cell."""


class BadFile(Exception):  # noqa: N818 - reads as a fact about the file
    """The file as a whole cannot be read; the message is a sentence for the person who sent it."""


class BadCell(ValueError):  # noqa: N818 - reads as a fact about the cell
    """One cell cannot be read; the message is a sentence for the person who sent it."""
