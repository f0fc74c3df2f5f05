"""Check the lock files: they satisfy what we ask for, hold hashes, and name no host."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.frontends import front_ends

ROOT = Path(__file__).resolve().parents[1]
HOST = re.compile(r"https?://|--(extra-)?index-url|--find-links|file:/", re.IGNORECASE)
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", re.MULTILINE)


def pins(lock: Path) -> dict[str, str]:
    """Name and version of every pinned package."""
    return {
        str(canonicalize_name(name)): version for name, version in PIN.findall(lock.read_text())
    }


def unhashed(lock: Path) -> list[str]:
    """Return names of the pinned packages without a hash.

    For them pip would take any file of that version.
    """
    blocks = re.split(r"^(?=[A-Za-z0-9])", lock.read_text(), flags=re.MULTILINE)
    pinned = (PIN.match(block) for block in blocks if "--hash=sha256:" not in block)
    return [match[1] for match in pinned if match]


def python_complaints() -> Iterator[str]:
    """Yield the faults of requirements*.txt."""
    for asked in sorted(ROOT.glob("requirements*.in")):
        lock = asked.with_suffix(".txt")
        if HOST.search(lock.read_text()):
            yield f"{lock.name} names a host."
        have = pins(lock)
        for name in unhashed(lock):
            yield f"{lock.name} has no hash of {name}; pin with --generate-hashes."
        for line in asked.read_text().splitlines():
            words = line.split("#")[0].strip()
            if not words or words.startswith("-"):
                continue
            need = Requirement(words)
            version = have.get(str(canonicalize_name(need.name)))
            if version is None:
                yield f"{lock.name} does not pin {need.name}, which {asked.name} asks for."
            elif not need.specifier.contains(version, prereleases=True):
                yield f"{lock.name} pins {need.name} {version}; {asked.name} asks for {need}."
    common = pins(ROOT / "requirements.txt")
    for name, version in pins(ROOT / "requirements-dev.txt").items():
        if common.get(name, version) != version:
            yield f"{name} is {version} for development and {common[name]} for running."


def node_complaints() -> Iterator[str]:
    """Yield the faults of the package-lock.json files."""
    for folder in front_ends():
        where = folder.relative_to(ROOT)
        lock_file = folder / "package-lock.json"
        if not lock_file.exists():
            yield f"{where} has no package-lock.json."
            continue
        lock = json.loads(lock_file.read_text())
        asked = json.loads((folder / "package.json").read_text())
        resolved = [name for name, entry in lock["packages"].items() if "resolved" in entry]
        if resolved:
            yield f"{where}/package-lock.json names hosts (omit-lockfile-registry-resolved)."
        for kind in ("dependencies", "devDependencies"):
            if asked.get(kind, {}) != lock["packages"][""].get(kind, {}):
                yield f"{where}/package-lock.json is older than package.json: run npm install."


EVERYWHERE = ("esbuild", "typescript", "vite", "preact")
"""Packages that every front end which uses them must have in one exact version."""


def version_complaints() -> Iterator[str]:
    """Say which compiler or framework has several versions, or none exactly, in the front ends."""
    for name in EVERYWHERE:
        asked = {}
        for folder in front_ends():
            package = json.loads((folder / "package.json").read_text())
            every = package.get("dependencies", {}) | package.get("devDependencies", {})
            if name in every:
                asked[str(folder.relative_to(ROOT))] = every[name]
        if len(set(asked.values())) > 1 or any(not v[0].isdigit() for v in asked.values()):
            yield f"{name} must have one exact version: {asked}."


def main() -> int:
    """Print every complaint."""
    results = [*python_complaints(), *node_complaints(), *version_complaints()]
    for sentence in results:
        print(sentence)
    return 1 if results else 0


if __name__ == "__main__":
    raise SystemExit(main())
