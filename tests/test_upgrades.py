"""Databases of earlier releases become this one's, and their figures stay what they were."""

import gzip
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from operations.backups import postgres
from tools.migrations import CHECKED, checked

DUMPS = sorted((ROOT / "tests" / "dumps").glob("*.sql.gz"))
TABLES = ["surveys_case", "surveys_vote", "surveys_check", "surveys_submission"]
TABLES += ["standards_standard", "scorecards_release", "accounts_user", "audit_entry"]


def count(name: str) -> dict[str, Any]:
    """Rows of the tables that people fill, and the released numbers."""
    with postgres.connect(name) as connection:
        results = {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            for table in TABLES
            if connection.execute("SELECT to_regclass(%s)", [table]).fetchone() != (None,)
        }
        results["released"] = connection.execute(
            "SELECT count(*), sum(numerator), sum(denominator) FROM scorecards_releasedcell"
        ).fetchone()
        return results


def manage(name: str, *arguments: str) -> str:
    """Run a command on a database; what it said."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": postgres.address(name)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("dump", DUMPS, ids=lambda path: path.name.removesuffix(".sql.gz"))
def test_a_database_of_an_earlier_release_is_migrated(dump: Path) -> None:
    name = f"upgraded_{os.getpid()}"
    postgres.create(name)
    try:
        program = postgres.program(
            "psql",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            f"--dbname={name}",
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        communicate = program.communicate(gzip.decompress(dump.read_bytes()))[1]
        assert program.returncode == 0, communicate
        before = count(name)
        manage(name, "migrate", "--verbosity", "0")
        after = count(name)
        assert {key: after[key] for key in before} == before
        assert before["surveys_case"][0] > 100
        # what an upgrade does next: scores under the present method, confirmed a second way
        manage(name, "score")
        manage(name, "score", "--check", "--waiting")
        with postgres.connect(name) as connection:
            wrong = "SELECT count(*) FROM scorecards_scorealarm WHERE resolved_at IS NULL"
            assert connection.execute(wrong).fetchone() == (0,)
            scores = connection.execute("SELECT count(*) FROM scorecards_score").fetchone()
            assert scores is not None
            assert scores[0] > 100
    finally:
        postgres.drop(name)


def test_the_list_of_checked_migrations_names_files() -> None:
    names = {path.stem for path in ROOT.rglob("migrations/0*.py") if ".venv" not in path.parts}
    assert {name for _app, name in checked()} <= names, CHECKED
