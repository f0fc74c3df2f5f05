"""Differences between two versions of a record."""

from dataclasses import dataclass

from surveys.submissions.processing.answers import Answers

_NO_ANSWER = frozenset({"instanceID", "deprecatedID"})


@dataclass(frozen=True)
class Difference:
    """One answer that differs; None where the wording has no such answer."""

    path: str
    old: str | None
    new: str | None


def _leaves(xml: bytes) -> dict[str, str]:
    texts: dict[str, str] = {}
    for path, elements in Answers(xml).by_path.items():
        if path.rpartition("/")[2] in _NO_ANSWER:
            continue
        for number, element in enumerate(elements, start=1):
            if not len(element):
                name = path if len(elements) == 1 else f"{path}[{number}]"
                texts[name] = (element.text or "").strip()
    return texts


def differences(old: bytes, new: bytes) -> list[Difference]:
    """Return every answer that differs between two wordings, in the order of the newer one.

    Raises UnsafeXmlError when one of them is not XML.
    """
    before, after = _leaves(old), _leaves(new)
    paths = [*after, *(p for p in before if p not in after)]
    return [
        Difference(path, before.get(path), after.get(path))
        for path in paths
        if (before.get(path) or "") != (after.get(path) or "")
    ]
