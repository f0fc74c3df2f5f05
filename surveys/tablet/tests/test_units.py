"""The front end's own unit tests, which need neither a browser nor a server."""

import gzip
import re
import subprocess
from pathlib import Path

import pytest

from tools.frontends import node_environment

pytestmark = pytest.mark.slow

FRONTEND = Path(__file__).parents[1] / "frontend"


def test_the_form_engines_unit_tests_pass() -> None:
    command = ["npm", "run", "--silent", "test"]
    done = subprocess.run(
        command, cwd=FRONTEND, env=node_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]


DIST = Path(__file__).parents[1] / "static" / "tablet" / "dist"
MOST_BYTES = 34_900
NAMED = re.compile(r"[\"'(](?:/static/tablet/dist/|\./)?(?:assets/)?([\w-]+\.js)[\"')]")


def test_the_first_load_is_at_most_34_9_kilobytes_of_script() -> None:
    """What the page names, what that imports at once, and the service worker that it registers."""
    wanted = {*NAMED.findall((DIST / "index.html").read_text())}
    assert wanted
    scripts: dict[str, bytes] = {}
    while missing := wanted - scripts.keys():
        for name in missing:
            scripts[name] = (DIST / "assets" / name).read_bytes()
            for matche in re.findall(rb"(?:from|import)[\"'`]\./([\w-]+\.js)", scripts[name]):
                wanted.add(matche.decode())
    scripts["sw.js"] = (DIST / "sw.js").read_bytes()
    assert sum(len(gzip.compress(text, 9)) for text in scripts.values()) <= MOST_BYTES
