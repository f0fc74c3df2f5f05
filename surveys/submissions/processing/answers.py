"""Read a stored record: its answers by path, with the form it was filled in."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from lxml import etree

from surveys.forms.compile import compile_form
from surveys.forms.safe_xml import UnsafeXmlError, local, parse
from surveys.forms.times import PHNOM_PENH
from surveys.forms.xform import XForm
from surveys.models import FormVersion, Submission

Json = dict[str, Any]
_NOT_ANSWERS = frozenset(
    {
        *("instanceID", "instanceName", "deprecatedID", "start", "end", "today", "deviceid"),
        *("username", "phonenumber", "simserial", "subscriberid", "email", "audit"),
    }
)


@dataclass(frozen=True)
class Readable:
    """A version of a form, parsed once per process: what reading its records needs."""

    pk: int
    compiled: Json
    questions: dict[str, Json]
    """questions of the body, by path"""

    @property
    def binds(self) -> dict[str, Json]:
        binds: dict[str, Json] = self.compiled["binds"]
        return binds


def _questions(items: list[Json]) -> Iterator[Json]:
    for item in items:
        if item["kind"] == "question":
            yield item
        else:
            yield from _questions(item["children"])


def plain(words: dict[str, Any], language: str = "") -> str:
    """Return a text of ``tablet.json`` as one string, outputs left out."""
    parts: list[Any] = words.get(language) or next(iter(words.values()), [])
    return "".join(part for part in parts if isinstance(part, str)).strip()


@lru_cache(maxsize=128)
def readable(version_id: int) -> Readable:
    """Return a published version, read once: published versions never change."""
    version = FormVersion.objects.only("xml", "compiled").get(pk=version_id)
    compiled: Json = version.compiled
    if "secondary" not in compiled:  # compiled before expressions could read lists
        compiled = {
            **compiled,
            "secondary": compile_form(XForm(version.xml.encode()))[0]["secondary"],
        }
    questions = {q["path"]: q for q in _questions(compiled["body"])}
    return Readable(version_id, compiled, questions)


class Answers:
    """The answers of one wording of a record. Raises UnsafeXmlError for what is not XML."""

    def __init__(self, xml: bytes) -> None:
        self.root = parse(bytes(xml))

    @cached_property
    def by_path(self) -> dict[str, list[etree._Element]]:
        """Return every element by its path (names without namespaces), in order."""
        elements: dict[str, list[etree._Element]] = {}
        self._walk(self.root, "", elements)
        return elements

    def _walk(
        self, element: etree._Element, above: str, elements: dict[str, list[etree._Element]]
    ) -> None:
        path = f"{above}/{local(element)}"
        elements.setdefault(path, []).append(element)
        for child in element:
            self._walk(child, path, elements)

    def at(self, path: str) -> list[etree._Element]:
        """Return the elements at a path as a bind writes it."""
        return self.by_path.get(path.replace("orx:", ""), [])

    def text(self, path: str) -> str:
        """Return the text of the first element at a path."""
        elements = self.at(path)
        return (elements[0].text or "").strip() if elements else ""

    def first_named(self, name: str) -> str:
        """Return the text of the first leaf with this name right under the root."""
        leaf = next((c for c in self.root if local(c) == name), None)
        return (leaf.text or "").strip() if leaf is not None and not len(leaf) else ""

    def preloaded(self, compiled: Json, params: str) -> str:
        """Return the value of a metadata question (start, end, username)."""
        for preload in compiled["preloads"]:
            if preload["params"] == params:
                return self.text(preload["path"])
        return ""

    @cached_property
    def fingerprint(self) -> str:
        """Return the sha256 of the answers alone: without ids, times and devices.

        It is "" where there are no answers.
        """
        kept = hashlib.sha256()
        answer = False
        for element in self.root.iter():
            name = local(element)
            text = (element.text or "").strip()
            if not text or len(element) or name in _NOT_ANSWERS:
                continue
            answer = True
            kept.update(f"{name}={text}\n".encode())
        return kept.hexdigest() if answer else ""


def current_xml(submission: Submission) -> bytes:
    """Return the current wording."""
    return bytes(submission.current.xml if submission.current else submission.xml)


def current_version_id(submission: Submission) -> int:
    """Return the number of the form version in which the current wording was filled in."""
    return submission.current.version_id if submission.current else submission.version_id


def read_current(submission: Submission) -> tuple[Readable, Answers] | None:
    """Return the current wording with its form; None when it cannot be read (such as encrypted)."""
    try:
        return readable(current_version_id(submission)), Answers(current_xml(submission))
    except UnsafeXmlError:
        return None


def moment(text: str) -> datetime | None:
    """Return a date and time as clients write it; without a zone it is Phnom Penh's."""
    try:
        moment_read = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 1970 <= moment_read.year <= 2200:
        return None  # a device whose clock was never set; beyond it time zones overflow
    return moment_read if moment_read.tzinfo else moment_read.replace(tzinfo=PHNOM_PENH)
