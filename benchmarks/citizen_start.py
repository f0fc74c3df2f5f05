"""The citizens' app from its address to a tap that is answered, on a processor six times slower.

``value`` is the median, in milliseconds, over fresh browsers without anything kept: from the
start of the navigation until the services are drawn, one of them has been tapped at that very
moment, and its official price is drawn, with Chromium's processor throttled six times. The page
itself brings the services with their prices and answers the tap by its address; the script
takes over behind it, and when it has is told as well. ``against`` is the same page without any
script, measured the same way and turn about in the same run, so ``ratio`` says what being an app
costs beside being a page. Goal: under 1,000 ms, and at most 40 KB of script and style, gzip,
for the first load. Nothing is kept: the country is loaded in a transaction that is taken back.
"""

import gzip
import http.server
import io
import re
import threading
import time
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.nation import ROOT, say

SLOWER = 6
ROUNDS = 7
MOST_BYTES = 40 * 1024
PATHS = ("/app/", "/app/data.json", "/app/places.json", "/app/sw.js", "/app/manifest.webmanifest")
DIST = ROOT / "surveys/citizen/static/citizen/dist"


@cache
def squeezed(body: bytes) -> bytes:
    """Compressed once, as files are beforehand."""
    return gzip.compress(body)


class Server(http.server.SimpleHTTPRequestHandler):
    """The files of the app and its content, as a web server gives them: compressed."""

    answers: dict[str, tuple[bytes, str]] = {}
    protocol_version = "HTTP/1.1"  # one connection for many files, as every web server does

    def do_GET(self) -> None:
        """Answer from memory, or from the static files."""
        path = self.path.partition("?")[0]
        body, kind = self.answers.get(path) or self._file(path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", kind)
        compressed = squeezed(body)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(compressed)))
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):  # the browser has left
            self.wfile.write(compressed)

    def _file(self, path: str) -> tuple[bytes, str]:
        for app in ("surveys/citizen", "platform/pages"):
            file = ROOT / app / path.lstrip("/")
            if path.startswith("/static/") and file.is_file():
                return file.read_bytes(), self.guess_type(str(file))
        return b"", "text/plain"

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def content() -> dict[str, tuple[bytes, str]]:
    """What the server of the platform answers, asked from it once."""
    import django

    django.setup()
    from django.core.cache import cache
    from django.core.management import call_command
    from django.db import transaction

    call_command("migrate", verbosity=0)
    with transaction.atomic():
        from standards.models import Service

        if not Service.objects.exists():
            call_command("load_country", verbosity=0, stdout=io.StringIO())
        cache.clear()
        found = {path: asked(path) for path in PATHS}
        transaction.set_rollback(True)
    cache.clear()  # what was taken back is no longer true
    found["/plain/"] = plain(found["/app/"][0]), "text/html; charset=utf-8"
    return found


def asked(path: str) -> tuple[bytes, str]:
    """One answer of the platform's own view; how long it took is told."""
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    began = time.perf_counter()
    answer = client.get(path)
    made = time.perf_counter()
    client.get(path)
    again = time.perf_counter() - made
    took = f"made in {(made - began) * 1000:.0f} ms, again in {again * 1000:.0f} ms"
    print(f"{path}: {took}, {len(squeezed(answer.content)):,} bytes gzip")
    return answer.content, answer["Content-Type"]


def plain(page: bytes) -> bytes:
    """The page of the app without script and what it fetches: the same words and style."""
    bare = re.sub(rb"<script.*?</script>|<link [^>]*>", b"", page, flags=re.DOTALL)
    assert b"/s/" in bare, "the page brings no services"
    return bare


def first_load() -> int:
    """Bytes of script and style before the first screen, gzip: named by the page or in it."""
    page = (DIST / "index.html").read_text()
    named = re.findall(r'/static/citizen/dist/([^"]+\.(?:js|css))', page)
    parts = [(DIST / name).read_bytes() for name in named]
    parts += [style.encode() for style in re.findall(r"<style>.*?</style>", page, re.DOTALL)]
    return sum(len(gzip.compress(part, 9)) for part in parts)


WATCHED = """
    const drawn = (act) => requestAnimationFrame(() => setTimeout(act));
    new MutationObserver((_all, seen) => {
        if (!document.querySelector('.tile')) return;
        seen.disconnect();
        drawn(() => {
            window.services = performance.now();
            document.querySelector('.tile__go').click();
            addEventListener('hashchange', () => drawn(function priced() {
                const price = document.querySelector(':target .big, [data-screen] .big');
                if (!price || !price.offsetHeight) return drawn(priced);
                window.answered = performance.now();
            }));
        });
    }).observe(document, { childList: true, subtree: true });
    new MutationObserver((_all, seen) => {
        if (!document.querySelector('[data-screen]')) return;
        seen.disconnect();
        drawn(() => { window.taken = performance.now(); });
    }).observe(document, { childList: true, subtree: true, attributes: true });
"""


def started(browser: Any, url: str, until: str = "answered") -> tuple[float, float, float]:
    """Milliseconds until the services are drawn, a tap is answered, the script has taken over.

    The last is 0 unless it is waited for (``until``).
    """
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="km-KH")
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(WATCHED)
    page.goto(url, wait_until="commit")
    page.wait_for_function(f"window.{until} && window.answered")
    told = page.evaluate("[window.services, window.answered, window.taken ?? 0]")
    context.close()
    return float(told[0]), float(told[1]), float(told[2])


def main() -> None:
    """Serve, start the app and the bare page in turn, tell both."""
    import os
    import shutil
    import sys

    sys.path.insert(0, str(ROOT / "platform"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    Server.answers = content()
    from playwright.sync_api import sync_playwright

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Server, directory=str(ROOT)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    program = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(Path(program)) if program else None,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        started(browser, f"{base}/plain/")  # the browser itself warms up
        pairs = [
            (started(browser, f"{base}/app/", "taken"), started(browser, f"{base}/plain/"))
            for _round in range(ROUNDS)
        ]
        browser.close()
    server.shutdown()
    size = first_load()
    for name, moment in (("services drawn", 0), ("a tap answered", 1)):
        print(f"app, {name}:", ", ".join(f"{app[moment]:.0f}" for app, _plain in pairs), "ms")
        print(f"no script, {name}:", ", ".join(f"{page[moment]:.0f}" for _app, page in pairs), "ms")
    print("app, script in charge:", ", ".join(f"{app[2]:.0f}" for app, _plain in pairs), "ms")
    print(f"first load: {size:,} bytes of script and style, gzip (at most {MOST_BYTES:,})")
    answered = median(app[1] for app, _plain in pairs)
    say("citizen-start", answered, "ms", against=median(page[1] for _app, page in pairs))


if __name__ == "__main__":
    main()
