"""Let JavaRosa fill forms in, for expected values of new cases (needs a Java compiler).

python -m tools.oracle.javarosa FILE…     checks .tsv and .json files against JavaRosa
python -m tools.oracle.javarosa --write FILE…   writes what JavaRosa stores into them
"""

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyxform

from tools.oracle.cases import ERROR, read_expressions, read_form, same
from tools.oracle.convert import xform_of

JAR = Path(pyxform.__file__).parent / "validators/odk_validate/bin/ODK_Validate.jar"
ZONE = "Asia/Phnom_Penh"


@dataclass
class Filled:
    """The content of one form at the end."""

    looks: list[list[str]] = field(default_factory=list)
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    error: str = ""


def fill(forms: list[tuple[str, list[dict[str, str]]]]) -> list[Filled]:
    """Fill each (XForm, steps) in, in one run of Java."""
    with tempfile.TemporaryDirectory() as place:
        compiled = Path(place) / "classes"
        source = Path(__file__).with_name("JavaRosa.java")
        _run(["javac", "-cp", str(JAR), "-d", str(compiled), str(source)])
        folders = []
        for number, (xform, steps) in enumerate(forms):
            folder = Path(place) / str(number)
            folder.mkdir()
            (folder / "form.xml").write_text(xform, "utf-8")
            lines = [f"{s['do']}\t{s['path']}\t{s.get('value', '')}" for s in steps]
            (folder / "steps.tsv").write_text("\n".join(lines), "utf-8")
            folders.append(str(folder))
        settings = [f"-Duser.timezone={ZONE}", "-Dfile.encoding=UTF-8", "-Duser.language=en"]
        classes = f"{JAR}:{compiled}"
        out = _run(["java", *settings, "-cp", classes, "JavaRosa", *folders])
    return _read(out)


def _run(command: list[str]) -> str:
    program = shutil.which(command[0])
    if program is None:
        raise SystemExit(f"{command[0]} is needed (Debian: apt-get install default-jdk-headless).")
    done = subprocess.run([program, *command[1:]], capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr.decode("utf-8")[-2000:])
    return done.stdout.decode("utf-8")


def _read(out: str) -> list[Filled]:
    filleds: list[Filled] = []
    for line in out.splitlines():
        what, *rest = line.split("\t")
        rest = [_plain(r) for r in rest]
        if what == "form":
            filleds.append(Filled())
        elif what == "error":
            filleds[-1].error = rest[0]
        elif what == "look":
            filleds[-1].looks.append(rest[0].split())
        elif what == "node" and "/meta/" not in rest[0]:
            filleds[-1].nodes[rest[0]] = {
                "value": rest[1],
                "relevant": rest[2] == "true",
                "required": rest[3] == "true",
                "constraint_holds": rest[4] == "true",
            }
    return filleds


def _plain(text: str) -> str:
    return text.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")


def expressions(path: Path, *, write: bool) -> int:
    """Check or write one file of expressions; return how many differ."""
    cases = read_expressions(path)
    stored = [
        ERROR if f.error else f.nodes["/data/x"]["value"]
        for f in fill([(c.xform, []) for c in cases])
    ]
    wrong = 0
    lines = ["id\texpression\tinstance\tjavarosa_stores\tnote"]
    for case, result in zip(cases, stored, strict=True):
        note = "doubtful" if case.doubtful else ""
        lines.append(f"{case.id}\t{case.expression}\tinstance.xml\t{result}\t{note}")
        if not same(case.stores, result):
            wrong += 1
            print(f"{case.id}\t{case.expression}\t{case.stores!r}\tJavaRosa: {result!r}")
    if write:
        path.write_text("\n".join(lines) + "\n", "utf-8")
    return wrong


def scenarios(paths: list[Path], *, write: bool) -> int:
    """Check or write some scenarios; return how many differ."""
    cases = [read_form(p) for p in paths]
    wrong = 0
    for path, case, result in zip(
        paths, cases, fill([(xform_of(c), c.steps) for c in cases]), strict=True
    ):
        expected = {"looks": case.looks, "nodes": case.nodes}
        stored = {"looks": result.looks, "nodes": result.nodes}
        if result.error or stored != expected:
            wrong += 1
            print(f"{case.name}: {result.error or difference(expected, stored)}")
        if write and not result.error:
            read = json.loads(path.read_text("utf-8"))
            read["expected"] = stored
            path.write_text(json.dumps(read, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return wrong


def difference(expected: dict[str, Any], stored: dict[str, Any]) -> str:
    """Return the first lines that differ, in words."""
    results = []
    if expected["looks"] != stored["looks"]:
        results.append(f"looks {expected['looks']} / {stored['looks']}")
    for path in {**expected["nodes"], **stored["nodes"]}:
        a, b = expected["nodes"].get(path), stored["nodes"].get(path)
        if a != b:
            results.append(f"{path}: {a} / {b}")
    return "; ".join(results[:4])


def main() -> int:
    """Check or write the files named."""
    write = "--write" in sys.argv
    paths = [Path(p) for p in sys.argv[1:] if not p.startswith("--")]
    wrong = sum(expressions(p, write=write) for p in paths if p.suffix == ".tsv")
    forms = [p for p in paths if p.suffix == ".json"]
    wrong += scenarios(forms, write=write) if forms else 0
    print(f"{len(paths)} files, {wrong} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
