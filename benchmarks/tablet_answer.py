"""One answer on a form of 300 questions and 25 calculations, in the tablet's form engine.

``value`` is the median, in milliseconds, from an answer to the next screen's contents (everything
that follows from the answer, and the way through the form), on a processor six times slower.
``against`` is the same with the engine that the tablet had before (``tablet_engine_before.js``),
turn and turn about in the same page; both must hold the same record at the end. Goal: a ratio of
0.2 at most.
"""

import json
import os
import shutil
import subprocess
from statistics import median
from typing import Any

from benchmarks.nation import ROOT, say

SLOWER = 6
ANSWERS = 60
QUESTIONS = 300
CALCULATIONS = 25
BEFORE = ROOT / "benchmarks/tablet_engine_before.js"
FRONTEND = ROOT / "surveys/tablet/frontend"
NOW = """
crypto.randomUUID ??= () => "0";  // an empty page is not allowed it
const made = (Interview, form) => new Interview(form, {}, "default", "dara");
"""
_RUN = """(job) => {
  const opened = {before: made(EngineBefore.Interview, job.form),
    now: made(EngineNow.Interview, job.form)};
  const nodes = {};
  for (const [name, interview] of Object.entries(opened)) {
    interview.steps();
    nodes[name] = Object.fromEntries(job.answers.map(([path]) => [path, interview.all(path)[0]]));
  }
  const taken = {before: [], now: []};
  job.answers.forEach(([path, value], turn) => {
    for (const name of turn % 2 ? ["before", "now"] : ["now", "before"]) {
      const start = performance.now();
      opened[name].answer(nodes[name][path], value);
      opened[name].steps();
      taken[name].push(performance.now() - start);
    }
  });
  const values = Object.entries(opened).map(([name, on]) =>
    job.watched.map((path) => on.value(on.all(path)[0])).join("|"));
  return {taken, values};
}"""


def form() -> str:
    """Numbers, choices, texts and dates; every third shown by an earlier one; sums on the way."""
    rows = []
    for n in range(QUESTIONS):
        kind = ("integer", "select_one yn", "text", "integer", "date")[n % 5]
        shown = f"${{q{n - n % 5 + 1}}} = 'yes'" if n % 3 == 0 and n % 5 in (2, 4) else ""
        rule = ". >= 0 and . < 100000" if kind == "integer" else ""
        rows.append(f"| | {kind} | q{n} | Question {n} | {shown} | {rule} | |")
        if n % 12 == 11 and n // 12 < CALCULATIONS:
            first = n // 12 * 10
            sums = " + ".join(f"coalesce(${{q{first + k}}}, 0)" for k in (0, 3, 5, 8))
            before = f" + ${{c{n // 12 - 1}}}" if n // 12 % 5 else ""
            rows.append(f"| | calculate | c{n // 12} | | | | round(({sums}{before}) div 2, 1) |")
    head = "| survey |\n| | type | name | label | relevant | constraint | calculation |\n"
    lists = "\n| choices |\n| | list_name | name | label |\n| | yn | yes | Y |\n| | yn | no | N |"
    return head + "\n".join(rows) + lists + "\n| settings |\n| | form_id | version |\n| | b | 1 |\n"


def compiled() -> dict[str, Any]:
    """Return the form as the tablet gets it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from surveys.forms.compile import compile_form
    from surveys.forms.xform import XForm
    from surveys.forms.xlsform import read

    result, _outside = compile_form(XForm(read(form().encode(), "md").xml))
    return result


def answers() -> list[tuple[str, str]]:
    """Return answers all over the form; some show and hide questions, most move a sum."""
    results = []
    for turn in range(ANSWERS):
        n = turn * 37 % QUESTIONS
        value = {1: "yes" if turn % 3 else "no", 2: f"text {turn}", 4: "2026-11-30"}
        results.append((f"q{n}", value.get(n % 5, str(turn))))
    return results


def script() -> str:
    """Return both engines as plain scripts."""
    from tools.frontends import node_environment

    command = ["npx", "esbuild", "src/xform.ts", "--bundle", "--minify", "--format=iife"]
    done = subprocess.run(
        [*command, "--global-name=EngineNow", "--target=es2020"],
        cwd=FRONTEND, env=node_environment(), capture_output=True, check=True,
    )  # fmt: skip
    return f"{BEFORE.read_text()}\n{done.stdout.decode()}\n{NOW}"


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Run the answers in a page whose processor is slowed."""
    from playwright.sync_api import sync_playwright

    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        page = browser.new_page()
        page.add_script_tag(content=script())
        page.evaluate(_RUN, job)  # both are compiled by the browser before they are measured
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        results: dict[str, Any] = page.evaluate(_RUN, job)
        browser.close()
    return results


def main() -> None:
    """Compile the form, answer it with both engines, print both."""
    form_ = compiled()
    rules = [bind for bind in form_["binds"].values() if bind.get("calculate")]
    watched = [path for path, bind in form_["binds"].items() if bind.get("calculate")]
    given = [(f"{form_['root']}/{name}", value) for name, value in answers()]
    job = {"form": form_, "answers": given, "watched": watched}
    print(f"{len(form_['binds'])} nodes, {len(rules)} calculations, {ANSWERS} answers")
    result = measure(json.loads(json.dumps(job)))
    before, now = result["values"]
    if before.replace("NaN", "") != now:
        raise SystemExit(f"The engines disagree:\n{before}\n{now}")
    for name, times in result["taken"].items():
        print(f"{name}: median {median(times):.2f} ms, longest {max(times):.2f} ms")
    taken = result["taken"]
    say("tablet-answer", median(taken["now"]), "ms", against=median(taken["before"]))


if __name__ == "__main__":
    main()
