"""The words on screen: find them in the code, keep every catalogue complete, compile it.

`python -m tools.messages compile | update | check`

Each Django app keeps its own catalogue, `locale/km/LC_MESSAGES/django.po`; the
message ids are the English texts. Everything is pure Python (Babel and Django's
own reader of templates): no GNU gettext is needed.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
LANGUAGE = "km"
PROJECT = "Keep its word"
SKIPPED = {"tests", "migrations", "node_modules", "frontend", "static", "locale", "__pycache__"}
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
CALL = re.compile(r"(?<![\w.])(n?p?gettext|_)\(")

Text = str | tuple[str, str]
"""A message id, or its singular and plural."""


@dataclass(frozen=True)
class CodeMessage:
    """One message in the code."""

    text: Text
    context: str | None
    line: int
    comments: tuple[str, ...] = ()


def apps() -> list[Path]:
    """Return the folders of our Django apps."""
    bases = [ROOT, ROOT / "platform"]
    folders = [path.parent for base in bases for path in base.glob("*/apps.py")]
    inner = [
        path.parent for name in ("surveys", "scorecards") for path in ROOT.glob(f"{name}/*/apps.py")
    ]
    return sorted({*folders, *inner})


def sources(app: Path) -> Iterator[Path]:
    """Yield the code and templates that belong to an app and to no app inside it."""
    for path in sorted(app.iterdir()):
        if path.is_dir():
            if path.name not in SKIPPED and not (path / "apps.py").exists():
                yield from sources(path)
        elif path.suffix in {".py", ".html", ".txt", ".xml"}:
            yield path


def in_python(path: Path) -> Iterator[CodeMessage]:
    """Yield the messages of a Python file."""
    with path.open("rb") as code:
        tags = ["Translators:"]
        for line, text, comments, context in extract("python", code, KEYWORDS, tags):
            if isinstance(text, str) and not text:
                continue
            yield CodeMessage(_text(text), context, line, tuple(comments))


def in_template(path: Path) -> Iterator[CodeMessage]:
    """Yield the messages of a Django template."""
    code = templatize(path.read_text(), origin=str(path))
    for call in CALL.finditer(code):
        arguments = _arguments(code, call.start(1))
        line = code.count("\n", 0, call.start()) + 1
        name = call[1]
        context = arguments.pop(0) if "p" in name and name != "_" else None
        plural = name.startswith("n")
        text: Text = (arguments[0], arguments[1]) if plural else arguments[0]
        yield CodeMessage(text, context, line)


def _arguments(code: str, start: int) -> list[str]:
    """Return the string arguments of the call that begins at `start`."""
    end = code.index(")", start)
    while True:
        try:
            call = ast.parse(code[start : end + 1], mode="eval").body
        except SyntaxError:
            end = code.index(")", end + 1)
            continue
        assert isinstance(call, ast.Call)
        return [arg.value for arg in call.args if isinstance(arg, ast.Constant)]  # type: ignore[misc]


def _text(raw: Any) -> Text:
    if isinstance(raw, str):
        return raw
    return (str(raw[0]), str(raw[1]))


def template_of(app: Path) -> Catalog:
    """Return everything an app says, without translations."""
    catalog = Catalog(charset="utf-8")
    for path in sources(app):
        result = in_python(path) if path.suffix == ".py" else in_template(path)
        for message in result:
            catalog.add(message.text, None, context=message.context, auto_comments=message.comments)
    return catalog


def catalogue_file(app: Path) -> Path:
    """Return the path of an app's Khmer catalogue."""
    return app / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def read(file: Path) -> Catalog:
    """Return a catalogue as it is on disk; an empty one where there is none."""
    if not file.exists():
        return Catalog(locale=LANGUAGE, charset="utf-8")
    with file.open("rb") as stream:
        return read_po(stream, locale=LANGUAGE, charset="utf-8")


def _empty(since: Any) -> Catalog:
    return Catalog(
        locale=LANGUAGE,
        header_comment=f"# {PROJECT}: Khmer words.",
        project=PROJECT,
        version="1",
        last_translator="",
        language_team="Khmer",
        creation_date=since,
        charset="utf-8",
        fuzzy=False,
    )


def _entries(catalog: Catalog) -> Iterable[Message]:
    return (message for message in catalog if message.id)


def _key(message: Message) -> tuple[Any, Any]:
    return (message.id, message.context)


def update() -> int:
    """Add what is new to every catalogue, with no translation yet; drop what no code uses."""
    for app in apps():
        wanted, file = template_of(app), catalogue_file(app)
        if not len(wanted) and not file.exists():
            continue
        have = read(file)
        before = {_key(message) for message in _entries(have)}
        after = {_key(message) for message in _entries(wanted)}
        if before == after and not have.obsolete:
            continue
        fresh = _empty(since=have.creation_date if file.exists() else None)
        for message in _entries(wanted):
            old = have.get(message.id, message.context)
            fresh.add(
                message.id,
                old.string if old and not old.fuzzy else None,
                context=message.context,
                auto_comments=message.auto_comments,
                user_comments=old.user_comments if old else (),
            )
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as stream:
            write_po(stream, fresh, width=100, no_location=True)
        print(f"{file.relative_to(ROOT)}: {len(after - before)} new, {len(before - after)} gone")
    return 0


def compile_all() -> int:
    """Compile every catalogue that changed since it was compiled."""
    for app in apps():
        file = catalogue_file(app)
        target = file.with_suffix(".mo")
        if file.exists() and not (
            target.exists() and target.stat().st_mtime >= file.stat().st_mtime
        ):
            draft = target.with_suffix(".draft")
            with draft.open("wb") as stream:
                write_mo(stream, read(file))
            draft.replace(target)
    return 0


def complaints() -> Iterator[str]:
    """Yield everything that is wrong with the catalogues, as sentences."""
    khmer: dict[tuple[Any, Any], dict[str, str]] = defaultdict(dict)
    for app in apps():
        have, wanted = read(catalogue_file(app)), template_of(app)
        where = str(catalogue_file(app).relative_to(ROOT))
        yield from (f"{where}: {answer}" for answer in _differences(have, wanted))
        for message in _entries(have):
            yield from (f"{where}: {message.id!r} {answer}" for answer in _flaws(message, have))
            khmer[_key(message)][where] = repr(message.string)
    for (text, _context), versions in khmer.items():
        if len(set(versions.values())) > 1:
            yield f"{text!r} is translated differently in {', '.join(sorted(versions))}"


def _differences(have: Catalog, wanted: Catalog) -> Iterator[str]:
    existing = {_key(message) for message in _entries(have)}
    texts = {_key(message) for message in _entries(wanted)}
    for text, _context in sorted(texts - existing, key=repr):
        yield f"{text!r} is missing (make messages adds it)"
    for text, _context in sorted(existing - texts, key=repr):
        yield f"{text!r} is said nowhere (make messages drops it)"
    if have.obsolete:
        yield f"{len(have.obsolete)} obsolete entries (make messages drops them)"


def _flaws(message: Message, catalog: Catalog) -> Iterator[str]:
    strings = [message.string] if isinstance(message.string, str) else message.string
    if message.fuzzy:
        yield "is fuzzy"
    if not strings or not all(strings):
        yield "is not translated"
    else:
        yield from (f"is wrong: {error}" for error in message.check(catalog))


def check() -> int:
    """Fail when a word is missing, unsure, untranslated or no longer said."""
    results = list(complaints())
    for sentence in results:
        print(sentence)
    print(f"translations: {len(results)} complaints" if results else "translations: complete")
    return 1 if results else 0


if __name__ == "__main__":
    raise SystemExit({"compile": compile_all, "update": update, "check": check}[sys.argv[1]]())
