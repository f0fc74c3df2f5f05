"""Run cases through the tablet's built engine, the very file that tablets load, in Chromium."""

import functools
import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tools.oracle.cases import ERROR, ROOT, ExpressionCase, FormCase
from tools.oracle.convert import compiled, xform_of

DIST = ROOT / "surveys/tablet/static/tablet/dist"
NOW = "2026-11-30T09:00:00.000+07:00"
_OPEN = """async (address) => { window.engine = await import(address); }"""
_RUN = """(job) => {
  try {
    const session = new window.engine.Session(job.form, {now: job.now, offset: 420}).begin();
    const looks = [];
    for (const {do: what, path, value} of job.steps) {
      if (what === "set") session.set(path, value);
      else if (what === "add") session.add(path);
      else if (what === "remove") session.remove(path);
      else looks.push(session.look(path));
    }
    const errors = [...session.errors, ...session.model.problems].map((e) => e.message);
    return {looks, nodes: session.leaves(), errors, thrown: ""};
  } catch (error) {
    return {looks: [], nodes: [], errors: [], thrown: String(error && error.stack || error)};
  }
}"""
Ran = dict[str, Any]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = {"": "application/octet-stream", ".js": "text/javascript"}

    def log_message(self, *_args: Any) -> None:
        """Say nothing of each request."""


@contextmanager
def _served() -> Iterator[str]:
    """Serve the built files at an address of this machine."""
    handler = functools.partial(_Quiet, directory=str(DIST))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def run(jobs: list[dict[str, Any]]) -> list[Ran]:
    """Return each job (form, steps) filled in; ``thrown`` is what was not caught."""
    from playwright.sync_api import sync_playwright

    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    program = program or shutil.which("google-chrome")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    (script,) = (DIST / "assets").glob("engine-*.js")
    with _served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        page = browser.new_page(timezone_id="Asia/Phnom_Penh")
        thrown: list[str] = []
        page.on("pageerror", lambda error: thrown.append(str(error)))
        page.goto(f"{address}/sw.js")
        page.evaluate(_OPEN, f"{address}/assets/{script.name}")
        results = []
        for job in jobs:
            ran: Ran = page.evaluate(_RUN, {"now": NOW, "steps": [], **job})
            if thrown:
                ran["thrown"] = ran["thrown"] or thrown.pop()
                thrown.clear()
            results.append(ran)
        browser.close()
    return results


def expressions(cases: list[ExpressionCase]) -> tuple[list[str], list[str]]:
    """Return the values the expressions store (or ERROR), and the errors thrown but not caught."""
    ran = run([{"form": compiled(case.xform)} for case in cases])
    stored = []
    for result in ran:
        node = next((n for n in result["nodes"] if n["path"] == "/data/x"), None)
        stored.append(ERROR if result["errors"] or node is None else str(node["value"]))
    thrown = [f"{c.id}: {r['thrown']}" for c, r in zip(cases, ran, strict=True) if r["thrown"]]
    return stored, thrown


def forms(cases: list[FormCase]) -> list[Ran]:
    """Return the state of each scenario at its end."""
    return run([{"form": compiled(xform_of(case)), "steps": case.steps} for case in cases])
