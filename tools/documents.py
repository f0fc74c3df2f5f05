"""Build the documentation site into var/docs: the pages of docs/ and the reference of the API.

The reference is the OpenAPI document of the running code, shown by the Redoc that
drf-spectacular brings along, so that the site can be read without a network.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import drf_spectacular_sidecar

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "var" / "docs"
REDOC = "drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js"
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>API of Keep its word</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main id="reference"></main><script src="redoc.standalone.js"></script>
<script>Redoc.init(%s, {}, document.querySelector("#reference"))</script></body></html>
"""


def build_pages() -> None:
    """Build the pages; a link that leads nowhere is an error."""
    command = [sys.executable, "-m", "mkdocs", "build", "-q", "--strict"]
    # mkdocs-material advertises another product at every build
    subprocess.run(command, cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, check=True)


def build_reference() -> None:
    """Write the reference of the API; the document is in the page, which opens without a server."""
    folder = SITE / "api-reference"
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "manage.py", "spectacular", "--format", "openapi-json"]
    command += ["--lang", "en", "--file", str(folder / "openapi.json"), "--fail-on-warn"]
    subprocess.run(command, cwd=ROOT, check=True)
    document = (folder / "openapi.json").read_text(encoding="utf-8").replace("</", "<\\/")
    (folder / "index.html").write_text(PAGE % document, encoding="utf-8")
    static = Path(drf_spectacular_sidecar.__file__).parent / "static"
    shutil.copy(static / REDOC, folder)


def main() -> int:
    """Build everything and say where it is."""
    try:
        build_pages()
        build_reference()
    except subprocess.CalledProcessError as error:
        return int(error.returncode)
    print(f"The documentation is in {(SITE / 'index.html').relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
