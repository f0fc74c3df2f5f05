"""Check the code under Python 3.13 as well, where this machine has it.

The packages of requirements.txt are installed into an environment of its own, `.venv-3.13` (again
only when the lock file changed). Then Django's checks run and every module is imported, with
warnings as errors. NEWER_PYTHON=0 leaves it out.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VERSION = "3.13"
HOME = ROOT / f".venv-{VERSION}"
IMPORT_ALL = """
import importlib, pathlib, sys, warnings
import django
django.setup()
warnings.simplefilter("error")
failed = 0
for path in sorted(line for line in sys.stdin.read().splitlines() if line):
    name = path.removeprefix("platform/").removesuffix(".py").removesuffix("/__init__")
    try:
        importlib.import_module(name.replace("/", "."))
    except Exception as error:
        print(f"{path}: {type(error).__name__}: {error}")
        failed += 1
sys.exit(bool(failed))
"""


def interpreter() -> str | None:
    """Find a Python of this version that runs; None where there is none."""
    which = shutil.which(f"python{VERSION}")
    if which is None:
        return None
    asked = subprocess.run(
        [which, "-c", "import sys; print(sys.executable)"],
        env={**os.environ, "PYENV_VERSION": VERSION},  # where pyenv keeps several
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() or None


def install(python: str) -> Path:
    """Install the packages of production, if the lock file changed; return the interpreter."""
    inside = HOME / "bin" / "python"
    lock = ROOT / "requirements.txt"
    stamp, fresh = HOME / ".installed", hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == fresh:
        return inside
    print(f"Installing packages for Python {VERSION}.")
    if not inside.exists():
        subprocess.run([python, "-m", "venv", str(HOME)], check=True)
    subprocess.run([inside, "-m", "pip", "install", "-qq", "-r", str(lock)], check=True)
    stamp.write_text(fresh)
    return inside


def modules() -> str:
    """List the modules that production runs, one path a line."""
    folders = ["platform", "surveys", "scorecards", "dashboards", "interchange"]
    listed = subprocess.run(
        ["git", "ls-files", *(f"{folder}/**/*.py" for folder in folders)],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    skipped = ("/tests/", "/migrations/", "/node_modules/")
    paths = listed.stdout.splitlines()
    return "\n".join(path for path in paths if not any(part in path for part in skipped))


def main() -> int:
    """Check under the newer Python, or say nothing where there is none."""
    python = interpreter()
    if python is None or os.environ.get("NEWER_PYTHON") == "0":
        return 0
    try:
        inside = install(python)
    except subprocess.CalledProcessError as error:
        print(f"Python {VERSION}: {' '.join(map(str, error.cmd))} failed.")
        return 1
    # The web's module warns where this folder is missing.
    (ROOT / "var" / "static").mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    for command, given in (
        ([str(inside), "manage.py", "check"], ""),
        ([str(inside), "-W", "error::SyntaxWarning", "-c", IMPORT_ALL], modules()),
    ):
        done = subprocess.run(
            command, cwd=ROOT, env=environment, input=given, text=True, check=False
        )
        if done.returncode:
            print(f"The code does not run under Python {VERSION}.")
            return done.returncode
    print(f"Python {VERSION}: every module loads.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
