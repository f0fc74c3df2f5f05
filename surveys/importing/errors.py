"""The error of a spreadsheet as a whole; a cell raises ``parsing.errors.UnreadableValue``."""


class BadFile(Exception):  # noqa: N818 - reads as a fact about the file
    """The file as a whole cannot be read; the message is a sentence for the person who sent it."""
