"""A record in words: questions and choices by their labels, remarks in sentences."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from pages.languages import readers_language
from pages.templatetags.khmer import digits
from places.models import Place
from surveys.models import QualityFlag, Submission
from surveys.submissions.processing.answers import Readable, plain, read_current
from surveys.submissions.review.differences import Difference

DETAILS = {
    "seconds": gettext_lazy("seconds"),
    "answers": gettext_lazy("answers"),
    "answer": gettext_lazy("answer"),
    "times": gettext_lazy("times"),
    "km": gettext_lazy("kilometres"),
    "hour": gettext_lazy("hour"),
    "value": gettext_lazy("answer"),
    "other": gettext_lazy("the other record"),
}
"""What the parts of a remark are called; a part that is not here keeps its own name."""


@dataclass(frozen=True)
class Remark:
    """A quality flag in words: what it is, the question it is about, and its details."""

    title: str
    question: str
    details: list[str]


def question_label(form: Readable | None, path: str) -> str:
    """Return the label of the question at ``path``; the path's last part if it is unknown."""
    question = form.questions.get(path.partition("[")[0]) if form is not None else None
    label = plain(question["label"], readers_language()) if question else ""
    return label or path.rpartition("/")[2]


def answer_in_words(form: Readable, question: dict[str, Any], value: str) -> str:
    """Return the labels of what was chosen; anything else as it was answered."""
    chosen = question.get("items")
    if not chosen or not value:
        return value
    words = {
        choice["name"]: plain(choice["label"], readers_language())
        for choice in form.compiled["lists"].get(chosen["list"], [])
    }
    names = value.split() if question["control"] == "select_multiple" else [value]
    return ", ".join(words.get(name) or _place(name) or name for name in names)


def _place(code: str) -> str:
    """Return the name of the place with this code: places are chosen from no list of the form."""
    if not (code.isascii() and code.isdigit() and len(code) in {2, 4, 6, 8}):
        return ""
    place = Place.objects.filter(code=code).first()
    return place.full_name if place is not None else ""


def answers_of(submission: Submission) -> list[dict[str, Any]]:
    """Return the current answers in the form's order, with questions and choices in words."""
    current = read_current(submission)
    if current is None:
        return []
    form, answers = current
    files = {a.name: a for a in submission.attachments.all() if a.edit_id == submission.current_id}
    rows = []
    for path, question in form.questions.items():
        for element in answers.at(path):
            value = (element.text or "").strip()
            if question["control"] == "note" or not value:
                continue
            rows.append(
                {
                    "path": path,
                    "label": question_label(form, path),
                    "value": answer_in_words(form, question, value),
                    "file": files.get(value),
                }
            )
    return rows


def changes_of(submission: Submission, differences: list[Difference]) -> list[dict[str, Any]]:
    """Return differences with the questions and the choices in words."""
    read = read_current(submission)
    form = read[0] if read else None
    rows = []
    for one in differences:
        question = form.questions.get(one.path.partition("[")[0]) if form is not None else None
        old, new = one.old, one.new
        if form is not None and question is not None:
            old, new = (answer_in_words(form, question, (v or "").strip()) for v in (old, new))
        rows.append({"label": question_label(form, one.path), "old": old, "new": new})
    return rows


def remarks_of(submission: Submission, flags: list[QualityFlag]) -> list[Remark]:
    """Return quality flags with the question in words and the details named."""
    read = read_current(submission) if any(flag.path for flag in flags) else None
    form = read[0] if read else None
    return [
        Remark(
            title=str(flag.get_kind_display()),
            question=question_label(form, flag.path) if flag.path else "",
            details=[f"{DETAILS.get(key, key)}: {_detail(v)}" for key, v in flag.detail.items()],
        )
        for flag in flags
    ]


def _detail(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_detail(part) for part in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_detail(part)}" for key, part in value.items())
    return digits(value) if isinstance(value, int | float) else str(value)
