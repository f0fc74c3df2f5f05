"""Problems of a form, in the reader's language and with the cell."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


@dataclass(frozen=True)
class Problem:
    """One problem: where (sheet and cell, or the question's path) and what, in words."""

    sheet: str
    cell: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.where}: {self.sentence}" if self.where else self.sentence

    @property
    def where(self) -> str:
        return f"{self.sheet}!{self.cell}" if self.sheet and self.cell else self.cell or self.sheet


class FormProblems(Exception):  # noqa: N818 - a list of problems, shown to a person
    """A form that cannot be used, with every problem found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(p) for p in problems))
        self.problems = problems


OUTSIDE = {
    "type": gettext_lazy("The tablet has no question of type “%(name)s”."),
    "appearance": gettext_lazy("The tablet does not know the appearance “%(name)s”."),
    "function": gettext_lazy("The tablet does not know the function %(name)s()."),
    "choices": gettext_lazy("The tablet cannot take choices from “%(name)s”."),
    "metadata": gettext_lazy("The tablet does not record “%(name)s”."),
    "video": gettext_lazy("The tablet does not play videos."),
    "encrypted": gettext_lazy("The tablet does not encrypt; encrypted forms are for ODK Collect."),
    "empty": gettext_lazy("The form asks nothing."),
}
"""Why something lies outside the tablet's subset."""

RESERVED = {
    "inside_repeat": gettext_lazy("“%(name)s” must not lie inside another repeat."),
    "twice": gettext_lazy("There may be only one “%(name)s”."),
    "needed": gettext_lazy("“%(group)s” needs a question named “%(name)s”."),
    "type": gettext_lazy("“%(name)s” must be of type %(wanted)s."),
    "choices": gettext_lazy("“%(name)s” allows only the choices %(wanted)s."),
    "personal": gettext_lazy(
        "“%(name)s”: names and telephone numbers of citizens are not collected."
    ),
    "indicator": gettext_lazy("There is no indicator %(name)s of this kind."),
    "repeat": gettext_lazy("“%(name)s” must be a repeat."),
    "no_indicator": gettext_lazy("“%(group)s” asks about no indicator."),
}
"""Why reserved names are used wrongly; see docs/forms.md."""

_COLUMN = {
    "type": "type",
    "appearance": "appearance",
    "choices": "type",
    "metadata": "type",
    "video": "type",
}


def outside_problem(entry: dict[str, Any], sheets: Any) -> Problem:
    """Return the sentence for one entry of what the compiler refused, with its cell."""
    about = entry.get("about", {})
    column = about.get("column") or _COLUMN.get(entry["why"], "name")
    sheet, cell = sheets.place(entry["path"], column) if sheets else ("", entry["path"])
    return Problem(sheet, cell, str(OUTSIDE[entry["why"]]) % about)


def outside_json(problems: list[Problem]) -> list[dict[str, str]]:
    """Convert problems of the tablet to the JSON that ``FormVersion.outside_subset`` stores."""
    return [{"where": p.where, "sentence": p.sentence} for p in problems]


def framed(sentence: str) -> str:
    """Return pyxform's own sentence within one in the reader's language."""
    return _("The form cannot be read: %(sentence)s") % {"sentence": sentence}
