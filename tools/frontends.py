"""Build every front end: each folder `*/frontend` or `*/*/frontend` with a package.json.

Quick when nothing changed: what was built is recorded in `node_modules`. Common sources are in
`frontend/shared`. Node is the one in PATH when it is new enough, otherwise the wheel's, which is
installed into the environment only then.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST_NODE = 20
OUTPUT = {"node_modules", "dist"}


def front_ends() -> list[Path]:
    """Return the folders to build."""
    results = [*ROOT.glob("*/frontend/package.json"), *ROOT.glob("*/*/frontend/package.json")]
    return sorted(path.parent for path in results if "node_modules" not in path.parts)


def fingerprint(*folders: Path) -> str:
    """Return a hash of everything written by hand in these folders."""
    total = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if path.is_file() and not OUTPUT & set(inside.parts):
                total.update(f"{folder.parent.name}/{inside}\0".encode())
                total.update(path.read_bytes())
    return total.hexdigest()


def node_environment() -> dict[str, str]:
    """Return variables under which `node` and `npm` are found."""
    environment = dict(os.environ)
    if shutil.which("npm") and _major(shutil.which("node")) >= OLDEST_NODE:
        return environment
    programs = Path(sys.executable).parent
    if not (programs / "npm").exists():
        print(f"Node {OLDEST_NODE} or newer is not installed here: fetching it as a wheel.")
        install = [sys.executable, "-m", "pip", "install", "-q", "-r", "requirements-node.txt"]
        subprocess.run(install, cwd=ROOT, check=True)
    environment["PATH"] = f"{programs}{os.pathsep}{environment['PATH']}"
    return environment


def _major(node: str | None) -> int:
    if node is None:
        return 0
    completed = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    number = completed.stdout.strip().lstrip("v").split(".")[0]
    return int(number) if number.isdigit() else 0


def build(folder: Path, fresh: str, environment: dict[str, str]) -> None:
    """Install what one front end needs, when its lock changed, and build it."""
    name = folder.relative_to(ROOT)
    modules = folder / "node_modules"
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    if _read(modules / ".lock-installed") != lock:
        print(f"{name}: installing packages")
        quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(["npm", "ci", *quiet], cwd=folder, env=environment, check=True)  # noqa: S607
        (modules / ".lock-installed").write_text(lock)
    print(f"{name}: building")
    command = ["npm", "run", "--silent", "build"]
    subprocess.run(command, cwd=folder, env=environment, check=True)
    (modules / ".built").write_text(fresh)


def is_built(folder: Path, fresh: str) -> bool:
    """Return whether the built files were made from exactly these sources."""
    static = folder.parent / "static" / folder.parent.name / "dist"
    return static.is_dir() and _read(folder / "node_modules" / ".built") == fresh


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def main() -> int:
    """Build what changed."""
    folders = front_ends()
    # they share sources, so a change rebuilds them all
    fresh = fingerprint(*folders, ROOT / "frontend")
    stale = [folder for folder in folders if not is_built(folder, fresh)]
    if not stale:
        return 0
    environment = node_environment()
    for folder in stale:
        try:
            build(folder, fresh, environment)
        except subprocess.CalledProcessError as error:
            print(f"{folder.relative_to(ROOT)}: {' '.join(error.cmd)} failed.", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
