"""Button for choosing a file, with our own text.

The browser's button is in the browser's language.
"""

from typing import Any

from django import forms


class FileButton(forms.FileInput):
    """A file input behind a labelled button, with the chosen name shown beside it.

    Works by keyboard and without a script; ``pages/file-button.js`` shows what was chosen.
    """

    template_name = "pages/file_button.html"

    def __init__(self, attrs: dict[str, Any] | None = None, *, several: bool = False) -> None:
        self.allow_multiple_selected = several
        super().__init__({**(attrs or {}), "multiple": True} if several else attrs)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Return the context; the text shown before a choice is a description of the input."""
        context = super().get_context(name, value, attrs)
        attributes = context["widget"]["attrs"]
        about = f"{attributes['id']}_chosen"
        attributes["aria-describedby"] = " ".join(
            filter(None, (attributes.get("aria-describedby"), about))
        )
        return context | {"about": about, "several": self.allow_multiple_selected}
