"""The citizens' app from its address to a tap that is answered, on a processor six times slower.

``value`` is the median, in milliseconds, over fresh browsers without anything kept: from the start
of the navigation until the services are drawn, one of them has been tapped at that very moment, and
its official price is drawn, with Chromium's processor throttled six times. The page itself contains
the services with their prices and answers the tap by its address; the script takes over afterwards,
and that moment is printed as well. ``against`` is the same page without any script, measured the
same way and in turn in the same run, so ``ratio`` says what being an app costs compared with a
page; what a page of one word takes is printed too: that much is the browser's. Goal: under 1,000
ms, and at most 40 KB of script and style, gzip, for the first load. Nothing is kept: the country is
loaded in a transaction that is rolled back.
"""

import gzip
import http.server
import io
import json
import re
import threading
import time
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks._tab import TOLD, Tabs
from benchmarks.nation import ROOT, say

SLOWER = 6
ROUNDS = 9
MOST_BYTES = 40 * 1024
PATHS = ("/app/", "/app/data.json", "/app/places.json", "/app/sw.js", "/app/manifest.webmanifest")
DIST = ROOT / "surveys/citizen/static/citizen/dist"


@cache
def squeezed(body: bytes) -> bytes:
    """Compressed once, as files are beforehand."""
    return gzip.compress(body)


class Server(http.server.SimpleHTTPRequestHandler):
    """The files of the app and its content, served compressed as a web server does."""

    answers: dict[str, tuple[bytes, str]] = {}
    tabs: Tabs
    protocol_version = "HTTP/1.1"  # one connection for many files, as every web server does

    def handle(self) -> None:
        """Serve a connection; a browser that closes its tab leaves in the middle of one."""
        with suppress(ConnectionError):
            super().handle()

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
        with suppress(BrokenPipeError, ConnectionResetError):  # the browser has closed the tab
            self.wfile.write(compressed)

    def do_POST(self) -> None:
        """Receive what a page reports of itself."""
        payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()
        if self.path == TOLD:
            self.tabs.heard.put(payload)

    def _file(self, path: str) -> tuple[bytes, str]:
        for app in ("surveys/citizen", "platform/pages"):
            file = ROOT / app / path.lstrip("/")
            if path.startswith("/static/") and file.is_file():
                return file.read_bytes(), self.guess_type(str(file))
        return b"", "text/plain"

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def content() -> dict[str, tuple[bytes, str]]:
    """Fetch the platform's answers once: path -> (body, content type)."""
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
        results = {path: asked(path) for path in PATHS}
        transaction.set_rollback(True)
    cache.clear()  # what was rolled back is no longer true
    results["/plain/"] = plain(results["/app/"][0]), "text/html; charset=utf-8"
    results["/word/"] = WORD.encode(), "text/html; charset=utf-8"
    return results


WORD = """<!doctype html><html lang="km"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>-</title>
<p class="tile"><a class="tile__go" href="#s">សេវា</a></p>
<p id="s" class="now"><b class="big">១</b>"""
"""A page of one link and what it leads to: what the browser takes for itself."""


def asked(path: str) -> tuple[bytes, str]:
    """Return one answer of the platform's own view; how long it took is printed."""
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
    """Return the page of the app without script and what it fetches: the same words and style."""
    bare = re.sub(rb"<script.*?</script>|<link [^>]*>", b"", page, flags=re.DOTALL)
    assert b"/s/" in bare, "the page brings no services"
    return bare


def first_load() -> int:
    """Return bytes of script and style before the app is in charge, gzip.

    Counted are those that the page names or contains, and those that these scripts load for the
    first screen.
    """
    page = (DIST / "index.html").read_text()
    named = re.findall(r'/static/citizen/dist/([^"]+\.(?:js|css))', page)
    then = [re.findall(r"\./(main-[^`\"']+\.js)", (DIST / name).read_text()) for name in named]
    named += [f"assets/{name}" for names in then for name in names]
    assert any("main-" in name for name in named), "the app itself is not counted"
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
                tell();
            }));
        });
    }).observe(document, { childList: true, subtree: true });
    new MutationObserver((_all, seen) => {
        if (!document.querySelector('[data-screen]')) return;
        seen.disconnect();
        drawn(() => { window.taken = performance.now(); tell(); });
    }).observe(document, { childList: true, subtree: true, attributes: true });
    const tell = () => {
        if (!window.answered || (UNTIL_TAKEN && !window.taken)) return;
        const told = [window.services, window.answered, window.taken ?? 0];
        navigator.sendBeacon('/told/', JSON.stringify(told));
    };
"""


def started(tabs: Tabs, url: str, *, until_taken: bool = False) -> tuple[float, float, float]:
    """Return milliseconds until the services are drawn, a tap is answered, the script has taken
    over.

    The last is 0 unless it is waited for (``until_taken``).
    """
    watched = f"{{const UNTIL_TAKEN = {json.dumps(until_taken)};{WATCHED}}}"
    drawn, answered, taken = tabs.moments(url, watched)
    return drawn, answered, taken


def main() -> None:
    """Serve, start the app and the bare page in turn, print both."""
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
        Server.tabs = tabs = Tabs(browser, slower=SLOWER)
        started(tabs, f"{base}/plain/")  # the browser itself warms up
        rounds = [
            (
                started(tabs, f"{base}/app/", until_taken=True),
                started(tabs, f"{base}/plain/"),
                started(tabs, f"{base}/word/"),
            )
            for _round in range(ROUNDS)
        ]
        browser.close()
    server.shutdown()
    _print(rounds)


def _print(rounds: list[Any]) -> None:
    """Print the times of app, bare page and one word, and the line for machines."""
    for name, moment in (("services drawn", 0), ("a tap answered", 1)):
        for page, place in (("app", 0), ("no script", 1), ("one word", 2)):
            text = ", ".join(f"{all_[place][moment]:.0f}" for all_ in rounds)
            print(f"{page}, {name}: {text} ms")
    print("app, script in charge:", ", ".join(f"{app[2]:.0f}" for app, *_rest in rounds), "ms")
    print(f"first load: {first_load():,} bytes of script and style, gzip (at most {MOST_BYTES:,})")
    answered = median(app[1] for app, *_rest in rounds)
    say("citizen-start", answered, "ms", against=median(page[1] for _app, page, _word in rounds))


if __name__ == "__main__":
    main()
