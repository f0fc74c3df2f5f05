"""The documents: every link leads to a file, every decision has a number and a row in the index."""

import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[1]
DECISIONS = ROOT / "docs" / "decisions"
LINK = re.compile(r"(?<!!)!?\[[^\]]*\]\(([^)\s]+)\)")
MENTION = re.compile(r"docs/[\w/.-]+\.md")


def tracked(*patterns: str) -> list[Path]:
    """The files of the repository that match, deleted ones left out."""
    command = ["git", "ls-files", "-coz", "--exclude-standard", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [file for file in files if file.is_file()]


def headings(file: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub and MkDocs make them."""
    body = re.findall(r"^#+ +(.+)$", file.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", text.lower()).strip().replace(" ", "-") for text in body}


@pytest.mark.parametrize("file", tracked("*.md"), ids=lambda file: file.name)
def test_every_link_of_a_document_leads_somewhere(file: Path) -> None:
    for target in LINK.findall(file.read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        there = (file.parent / path).resolve() if path else file
        assert there.exists(), f"{file.relative_to(ROOT)} links to {target}"
        if anchor and there.suffix == ".md":
            assert anchor in headings(there), f"{file.relative_to(ROOT)} links to {target}"


def test_documents_that_code_names_exist() -> None:
    for file in tracked("*.py", "*.ts", "*.tsx", "*.toml", "Makefile"):
        for name in MENTION.findall(file.read_text(errors="replace")):
            if file.name != "test_documents.py":
                assert (ROOT / name).exists(), f"{file.relative_to(ROOT)} names {name}"


PLACES = ("", "platform", "scorecards", "surveys", "surveys/submissions", "dashboards")
"""Folders below which the guides for developers name modules."""

MADE = ("NAME", "var/", "django.", "tool.")
"""Examples, files made at run time, and names of others."""


def exists(name: str) -> bool:
    """Return whether a path, or a dotted name of a module, class or function, is there."""
    if any(part in name for part in MADE):
        return True
    if "/" in name:
        return any(ROOT.glob(name))
    if name in {file.name for file in tracked()}:
        return True
    return any(is_defined(ROOT / place, name.split(".")) for place in PLACES)


def is_defined(folder: Path, parts: list[str]) -> bool:
    """Return whether modules of these names lie in each other, and the last defines the rest."""
    first, *rest = parts
    if (folder / first).is_dir():
        if not rest or is_defined(folder / first, rest):
            return True
        module = folder / first / "__init__.py"
    else:
        module = folder / f"{first}.py"
    if not module.is_file():
        return False
    return not rest or re.search(rf"\b{rest[0]}\b", module.read_text()) is not None


@pytest.mark.parametrize("name", ["docs/changes.md", "docs/architecture.md", "CONTRIBUTING.md"])
def test_every_file_and_module_that_a_guide_names_exists(name: str) -> None:
    text = re.sub(r"^    .*$", "", (ROOT / name).read_text(), flags=re.MULTILINE)
    quoted = re.findall(r"`([^`\n]+)`", text)
    paths = [one for one in quoted if re.fullmatch(r"[\w.*-]+(/[\w.*-]+)+/?", one)]
    dotted = [one for one in quoted if re.fullmatch(r"[a-z_]+(\.\w+)+", one)]
    assert len(paths) + len(dotted) > 10
    missing = {one for one in paths + dotted if not exists(one)}
    assert not missing, f"{name} names what is not there"


OURS = re.compile(
    r"``((?:scorecards|surveys|dashboards|interchange|scoring|computing|standards|places|accounts"
    r"|pages|parsing|sealing|caching|throttling|jobs|audit|operations|config)(?:\.[a-z_]\w*)+)"
)
"""A module or function of ours, present or former, that a docstring or comment names."""

PERMISSION = "standards.edit"


def test_modules_that_docstrings_name_exist() -> None:
    missing = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in tracked("*.py")
        if "migrations" not in file.parts
        for name in set(OURS.findall(file.read_text())) - {PERMISSION}
        if not any(is_defined(ROOT / place, name.split(".")) for place in ("", "platform"))
    }
    assert not missing


def test_decisions_are_numbered_and_in_the_index() -> None:
    files = sorted(path.name for path in DECISIONS.glob("*.md") if path.name != "README.md")
    numbers = [name[:4] for name in files]
    assert numbers == [f"{number:04d}" for number in range(1, len(files) + 1)]
    rows = re.findall(
        r"^\| (\d{4}) \| \[(.+)\]\((.+)\) \|$", (DECISIONS / "README.md").read_text(), re.M
    )
    assert [name for _number, _title, name in rows] == files
    for number, title, name in rows:
        assert name.startswith(number)
        assert (DECISIONS / name).read_text().splitlines()[0] == f"# {title}"
