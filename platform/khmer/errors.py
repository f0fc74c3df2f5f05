"""Errors of reading a piece of text."""


class UnreadableText(ValueError):  # noqa: N818 - reads as a fact about the text
    """Text that is not what it should be; ``code`` names the reason for the caller's sentence."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        self.text = text
        super().__init__(f"{code}: {text!r}")
