"""The repository follows docs/decisions: import directions, names, nothing of one machine."""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

from django.apps import apps
from django.conf import settings

ROOT = Path(__file__).resolve().parents[1]
ORDER = [
    "khmer",
    "audit",
    "pages",
    "places",
    "accounts",
    "standards",
    "surveys",
    "channels",
    "scorecards",
    "plans",
    "dashboards",
    "interchange",
    "config",
    "operations",
]
"""Apps by layer, from the lowest.

An app's tables may point to tables of its own layer's app or below.
"""

CHANNELS = {f"surveys.{name}" for name in ("openrosa", "tablet", "citizen", "hotline")}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [file for file in files if file.is_file()]


def texts() -> dict[Path, str]:
    results = {}
    for file in tracked():
        try:
            results[file.relative_to(ROOT)] = file.read_text("utf-8")
        except UnicodeDecodeError:
            continue
    return results


def test_platform_is_pythons_own_module() -> None:
    assert Path(platform.__file__).name == "platform.py"
    assert platform.python_version()
    assert not (ROOT / "platform" / "__init__.py").exists()


def test_platform_stays_pythons_own_from_the_root_folder() -> None:
    code = "import platform; print(platform.python_implementation())"
    completed = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True
    )
    assert completed.stdout.strip() == b"CPython"


def test_every_foreign_key_points_downwards() -> None:
    ours = {config.label: config.name for config in apps.get_app_configs()}

    def floor(label: str) -> int:
        name = ours[label]
        if not (ROOT / name.replace(".", "/")).exists() and not (ROOT / "platform" / name).exists():
            return -1  # Django's own tables are below everything
        if name == "scorecards.plans":
            return ORDER.index("plans")
        above_surveys = name in CHANNELS or name == "surveys.rounds"
        return ORDER.index("channels" if above_surveys else name.split(".")[0])

    upwards = []
    for model in apps.get_models():
        for field in model._meta.get_fields():
            target = field.related_model
            if not field.is_relation or field.auto_created or not isinstance(target, type):
                continue
            here, there = model._meta.app_label, target._meta.app_label
            allowed = floor(there) < floor(here) or here == there
            if floor(here) >= 0 and not allowed:
                upwards.append(f"{model._meta.label}.{field.name} -> {target._meta.label}")
    assert not upwards


def test_imports_point_one_way() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    roots = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"}
    completed = subprocess.run(command, cwd=ROOT, env=roots, capture_output=True, text=True)
    assert completed.returncode == 0, completed.stdout


def test_nothing_names_a_machine_or_a_host_of_packages() -> None:
    # Assembled here so that this file does not find itself.
    private = ["/wor" + "k/main", "/wor" + "k/shared", "/tm" + "p/wt", "/tm" + "p/venv"]
    private += ["/roo" + "t/.", "../sha" + "red", "/home/" + "runner"]
    hosts = ["pypi" + ".org", "registry.npmjs" + ".org", "files.pythonhosted" + ".org"]
    results = []
    for name, text in texts().items():
        if name.suffix in {".csv", ".geojson", ".svg"}:
            continue
        results += [f"{name}: {word}" for word in private + hosts if word in text]
    assert not results


def test_readme_names_commands_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    guides = "\n".join(text for name, text in texts().items() if name.suffix == ".md")
    named = set(re.findall(r"^\s{4,}make ([a-z-]+)|`make ([a-z-]+)", guides, re.MULTILINE))
    assert {one or two for one, two in named} <= targets

    from django.core.management import get_commands

    commands = set(re.findall(r"manage\.py ([a-z_]+)", guides))
    assert commands <= set(get_commands()) | {"help"}


def test_readme_and_decisions_link_to_files_that_exist() -> None:
    missing = []
    for name, text in texts().items():
        if name.suffix == ".md":
            for target in re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", text):
                if not (ROOT / name.parent / target).exists():
                    missing.append(f"{name}: {target}")
    assert not missing


def test_files_stay_readable_in_length() -> None:
    long = [
        f"{name}: {text.count(chr(10))} lines"
        for name, text in texts().items()
        if name.suffix == ".py" and "migrations" not in name.parts and text.count("\n") > 420
    ]
    assert not long


def test_no_task_takes_anything_but_json() -> None:
    assert settings.CELERY_ACCEPT_CONTENT == ["json"]
    assert settings.CELERY_TASK_SERIALIZER == "json"


def test_every_entry_of_the_timetable_names_a_task() -> None:
    from config.celery import app

    app.loader.import_default_modules()
    named = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert named <= set(app.tasks)


RAW_SQL = {
    "scorecards/storage": "partitions, COPY and replacement of rows",
    "scorecards/pipeline": "millions of cases are judged and counted in the database",
    "scorecards/verification": "the second computation is SQL where the first is numpy",
    "scorecards/releases": "rows of a release are written by COPY and read back",
    "scorecards/reading/scores.py": "columns of figures travel packed",
    "scorecards/reading/statistics.py": "one union of two tables",
    "dashboards/data/registers.py": "all registers in one question",
    "dashboards/data/row_versions.py": "versions of rows are PostgreSQL's own columns",
}
"""Modules of scorecards and dashboards with SQL written by hand, and why."""


def test_raw_sql_of_scorecards_and_dashboards_stays_in_the_packages_named() -> None:
    writers = {
        str(name)
        for name, text in texts().items()
        if name.suffix == ".py"
        and name.parts[0] in {"scorecards", "dashboards"}
        and not {"tests", "migrations"} & set(name.parts)
        and re.search(
            r"from django\.db import .*\bconnection\b|import connection_for_reading", text
        )
    }
    outside = {name for name in writers if not name.startswith(tuple(RAW_SQL))}
    assert not outside
    unused = {place for place in RAW_SQL if not any(name.startswith(place) for name in writers)}
    assert not unused
