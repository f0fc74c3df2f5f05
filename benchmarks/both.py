"""One benchmark in two versions of the code, in turn: medians, ratio and spread.

``make bench NAME=both ARGS="REVISION BENCHMARK"`` checks ``REVISION`` out into a temporary folder
and builds it there: its front ends, and the Python packages that it pins (this checkout's where
both pin the same). Both versions run ``--times`` each (3), old and new in turn, each with a
database server of its own; ``BENCH_CASES`` and the like apply to both. ``--before NAME`` if the
benchmark had another name in that version; ``--keep FOLDER`` builds the old version once for
several benchmarks.

``value`` is the median of the new version, ``against`` that of the old one, ``spread`` the larger
of both versions' (largest - smallest) / median. ``within_noise`` is true if the medians differ by
less than that, or the new version is the better one.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MORE_IS_BETTER = ("per second", "a second", "/s")
"""Ends of units of which more is better; of all others (seconds, MB) less is."""


@dataclass
class Version:
    """A checkout, the name that the benchmark has there, and its results."""

    folder: Path
    benchmark: str
    results: list[dict[str, Any]] = field(default_factory=list)

    def measure(self) -> None:
        """Run the benchmark once and keep its last line; exit with its output if it fails."""
        with tempfile.TemporaryFile("w+") as output:
            # not a pipe: a server that outlives the benchmark for a moment would hold it open
            status = subprocess.run(
                [str(self.folder / ".venv/bin/python"), "-m", f"benchmarks.{self.benchmark}"],
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": f"{self.folder}:{self.folder / 'platform'}"},
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode
            output.seek(0)
            lines = [line for line in output if line.strip()]
        printed = [line for line in lines if line.startswith("{")]
        if status or not printed:
            raise SystemExit(f"{self.folder}: {''.join(lines)[-6000:]}")
        self.results.append(json.loads(printed[-1]))

    @property
    def values(self) -> list[float]:
        """The measured values, in the order of the runs."""
        return [float(result["value"]) for result in self.results]

    @property
    def spread(self) -> float:
        """Return (largest - smallest) / median."""
        return (max(self.values) - min(self.values)) / (median(self.values) or 1)


def main() -> None:
    """Run both versions in turn and print the comparison."""
    asked = _arguments()
    with _checkout(asked.revision, asked.keep) as folder:
        old = Version(folder, (asked.before or asked.benchmark).replace("-", "_"))
        new = Version(ROOT, asked.benchmark.replace("-", "_"))
        for number in range(asked.times):
            for label, version in (("old", old), ("new", new)):
                version.measure()
                load = os.getloadavg()[0]
                result = version.results[-1]
                print(
                    f"{number + 1} {label}: {result['value']} {result['unit']}, "
                    f"reference {result['against']} (load {load:.1f})",
                    flush=True,
                )
    print(json.dumps(compared(new, old)))


def compared(new: Version, old: Version) -> dict[str, Any]:
    """Compare the medians of two measured versions: the fields of the last line."""
    value, against = median(new.values), median(old.values)
    spread = max(new.spread, old.spread)
    unit = str(new.results[-1]["unit"])
    change = (value - against) / (against or 1)
    worse = -change if unit.endswith(MORE_IS_BETTER) else change
    return {
        "name": f"both {new.benchmark}",
        "value": value,
        "unit": unit,
        "against": against,
        "ratio": round(value / against, 3) if against else None,
        "spread": round(spread, 3),
        "within_noise": worse <= spread,
        "old": old.values,
        "new": new.values,
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.both", description="Compare two versions.")
    parser.add_argument("revision", help="the older version, as git names it")
    parser.add_argument("benchmark", help="as in make bench NAME=")
    parser.add_argument("--before", help="the name of the benchmark in the older version")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="folder in which the older version stays")
    return parser.parse_args()


@contextmanager
def _checkout(revision: str, keep: Path | None) -> Iterator[Path]:
    """Provide a built checkout of ``revision``; it is removed afterwards unless ``keep``."""
    with tempfile.TemporaryDirectory(prefix="before-") as temporary:
        folder = keep.resolve() if keep else Path(temporary) / "checkout"
        if not (folder / "manage.py").exists():
            _git("worktree", "add", "--detach", str(folder), revision)
            _build(folder)
        try:
            yield folder
        finally:
            if not keep:
                _git("worktree", "remove", "--force", str(folder))


def _build(folder: Path) -> None:
    """Install the Python packages and build the front ends, with what this checkout has already."""
    python = folder / ".venv/bin/python"
    if (folder / "requirements.txt").read_bytes() == (ROOT / "requirements.txt").read_bytes():
        python.parents[1].symlink_to((ROOT / ".venv").resolve())
    else:
        subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True)
        pip = [str(python), "-m", "pip", "install", "-qq", "-r", "requirements.txt"]
        subprocess.run(pip, check=True, cwd=folder)
    for lock in folder.glob("**/frontend/package-lock.json"):
        here = ROOT / lock.relative_to(folder)
        if here.exists() and here.read_bytes() == lock.read_bytes():
            shutil.copytree(
                here.parent / "node_modules", lock.parent / "node_modules", symlinks=True
            )
    for tool in (["tools.frontends"], ["tools.messages", "compile"]):
        subprocess.run(
            [python, "-m", *tool],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": f"{folder}:{folder / 'platform'}"},
            check=True,
        )


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
