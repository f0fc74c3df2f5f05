"""The tablet's built form engine, in Chromium, stores what JavaRosa stores."""

import json
import os
import subprocess
import sys

import pytest

from tools.oracle.cases import DATA, ROOT, same

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def test_the_tablet_stores_what_odk_collects_engine_stores() -> None:
    files = [str(DATA / "expressions.tsv"), str(DATA / "forms")]
    done = subprocess.run(
        [sys.executable, "-m", "tools.oracle", *files],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    *differences, last = done.stdout.splitlines()
    payload = json.loads(last)
    assert [line for line in differences if line.startswith("tablet")] == []
    assert payload["expressions"] == payload["same_tablet"] > 200
    assert payload["forms"] == payload["same_forms_tablet"] == 80
    assert payload["uncaught"] == 0


@pytest.mark.parametrize(
    ("expected", "text", "equal"),
    [
        ("5", "5.0", True),
        ("0.1", "0.10000000001", True),
        ("0.1", "0.11", False),
        ("2024-02-29T00:00:00.000+07:00", "2024-02-29", True),
        ("2024-02-29T00:00:01.000+07:00", "2024-02-29", False),
        ("11.5 104.9 0.0 0.0", "11.5 104.9 0 0", True),
        ("11.5 104.9", "11.5 104.8", False),
        ("", "0", False),
        ("NaN", "", False),
        ("yes", "Yes", False),
    ],
)
def test_equal_means_the_same_text_number_day_or_place(
    expected: str, text: str, equal: bool
) -> None:
    assert same(expected, text) is equal
