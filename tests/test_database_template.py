"""The template of test databases is named by everything that its content comes from."""

import ast
import sys
from pathlib import Path

from tests import database_template
from tests.database_template import PREFIX, READ_BY_MIGRATIONS, ROOT, fingerprint, migration_files

MODELS = {"accounts.models", "surveys.openrosa.models", "scorecards.plans.models.actions"}
"""Modules that migrations name only for functions of a column, such as its usual value."""


def _imports(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def test_code_that_migrations_execute_is_part_of_the_fingerprint() -> None:
    listed = {file for pattern in READ_BY_MIGRATIONS for file in ROOT.glob(pattern)}
    strangers = set()
    migrations = migration_files()
    assert len(migrations) > 50
    for migration in migrations:
        for name in _imports(migration) - MODELS:
            if name.split(".")[0] in {"django", *sys.stdlib_module_names} or "migrations" in name:
                continue
            path = name.replace(".", "/")
            files = {ROOT / f"{path}.py", ROOT / "platform" / f"{path}.py"}
            if not files & listed:
                strangers.add(f"{migration.relative_to(ROOT)}: {name}")
    assert not strangers, "Add them to READ_BY_MIGRATIONS in tests/database_template.py."


def test_a_changed_migration_has_another_template(tmp_path: Path, monkeypatch: object) -> None:
    folder = tmp_path / "surveys" / "migrations"
    folder.mkdir(parents=True)
    migration = folder / "0001_initial.py"
    migration.write_text("operations = []\n")
    monkeypatch.setattr(database_template, "ROOT", tmp_path)  # type: ignore[attr-defined]
    before = fingerprint()
    assert fingerprint() == before
    migration.write_text("operations = [1]\n")
    assert fingerprint() != before
    assert len(PREFIX + before) < 63  # PostgreSQL cuts longer names
